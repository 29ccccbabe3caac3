import { personOf } from '../../attribution/actor-id.ts';
import { NOBODY_JOINED, type SamePerson } from '../../attribution/same-person.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { type Counts, type HourCounts, sumOf, type ValueCounts } from '../../counts/hour-counts.ts';
import { hourOf, hoursBetween } from '../../counts/hours.ts';
import { LAG_SECONDS, lagWithin } from '../../counts/lag.ts';
import { actorOfCount, TRAITS } from '../../counts/traits.ts';
import {
  accountOfKey,
  type ClusterKey,
  clusterText,
  fieldsOfKey,
  meansCluster,
  partsOf,
} from '../../identity/cluster.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CountStore } from '../../ports/counts.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant, HOUR, startOfDay } from '../../time.ts';
import { byTurns } from '../../turns.ts';
import { MOST_REQUESTS_OF_HOUR } from '../counting/count-hours.ts';

export const SUMMARY_BY = [...TRAITS, 'cluster'] as const;
export type SummaryGrouping = (typeof SUMMARY_BY)[number];
export const BUCKETS = ['hour', 'day'] as const;
export type Bucket = (typeof BUCKETS)[number];

export interface SummaryRequest {
  /** The start of the first bucket. */
  readonly from: EpochMillis;
  /** Buckets are included if they start before this time. */
  readonly to: EpochMillis;
  readonly bucket: Bucket;
  readonly by: SummaryGrouping;
  /** Selects clusters by name, ARN or key. Undefined selects all. */
  readonly clusters: readonly string[] | undefined;
}

/**
 * Counts of records in a time range. Callers can choose its texts: escape them before you show them. Times are RFC 3339
 * in UTC.
 */
export interface SummaryAnswer {
  readonly from: string;
  /** The end of the last bucket. */
  readonly to: string;
  readonly bucket: Bucket;
  readonly by: SummaryGrouping;
  readonly total: number;
  readonly statuses: Readonly<Record<string, number>>;
  /**
   * The values with the highest counts first: the most frequent ones, and some of each account. `none` counts records
   * without a value. `others` counts records with a value that is not listed.
   */
  readonly values: readonly SummaryValue[];
  readonly none: number;
  readonly others: number;
  readonly buckets: readonly SummaryBucket[];
  readonly lag: SummaryLag;
  /** The time of the newest event. */
  readonly newest?: string;
  /** The present time, by the service's clock. */
  readonly now: string;
  readonly counting: SummaryCounting;
}

/**
 * A value with its count. `/records` accepts the value as a filter. For an actor, the value is the ID, and `name` is
 * their most frequent name.
 */
export interface SummaryValue {
  readonly value: string;
  readonly name?: string | undefined;
  /** All IDs of this person, `value` first. Present if the operator joined several. */
  readonly samePerson?: readonly string[] | undefined;
  readonly count: number;
}

export interface SummaryBucket {
  readonly from: string;
  readonly total: number;
  /** The counts for `values` of the answer, in the same order. */
  readonly counts: readonly number[];
  readonly none: number;
  readonly others: number;
}

/** How long it took until answers were final, counted from their events, in seconds. */
export interface SummaryLag {
  /** The median in seconds. Absent if no answer is final, or if the median is beyond the histogram. */
  readonly p50?: number;
  readonly p95?: number;
  /** The buckets that have a count. `within` is the upper bound in seconds. The last bucket has no bound. */
  readonly histogram: readonly { readonly within?: number; readonly count: number }[];
}

export interface SummaryCounting {
  /** When counting began. Records from before are not counted. Absent if settle has never run. */
  readonly since?: string;
  /** When ingest last stored something, exact to the minute. Absent if it has never stored anything. */
  readonly ingestedAt?: string;
  /** The resources whose reads ingest did not record at that time. Absent if it recorded everything. */
  readonly omits?: readonly string[];
  /** When settle last ran. */
  readonly settledAt?: string;
  /**
   * Hours of the time range whose counts are not complete. An hour is not counted yet, or an account has more entries
   * than settle reads. Or only the sum over an account's smaller clusters is stored.
   */
  readonly behind: readonly string[];
}

export interface SummaryService {
  readonly counts: CountStore;
  readonly clock: Clock;
  /** The IDs that the operator joined, grouped by person. Absent if there are none. */
  readonly samePerson?: SamePerson | undefined;
}

/** The maximum number of values in an answer. */
const MOST_VALUES = 20;
/**
 * Limits the hours that a question counts itself, because settle has not counted them, or must count them again.
 * Usually there are no more.
 */
const MOST_COUNTED = 3;
/**
 * If settle's progress is not known, an hour younger than this, in milliseconds, is treated as not counted yet
 * (`needsMark`).
 */
const USUALLY_OPEN = 3 * HOUR;

/** The counts of one cluster in one hour. */
interface Part extends Counts {
  readonly hour: EpochMillis;
  readonly clusterKey: ClusterKey;
  readonly areOthers?: true | undefined;
}

