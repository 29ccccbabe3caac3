import { personOf } from '../../../lib/attribution/actor-id.ts';
import { placeOf } from '../../../lib/attribution/place.ts';
import { VERBS } from '../../../lib/audit/verbs.ts';
import { DOLLARS_AT_REST, DOLLARS_OF_RECORD_A_DAY } from '../../../lib/cost/monthly.ts';
import { clusterText } from '../../../lib/identity/cluster.ts';
import { DAY, HOUR, parseInstant } from '../../../lib/time.ts';
import type { AuditRecord, SummaryAnswer } from './answers.ts';
import { type Bins, heightOf } from './bins.ts';
import { resourceOf } from './facets.ts';
import { sessionOfCaller } from './sessions.ts';
import { type ReadPart, readOf, type Span } from './spans.ts';

/** A value and the number of records that have it. */
interface Sum<T> {
  readonly of: T;
  readonly count: number;
}

/** Counts the records by a value, the most frequent first. */
export function sumsBy<T>(records: readonly AuditRecord[], of: (record: AuditRecord) => T): readonly Sum<T>[] {
  const sums = new Map<string, { of: T; count: number }>();
  for (const record of records) {
    const value = of(record);
    const key = JSON.stringify(value);
    const sum = sums.get(key) ?? { of: value, count: 0 };
    sum.count += 1;
    sums.set(key, sum);
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}

/** Counts by resource (rows) and verb (columns). */
interface VerbTable {
  readonly verbs: readonly string[];
  readonly rows: readonly { readonly resource: string; readonly counts: readonly number[] }[];
  /** The highest count. */
  readonly most: number;
}

/** Counts requests by resource and verb. Leaves out requests without a resource. */
export function verbTable(records: readonly AuditRecord[]): VerbTable {
  const named = records.filter((record) => resourceOf(record.request) !== undefined);
  const verbs = sumsBy(named, verbOf)
    .map(({ of }) => of)
    .sort((a, b) => rankOf(a) - rankOf(b));
  const rows = sumsBy(named, (record) => resourceOf(record.request) ?? '').map(({ of: resource }) => {
    const ofResource = named.filter((record) => resourceOf(record.request) === resource);
    return { resource, counts: verbs.map((verb) => ofResource.filter((record) => verbOf(record) === verb).length) };
  });
  return { verbs, rows, most: Math.max(0, ...rows.flatMap(({ counts }) => counts)) };
}

function verbOf({ request }: AuditRecord): string {
  return request?.verb ?? '';
}

function rankOf(verb: string): number {
  const rank = VERBS.indexOf(verb);
  return rank < 0 ? VERBS.length : rank;
}

/** The actor of a record, or its caller if the actor is unknown. */
interface Who {
  /** The ID of the actor's person. */
  readonly actor?: string;
  readonly caller?: string;
  /** The value that finds the records of the caller's session. */
  readonly session?: string | undefined;
  readonly status: AuditRecord['attribution']['status'];
}

/** Returns the actor of a record, or its caller. */
export function whoOf({ attribution: { actor, status }, caller }: AuditRecord): Who {
  return actor === undefined || actor.idBasis === 'session'
    ? { caller: caller.username ?? caller.uid ?? 'unnamed caller', session: sessionOfCaller(caller), status }
    : { actor: personOf(actor), status };
}

/** Returns the cluster of a record, by its ARN or name, and its namespace. */
export function whereOf(record: AuditRecord): { readonly cluster: string; readonly namespace: string } {
  return { cluster: clusterText(record), namespace: placeOf(record).namespace };
}

type HourRead = ReadPart | 'outside';

/** The counts of records in the 24 hours of a day. */
export interface DayOfHours {
  /** Start of the day, in milliseconds since the epoch; undefined if the counts are of all days of that weekday. */
  readonly start: number | undefined;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly counts: readonly number[];
  /** How much of each hour was loaded, within the time range. */
  readonly reads: readonly HourRead[];
}

const MOST_DAYS = 8;

/**
 * Counts records by day and hour. A range of up to eight days gives each day. A longer one gives the days of the week,
 * from Monday.
 * @param offset returns by how many milliseconds days start later than in UTC.
 * @param unread are the ranges in which records may be missing.
 */
export function daysOf(
  records: readonly AuditRecord[],
  { from, to }: Span,
  offset: (at: number) => number,
  unread: readonly Span[],
): readonly DayOfHours[] {
  const dayOf = (at: number) => Math.floor((at - offset(at)) / DAY);
  const first = dayOf(from);
  const count = dayOf(to) - first + 1;
  const isByDate = count <= MOST_DAYS;
  const rowOf = (day: number) => (isByDate ? day - first : (weekdayOf(day) + 6) % 7);
  const startOf = (day: number) => day * DAY + offset(day * DAY);
  const counts = Array.from({ length: isByDate ? count : 7 }, () => new Array<number>(24).fill(0));
  for (const { time } of records) {
    const at = time === undefined ? undefined : parseInstant(time);
    if (at === undefined) continue;
    const row = counts[rowOf(dayOf(at))];
    const hour = Math.floor((at - offset(at) - dayOf(at) * DAY) / HOUR);
    if (row !== undefined) row[hour] = (row[hour] ?? 0) + 1;
  }
  const days = Array.from({ length: count }, (_, index) => first + index);
  const daysOfRow = Map.groupBy(days, rowOf);
  return counts.map((hours, index) => ({
    start: isByDate ? startOf(first + index) : undefined,
    weekday: isByDate ? weekdayOf(first + index) : (index + 1) % 7,
    counts: hours,
    reads: readsOf(daysOfRow.get(index)?.map(startOf) ?? [], { from, to }, unread),
  }));
}

/** Returns how much of each hour was loaded: `all` or `none` only if that holds for every day in `starts`. */
function readsOf(starts: readonly number[], range: Span, unread: readonly Span[]): readonly HourRead[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const parts = starts.flatMap((start) => {
      const from = Math.max(range.from, start + hour * HOUR);
      const to = Math.min(range.to, start + (hour + 1) * HOUR);
      return from < to ? readOf({ from, to }, unread).read : [];
    });
    const [part = 'outside'] = parts;
    return parts.every((each) => each === part) ? part : 'some';
  });
}

