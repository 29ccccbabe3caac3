import { isAbout } from '../../attribution/actor-names.ts';
import { type Place, placeOf } from '../../attribution/place.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { isWantedCluster } from '../../identity/cluster.ts';
import { RequestBudget } from '../../ports/budget.ts';
import type { Page, Position, TimeRange } from '../../ports/paging.ts';
import {
  type ClaimRange,
  type Correction,
  type Insertion,
  placeInId,
  type ReadRecord,
  type RecordKey,
  type RecordPage,
  type RecordReading,
  type RecordStore,
  type RecordsOfKeys,
  type RecordsWhere,
  type StoredRecord,
} from '../../ports/records.ts';
import { StoredItemError } from '../../ports/stored-items.ts';
import { current, expiry, secondsOf } from '../expiry.ts';
import { Aliases } from './aliases.ts';
import { AuditIdReading } from './audit-id-reading.ts';
import type { TableHandle } from './database.ts';
import type { DynamoDbDirectory } from './dynamodb-directory.ts';
import { IndexReading } from './index-reading.ts';
import { checkPosition, fitted } from './keys.ts';
import { type NamespacePlace, NamespacePlaces, type PlaceLimits } from './namespace-places.ts';
import { claimTag, isInOwnPlace, readRecord, recordItem, recordKey, sortOf } from './record-item.ts';
import { type Bounds, claimRanges, type IndexPartition, partitionsOf, rangesBelow } from './record-ranges.ts';
import { type Item, putRequest, queryRequest } from './requests.ts';
import { type SessionSpreads, SpreadStore } from './session-spread.ts';
import { readEach } from './shape.ts';
import { TABLES } from './tables.ts';

export interface RecordTable extends TableHandle {
  /** The table with the other names of actors and sessions. */
  readonly claimsTable: string;
  readonly directory: DynamoDbDirectory;
}

/**
 * Limits the requests for a page of a claim's records. Other claims of its session can have millions of entries among
 * its own. So a page may end early, and settle pauses the pass between two pages.
 */
const MOST_OF_CLAIM_PAGE = 100;

/**
 * Records in the records table. Each is written by its own conditional put, because only a condition keeps it from
 * overwriting what settle has corrected. This writes 820 records a second to dynalite in one process, against 2,500
 * with BatchWriteItem.
 */
export class DynamoDbRecords implements RecordStore {
  readonly #of: RecordTable;
  readonly #aliases: Aliases;
  readonly #spreads: SpreadStore;
  readonly #namespaces: NamespacePlaces;

  constructor(of: RecordTable, most?: PlaceLimits) {
    this.#of = of;
    this.#aliases = new Aliases({ ...of, table: of.claimsTable });
    this.#spreads = new SpreadStore({ ...of, table: of.claimsTable });
    this.#namespaces = new NamespacePlaces({ ...of, table: of.claimsTable }, most);
  }

  async insert(records: readonly StoredRecord[]): Promise<readonly Insertion[]> {
    const { database, table, clock, keep, directory } = this.#of;
    const now = clock();
    const expires = expiry(now, keep);
    const [endingOf, shardOf] = await Promise.all([
      this.#namespaces.forRecords(records, expires),
      this.#spreads.forRecords(records),
      this.#aliases.put(records),
    ]);
    await directory.note(records, (stored) => isInOwnPlace(endingOf(stored)));
    const values = { ':seconds': secondsOf(now) };
    const puts = await mapConcurrently(records, (stored) =>
      catchRefusal<Put>(async () => {
        const item = recordItem(stored, 1, expires, { shard: shardOf(stored), ending: endingOf(stored) });
        const isNew = await database.put(putRequest(table, item, 'isNew', values));
        return { outcome: isNew ? 'inserted' : 'taken' };
      }),
    );
    const itemOf = await this.#itemsOf(records.filter((_, at) => puts[at]?.outcome === 'taken'));
    return Promise.all(
      records.map(async (stored, at) => {
        const put = puts[at];
        if (put !== undefined && put.outcome !== 'taken') return put;
        return catchRefusal<Insertion>(async () => ({ outcome: 'duplicate', stored: readOr(stored, itemOf(stored)) }));
      }),
    );
  }