/** Returns the counts of a time range. */
export async function summary(
  request: SummaryRequest,
  { counts, clock, samePerson = NOBODY_JOINED }: SummaryService,
): Promise<SummaryAnswer> {
  const { from, to, bucket, by, clusters } = request;
  const now = clock();
  const last = hourOf(epochMillis(Math.ceil(to) - 1));
  const [progress, ingested, kept, marked] = await Promise.all([
    counts.progress(),
    counts.lastIngest(),
    counts.kept(from, last),
    counts.marked(now, { first: from, last }),
  ]);
  const through = progress?.through ?? epochMillis(hourOf(now) - USUALLY_OPEN);
  const open = hoursBetween(
    epochMillis(Math.max(from, through + HOUR)),
    epochMillis(Math.min(last, hourOf(now) + HOUR)),
  );
  const stale = [...open, ...marked.flatMap(({ hour }) => (hour >= from ? [hour] : []))];
  const fresh = await countedNow(stale, counts);
  const parts: readonly Part[] = [...kept.filter(({ hour }) => !fresh.has(hour)), ...[...fresh.values()].flat()];
  const included =
    clusters === undefined
      ? parts
      : parts.filter(
          ({ clusterKey, areOthers }) => !areOthers && clusters.some((text) => meansCluster(text, clusterKey)),
        );
  // For small clusters only a sum is stored, so a cluster of the question can be a part of such a sum.
  const lacks = ({ isPartial, areOthers }: HourCounts) => isPartial || (areOthers && clusters !== undefined);
  const partial = kept.flatMap((each) => (lacks(each) && isOfAccounts(each, clusters) ? [each.hour] : []));
  const behind = [...new Set([...stale, ...partial])].filter((hour) => !fresh.has(hour)).sort((a, b) => a - b);
  const begins = bucketsOf(request, last);
  return {
    from: formatInstant(from),
    to: formatInstant(epochMillis((begins.at(-1) ?? from) + lengthOf(bucket))),
    bucket,
    by,
    ...contents(included, { by, samePerson }, { begins, bucket }),
    now: formatInstant(now),
    counting: {
      ...(ingested && { ingestedAt: formatInstant(ingested.at) }),
      ...(ingested && ingested.omits.length > 0 && { omits: ingested.omits }),
      ...(progress && { since: formatInstant(progress.since), settledAt: formatInstant(progress.at) }),
      behind: behind.map(formatInstant),
    },
  };
}

/**
 * Returns whether one of these clusters can belong to the account. A cluster given without its account can belong to
 * any.
 */
function isOfAccounts(counts: HourCounts, clusters: readonly string[] | undefined): boolean {
  const accountId = accountOfKey(counts.clusterKey);
  return clusters?.every((text) => (partsOf(text)?.accountId ?? accountId) !== accountId) !== true;
}

/**
 * Counts the newest of these hours again, as many as a question may count. An hour with more records than may be read
 * is left out.
 */
async function countedNow(
  hours: readonly EpochMillis[],
  counts: CountStore,
): Promise<ReadonlyMap<EpochMillis, readonly Part[]>> {
  const newest = [...new Set(hours)].sort((a, b) => b - a).slice(0, MOST_COUNTED);
  const found = await mapConcurrently(newest, async (hour) => ({
    hour,
    ...(await counts.count(hour, MOST_REQUESTS_OF_HOUR)),
  }));
  return new Map(found.flatMap(({ hour, isComplete, counts: parts }) => (isComplete ? [[hour, parts] as const] : [])));
}

function bucketsOf({ from, bucket }: SummaryRequest, last: EpochMillis): readonly EpochMillis[] {
  const hours = hoursBetween(from, last);
  return bucket === 'hour' ? hours : [...new Set(hours.map((hour) => epochMillis(startOfDay(hour))))];
}

function lengthOf(bucket: Bucket): number {
  return bucket === 'hour' ? HOUR : DAY;
}

/** By which field records are counted, and which actor IDs are one person. */
interface CountingRule {
  readonly by: SummaryGrouping;
  readonly samePerson: SamePerson;
}

function contents(
  parts: readonly Part[],
  counting: CountingRule,
  { begins, bucket }: { readonly begins: readonly EpochMillis[]; readonly bucket: Bucket },
): Pick<SummaryAnswer, 'total' | 'statuses' | 'values' | 'none' | 'others' | 'buckets' | 'lag' | 'newest'> {
  const { by, samePerson } = counting;
  const whole = sumOf(parts, Number.POSITIVE_INFINITY);
  const { values, none, others } = valuesOf(parts, whole, counting);
  const actors = by === 'actor' ? { names: namesOfCounts(whole.by.actor.values, samePerson), samePerson } : undefined;
  const chosen = values.length <= MOST_VALUES ? undefined : chosenValues(values, parts, counting);
  const listed = chosen === undefined ? values : values.filter(([value]) => chosen.has(value));
  const left =
    values.reduce((sum, [, count]) => sum + count, others) - listed.reduce((sum, [, count]) => sum + count, 0);
  const places = new Map(listed.map(([value], at) => [value, at]));
  const groups = Map.groupBy(parts, ({ hour }) => (bucket === 'hour' ? hour : startOfDay(hour)));
  return {
    total: whole.total,
    statuses: Object.fromEntries(whole.by.status.values),
    values: listed.map(([value, count]) => summaryValue(value, count, actors)),
    none,
    others: left,
    buckets: begins.map((begin) => bucketOf(begin, groups.get(begin) ?? [], counting, places)),
    lag: lagOf(whole.lag),
    ...(whole.last !== undefined && { newest: formatInstant(whole.last) }),
  };
}

