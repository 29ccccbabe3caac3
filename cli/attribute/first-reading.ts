import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { actorKey, actorOfRecord } from '../../lib/claims/known.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { type EpochMillis, parseInstant } from '../../lib/time.ts';
import { attributeFiles } from '../../lib/usecases/attribute/attribute-files.ts';
import type { Matcher } from '../../lib/usecases/query/filter.ts';
import { rangeSince } from '../../lib/usecases/query/first-seen.ts';
import { isInRange } from '../../lib/usecases/query/question.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { instantRangeOf } from '../options/time-range.ts';
import { withSame } from '../records/same.ts';
import { eventDigest } from './event-digest.ts';
import type { AttributeOptions } from './options.ts';
import { sourcesOf } from './sources.ts';

/** A question that can be asked of each record by itself. */
export interface Answerable {
  readonly options: AttributeOptions;
  /** Of actors that are first seen late enough; undefined where any is meant. */
  readonly isFirstSeen?: Matcher;
}

/** The options for which all that there is must be known before the first record can be shown. */
const READ_TWICE = {
  sameRole: '--same-role',
  sameIp: '--same-ip',
  firstSeenSince: '--first-seen-since',
} as const satisfies { readonly [Name in keyof AttributeOptions]?: string };

/** @throws CommandError where the files would have to be read twice, and cannot. */
export function checkReadTwice(options: AttributeOptions): void {
  const { audit, cloudtrail } = options;
  const [, option] = Object.entries(READ_TWICE).find(([name]) => name in options) ?? [];
  if (option !== undefined && [...audit, ...cloudtrail].includes(STANDARD_INPUT))
    throw wrongUsage(`${option} reads the files twice, and standard input (-) can be read once only: give files.`);
}

/** The question with all that it needs to know of the files, for which they are read where it needs something. */
export async function answerable(options: AttributeOptions, settings: AttributionSettings): Promise<Answerable> {
  const { firstSeenSince } = options;
  const records = async (auditId: string) => {
    const found: AuditRecord[] = [];
    await eachRecord(options, settings, {}, auditId, (record) => found.push(record));
    return found;
  };
  const asked = await withSame(options, { records, none: 'no record of the files bears this audit id' });
  if (firstSeenSince === undefined) return { options: asked };
  const seen = new FirstSeen();
  const { to } = instantRangeOf(asked);
  await eachRecord(options, settings, { from: undefined, to }, undefined, (record) => seen.add(record));
  return { options: asked, isFirstSeen: seen.since(firstSeenSince) };
}

/** Hands over each record, or each that bears the audit id. */
async function eachRecord(
  options: AttributeOptions,
  settings: AttributionSettings,
  range: TimeRange,
  auditId: string | undefined,
  visit: (record: AuditRecord) => void,
): Promise<void> {
  const { audit, cloudtrail } = sourcesOf(options, range);
  const nothing = () => undefined;
  const record = (record: AuditRecord) => {
    if (auditId === undefined || record.auditId === auditId) visit(record);
  };
  await attributeFiles({ audit, cloudtrail, settings, digest: eventDigest, record, reject: nothing, pause: nothing });
}

/** When each actor was first seen, as the service's directory has it (`FirstSeenActors`). */
class FirstSeen {
  readonly #first = new Map<string, number>();

  add(record: AuditRecord): void {
    const at = record.time === undefined ? undefined : parseInstant(record.time);
    const actor = actorOfRecord(record);
    if (at === undefined || actor === undefined) return;
    const key = actorKey(actor);
    this.#first.set(key, Math.min(at, this.#first.get(key) ?? at));
  }

  since(since: EpochMillis): Matcher {
    return (record) => {
      const actor = actorOfRecord(record);
      const first = actor && this.#first.get(actorKey(actor));
      return first !== undefined && first >= since && isInRange(record, rangeSince({}, since));
    };
  }
}