  /**
   * Reads the items of these records, a hundred in a request. Records of a repeated delivery all find an item in their
   * place.
   */
  async #itemsOf(records: readonly StoredRecord[]): Promise<(stored: StoredRecord) => Item | undefined> {
    const { database, table } = this.#of;
    const keyOf = ({ partition, id }: Item) => JSON.stringify([partition, id]);
    const keys = records.map((stored) => ({ ...recordKey(stored) }));
    const items = new Map((await database.getAll(table, keys)).map((item) => [keyOf(item), item]));
    return (stored) => items.get(keyOf({ ...recordKey(stored) }));
  }

  async copiesOf(record: StoredRecord, most: number): Promise<readonly ReadRecord[]> {
    const { database, table, clock } = this.#of;
    const { partition: hash } = recordKey(record);
    const place = placeInId(record.id);
    const range = { hash, from: place, to: `${place}~~`, order: 'ascending' } as const;
    const copies: ReadRecord[] = [];
    for await (const { found } of database.pages(queryRequest(table, TABLES.records.key, range))) {
      copies.push(...current(found, clock()).map(readRecord));
      if (copies.length >= most) break;
    }
    return copies.slice(0, most);
  }

  keyOf(record: StoredRecord): RecordKey {
    return recordKey(record);
  }

  async ofKeys(keys: readonly RecordKey[]): Promise<RecordsOfKeys> {
    const { database, table, clock } = this.#of;
    const items = await database.getAll(
      table,
      keys.map(({ partition, id }) => ({ partition, id })),
    );
    const { sound, faulty } = readEach(current(items, clock()), readRecord, ({ id }) => `record ${String(id)}`);
    return { records: sound, faulty };
  }

  sessionsOf(name: string): Promise<readonly string[]> {
    return this.#aliases.sessions(name);
  }

  async correct(records: readonly ReadRecord[]): Promise<readonly Correction[]> {
    await Promise.all([this.#aliases.put(records), this.#of.directory.noteNames(records, () => false)]);
    const { database, table } = this.#of;
    return mapConcurrently(records, ({ revision, expires, shard, ending, ...stored }) =>
      catchRefusal<Correction>(async () => {
        const item = recordItem(stored, revision + 1, expires, { shard, ending });
        const done = await database.put(putRequest(table, item, 'isAsRead', { ':revision': revision }));
        return { outcome: done ? 'corrected' : 'overtaken' };
      }),
    );
  }

  async query(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, page: Page): Promise<RecordPage> {
    return this.read(where, range, page.position).next(page.limit);
  }

  read(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, position: Position | undefined): RecordReading {
    const places = [where].flat();
    const auditIds = places.flatMap((place) => (place.by === 'audit-id' ? place.auditId : []));
    if (auditIds.length > 0) return new AuditIdReading(this.#of, [...new Set(auditIds)], range, position);
    checkPosition(position);
    const indexed = places.filter(isIndexed);
    return this.#reading(indexed, rangesBelow(indexed, range, position), 'descending', position);
  }

  async ofClaim(claim: ClaimRange, { limit, position }: Page): Promise<RecordPage> {
    const { database } = this.#of;
    const limited =
      database.budget === undefined ? database.within(new RequestBudget().try(MOST_OF_CLAIM_PAGE)) : database;
    const ranges = claimRanges(claim, position);
    return this.#reading([{ by: 'claim', claim }], ranges, 'ascending', position, limited).next(limit);
  }

  /** Returns a reading of these ranges, one after another. */
  #reading(
    where: readonly IndexedPlace[],
    ranges: readonly Bounds[],
    order: 'ascending' | 'descending',
    position: Position | undefined,
    database = this.#of.database,
  ): RecordReading {
    const { table } = this.#of;
    const isOf = isOwn(where);
    return new IndexReading({
      database,
      table,
      order,
      ranges,
      partitions: () => this.#partitionsOf(where),
      wanted: (entry) => entry.sort !== position && isOf(entry),
      recordsOf: async (entries) => {
        const records = (await this.#readBack(entries)).filter((read) => where.some((place) => fits(read, place)));
        return { records, positions: records.map(sortOf) };
      },
    });
  }

  async #partitionsOf(where: readonly IndexedPlace[]): Promise<readonly IndexPartition[]> {
    const [keysOf, spreadsOf] = await Promise.all([
      this.#namespaces.of(where.filter(isOfNamespaces)),
      this.#spreads.ofSessions(where.flatMap((place) => (place.by === 'session' ? place.session : []))),
    ]);
    const all = await mapConcurrently(where, async (place) => {
      const actorIds = place.by === 'actor' ? await this.#aliases.actorIds(place.actor) : [];
      const spreads = place.by === 'session' ? spreadsOf(place.session) : await this.#spreadsOfClaim(place);
      return partitionsOf(place, { actorIds, spreads, keysOf });
    });
    return [...new Map(all.flat().map((each) => [`${each.index.name} ${each.hash}`, each])).values()];
  }

  async #spreadsOfClaim(place: IndexedPlace): Promise<SessionSpreads> {
    return place.by === 'claim' ? this.#spreads.ofClaim(place.claim) : new Map();
  }

  /** Returns the records of these entries, in the same order. Leaves out records that were deleted in the meantime. */
  async #readBack(entries: readonly Item[]): Promise<readonly ReadRecord[]> {
    const { database, table, clock } = this.#of;
    const keys = entries.map(({ partition, id }) => ({ partition, id }));
    const items = await database.getAll(table, keys);
    const byId = new Map(current(items, clock()).map((item) => [item.id, item]));
    return keys.flatMap(({ id }) => {
      const item = byId.get(id);
      return item === undefined ? [] : readRecord(item);
    });
  }
}

