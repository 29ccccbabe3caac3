import * as v from 'valibot';
import { mapConcurrently } from '../../concurrency.ts';
import {
  type Contribution,
  type CountedRecord,
  contributionsOf,
  type HourOfAccount,
  hoursOfAccounts,
} from '../../counts/contribution.ts';
import { fewClusters, HourCounter, type HourCounts, type ValueCounts } from '../../counts/hour-counts.ts';
import { hoursBetween, MARK_HOLDS, needsMark } from '../../counts/hours.ts';
import type { Trait } from '../../counts/traits.ts';
import { accountOfKey, type ClusterKey } from '../../identity/cluster.ts';
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
} from '../../ports/counts.ts';
import type { FaultyItem } from '../../ports/stored-items.ts';
import { DAY, type EpochMillis, epochMillis, HOUR, MINUTE, startOfDay } from '../../time.ts';
import { shortSha256 } from '../digest.ts';
import { current, expiry } from '../expiry.ts';
import { entriesOf, rowsOf, shortId } from './count-rows.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, type Key } from './keys.ts';
import { deleteRequest, type Item, type KeyRange, putRequest, queryRequest } from './requests.ts';
import {
  clusterKey,
  fieldsOf,
  instant,
  listOf,
  number,
  objectOf,
  read,
  readEach,
  type Shape,
  text,
  UnreadableItemError,
} from './shape.ts';
import { TABLES } from './tables.ts';

const bytes = v.instance(Uint8Array, 'bytes');

/** The shape of the fields that are read from an item of entries. */
const entriesShape = fieldsOf({
  clusterKey,
  texts: listOf(text),
  rows: bytes,
  last: instant,
  expires: number,
});

type Entries = ReturnType<typeof readEntries>;

/** The entries of an hour in one response. */
interface EntriesPage {
  readonly sound: readonly Entries[];
  readonly faulty: readonly FaultyItem[];
  readonly isMore: boolean;
}

/** The shape of values and their counts, in two lists. Pairs would take some more bytes. */
const valueCounts: Shape<ValueCounts> = v.pipe(
  fieldsOf({ values: listOf(text), counts: listOf(number), none: number, others: number }),
  v.transform(({ values, counts, none, others }) => ({
    values: values.map((value, at) => [value, counts[at] ?? 0] as const),
    none,
    others,
  })),
);

/** The shape of one cluster's counts in an item. */
const clusterCounts = fieldsOf({
  clusterKey,
  expires: number,
  total: number,
  by: objectOf<{ readonly [T in Trait]: ValueCounts }>({
    status: valueCounts,
    verb: valueCounts,
    actor: valueCounts,
    namespace: valueCounts,
    resource: valueCounts,
    code: valueCounts,
    flag: valueCounts,
  }),
  lag: listOf(number),
  last: instant,
  isPartial: v.optional(v.literal(true)),
  areOthers: v.optional(v.literal(true)),
});

const keptShape = fieldsOf({ hour: instant, clusters: listOf(clusterCounts), asOf: instant });

const progressShape = objectOf<CountProgress>({
  since: instant,
  through: instant,
  account: v.optional(text),
  lateOf: v.optional(text),
  at: instant,
});

const lastIngestShape = objectOf<LastIngest>({ at: instant, omits: listOf(text) });

/** Returns the counts of a cluster in the form of an item's value. */
function clusterValue({ by, hour: _, ...counts }: HourCounts) {
  const written = Object.entries(by).map(([trait, { values, none, others }]) => {
    const [names, numbers] = [values.map(([value]) => value), values.map(([, count]) => count)];
    return [trait, { values: names, counts: numbers, none, others }];
  });
  return { ...counts, by: Object.fromEntries(written) };
}

/**
 * Limits what a run reads of one account and hour: the requests, and the entries of one cluster. These entries are in
 * memory together. A request reads 1 MB. The limits allow for 1,000 events a second, and take some 15 seconds and 400
 * MB at
 * most.
 */
const MOST_READ = { requests: 150, entries: 1_000_000 };

const MARKED = 'counts marked';
const PROGRESS: Key = { partition: 'counts progress', sort: 'progress' };
const INGESTED: Key = { partition: 'counts progress', sort: 'ingested' };

/**
 * Counts in the claims table. The entries of each contribution are an item under their hour. The counts of each hour
 * and account are an item under their day. Each hour that must be counted again has a mark.
 */
