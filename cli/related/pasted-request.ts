import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { RecognizedText } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { type EpochMillis, parseInstant } from '../../lib/time.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { describedRequest } from '../../lib/usecases/query/anything/described-request.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import { notKnownText, type Outcome } from '../../lib/usecases/query/anything/outcomes.ts';
import { serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { type ServiceOptions, serviceOrLocal } from '../access/service-access.ts';
import { CommandError } from '../failures/command-error.ts';
import type { RuleOptions } from '../options/rule-options.ts';
import { filesPlace, servicePlace } from '../whois/places.ts';

/** Where the request is searched. */
interface RequestPlace extends ServiceOptions, RuleOptions {
  readonly at?: EpochMillis;
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly logGroup: readonly string[];
  readonly requestPayer?: boolean;
}

/** A recorded request by its audit ID and its time, since several can have the audit ID. */
interface RequestId {
  readonly auditId: string;
  readonly at: EpochMillis | undefined;
}

/**
 * Returns the recorded request that a pasted text describes. Undefined if the text is an audit ID.
 * @throws CommandError if the log does not show which request it is, with what the log has.
 */
export async function pastedRequest(
  text: string,
  options: RequestPlace,
  settings: AttributionSettings,
): Promise<RequestId | undefined> {
  const recognized = recognize(text);
  if (recognized.outcome !== 'subjects' || !describesOne(recognized)) return undefined;
  const { found } = await answerAnything(recognized, await informantOf(recognized, options, settings), options.at);
  const [outcome] = found.map((each) => each.outcome);
  const record = outcome?.kind === 'attributed' && outcome.isStored === true ? outcome.record : undefined;
  if (record === undefined) throw new CommandError(`${whyOf(outcome)} Give the audit ID of the request.`, 1);
  return { auditId: record.auditId, at: record.time === undefined ? undefined : parseInstant(record.time) };
}

function describesOne({ subjects, events }: RecognizedText): boolean {
  const [first] = subjects;
  if (first === undefined || subjects.length > 1) return false;
  return events.has(first) || describedRequest(first) !== undefined;
}

async function informantOf(recognized: RecognizedText, options: RequestPlace, settings: AttributionSettings) {
  const { api: _api, table: _table, profile, region, ...others } = options;
  if (options.audit === undefined)
    return new Informant(serviceSources(servicePlace(serviceOrLocal(options)), { at: options.at }, settings));
  const ofWhois = {
    ...others,
    ...(profile !== undefined && { profile: [profile] }),
    ...(region !== undefined && { region: [region] }),
    format: 'json' as const,
  };
  return new Informant(await filesPlace({ options: ofWhois, recognized, settings }));
}

function whyOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'The text names no request.';
  if (outcome.kind === 'not-known') return notKnownText(outcome);
  return outcome.note ?? 'The audit log does not have this request.';
}