/** The outcome of a conditional put. `taken`: the place has an item. */
type Put = { readonly outcome: 'inserted' } | { readonly outcome: 'taken' };

/** Returns the record of the item. If there is no item because it has expired, returns the given record. */
function readOr(stored: StoredRecord, item: Item | undefined): ReadRecord {
  return item === undefined ? { ...stored, revision: 0, expires: 0 } : readRecord(item);
}

/** Returns a filter for the entries of a claim, by the tags in their keys. So fewer records are read. */
function isOwn(where: readonly IndexedPlace[]): (entry: Item) => boolean {
  const [only, ...others] = where;
  if (only?.by !== 'claim' || others.length > 0) return () => true;
  const tag = claimTag(only.claim.id);
  return ({ sort }) => String(sort).split('.')[1] === tag;
}

type IndexedPlace = Exclude<RecordsWhere, { by: 'audit-id' }>;

function isIndexed(where: RecordsWhere): where is IndexedPlace {
  return where.by !== 'audit-id';
}

function isOfNamespaces(where: IndexedPlace): where is NamespacePlace {
  return where.by === 'namespace' || where.by === 'own-place' || where.by === 'other-namespaces';
}

/**
 * Returns whether the record matches exactly. A partition can hold records of several workloads of a service. A key can
 * also look like the shard of another session.
 */
function fits({ claimId, session, record }: ReadRecord, where: IndexedPlace): boolean {
  if (where.by === 'claim') return claimId === where.claim.id;
  if (where.by === 'session') return session === fitted(where.session);
  if (where.by === 'namespace' || where.by === 'own-place') return isAt(record, where);
  if (where.by === 'other-namespaces') return isWantedCluster(placeOf(record).clusterKey, where.clusters);
  const { actor } = record.attribution;
  return actor !== undefined && isAbout(actor, where.actor);
}

function isAt(record: KeptRecord, { clusterKey, namespace }: Place): boolean {
  const place = placeOf(record);
  return place.clusterKey === clusterKey && place.namespace === namespace;
}

/** Returns the error of one record as its outcome, so that other records are not affected. */
async function catchRefusal<T>(
  write: () => Promise<T>,
): Promise<T | { readonly outcome: 'refused'; readonly fault: StoredItemError }> {
  try {
    return await write();
  } catch (fault) {
    if (fault instanceof StoredItemError) return { outcome: 'refused', fault };
    throw fault;
  }
}