export class DynamoDbCounts implements CountStore {
  readonly #of: TableHandle;
  /**
   * The time at which this process last noted an ingest. It notes one only once a minute, not for each delivery, which
   * saves write units.
   */
  #noted = Number.NEGATIVE_INFINITY;

  readonly #most: { readonly requests: number; readonly entries: number };

  constructor(of: TableHandle, most = MOST_READ) {
    this.#of = of;
    this.#most = most;
  }

  /** Adds entries. The mark is written first, so that a crash never leaves entries without one. */
  async add(records: readonly CountedRecord[], source: string): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    const contributions = contributionsOf(records);
    if (contributions.length === 0) return;
    const hours = hoursOfAccounts(contributions);
    const begun = clock();
    const marked = new Set(hours.filter(({ hour }) => needsMark(hour, begun)));
    await this.#mark([...marked], begun);
    await database.putAll(
      table,
      contributions.map((each) => entriesItem(each, source, expiry(begun, keep))),
    );
    const ended = clock();
    const isLate = ended > begun + MARK_HOLDS;
    await this.#mark(
      hours.filter((mark) => needsMark(mark.hour, ended) && (isLate || !marked.has(mark))),
      ended,
    );
  }

  async #mark(hours: readonly HourOfAccount[], now: EpochMillis): Promise<void> {
    const { database, table, keep } = this.#of;
    const expires = expiry(now, keep);
    await database.putAll(
      table,
      hours.map((mark) => ({ ...markKey(mark), due: now, expires })),
    );
  }

  async missing(records: readonly CountedRecord[], source: string): Promise<readonly CountedRecord[]> {
    const places = new Map(contributionsOf(records).map((each) => [`${each.hour} ${each.clusterKey}`, each] as const));
    const added = await mapConcurrently([...places.values()], (place) => this.#entriesOf(source, place));
    const known = new Set(added.flat());
    return records.filter(({ id, revision, at }) => at >= 0 && !known.has(`${shortId(id)} ${revision}`));
  }

  async #entriesOf(source: string, { hour, clusterKey }: Contribution): Promise<string[]> {
    const { database, table, clock } = this.#of;
    const prefix = sourcePrefix(clusterKey, source);
    const keyRange = { hash: entriesPartition(hour), from: prefix, to: `${prefix}~`, order: 'ascending' } as const;
    const items = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
    return current(items, clock()).flatMap((item) =>
      readEntries(item).entries.map(({ id, revision }) => `${id} ${revision}`),
    );
  }

  async count(hour: EpochMillis, most?: number): Promise<CountedHour> {
    const read = new CountedClusters(hour);
    for await (const page of this.#entries(hour, {})) {
      read.take(page);
      if (page.isMore && read.requests === most) return { counts: [], isComplete: false, faulty: [] };
    }
    return { counts: read.end(), isComplete: true, faulty: read.faulty };
  }

  async *accounts(hour: EpochMillis, within: AccountsWithin = {}): AsyncGenerator<CountedAccount, void> {
    const { database, table } = this.#of;
    let from = 'only' in within ? startOf(within.only) : within.after === undefined ? undefined : endOf(within.after);
    for (;;) {
      const keyRange = { hash: entriesPartition(hour), order: 'ascending', limit: 1, ...(from && { from }) } as const;
      const [next] = await database.query(queryRequest(table, TABLES.claims.key, keyRange));
      const [accountId] = next === undefined ? [] : read(text, next.sort, 'sort').split('.');
      if (accountId === undefined || ('only' in within && accountId !== within.only)) return;
      yield { accountId, ...(await this.#ofAccount(hour, accountId)) };
      from = endOf(accountId);
    }
  }

  async #ofAccount(hour: EpochMillis, accountId: string): Promise<Pick<CountedAccount, 'counts' | 'faulty'>> {
    const read = new CountedClusters(hour, this.#most.entries);
    let from: string | undefined = startOf(accountId);
    while (from !== undefined) from = await this.#readUpTo(read, { from, to: endOf(accountId) });
    return { counts: read.end(), faulty: read.faulty };
  }

  /** Reads the range up to a limit. If a cluster reached its limit, returns the start of the next cluster. */
  async #readUpTo(read: CountedClusters, range: Pick<KeyRange, 'from' | 'to'>): Promise<string | undefined> {
    for await (const page of this.#entries(read.hour, range)) {
      const full = read.take(page);
      read.shorten();
      const isOver = read.requests >= this.#most.requests;
      if (full !== undefined || (isOver && page.isMore)) read.isPartial = true;
      if (isOver) return undefined;
      if (full !== undefined) return `${clusterPrefix(full)}~`;
    }
    return undefined;
  }

  /** Yields the entries of the hour, one response after another. The entries of a cluster follow each other. */
  async *#entries(hour: EpochMillis, range: Pick<KeyRange, 'from' | 'to'>): AsyncGenerator<EntriesPage, void> {
    const { database, table, clock } = this.#of;
    const keyRange = { hash: entriesPartition(hour), order: 'ascending', ...range } as const;
    for await (const { found, isMore } of database.pages(queryRequest(table, TABLES.claims.key, keyRange)))
      yield { ...readEach(current(found, clock()), readEntries, ({ sort }) => String(sort)), isMore };
  }

  async keep(counts: readonly HourCounts[], asOf: EpochMillis): Promise<void> {
    const { database, table } = this.#of;
    const [any] = counts;
    if (any === undefined) return;
    const expires = Math.max(...counts.map((each) => each.expires));
    const item = { ...keptKey(any), hour: any.hour, clusters: counts.map(clusterValue), asOf, expires };
    await database.put(putRequest(table, item, 'isNotOlder', { ':asOf': asOf }));
  }

  async kept(first: EpochMillis, last: EpochMillis): Promise<readonly KeptHour[]> {
    const { database, table, clock } = this.#of;
    const days = [...new Set(hoursBetween(first, last).map((hour) => startOfDay(hour)))];
    const found = await mapConcurrently(days, (day) => {
      const bounds = { from: hourText(Math.max(first, day)), to: `${hourText(Math.min(last, day + DAY - 1))}~` };
      const keyRange = { hash: keptPartition(day), ...bounds, order: 'ascending' } as const;
      return database.query(queryRequest(table, TABLES.claims.key, keyRange));
    });
    return current(found.flat(), clock()).flatMap((item) => {
      const { hour, clusters, asOf } = read(keptShape, item);
      return current(clusters, clock()).map((each) => ({ hour, ...each, asOf }));
    });
  }

  async marked(until: EpochMillis, { first, last, most }: MarksWithin = {}): Promise<readonly MarkedHour[]> {
    const { database, table } = this.#of;
    const query = (range: Partial<KeyRange>) =>
      database.query(queryRequest(table, TABLES.claims.key, { hash: MARKED, order: 'ascending', ...range }));
    const marks: MarkedHour[] = [];
    for (let [next] = await query({ limit: 1 }); next !== undefined; ) {
      const { accountId } = markIn(next);
      const from = `${accountId}.${hourText(first ?? 0)}`;
      const to = `${accountId}.${last === undefined ? '~' : hourText(last)}`;
      const items = from > to ? [] : await query({ from, to, ...(most !== undefined && { limit: most }) });
      marks.push(...items.map(markIn).filter(({ at }) => at <= until));
      [next] = await query({ from: endOf(accountId), limit: 1 });
    }
    return marks;
  }

  async unmark(mark: MarkedHour): Promise<void> {
    const { database, table } = this.#of;
    await database.delete(deleteRequest(table, markKey(mark), 'isAnnouncedAt', { ':at': mark.at }));
  }

  async noteIngest(omits: readonly string[]): Promise<void> {
    const { database, table, clock } = this.#of;
    const at = clock();
    if (at < this.#noted + MINUTE) return;
    await database.putAll(table, [{ ...INGESTED, at, omits }]);
    this.#noted = at;
  }

  async lastIngest(): Promise<LastIngest | undefined> {
    const item = await this.#of.database.get(this.#of.table, INGESTED);
    return item && read(lastIngestShape, item);
  }

  async progress(): Promise<CountProgress | undefined> {
    const item = await this.#of.database.get(this.#of.table, PROGRESS);
    return item && read(progressShape, item.progress, 'progress');
  }

  async advance(progress: CountProgress): Promise<void> {
    const { database, table } = this.#of;
    await database.putAll(table, [{ ...PROGRESS, progress }]);
  }
}

