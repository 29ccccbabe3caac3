import * as v from 'valibot';
import { mapConcurrently } from '../../concurrency.ts';
import {
  type Contribution,
  type CountedRecord,
  contributionsOf,
  type HourOfAccount,
  hoursOfAccounts,
} from '../../counts/contribution.ts';
import { HourCounter, type HourCounts, type ValueCounts } from '../../counts/hour-counts.ts';
import { hoursBetween, MARK_HOLDS, needsMark } from '../../counts/hours.ts';
import type { Trait } from '../../counts/traits.ts';
import type { ClusterKey } from '../../identity/cluster.ts';
import type {
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
import { checkedKey, fitted, type Key } from './keys.ts';
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

/** The fields that are read from an item of entries. */
const entriesShape = fieldsOf({
  clusterKey,
  texts: listOf(text),
  rows: bytes,
  last: instant,
  expires: number,
});

/** Values and their counts, in two lists. Pairs would take some bytes more. */
const valueCounts: Shape<ValueCounts> = v.pipe(
  fieldsOf({ values: listOf(text), counts: listOf(number), none: number, others: number }),
  v.transform(({ values, counts, none, others }) => ({
    values: values.map((value, at) => [value, counts[at] ?? 0] as const),
    none,
    others,
  })),
);

const keptShape = fieldsOf({
  hour: instant,
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
  asOf: instant,
});

const progressShape = objectOf<CountProgress>({ since: instant, through: instant, at: instant });

const lastIngestShape = objectOf<LastIngest>({ at: instant, omits: listOf(text) });

/** Returns the counts as attributes of an item. */
function countAttributes({ by, ...counts }: HourCounts) {
  const written = Object.entries(by).map(([trait, { values, none, others }]) => {
    const [names, numbers] = [values.map(([value]) => value), values.map(([, count]) => count)];
    return [trait, { values: names, counts: numbers, none, others }];
  });
  return { ...counts, by: Object.fromEntries(written) };
}

const MARKED = 'counts marked';
const PROGRESS: Key = { partition: 'counts progress', sort: 'progress' };
const INGESTED: Key = { partition: 'counts progress', sort: 'ingested' };

/**
 * Counts in the claims table: an item for the entries of each contribution, under their hour; an item for the counts of
 * each hour and cluster, under their day; a mark for each hour that has to be counted again.
 */
export class DynamoDbCounts implements CountStore {
  readonly #of: TableHandle;
  /** The time at which this process last noted an ingest. With it, a note costs a write unit a minute, not one for each delivery. */
  #noted = Number.NEGATIVE_INFINITY;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /** Adds entries. The mark is written first, so that a crash leaves no entries without one. */
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
    const { database, table, clock } = this.#of;
    const keyRange = { hash: entriesPartition(hour), order: 'ascending' } as const;
    const clusters = new Map<ClusterKey, { readonly counting: HourCounter; expires: number }>();
    const unreadable: FaultyItem[] = [];
    let requests = 0;
    for await (const items of database.pages(queryRequest(table, TABLES.claims.key, keyRange))) {
      requests += 1;
      const { sound, faulty } = readEach(current(items.found, clock()), readEntries, ({ sort }) => String(sort));
      unreadable.push(...faulty);
      for (const { clusterKey, entries, last, expires } of sound) {
        const of = clusters.get(clusterKey) ?? { counting: new HourCounter(), expires };
        of.counting.add(entries, last);
        of.expires = Math.max(of.expires, expires);
        clusters.set(clusterKey, of);
      }
      if (items.isMore && requests === most) return { counts: [], isComplete: false, requests, faulty: [] };
    }
    const counts = [...clusters].map(([clusterKey, { counting, expires }]): HourCounts => {
      return { ...counting.counts, hour, clusterKey, expires };
    });
    return { counts, isComplete: true, requests, faulty: unreadable };
  }

  async keep(counts: readonly HourCounts[], asOf: EpochMillis): Promise<void> {
    const { database, table } = this.#of;
    await mapConcurrently(counts, (each) => {
      const item = { ...keptKey(each), ...countAttributes(each), asOf };
      return database.put(putRequest(table, item, 'isNotOlder', { ':asOf': asOf }));
    });
  }

  async kept(first: EpochMillis, last: EpochMillis): Promise<readonly KeptHour[]> {
    const { database, table, clock } = this.#of;
    const days = [...new Set(hoursBetween(first, last).map((hour) => startOfDay(hour)))];
    const found = await mapConcurrently(days, (day) => {
      const bounds = { from: hourText(Math.max(first, day)), to: `${hourText(Math.min(last, day + DAY - 1))}~` };
      const keyRange = { hash: keptPartition(day), ...bounds, order: 'ascending' } as const;
      return database.query(queryRequest(table, TABLES.claims.key, keyRange));
    });
    return current(found.flat(), clock()).map((item) => read(keptShape, item));
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
      [next] = await query({ from: `${accountId}/`, limit: 1 });
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
 * Returns the item of a contribution. Its key comes from its content, so that the same contribution overwrites itself.
 */
function entriesItem(contribution: Contribution, source: string, usually: number): Item {
  const { hour, clusterKey, entries, last, expires = usually } = contribution;
  const { texts, rows } = rowsOf(entries);
  const content = shortSha256(JSON.stringify([texts, Buffer.from(rows).toString('base64')]));
  const key = { partition: entriesPartition(hour), sort: `${sourcePrefix(clusterKey, source)}${content}` };
  return { ...checkedKey(key), clusterKey, texts, rows, last, expires };
}

function sourcePrefix(clusterKey: ClusterKey, source: string): string {
  return `${fitted(clusterKey)} ${shortSha256(source)} `;
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
  return checkedKey({ partition: keptPartition(startOfDay(hour)), sort: `${hourText(hour)} ${fitted(clusterKey)}` });
}

/** Returns the key of a mark. It begins with the account, so that the marks of one account, which may be many, are in a row. */
function markKey({ accountId, hour }: HourOfAccount): Key {
  return { partition: MARKED, sort: `${accountId}.${hourText(hour)}` };
}

function markIn({ sort, due }: Item): MarkedHour {
  const [accountId = '', hour] = read(text, sort, 'sort').split('.');
  const at = epochMillis(read(number, Number(hour), 'sort') * HOUR);
  return { accountId, hour: at, at: read(instant, due, 'due') };
}

const HOUR_DIGITS = 9;

/** Returns the number of the hour since 1970 as text that sorts like the hours. */
function hourText(at: number): string {
  return String(Math.floor(at / HOUR)).padStart(HOUR_DIGITS, '0');
}
