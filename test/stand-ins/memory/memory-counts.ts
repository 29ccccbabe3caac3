import { current } from '../../../lib/adapters/expiry.ts';
import {
  type Contribution,
  type CountedRecord,
  contributionsOf,
  type HourOfAccount,
  hoursOfAccounts,
} from '../../../lib/counts/contribution.ts';
import { HourCounter, type HourCounts } from '../../../lib/counts/hour-counts.ts';
import { MARK_HOLDS, needsMark } from '../../../lib/counts/hours.ts';
import { accountOfKey } from '../../../lib/identity/cluster.ts';
import type {
  AccountsWithin,
  CountedAccount,
  CountedHour,
  CountProgress,
  CountStore,
  KeptHour,
  LastIngest,
  MarkedHour,
  MarksWithin,
} from '../../../lib/ports/counts.ts';
import { type EpochMillis, epochMillis } from '../../../lib/time.ts';
import { expiryOf, type MemoryWorld } from './memory-world.ts';

/** Counts in memory. */
export class MemoryCounts implements CountStore {
  readonly #world: MemoryWorld;
  readonly #added: (Contribution & { readonly source: string; readonly expires: number })[] = [];
  readonly #kept = new Map<string, { readonly asOf: EpochMillis; readonly counts: readonly KeptHour[] }>();
  readonly #marks = new Map<string, MarkedHour>();
  #progress: CountProgress | undefined;
  #lastIngest: LastIngest | undefined;

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async add(records: readonly CountedRecord[], source: string): Promise<void> {
    const { clock, beforeWrite } = this.#world;
    const begun = clock();
    const contributions = contributionsOf(records);
    const hours = hoursOfAccounts(contributions);
    for (const each of hours) if (needsMark(each.hour, begun)) this.#mark(each, begun);
    for (const each of contributions) {
      beforeWrite();
      this.#added.push({ ...each, source, expires: each.expires ?? expiryOf('records', this.#world) });
    }
    const ended = clock();
    const again = hours.filter(
      ({ hour }) => needsMark(hour, ended) && (ended > begun + MARK_HOLDS || !needsMark(hour, begun)),
    );
    for (const each of again) this.#mark(each, ended);
  }

  #mark(marked: HourOfAccount, at: EpochMillis): void {
    this.#world.beforeWrite();
    this.#marks.set(markName(marked), { ...marked, at });
  }

  async missing(records: readonly CountedRecord[], source: string): Promise<readonly CountedRecord[]> {
    const own = this.#current().filter((each) => each.source === source);
    const known = new Set(own.flatMap(({ entries }) => entries.map(({ id, revision }) => `${id} ${revision}`)));
    return records.filter(({ id, revision, at }) => at >= 0 && !known.has(`${id} ${revision}`));
  }

  async count(hour: EpochMillis): Promise<CountedHour> {
    const groups = Map.groupBy(
      this.#current()
        .filter((each) => each.hour === hour)
        .toReversed(), // in no order, as a table has them
      ({ clusterKey }) => clusterKey,
    );
    const counts = [...groups].map(([clusterKey, contributions]): HourCounts => {
      const counting = new HourCounter();
      for (const { entries, last } of contributions) counting.add(entries, last);
      const expires = Math.max(...contributions.map((each) => each.expires));
      return { ...counting.counts, hour, clusterKey, expires };
    });
    return { counts, isComplete: true, faulty: [] };
  }

  async *accounts(hour: EpochMillis, within: AccountsWithin = {}): AsyncGenerator<CountedAccount, void> {
    const ofEach = Map.groupBy((await this.count(hour)).counts, ({ clusterKey }) => accountOfKey(clusterKey));
    for (const [accountId, counts] of [...ofEach].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const isWanted =
        'only' in within ? accountId === within.only : accountId > (within.after ?? '') || within.after === undefined;
      if (isWanted) yield { accountId, counts, faulty: [] };
    }
  }

  #current() {
    return current(this.#added, this.#world.clock());
  }

  async keep(counts: readonly HourCounts[], asOf: EpochMillis): Promise<void> {
    const [any] = counts;
    if (any === undefined) return;
    const place = `${any.hour} ${accountOfKey(any.clusterKey)}`;
    const before = this.#kept.get(place);
    this.#world.beforeWrite();
    if (before === undefined || before.asOf <= asOf)
      this.#kept.set(place, { asOf, counts: counts.map((each) => ({ ...each, asOf })) });
  }

  async kept(first: EpochMillis, last: EpochMillis): Promise<readonly KeptHour[]> {
    const inRange = [...this.#kept.values()]
      .flatMap((each) => each.counts)
      .filter(({ hour }) => hour >= first && hour <= last);
    return current(inRange, this.#world.clock()).toSorted(
      (a, b) => a.hour - b.hour || (a.clusterKey < b.clusterKey ? -1 : 1),
    );
  }

  async marked(
    until: EpochMillis,
    { first = epochMillis(0), last, most }: MarksWithin = {},
  ): Promise<readonly MarkedHour[]> {
    const within = [...this.#marks.values()].filter(
      ({ hour }) => hour >= first && (last === undefined || hour <= last),
    );
    const ofEach = Map.groupBy(within, ({ accountId }) => accountId).values();
    const marks = [...ofEach].flatMap((own) => own.toSorted((a, b) => a.hour - b.hour).slice(0, most));
    return marks.filter(({ at }) => at <= until);
  }

  async unmark(mark: MarkedHour): Promise<void> {
    if (this.#marks.get(markName(mark))?.at !== mark.at) return;
    this.#world.beforeWrite();
    this.#marks.delete(markName(mark));
  }

  async noteIngest(omits: readonly string[]): Promise<void> {
    this.#world.beforeWrite();
    this.#lastIngest = { at: this.#world.clock(), omits };
  }

  async lastIngest(): Promise<LastIngest | undefined> {
    return this.#lastIngest;
  }

  async progress(): Promise<CountProgress | undefined> {
    return this.#progress;
  }

  async advance(progress: CountProgress): Promise<void> {
    this.#world.beforeWrite();
    this.#progress = progress;
  }
}

function markName({ accountId, hour }: HourOfAccount): string {
  return `${accountId} ${hour}`;
}
