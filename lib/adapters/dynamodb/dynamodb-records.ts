import { isAbout } from '../../attribution/actor-names.ts';
import { type Place, placeOf } from '../../attribution/place.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import type { Page, TimeRange } from '../../ports/paging.ts';
import type {
  ClaimRange,
  Correction,
  Insertion,
  ReadRecord,
  RecordPage,
  RecordStore,
  RecordsWhere,
  StoredRecord,
} from '../../ports/records.ts';
import { StoredItemError } from '../../ports/stored-items.ts';
import { current, expiry, secondsOf } from '../expiry.ts';
import { ActorAliases } from './actor-aliases.ts';
import type { DynamoDbDirectory } from './dynamodb-directory.ts';
import { FiledSessions } from './filed-sessions.ts';
import { checkPosition, fitted } from './keys.ts';
import { mergedQuery } from './merged-query.ts';
import { NamespaceSpreads } from './namespace-spreads.ts';
import { auditPartition, claimTag, ENDINGS, readRecord, recordItem, recordKey, sortOf } from './record-item.ts';
import {
  type Bounds,
  claimRanges,
  type IndexPartition,
  partitionsOf,
  rangesBelow,
  type Spread,
} from './record-ranges.ts';
import { type Item, putRequest, queryRequest } from './requests.ts';
import { suffixOf, UNSPREAD } from './session-spread.ts';
import { SessionSpreads } from './session-spreads.ts';
import type { TableHandle } from './table-handle.ts';
import { TABLES } from './tables.ts';

export interface RecordTable extends TableHandle {
  /** Where actors' further names, and what else sessions are asked for by, are filed. */
  readonly claimsTable: string;
  readonly directory: DynamoDbDirectory;
}

/**
 * The records table. One conditional put each, since only a condition never overwrites what settle has corrected.
 * Measured against dynalite in one process: 820 records a second, against 2,500 with BatchWriteItem.
 */
export class DynamoDbRecords implements RecordStore {
  readonly #of: RecordTable;
  readonly #actorFiles: ActorAliases;
  readonly #sessionFiles: FiledSessions;
  readonly #spreads: SessionSpreads;
  readonly #namespaces: NamespaceSpreads;

  constructor(of: RecordTable) {
    this.#of = of;
    this.#actorFiles = new ActorAliases({ ...of, table: of.claimsTable });
    this.#sessionFiles = new FiledSessions({ ...of, table: of.claimsTable });
    this.#spreads = new SessionSpreads({ ...of, table: of.claimsTable });
    this.#namespaces = new NamespaceSpreads({ ...of, table: of.claimsTable }, of.table);
  }

