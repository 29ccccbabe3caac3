import { isDeepStrictEqual } from 'node:util';
import { sha256 } from '../../../lib/adapters/digest.ts';
import { isAbout } from '../../../lib/attribution/actor-names.ts';
import { placeOf } from '../../../lib/attribution/place.ts';
import { keyText, namesOnlyInRecord } from '../../../lib/claims/identity.ts';
import type { Page, Position, TimeRange } from '../../../lib/ports/paging.ts';
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
} from '../../../lib/ports/records.ts';
import { type EpochMillis, isUntimed } from '../../../lib/time.ts';
import { LateIndex } from './late-index.ts';
import { checkPlace, expiryOf, type MemoryWorld } from './memory-world.ts';

/** The records table in memory. */
export class MemoryRecords implements RecordStore {
  readonly #world: MemoryWorld;
  readonly #items: LateIndex<ReadRecord>;

  constructor(world: MemoryWorld) {
    this.#world = world;
    this.#items = new LateIndex(world.clock, world.random);
  }

  async insert(records: readonly StoredRecord[]): Promise<readonly Insertion[]> {
    return records.map((record) => {
      const stored = this.#items.get(record.id);
      if (stored !== undefined) return { outcome: 'duplicate', stored };
      this.#world.beforeWrite();
      const expires = expiryOf('records', this.#world);
      this.#items.set(record.id, { ...record, revision: 1, expires }, expires);
      return { outcome: 'inserted' };
    });
  }

  async copiesOf({ id }: StoredRecord, most: number): Promise<readonly ReadRecord[]> {
    const place = placeInId(id);
    const copies = this.#items.all().filter((each) => placeInId(each.id) === place);
    return copies.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, most);
  }

  keyOf({ id, record }: StoredRecord): RecordKey {
    return { partition: record.auditId, id };
  }

  async ofKeys(keys: readonly RecordKey[]): Promise<RecordsOfKeys> {
    return { records: keys.flatMap(({ id }) => this.#items.get(id) ?? []), faulty: [] };
  }

  async query(where: RecordsWhere | readonly RecordsWhere[], { from, to }: TimeRange, page: Page): Promise<RecordPage> {
    checkPlace(page.position);
    const places = [where].flat();
    const inTime = ({ at }: ReadRecord) =>
      at === undefined
        ? from === undefined && to === undefined
        : at >= (from ?? 0) && at <= (to ?? Number.POSITIVE_INFINITY);
    const found = this.#shown(places.some(({ by }) => by === 'audit-id'))
      .filter((item) => places.some((place) => fits(item, place)) && inTime(item))
      .sort((a, b) => (place(a) > place(b) ? -1 : 1));
    return pageOf(found, page, (item, position) => place(item) < position);
  }

  read(where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, from: Position | undefined): RecordReading {
    checkPlace(from);
    let position = from;
    return {
      partitions: async () => [where].flat().length,
      next: async (limit) => {
        const page = await this.query(where, range, { limit, position });
        position = page.position;
        return page;
      },
    };
  }

  async ofClaim({ id, first, last, until = last }: ClaimRange, page: Page): Promise<RecordPage> {
    const found = this.#shown(false)
      .filter(({ claimId, at }) => claimId === id && (at === undefined || isUntimed(at) || isWithin(at, first, until)))
      .sort((a, b) => (place(a) < place(b) ? -1 : 1));
    return pageOf(found, page, (item, position) => place(item) > position);
  }

  async sessionsOf(name: string): Promise<readonly string[]> {
    const sessions = this.#items.all().flatMap(({ session, record }) => {
      return session !== undefined && namesOnlyInRecord(session, record).includes(name) ? [session] : [];
    });
    return [...new Set(sessions)].sort();
  }

  async correct(records: readonly ReadRecord[]): Promise<readonly Correction[]> {
    return records.map((record) => {
      if (this.#items.get(record.id)?.revision !== record.revision) return { outcome: 'overtaken' };
      this.#world.beforeWrite();
      this.#items.set(record.id, { ...record, revision: record.revision + 1 }, record.expires);
      return { outcome: 'corrected' };
    });
  }

  /** Returns every record as it is, by its ID. */
  all(): readonly ReadRecord[] {
    return this.#items.all();
  }

  /** Returns the records that an index shows, with their current content. */
  #shown(always: boolean): ReadRecord[] {
    return always ? this.#items.all() : this.#items.visible().flatMap(({ id }) => this.#items.get(id) ?? []);
  }
}

function fits({ record, session, claimId }: ReadRecord, where: RecordsWhere): boolean {
  switch (where.by) {
    case 'actor':
      return record.attribution.actor !== undefined && isAbout(record.attribution.actor, where.actor);
    case 'session':
      return session === keyText(where.session, sha256);
    case 'claim':
      return claimId === where.claim.id;
    case 'namespace':
    case 'own-place':
      return isDeepStrictEqual(placeOf(record), { clusterKey: where.clusterKey, namespace: where.namespace });
    case 'other-namespaces':
      return false; // each has a place of its own
    case 'audit-id':
      return record.auditId === where.auditId;
  }
}

function isWithin(at: EpochMillis, first: EpochMillis | undefined, last: EpochMillis | undefined): boolean {
  return first !== undefined && last !== undefined && at >= first && at <= last;
}

function place({ at, id }: ReadRecord): string {
  return `${String(Math.round((at ?? 0) * 1_000)).padStart(17, '0')} ${id}`;
}

function pageOf(
  found: readonly ReadRecord[],
  { limit, position }: Page,
  isBeyond: (item: ReadRecord, position: string) => boolean,
): RecordPage {
  const rest = position === undefined ? found : found.filter((item) => isBeyond(item, position));
  const records = rest.slice(0, limit);
  const last = records.at(-1);
  const positions = records.map(place);
  return { records, positions, ...(rest.length > limit && last && { position: place(last) }) };
}
