import { isOwnWork } from '../../lib/attribution/attribution.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isTemporaryKey } from '../../lib/identity/access-key.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis, formatInstant, SECOND } from '../../lib/time.ts';
import { requestsIn } from '../../lib/usecases/activity/requests.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { RecordsAccess } from '../access/files-access.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { type Field, fieldsNamed, fieldsText } from '../format/fields.ts';
import { isStructured, structuredText } from '../format/structured.ts';
import { asksForSystem, questionText } from '../options/question-options.ts';
import { shownRows } from '../options/shown-options.ts';
import { instantRangeOf } from '../options/time-range.ts';
import { resultsTo, viewOf } from '../options/view-options.ts';
import { fittedTable } from '../terminal/fitted-table.ts';
import { counted } from '../terminal/text-table.ts';
import { groupFormat, keyOfActor, whoOf } from './groups/record-groups.ts';
import { type RecordsOptions, recordsQuestion } from './options.ts';
import { notePeople } from './people-text.ts';
import { ReadPages } from './read.ts';

/** Two time ranges of one length. */
export interface ComparedRanges {
  readonly now: TimeRange & { readonly from: EpochMillis; readonly to: EpochMillis };
  readonly before: TimeRange & { readonly from: EpochMillis; readonly to: EpochMillis };
}

/** The smallest part of a second that audit events state, in milliseconds. */
const MICROSECOND = 0.001;

/**
 * Returns the time range of the question, and the one of the same length that begins at `--compare`.
 * @throws CommandError if the question has no beginning, or if the two overlap.
 */
export function comparedRanges(options: RecordsOptions, clock: EpochMillis): ComparedRanges {
  const { from, to = clock } = instantRangeOf(options);
  const { compare } = options;
  if (compare === undefined || from === undefined)
    throw wrongUsage('--compare needs the time range that it compares: add --since or --from.');
  const end = epochMillis(compare + (to - from));
  const isEarlier = compare < from;
  if (isEarlier ? end - from > SECOND : compare <= to)
    throw wrongUsage(
      `The two time ranges overlap: ${formatInstant(from)} to ${formatInstant(to)}, and the same length from ${formatInstant(compare)}. Change --compare.`,
    );
  const last = isEarlier ? epochMillis(Math.min(end, from - MICROSECOND)) : end;
  return { now: { from, to }, before: { from: compare, to: last } };
}

/** Returns one time range that covers both ranges, for paths in S3. */
export function rangeOfBoth({ now, before }: ComparedRanges): TimeRange {
  return {
    from: epochMillis(Math.min(now.from, before.from)),
    to: epochMillis(Math.max(now.to, before.to)),
  };
}

/** The traits of requests that are compared, in the order of the rows. */
const TRAITS = ['who', 'what', 'from', 'with'] as const;
type Trait = (typeof TRAITS)[number];

const CHANGES = ['new', 'gone', 'more', 'less'] as const;

/**
 * A value of a trait, with the number of requests of each time range that have it. Callers chose these texts, so they
 * must be escaped.
 */
interface Difference {
  readonly change: (typeof CHANGES)[number];
  readonly trait: Trait;
  readonly value: string;
  readonly before: number;
  readonly now: number;
}

/** The fields of a difference. */
export const DIFFERENCE_FIELDS: readonly Field<Difference>[] = [
  { name: 'change', text: ({ change }) => change },
  { name: 'trait', text: ({ trait }) => trait },
  { name: 'value', text: ({ value }) => value },
  { name: 'before', text: ({ before }) => String(before), value: ({ before }) => before },
  { name: 'now', text: ({ now }) => String(now), value: ({ now }) => now },
];

/** The maximum number of values of a trait that are compared. Callers can invent some of them. */
const MOST_VALUES = 50_000;

/** Counts the requests of both time ranges by who, what, from where and with which user agent. */
class Comparison {
  readonly #values = new Map<string, { trait: Trait; value: string; before: number; now: number }>();
  /** Whether some values were not compared, because there are too many. */
  isCut = false;
  /** Whether some requests have no actor, so that some rows show what callers state instead of a person. */
  hasUnidentified = false;

  add(record: AuditRecord, range: 'before' | 'now'): void {
    const { request, source } = record;
    const resource = [request?.resource, request?.subresource].filter(Boolean).join('/');
    const what = [request?.verb, resource || request?.uri?.split('?')[0]].filter(Boolean).join(' ');
    this.#count('who', ...whoCompared(record), range);
    this.#count('what', what, what, range);
    const address = source?.ips?.at(-1);
    if (address !== undefined) this.#count('from', address, address, range);
    const userAgent = source?.userAgent;
    if (userAgent !== undefined) this.#count('with', userAgent, userAgent, range);
    if (isUnidentified(record)) this.hasUnidentified = true;
  }