/**
 * Returns the values that an answer lists. One half are the most frequent values, the other half is shared by the
 * accounts in turn. An account can forge requests of any number of actors, which must not hide all actors of another
 * account.
 */
function chosenValues(
  values: ValueCounts['values'],
  parts: readonly Part[],
  counting: CountingRule,
): ReadonlySet<string> {
  const chosen = new Set(values.slice(0, MOST_VALUES / 2).map(([value]) => value));
  const accounts = Map.groupBy(parts, ({ clusterKey }) => accountOfKey(clusterKey));
  const queues = [...accounts.values()].map((of) =>
    valuesOf(of, sumOf(of, Number.POSITIVE_INFINITY), counting).values.filter(([value]) => !chosen.has(value)),
  );
  const most = (queue: ValueCounts['values']) => queue[0]?.[1] ?? 0;
  for (const [value] of byTurns(queues.toSorted((a, b) => most(b) - most(a)))) {
    if (chosen.size >= MOST_VALUES) break;
    chosen.add(value);
  }
  return chosen;
}

function valuesOf(parts: readonly Part[], sum: Counts, { by, samePerson }: CountingRule): ValueCounts {
  if (by === 'actor') return { ...sum.by.actor, values: byPerson(sum.by.actor.values, samePerson) };
  if (by !== 'cluster') return sum.by[by];
  const totals = new Map<string, number>();
  let others = 0;
  for (const { clusterKey, total, areOthers } of parts) {
    if (areOthers) {
      others += total;
      continue;
    }
    const cluster = clusterText(fieldsOfKey(clusterKey));
    totals.set(cluster, (totals.get(cluster) ?? 0) + total);
  }
  const values = [...totals].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
  return { values, none: 0, others };
}

/**
 * Adds up the counts of each person under their first ID. An actor with several names was counted once for each name.
 */
function byPerson(counted: ValueCounts['values'], samePerson: SamePerson): ValueCounts['values'] {
  const totals = new Map<string, number>();
  for (const [value, count] of counted) {
    const id = personOfCount(value, samePerson);
    totals.set(id, (totals.get(id) ?? 0) + count);
  }
  return [...totals].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
}

/** Returns, for each person, the name that most of their records have. */
function namesOfCounts(counted: ValueCounts['values'], samePerson: SamePerson): ActorsOfCounts['names'] {
  return new Map(counted.toReversed().map(([value]) => [personOfCount(value, samePerson), actorOfCount(value).name]));
}

function personOfCount(value: string, samePerson: SamePerson): string {
  const { id } = actorOfCount(value);
  return personOf({ id, samePerson: samePerson.get(id) });
}

/** The names of the counted people, and their joined IDs. */
interface ActorsOfCounts {
  readonly names: ReadonlyMap<string, string | undefined>;
  readonly samePerson: SamePerson;
}

function summaryValue(value: string, count: number, { names, samePerson }: ActorsOfCounts = NO_ACTORS): SummaryValue {
  const [name, ids] = [names.get(value), samePerson.get(value)];
  return { value, ...(name !== undefined && { name }), ...(ids && { samePerson: ids }), count };
}

const NO_ACTORS: ActorsOfCounts = { names: new Map(), samePerson: NOBODY_JOINED };

function bucketOf(
  begin: EpochMillis,
  parts: readonly Part[],
  counting: CountingRule,
  places: ReadonlyMap<string, number>,
): SummaryBucket {
  const sum = sumOf(parts, Number.POSITIVE_INFINITY);
  const { values, none, others } = valuesOf(parts, sum, counting);
  const counts = Array.from(places, () => 0);
  let left = others;
  for (const [value, count] of values) {
    const place = places.get(value);
    if (place === undefined) left += count;
    else counts[place] = count;
  }
  return { from: formatInstant(begin), total: sum.total, counts, none, others: left };
}

function lagOf(lag: readonly number[]): SummaryLag {
  const [p50, p95] = [0.5, 0.95].map((share) => lagWithin(lag, share));
  const histogram = lag.flatMap((count, place) => {
    const within = LAG_SECONDS[place];
    return count === 0 ? [] : [{ ...(within !== undefined && { within }), count }];
  });
  const isKnown = (seconds: number | undefined): seconds is number => seconds !== undefined && Number.isFinite(seconds);
  return { ...(isKnown(p50) && { p50 }), ...(isKnown(p95) && { p95 }), histogram };
}
