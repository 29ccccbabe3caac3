import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { asRequests, type RecognizedText } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import type { EpochMillis } from '../../lib/time.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import {
  isAboutOneRequest,
  type RequestOfText,
  requestOfText,
} from '../../lib/usecases/query/anything/request-of-text.ts';
import { serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { type ServiceOptions, serviceOrLocal } from '../access/service-access.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import type { RuleOptions } from '../options/rule-options.ts';
import { filesPlace, servicePlace } from '../whois/places.ts';

/** The place where the request is searched. */
interface RequestPlace extends ServiceOptions, RuleOptions {
  readonly at?: EpochMillis;
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly logGroup: readonly string[];
  readonly requestPayer?: boolean;
}

/**
 * Returns the recorded request that a pasted text is about. Undefined if the text is a word that can only be an audit
 * ID.
 * @throws CommandError if the text is about no request, or if the log does not show which one it is. The message lists
 * what the log has.
 */
export async function pastedRequest(
  text: string,
  options: RequestPlace,
  settings: AttributionSettings,
): Promise<RequestOfText | undefined> {
  const recognized = asRequests(recognize(text, inflatePayload));
  if (recognized.outcome !== 'subjects' || !isAboutOneRequest(recognized)) {
    if (/\s/.test(text.trim()))
      throw wrongUsage('The text is not about one request. Give the audit ID of the request.');
    return undefined;
  }
  const found = await requestOfText(recognized, () => informantOf(recognized, options, settings), options.at);
  if ('why' in found) throw new CommandError(`${found.why} Give the audit ID of the request.`, 1);
  return found;
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
