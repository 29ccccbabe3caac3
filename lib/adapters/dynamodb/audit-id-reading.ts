import { mapConcurrently } from '../../concurrency.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import { type Position, PositionError, type TimeRange } from '../../ports/paging.ts';
import type { ReadRecord, RecordKey, RecordPage, RecordReading } from '../../ports/records.ts';
import { current } from '../expiry.ts';
import type { TableHandle } from './database.ts';
import { checkPosition } from './keys.ts';
import { auditPartition, ENDINGS, readRecord, recordKey, sortOf } from './record-item.ts';
import { type Item, queryRequest } from './requests.ts';
import { TABLES } from './tables.ts';

/**
 * Limits the responses of DynamoDB (1 MB each) that are read to sort records, some 30,000 records. The first response
 * of each partition does not count.
 */
const MOST_ANSWERS = 32;
/** The number of records that are read at once by key if some of them may not match. */
const AT_ONCE = 100;
/** Limits the steps by key for one page, if few of the records match. */
const MOST_STEPS = 8;

/**
 * Where a page ended that was read by key. The next page goes on after `key`, with the records that sort below `below`.
 */
interface KeyPlace {
  readonly key: RecordKey;
  readonly below: Position | undefined;
}

interface Step {
  readonly records: readonly ReadRecord[];
  readonly examined: number;
  /** The key after which to go on. Undefined if nothing is left. */
  readonly end: RecordKey | undefined;
}

/**
 * Reads the records with given audit IDs from the base table, which is consistent but not in time order. It
 * reads all of them and sorts them, the newest first. A client can use one ID so often that this would read more than a
 * page allows. In that case, the records come in the order of their keys, with `inOrder: false`.
 */
export class AuditIdReading implements RecordReading {
  readonly #of: TableHandle;
  readonly #auditIds: readonly AuditId[];
  readonly #hashes: readonly string[];
  readonly #range: TimeRange;
  #position: Position | undefined;
  #byKey: KeyPlace | 'beginning' | undefined;
  #inOrder: Promise<readonly ReadRecord[] | undefined> | undefined;

  /**
   * Starts at the position, or with the first record.
   * @throws PositionError if no page for these audit IDs can have ended at the position.
   */
  constructor(of: TableHandle, auditIds: readonly AuditId[], range: TimeRange, position: Position | undefined) {
    this.#of = of;
    this.#auditIds = auditIds;
    this.#hashes = auditIds.flatMap((auditId) => ENDINGS.map((ending) => auditPartition(auditId, ending))).sort();
    this.#range = range;
    this.#byKey = keyPlaceOf(position);
    if (this.#byKey === undefined) checkPosition(position);
    else if (!this.#hashes.includes(this.#byKey.key.partition)) throw new PositionError(NO_PLACE);
    this.#position = this.#byKey === undefined ? position : this.#byKey.below;
  }

  partitions(): Promise<number> {
    return Promise.resolve(this.#hashes.length);
  }

  async next(limit: number): Promise<RecordPage> {
    if (this.#byKey === undefined) {
      this.#inOrder ??= this.#readInOrder();
      const all = await this.#inOrder;
      if (all !== undefined) return this.#pageInOrder(all, limit);
      this.#byKey = 'beginning';
    }
    return this.#pageByKey(this.#byKey, limit);
  }

  #pageInOrder(all: readonly ReadRecord[], limit: number): RecordPage {
    const rest = all.filter((each) => this.#isAfterPosition(each));
    const records = rest.slice(0, limit);
    const positions = records.map(sortOf);
    this.#position = positions.at(-1) ?? this.#position;
    const position = rest.length > limit ? this.#position : undefined;
    return { records, positions, ...(position !== undefined && { position }) };
  }

  /** Returns all matching records. Undefined if there are too many. */
  async #readInOrder(): Promise<readonly ReadRecord[] | undefined> {
    const { database, table } = this.#of;
    const { budget } = database;
    let answers = 0;
    let isCut = false;
    const found = await mapConcurrently(this.#hashes, async (hash) => {
      const records: ReadRecord[] = [];
      if (isCut) return records;
      const request = queryRequest(table, TABLES.records.key, { hash, order: 'ascending' });
      for await (const { found: items, isMore } of database.pages(request)) {
        records.push(...this.#matching(items));
        if (!isMore) break;
        answers += 1;
        isCut ||= answers > MOST_ANSWERS || budget?.isUsedUp === true;
        if (isCut) break;
      }
      return records;
    });
    return isCut ? undefined : found.flat().sort(newestFirst);
  }

  async #pageByKey(from: KeyPlace | 'beginning', limit: number): Promise<RecordPage> {
    const below = this.#position;
    const records: ReadRecord[] = [];
    let [place, examined]: [RecordKey | undefined, number] = [from === 'beginning' ? undefined : from.key, 0];
    let isMore = true;
    for (let step = 0; isMore && records.length < limit && this.#mayGoOn(step); step += 1) {
      const part = await this.#step(place, limit - records.length);
      records.push(...part.records);
      examined += part.examined;
      isMore = part.end !== undefined;
      place = part.end ?? place;
    }
    const positions = records.map((each) => textOf({ key: recordKey(each), below }));
    if (place !== undefined) this.#byKey = { key: place, below };
    const position = isMore && place !== undefined ? textOf({ key: place, below }) : undefined;
    return { records, positions, examined, inOrder: false, ...(position !== undefined && { position }) };
  }

  /**
   * Returns the least number of records to read at once. If some may not match, it is more than the page has room for.
   */
  #leastAtOnce(): number {
    const { from, to } = this.#range;
    return from === undefined && to === undefined && this.#position === undefined ? 1 : AT_ONCE;
  }