  async insert(records: readonly StoredRecord[]): Promise<readonly Insertion[]> {
    await Promise.all([this.#fileActors(records), this.#sessionFiles.file(records), this.#of.directory.note(records)]);
    const { database, table, clock, keep } = this.#of;
    const now = clock();
    const expires = expiry(now, keep);
    const [spreads, endingOf] = await Promise.all([
      this.#spreads.forRecords(records),
      this.#namespaces.forRecords(records, expires),
    ]);
    const shardOf = ({ session, claimId, id }: StoredRecord) =>
      suffixOf(claimId, id, spreads.get(session ?? '') ?? UNSPREAD);
    const values = { ':seconds': secondsOf(now) };
    return mapConcurrently(records, (stored) =>
      orRefused<Insertion>(async () => {
        const item = recordItem(stored, 1, expires, { shard: shardOf(stored), ending: endingOf(stored) });
        const isNew = await database.put(putRequest(table, item, 'isNew', values));
        return isNew ? { outcome: 'inserted' } : { outcome: 'duplicate', stored: await this.#read(stored) };
      }),
    );
  }

  sessionsOf(asked: string): Promise<readonly string[]> {
    return this.#sessionFiles.of(asked);
  }

  async correct(records: readonly ReadRecord[]): Promise<readonly Correction[]> {
    await Promise.all([
      this.#fileActors(records),
      this.#sessionFiles.file(records),
      this.#of.directory.noteNames(records),
    ]);
    const { database, table } = this.#of;
    return mapConcurrently(records, ({ revision, expires, shard, ending, ...stored }) =>
      orRefused<Correction>(async () => {
        const item = recordItem(stored, revision + 1, expires, { shard, ending });
        const done = await database.put(putRequest(table, item, 'isAsRead', { ':revision': revision }));
        return { outcome: done ? 'corrected' : 'overtaken' };
      }),
    );
  }

  async query(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, page: Page): Promise<RecordPage> {
    checkPosition(page.position);
    const places = [where].flat();
    const auditIds = places.flatMap((place) => (place.by === 'audit-id' ? place.auditId : []));
    if (auditIds.length > 0) return this.#ofAuditIds(auditIds, range, page);
    const indexed = places.filter(isIndexed);
    return this.#found(indexed, rangesBelow(indexed, range, page.position), 'descending', page);
  }

  async ofClaim(claim: ClaimRange, page: Page): Promise<RecordPage> {
    return this.#found([{ by: 'claim', claim }], claimRanges(claim, page.position), 'ascending', page);
  }

  /** A page of what lies in the ranges, one behind the other. */
  async #found(
    where: readonly IndexedPlace[],
    ranges: readonly Bounds[],
    order: 'ascending' | 'descending',
    { limit, position }: Page,
  ): Promise<RecordPage> {
    const { database, table } = this.#of;
    const partitions = await this.#partitionsOf(where);
    const isOf = isOwn(where);
    const wanted = (entry: Item) => entry.sort !== position && isOf(entry);
    const entries: Item[] = [];
    for (const bounds of ranges) {
      const room = limit + 1 - entries.length;
      if (room <= 0) break;
      entries.push(...(await mergedQuery({ database, table, partitions, bounds, order, limit: room, wanted })));
    }
    const page = await this.#page(entries, limit);
    const records = page.records.filter((read) => where.some((place) => fits(read, place)));
    return { ...page, records, positions: records.map(sortOf) };
  }

  async #partitionsOf(where: readonly IndexedPlace[]): Promise<readonly IndexPartition[]> {
    const endingsOf = await this.#namespaces.of(where.filter((place) => place.by === 'namespace'));
    const all = await mapConcurrently(where, async (place) =>
      partitionsOf(place, { ...(await this.#spreadOf(place)), endingsOf }),
    );
    return [...new Map(all.flat().map((each) => [`${each.index.name} ${each.hash}`, each])).values()];
  }

  async #spreadOf(where: RecordsWhere): Promise<Omit<Spread, 'endingsOf'>> {
    const files = where.by === 'actor' ? await this.#actorFiles.of(where.actor) : [];
    const session = where.by === 'session' ? where.session : where.by === 'claim' ? where.claim.session : undefined;
    return { files, session: session === undefined ? UNSPREAD : await this.#spreads.of(session) };
  }

  /** The base table answers here, so nothing is late. */
  async #ofAuditIds(auditIds: readonly AuditId[], { from, to }: TimeRange, page: Page): Promise<RecordPage> {
    const { database, table, clock } = this.#of;
    const hashes = auditIds.flatMap((auditId) => ENDINGS.map((ending) => auditPartition(auditId, ending)));
    const answers = await mapConcurrently(hashes, (hash) => {
      const keyRange = { hash, order: 'ascending' } as const;
      return database.query(queryRequest(table, TABLES.records.key, keyRange));
    });
    const inTime = ({ at }: ReadRecord) =>
      at === undefined ? from === undefined && to === undefined : at >= (from ?? at) && at <= (to ?? at);
    const found = current(answers.flat(), clock()).map(readRecord);
    const ordered = found.filter((read) => auditIds.includes(read.record.auditId) && inTime(read)).sort(newestFirst);
    const rest = ordered.filter((read) => page.position === undefined || sortOf(read) < page.position);
    const records = rest.slice(0, page.limit);
    const last = records.at(-1);
    const positions = records.map(sortOf);
    return { records, positions, ...(rest.length > records.length && last && { position: sortOf(last) }) };
  }

  /** Reads a page's entries back, in their order; those whose item is gone meanwhile are left out. */
  async #page(entries: readonly Item[], limit: number): Promise<Omit<RecordPage, 'positions'>> {
    const { database, table, clock } = this.#of;
    const taken = entries.slice(0, limit);
    const keys = taken.map(({ partition, id }) => ({ partition, id }));
    const items = await database.getAll(table, keys);
    const byId = new Map(current(items, clock()).map((item) => [item.id, item]));
    const records = keys.flatMap(({ id }) => {
      const item = byId.get(id);
      return item === undefined ? [] : readRecord(item);
    });
    const last = taken.at(-1);
    return { records, ...(entries.length > limit && last && { position: String(last.sort) }) };
  }

  async #read(stored: StoredRecord): Promise<ReadRecord> {
    const item = await this.#of.database.get(this.#of.table, recordKey(stored));
    return item === undefined ? { ...stored, revision: 0, expires: 0 } : readRecord(item); // gone by TTL in between
  }

  #fileActors(records: readonly StoredRecord[]): Promise<void> {
    return this.#actorFiles.file(records.flatMap(({ record }) => record.attribution.actor ?? []));
  }
}

function newestFirst(a: ReadRecord, b: ReadRecord): number {
  return sortOf(a) > sortOf(b) ? -1 : 1;
}

/** A claim's entries are told apart before they are read back, as far as their tags go. */
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

/** A file may hold the records of several actors of one name, and a key what looks like another session's shard. */
function fits({ claimId, session, record }: ReadRecord, where: IndexedPlace): boolean {
  if (where.by === 'claim') return claimId === where.claim.id;
  if (where.by === 'session') return session === fitted(where.session);
  if (where.by === 'namespace') return isAt(record, where);
  const { actor } = record.attribution;
  return actor !== undefined && isAbout(actor, where.actor);
}

function isAt(record: KeptRecord, { cluster, namespace }: Place): boolean {
  const place = placeOf(record);
  return place.cluster === cluster && place.namespace === namespace;
}

/** What is wrong with one record is its own outcome. */
async function orRefused<T>(
  write: () => Promise<T>,
): Promise<T | { readonly outcome: 'refused'; readonly fault: StoredItemError }> {
  try {
    return await write();
  } catch (fault) {
    if (fault instanceof StoredItemError) return { outcome: 'refused', fault };
    throw fault;
  }
}