/**
 * Counts the entries of one hour. They must come cluster by cluster, so that only those of one cluster are in memory.
 */
class CountedClusters {
  readonly hour: EpochMillis;
  readonly #mostEntries: number;
  #counted: HourCounts[] = [];
  #current: { readonly clusterKey: ClusterKey; readonly counting: HourCounter; expires: number } | undefined;
  readonly faulty: FaultyItem[] = [];
  /** The number of responses that were added. */
  requests = 0;
  isPartial = false;

  constructor(hour: EpochMillis, mostEntries = Number.POSITIVE_INFINITY) {
    this.hour = hour;
    this.#mostEntries = mostEntries;
  }

  /**
   * Adds a response. If a cluster has too many entries, adds the response only up to that cluster, and returns that
   * cluster.
   */
  take({ sound, faulty }: EntriesPage): ClusterKey | undefined {
    this.requests += 1;
    this.faulty.push(...faulty);
    return sound.find((entries) => !this.#add(entries))?.clusterKey;
  }

  #add({ clusterKey, entries, last, expires }: Entries): boolean {
    if (this.#current?.clusterKey !== clusterKey) {
      this.#finish();
      this.#current = { clusterKey, counting: new HourCounter(), expires };
    }
    const { counting } = this.#current;
    if (counting.size >= this.#mostEntries) return false;
    counting.add(entries, last);
    this.#current.expires = Math.max(this.#current.expires, expires);
    return true;
  }

  /** Replaces the smallest clusters by their sum if there are too many. Call it only if all are of one account. */
  shorten(): void {
    this.#counted = [...fewClusters(this.#counted)];
  }

  #finish(): void {
    if (this.#current === undefined) return;
    const { clusterKey, counting, expires } = this.#current;
    this.#counted.push({ ...counting.counts, hour: this.hour, clusterKey, expires });
    this.#current = undefined;
  }

  /** Returns all counts. Nothing can be added afterwards. */
  end(): readonly HourCounts[] {
    this.#finish();
    return this.isPartial ? this.#counted.map((each) => ({ ...each, isPartial: true })) : this.#counted;
  }
}

/**
 * Returns the item of a contribution. Its key is made from its content, so that the same contribution overwrites
 * itself.
 */
function entriesItem(contribution: Contribution, source: string, usually: number): Item {
  const { hour, clusterKey, entries, last, expires = usually } = contribution;
  const { texts, rows } = rowsOf(entries);
  const content = shortSha256(JSON.stringify([texts, Buffer.from(rows).toString('base64')]));
  const key = { partition: entriesPartition(hour), sort: `${sourcePrefix(clusterKey, source)}${content}` };
  return { ...checkedKey(key), clusterKey, texts, rows, last, expires };
}

/**
 * Returns the beginning of the keys of a cluster's entries: its account, then a digest. So the entries of an account
 * follow each other, and so do those of a cluster, whatever its name is.
 */
function clusterPrefix(clusterKey: ClusterKey): string {
  return `${startOf(accountOfKey(clusterKey))}${shortSha256(clusterKey)}.`;
}

function sourcePrefix(clusterKey: ClusterKey, source: string): string {
  return `${clusterPrefix(clusterKey)}${shortSha256(source)}.`;
}

function readEntries(item: Item) {
  const { texts, rows, ...rest } = read(entriesShape, item);
  const entries = entriesOf({ texts, rows });
  if (entries === undefined) throw new UnreadableItemError('rows', 'complete entries');
  return { ...rest, entries };
}

function entriesPartition(hour: EpochMillis): string {
  return `counts of ${hourText(hour)}`;
}

function keptPartition(day: number): string {
  return `counts kept ${day / DAY}`;
}

function keptKey({ hour, clusterKey }: HourCounts): Key {
  return checkedKey({
    partition: keptPartition(startOfDay(hour)),
    sort: `${hourText(hour)} ${accountOfKey(clusterKey)}`,
  });
}

/** Returns the beginning of all keys of an account, so that these keys follow each other. */
function startOf(accountId: string): string {
  return `${accountId}.`;
}

/** Returns a text that sorts after all keys of the account, and before those of the next one. */
function endOf(accountId: string): string {
  return `${accountId}/`;
}

function markKey({ accountId, hour }: HourOfAccount): Key {
  return { partition: MARKED, sort: `${startOf(accountId)}${hourText(hour)}` };
}

function markIn({ sort, due }: Item): MarkedHour {
  const [accountId = '', hour] = read(text, sort, 'sort').split('.');
  const at = epochMillis(read(number, Number(hour), 'sort') * HOUR);
  return { accountId, hour: at, at: read(instant, due, 'due') };
}

const HOUR_DIGITS = 9;

/** Returns the number of hours since 1970, as text in the order of time. */
function hourText(at: number): string {
  return String(Math.floor(at / HOUR)).padStart(HOUR_DIGITS, '0');
}
