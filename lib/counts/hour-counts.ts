import { accountOfKey, type ClusterKey, clusterKeyOf } from '../identity/cluster.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { bytesOf, type CountEntry } from './contribution.ts';
import { LAG_SECONDS } from './lag.ts';
import { LEFT_OUT, TRAITS, type Trait, type Traits } from './traits.ts';

/** The counts of each value of a trait. */
export interface ValueCounts {
  /** Values with their counts, the most frequent first, up to a limit. */
  readonly values: readonly (readonly [value: string, count: number])[];
  /** The number of records that do not have this trait. */
  readonly none: number;
  /** The number of records with values that are not listed. */
  readonly others: number;
}

/** Counts of one hour and cluster, or of several. */
export interface Counts {
  readonly total: number;
  readonly by: { readonly [T in Trait]: ValueCounts };
  /** The number of final answers by the delay since their events (`LAG_SECONDS`). */
  readonly lag: readonly number[];
  /** The time of the latest event. Absent if nothing was counted. */
  readonly last?: EpochMillis;
}

export interface HourCounts extends Counts {
  readonly hour: EpochMillis;
  readonly clusterKey: ClusterKey;
  /** When the last record expires, in epoch seconds. */
  readonly expires: number;
  /**
   * Present if the account has more entries in this hour than are read. Some are then missing from the counts of its
   * clusters.
   */
  readonly isPartial?: true | undefined;
  /**
   * Present if these are the counts of several of the account's clusters, of which only the sum is stored. The key then
   * has no cluster.
   */
  readonly areOthers?: true | undefined;
}

/** Limits on the values of a trait that an hour's counts list, and on their bytes. */
const MOST_VALUES = 50;
const MOST_BYTES = 4_000;

/** Adds up entries. Each record counts once, by its latest revision. */
export class HourCounter {
  readonly #latest = new Map<string, CountEntry>();
  #last: EpochMillis | undefined;

  add(entries: Iterable<CountEntry>, last: EpochMillis): void {
    for (const entry of entries) {
      const known = this.#latest.get(entry.id);
      if (known === undefined || isLater(entry, known)) this.#latest.set(entry.id, entry);
    }
    this.#last = laterOf(this.#last, last);
  }

  /** Number of records. */
  get size(): number {
    return this.#latest.size;
  }

  get counts(): Counts {
    const sum = new Sum();
    for (const { traits, lag } of this.#latest.values()) sum.record(traits, lag);
    return sum.counts(this.#last, { values: MOST_VALUES, bytes: MOST_BYTES });
  }
}

/**
 * Returns whether entry `a` replaces `b`. Entries of one revision differ only in the delay, and a repeated delivery
 * measures a longer one.
 */
function isLater(a: CountEntry, b: CountEntry): boolean {
  if (a.revision !== b.revision) return a.revision > b.revision;
  return a.lag !== undefined && (b.lag === undefined || a.lag < b.lag);
}

function laterOf(a: EpochMillis | undefined, b: EpochMillis | undefined): EpochMillis | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return epochMillis(Math.max(a, b));
}

/** Returns the sum of the counts. A value that only some of them list has the sum of those. `others` has the rest. */
export function sumOf(all: readonly Counts[], most = MOST_VALUES): Counts {
  const sum = new Sum();
  let last: EpochMillis | undefined;
  for (const counts of all) {
    sum.add(counts);
    last = laterOf(last, counts.last);
  }
  return sum.counts(last, { values: most, bytes: Number.POSITIVE_INFINITY });
}

/**
 * Limits the counts of an account and hour, in bytes of JSON. They are stored in one item, and a question reads those
 * of 31 days. A busy cluster has some 4,000 bytes, a small one 500.
 */
const MOST_BYTES_OF_HOUR = 100_000;

/**
 * Returns the counts of an account and hour, with at most `MOST_BYTES_OF_HOUR`. These are the counts of the clusters
 * with the most records, and one sum of all others (`areOthers`). An account that hands over events can invent any
 * number of clusters.
 */
export function fewClusters(counts: readonly HourCounts[]): readonly HourCounts[] {
  const [any] = counts;
  let room = MOST_BYTES_OF_HOUR;
  const ordered = counts.filter(({ areOthers }) => !areOthers).toSorted((a, b) => b.total - a.total);
  const end = ordered.findIndex((each) => {
    room -= bytesOf(JSON.stringify(each));
    return room < 0;
  });
  if (any === undefined || end === -1) return counts;
  const { hour, isPartial } = any;
  const others = [...ordered.slice(end), ...counts.filter(({ areOthers }) => areOthers)];
  const clusterKey = clusterKeyOf({ cluster: '', accountId: accountOfKey(any.clusterKey) || undefined });
  const expires = others.reduce((latest, each) => Math.max(latest, each.expires), 0);
  const rest = {
    ...sumOf(others),
    hour,
    clusterKey,
    expires,
    ...(isPartial && { isPartial }),
    areOthers: true,
  } as const;
  return [...ordered.slice(0, end), rest];
}

/** Limits the list of each trait. */
interface ListLimits {
  readonly values: number;
  readonly bytes: number;
}

class Sum {
  #total = 0;
  readonly #lag = Array.from({ length: LAG_SECONDS.length + 1 }, () => 0);
  readonly #by = new Map(TRAITS.map((trait) => [trait, new ValueSum()]));

  record(traits: Traits, lag: number | undefined): void {
    this.#total += 1;
    if (lag !== undefined) this.#lag[lag] = (this.#lag[lag] ?? 0) + 1;
    for (const [trait, sum] of this.#by) sum.value(trait, traits[trait]);
  }

  add({ total, lag, by }: Counts): void {
    this.#total += total;
    for (const [place, count] of lag.entries()) this.#lag[place] = (this.#lag[place] ?? 0) + count;
    for (const [trait, sum] of this.#by) sum.add(by[trait]);
  }

  counts(last: EpochMillis | undefined, most: ListLimits): Counts {
    const of = (trait: Trait) => (this.#by.get(trait) ?? new ValueSum()).counts(most);
    const by = {
      status: of('status'),
      verb: of('verb'),
      actor: of('actor'),
      namespace: of('namespace'),
      resource: of('resource'),
      code: of('code'),
      flag: of('flag'),
    };
    return { total: this.#total, by, lag: this.#lag, ...(last !== undefined && { last }) };
  }
}

class ValueSum {
  readonly #values = new Map<string, number>();
  #none = 0;
  #others = 0;

  value(trait: Trait, value: Traits[Trait]): void {
    if (value === undefined) this.#none += 1;
    else if (value === LEFT_OUT) this.#others += 1;
    else for (const each of trait === 'flag' ? value.split(' ') : [value]) this.#count(each, 1);
  }

  add({ values, none, others }: ValueCounts): void {
    for (const [value, count] of values) this.#count(value, count);
    this.#none += none;
    this.#others += others;
  }

  #count(value: string, count: number): void {
    this.#values.set(value, (this.#values.get(value) ?? 0) + count);
  }

  counts(most: ListLimits): ValueCounts {
    const ordered = [...this.#values].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
    let [room, others] = [most.bytes, this.#others];
    const values = ordered.filter(([value, count], at) => {
      room -= bytesOf(value);
      if (at < most.values && room >= 0) return true;
      others += count;
      return false;
    });
    return { values, none: this.#none, others };
  }
}