  /**
   * Returns the values whose counts differ, in this order: new, gone, more, less. Each of these is in the order of the
   * traits, with the largest difference first.
   */
  differences(): readonly Difference[] {
    const rows = [...this.#values.values()].flatMap((each): Difference[] => {
      const { before, now } = each;
      if (before === now) return [];
      if (before === 0) return [{ change: 'new', ...each }];
      if (now === 0) return [{ change: 'gone', ...each }];
      return [{ change: now > before ? 'more' : 'less', ...each }];
    });
    return rows.sort(
      (a, b) =>
        CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change) ||
        TRAITS.indexOf(a.trait) - TRAITS.indexOf(b.trait) ||
        Math.abs(b.now - b.before) - Math.abs(a.now - a.before),
    );
  }

  #count(trait: Trait, key: string, value: string, range: 'before' | 'now'): void {
    const place = `${trait} ${key}`;
    const known = this.#values.get(place);
    if (known !== undefined) known[range] += 1;
    else if (this.#values.size < TRAITS.length * MOST_VALUES)
      this.#values.set(place, { trait, value, before: 0, now: 0, [range]: 1 });
    else this.isCut = true;
  }
}

function isUnidentified({ attribution: { status, actor } }: AuditRecord): boolean {
  return actor === undefined && status !== 'system';
}

/**
 * Returns who is compared, as a key and in words. An unidentified caller is compared by role, session name and source
 * IP. Each session has another temporary key, so with the key each session would look new.
 */
function whoCompared(record: AuditRecord): readonly [key: string, value: string] {
  if (!isUnidentified(record)) return [keyOfActor(record), whoOf(record)];
  const { caller, attribution, source } = record;
  const { accessKeyId: key } = caller;
  const accessKeyId = key !== undefined && isTemporaryKey(key) ? undefined : key;
  const ip = source?.ips?.at(-1);
  const value = `${whoOf({ ...record, caller: { ...caller, accessKeyId } })}${ip === undefined ? '' : ` from ${ip}`}`;
  return [JSON.stringify([attribution.status, caller.uid, value]), value];
}

const UNIDENTIFIED =
  'Unidentified callers are compared by role, session name and source IP, because each session has another access key. One row can be several people, and one person can have several rows.';

/** Writes who, what and from where is new, gone, more or less than in the other time range. */
export async function compareAction(
  options: RecordsOptions,
  service: RecordsAccess,
  ranges: ComparedRanges,
): Promise<void> {
  const format = groupFormat(options.format);
  const question = recordsQuestion(options);
  const comparison = new Comparison();
  const output = resultsTo(options);
  const numbers = { before: 0, now: 0 };
  for (const range of ['before', 'now'] as const) {
    const ofRange: RecordsQuestion = { ...question, range: ranges[range] };
    const read = new ReadPages(ofRange, service, {});
    for await (const { record } of requestsIn(read.records())) {
      numbers[range] += 1;
      if (asksForSystem(options) || !isOwnWork(record.attribution)) comparison.add(record, range);
    }
    if (range === 'now') notePeople(read);
  }
  const rows = shownRows(comparison.differences(), { ...options, limit: undefined }, DIFFERENCE_FIELDS);
  output.write(textOf(rows, options, format));
  await output.end();
  const text = (range: 'before' | 'now') =>
    `${counted(numbers[range], 'request')} from ${formatInstant(ranges[range].from)} to ${formatInstant(ranges[range].to)}`;
  note(
    `${text('now')}, compared with ${text('before')}, ${questionText(question)}: ${counted(rows.length, 'difference')}.`,
  );
  if (!asksForSystem(options))
    note('Requests of the cluster itself and AWS are not compared. --status system compares them.');
  if (comparison.hasUnidentified) note(UNIDENTIFIED);
  if (comparison.isCut) note('There are too many different values to compare all of them. Add a filter.');
}

function textOf(rows: readonly Difference[], options: RecordsOptions, format: ReturnType<typeof groupFormat>): string {
  const view = viewOf(options);
  if (options.fields !== undefined)
    return fieldsText(rows, fieldsNamed(options.fields, DIFFERENCE_FIELDS), format, view);
  if (isStructured(format)) return structuredText(format, rows);
  if (format === 'csv') return fieldsText(rows, DIFFERENCE_FIELDS, format, view);
  const columns = DIFFERENCE_FIELDS.map(({ name, text }) => ({
    title: name.toUpperCase(),
    of: text,
    ...(name === 'value' && { least: 20, isId: true }),
  }));
  return fittedTable([{ columns }], rows, view);
}