/** Returns the weekday of a day that is counted from 1970-01-01, which was a Thursday. 0 is Sunday. */
function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** Returns the share of attributed records among those by people and programs, or undefined if there are none. */
export function shareOf(statuses: Readonly<Record<string, number>>): number | undefined {
  const { attributed = 0 } = statuses;
  const all = countOf(statuses);
  return all === 0 ? undefined : attributed / all;
}

/** Counts the records by people and programs: all but system records. */
export function countOf(statuses: Readonly<Record<string, number>>): number {
  return Object.entries(statuses).reduce((sum, [status, count]) => (status === 'system' ? sum : sum + count), 0);
}

/** Formats a share as a percentage in the browser's language. */
export function percent(share: number | undefined): string {
  if (share === undefined) return '–';
  return share.toLocaleString(navigator.language, { style: 'percent', maximumFractionDigits: 1 });
}

/** Returns the share of attributed records in one bin; `bins` are counts by status. */
export function shareIn(bins: Bins, piece: number): number {
  const attributed = bins.series.find(({ name }) => name === 'attributed')?.counts[piece] ?? 0;
  return attributed / heightOf(bins, piece);
}

/** Estimates US dollars per month, if every day is like the counted ones, with the cost of an idle service. */
export function monthlyCost({ from, to, now, total, counting: { since = from } }: SummaryAnswer): number {
  const end = to < now ? to : now;
  const begin = from > since ? from : since;
  const counted = (parseInstant(end) ?? 0) - (parseInstant(begin) ?? 0);
  return DOLLARS_AT_REST + (counted > 0 ? (total / (counted / DAY)) * DOLLARS_OF_RECORD_A_DAY : 0);
}
