import { type AccountVolume, dayOf, NO_VOLUME, sumOf, type Volume } from '../../heartbeats/volume.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { RecentMap } from '../../recent-map.ts';
import { type EpochMillis, MINUTE } from '../../time.ts';
import { current, expiry } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { type Item, queryRequest } from './requests.ts';
import { number, objectOf, read, text } from './shape.ts';
import { TABLES } from './tables.ts';

const accountVolume = objectOf<AccountVolume>({
  accountId: text,
  recorded: number,
  leftOutReads: number,
  leftOutDeliveries: number,
  newClusters: number,
});

/** What this process knows of an account and day. */
interface OwnCount {
  /** The sums in the table, when this process last read them. */
  readonly stored: Volume;
  readonly at: EpochMillis;
  /** What this process has not written yet. */
  readonly pending: Volume;
}

/** Sums that are written before a minute is over. They limit how far an account gets over its ceiling. */
const MUCH = 10_000;
/** The most accounts and days that a process remembers. */
const MOST_REMEMBERED = 2_000;

/** Volumes in the claims table: an item for each account and day. */
export class DynamoDbVolumes implements Volumes {
  readonly #of: TableHandle;
  readonly #known = new RecentMap<string, OwnCount>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async add(accountId: string, added: Partial<Volume>): Promise<Volume> {
    const now = this.#of.clock();
    const key = keyOf(accountId, now);
    const id = `${key.partition} ${key.sort}`;
    const known = this.#known.get(id);
    const pending = sumOf(known?.pending ?? NO_VOLUME, added);
    // It is noted before any pause, so that a delivery that this process takes at the same time adds to it.
    if (known !== undefined && now < known.at + MINUTE && sizeOf(pending) < MUCH) {
      this.#known.set(id, { ...known, pending });
      return sumOf(known.stored, pending);
    }
    this.#known.set(id, { stored: known?.stored ?? NO_VOLUME, at: now, pending: NO_VOLUME });
    const stored = await changeItem<Volume>(this.#of, key, 'Deliver it again.', (item, at) => {
      const sum = { accountId, ...sumOf(item === undefined ? NO_VOLUME : volumeIn(item), pending) };
      return { item: { volume: sum, expires: expiry(at, this.#of.keep) }, result: sum };
    });
    const meanwhile = this.#known.get(id)?.pending ?? NO_VOLUME;
    this.#known.set(id, { stored, at: now, pending: meanwhile });
    return sumOf(stored, meanwhile);
  }

  async of(accountId: string): Promise<Volume> {
    const { database, table, clock } = this.#of;
    const now = clock();
    const key = keyOf(accountId, now);
    const id = `${key.partition} ${key.sort}`;
    const known = this.#known.get(id);
    if (known !== undefined && now < known.at + MINUTE) return sumOf(known.stored, known.pending);
    if (known !== undefined) return this.add(accountId, NO_VOLUME);
    const item = await database.get(table, key);
    const stored = item === undefined ? NO_VOLUME : volumeIn(item);
    this.#known.set(id, { stored, at: now, pending: this.#known.get(id)?.pending ?? NO_VOLUME });
    return stored;
  }

  async today(): Promise<readonly AccountVolume[]> {
    const { database, table, clock } = this.#of;
    const now = clock();
    const keyRange = { hash: partitionOf(now), order: 'ascending' } as const;
    return current(await database.query(queryRequest(table, TABLES.claims.key, keyRange)), now).map(volumeIn);
  }
}

function volumeIn(item: Item): AccountVolume {
  return read(accountVolume, item.volume, 'volume');
}

/** Returns the size of pending sums. A new cluster is rare, and counts as much, so that it is written at once. */
function sizeOf({ recorded, leftOutReads, leftOutDeliveries, newClusters }: Volume): number {
  return recorded + leftOutReads + leftOutDeliveries + newClusters * MUCH;
}

function partitionOf(now: EpochMillis): string {
  return `volumes of ${dayOf(now)}`;
}

function keyOf(accountId: string, now: EpochMillis): Key {
  return checkedKey({ partition: partitionOf(now), sort: fitted(accountId) });
}