  /** Reads some records after a key, partition by partition. Returns them, and the key after which the rest comes. */
  async #step(place: RecordKey | undefined, room: number): Promise<Step> {
    const { database, table } = this.#of;
    const at = place === undefined ? 0 : this.#hashes.indexOf(place.partition);
    const [hash = '', next] = this.#hashes.slice(at, at + 2);
    const after = place === undefined || place.id === '' ? undefined : { ...place };
    const limit = Math.max(room, this.#leastAtOnce());
    const items = await database.query(
      queryRequest(table, TABLES.records.key, { hash, order: 'ascending', limit, after }),
    );
    const found = this.#matching(items).filter((each) => this.#isAfterPosition(each));
    const records = found.slice(0, room);
    const cut = records.length < found.length ? records.at(-1) : undefined;
    const last = items.length === limit ? items.at(-1) : undefined;
    const behind = next === undefined ? undefined : { partition: next, id: '' };
    const end = last === undefined ? behind : { partition: hash, id: String(last.id) };
    return { records, examined: items.length, end: cut === undefined ? end : recordKey(cut) };
  }

  /**
   * Returns whether another step may be made. The first step always may, and then one for each partition, because each
   * can have few records.
   */
  #mayGoOn(step: number): boolean {
    const { budget } = this.#of.database;
    return step === 0 || (step < Math.max(MOST_STEPS, this.#hashes.length) && budget?.isUsedUp !== true);
  }

  #matching(items: readonly Item[]): readonly ReadRecord[] {
    const read = current(items, this.#of.clock()).map(readRecord);
    return read.filter((each) => this.#auditIds.includes(each.record.auditId) && this.#isInTime(each));
  }

  #isInTime({ at }: ReadRecord): boolean {
    const { from, to } = this.#range;
    return at === undefined ? from === undefined && to === undefined : at >= (from ?? at) && at <= (to ?? at);
  }

  #isAfterPosition(each: ReadRecord): boolean {
    return this.#position === undefined || sortOf(each) < this.#position;
  }
}

function newestFirst(a: ReadRecord, b: ReadRecord): number {
  return sortOf(a) > sortOf(b) ? -1 : 1;
}

const NO_PLACE = 'The position does not belong to this answer.';
const KEY_PLACE = /^key\.([\w-]+)\.([\w~-]*)\.(.*)$/;

function textOf({ key: { partition, id }, below = '' }: KeyPlace): Position {
  return `key.${partition}.${id}.${below}`;
}

/**
 * Parses a position in the order of keys. Undefined for a position in the order of time.
 * @throws PositionError if a part of it is invalid.
 */
function keyPlaceOf(position: Position | undefined): KeyPlace | undefined {
  const [, partition, id, below] = KEY_PLACE.exec(position ?? '') ?? [];
  if (partition === undefined || id === undefined) return undefined;
  const belowGiven = below === '' ? undefined : below;
  checkPosition(belowGiven);
  return { key: { partition, id }, below: belowGiven };
}
