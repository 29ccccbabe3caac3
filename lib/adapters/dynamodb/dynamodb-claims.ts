import type { Claim, ListedStatus } from '../../claims/claim.ts';
import { DUE_LISTS, type DueList } from '../../claims/due-list.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Backlog, ClaimPage, Claims, ListPage } from '../../ports/claims.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import { randomSalt } from '../digest.ts';
import { current, expiry, isExpired } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import { claimIdOf, claimItem, claimKey, dueKey, readClaim, statusList } from './claim-item.ts';
import type { TableHandle } from './database.ts';
import { checkPosition, sortableTime } from './keys.ts';
import { type Item, indexRequest, type KeyRange } from './requests.ts';
import { number, read, readEach } from './shape.ts';
import { TABLES } from './tables.ts';

/** Limits the open claims of a list that are counted. A higher count would be no more use to an operator. */
const MOST_COUNTED = 1_000;
/**
 * Limits the open claims that are read to find the earliest `heldSince`, the time since which answers are held back.
 * Each costs a read unit, once a minute.
 */
const MOST_READ_BACK = 1_000;
const [BY_DUE, BY_STATUS] = TABLES.claims.indexes;

/** Claims in the claims table. If a claim changes after it was read, it is read again, and the change is repeated. */
export class DynamoDbClaims implements Claims {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async get(id: string): Promise<Claim | undefined> {
    const item = await this.#of.database.get(this.#of.table, claimKey(id));
    return item === undefined || isExpired(item, this.#of.clock()) ? undefined : readClaim(item);
  }

  async registered(ids: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const { database, table, clock } = this.#of;
    const items = await database.getAll(table, ids.map(claimKey));
    const { sound } = readEach(current(items, clock()), readClaim, claimIdOf);
    return new Map(sound.map((claim) => [claim.id, claim]));
  }

  async change(id: string, change: (claim: Claim | undefined) => Claim | undefined): Promise<Claim | undefined> {
    return changeItem(this.#of, claimKey(id), 'Deliver the batch again.', (before, now) => {
      const result = change(before && readClaim(before));
      return { item: result && claimItem(result, expiry(now, this.#of.keep)), result };
    });
  }

  async due(now: EpochMillis, limit: number, lists = DUE_LISTS): Promise<readonly Claim[]> {
    const isListed = new Set<unknown>(lists.map(dueKey));
    for (let size = limit; ; size *= 2) {
      const entries = (await this.#entries(lists, size, now)).slice(0, size);
      const { sound } = await this.#readBack(entries, ({ dueList }) => isListed.has(dueList));
      const leftOut = entries.length - sound.length;
      if (leftOut > 0 && sound.length < limit && entries.length === size) continue;
      const isDue = ({ due }: Claim) => due !== undefined && due <= now;
      return sound.filter(isDue).sort((a, b) => (a.due ?? 0) - (b.due ?? 0));
    }
  }

  async busyLists(now: EpochMillis, most: number): Promise<readonly DueList[]> {
    const sizes = Map.groupBy(await this.#entries(DUE_LISTS, most + 1, now), ({ dueList }) => dueList);
    return DUE_LISTS.filter((list) => (sizes.get(dueKey(list)) ?? []).length > most);
  }

  /** Returns entries of the index, the longest overdue first. There are at most `limit` of each list. */
  async #entries(lists: readonly DueList[], limit: number, to?: EpochMillis): Promise<readonly Item[]> {
    const { database, table } = this.#of;
    const pages = await mapConcurrently(lists, (list) => {
      const keyRange = { hash: dueKey(list), ...(to !== undefined && { to }), order: 'ascending', limit } as const;
      return database.query(indexRequest(table, BY_DUE, keyRange));
    });
    return pages.flat().sort((a, b) => read(number, a.due, 'due') - read(number, b.due, 'due'));
  }

  async backlog(): Promise<Backlog> {
    const items = await this.#entries(DUE_LISTS, MOST_COUNTED);
    const { sound, faulty, over } = await this.#readBack(items.slice(0, MOST_READ_BACK));
    const [first, ...others] = items.filter(({ partition }) => !over.has(partition));
    if (first === undefined) return { open: 0, faulty: [] };
    const held = sound.flatMap(({ due, heldSince }) => (due === undefined ? [] : (heldSince ?? [])));
    const overdueSince = epochMillis(Math.min(read(number, first.due, 'due'), ...held));
    return { open: others.length + 1, overdueSince, faulty };
  }

  async list(status: ListedStatus, page: ListPage): Promise<ClaimPage> {
    const { limit, position } = page;
    checkPosition(position);
    const { database, table, clock } = this.#of;
    const at = clock();
    const found = await database.query(indexRequest(table, BY_STATUS, listRange(status, page)));
    const entries = found.filter(({ statusSort: place }) => place !== position);
    const taken = entries.slice(0, limit);
    const { sound } = await this.#readBack(taken);
    const listed = new Map(sound.filter((claim) => claim.status === status).map((claim) => [claim.id, claim]));
    const places = taken.flatMap((entry) => {
      const id = claimIdOf(entry);
      const claim = listed.get(id);
      listed.delete(id); // While it moves, the index has it in two places.
      return claim === undefined ? [] : [{ claim, position: String(entry.statusSort) }];
    });
    const last = taken.at(-1);
    const [claims, positions] = [places.map(({ claim }) => claim), places.map(({ position: place }) => place)];
    const rest = entries.length > limit && last && { position: String(last.statusSort) };
    return { at, salt: randomSalt(), claims, positions, ...rest };
  }

  /**
   * Reads the items of entries in an index. An index is behind the table, so items that are no longer wanted are left
   * out.
   */
  async #readBack(entries: readonly Item[], isWanted: (item: Item) => boolean = () => true) {
    const keys = entries.map(({ partition, sort }) => ({ partition, sort }));
    const items = (await this.#of.database.getAll(this.#of.table, keys)).filter(isWanted);
    const now = this.#of.clock();
    const over = new Set(items.filter((item) => isExpired(item, now)).map(({ partition }) => partition));
    return { ...readEach(current(items, now), readClaim, claimIdOf), over };
  }
}

/**
 * Returns the range of keys of a page. A range includes both ends, so it contains the position itself and one item more
 * than fit on the page.
 */
function listRange(status: ListedStatus, { limit, position, isUpwards = false, until }: ListPage): KeyRange {
  const order = isUpwards ? 'ascending' : 'descending';
  const [to] = [position, until && `${sortableTime(until)}.~`].flatMap((each) => each ?? []).sort();
  const bound = isUpwards ? { ...(position !== undefined && { from: position }) } : { ...(to !== undefined && { to }) };
  return { hash: statusList(status), ...bound, order, limit: limit + 2 };
}
