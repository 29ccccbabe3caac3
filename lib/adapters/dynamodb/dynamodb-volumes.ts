import {
  type CeilingGap,
  GAP_KINDS,
  type GapKind,
  LATEST_DELIVERY,
  newGap,
  overlaps,
} from '../../heartbeats/ceiling-gap.ts';
import { type AccountVolume, dayOf, NO_VOLUME, OF_ATTEMPT, sumOf, type Volume } from '../../heartbeats/volume.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { RecentMap } from '../../recent-map.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { current, expiry } from '../expiry.ts';
import { changeItem } from './change-item.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { type Item, queryRequest } from './requests.ts';
import { instant, number, objectOf, oneOf, optional, read, text } from './shape.ts';
import { TABLES } from './tables.ts';

const accountVolume = objectOf<AccountVolume>({
  accountId: text,
  recorded: number,
  attempted: number,
  leftOutReads: number,
  leftOutDeliveries: number,
  grants: number,
  leftOutGrants: number,
  newClusters: number,
  leftOutClusters: number,
});

const ceilingGap = objectOf<CeilingGap>({
  accountId: optional(text),
  what: oneOf(GAP_KINDS),
  since: instant,
  until: instant,
});

/** The counts of this process for an account and day. */
interface OwnCount {
  /** The sums in the table when this process last read them. */
  readonly stored: Volume;
  readonly at: EpochMillis;
  /** The counts that this process has not written yet. */
  readonly pending: Volume;
}

/**
 * The size at which sums are written before a minute is over. It limits how far an account gets beyond its ceiling. An
 * attempt is larger, so it is written before its work begins.
 */
const MUCH = OF_ATTEMPT / 2;
/** Limits the accounts and days that a process remembers. */
const MOST_REMEMBERED = 2_000;

/** Volumes in the claims table: an item for each account and day. */
export class DynamoDbVolumes implements Volumes {
  readonly #of: TableHandle;
  readonly #known = new RecentMap<string, OwnCount>(MOST_REMEMBERED);

  /** The earliest time that this process noted for a gap, by the gap's key. */
  readonly #noted = new RecentMap<string, EpochMillis>(MOST_REMEMBERED);

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async add(accountId: string, added: Partial<Volume>): Promise<Volume> {
    const now = this.#of.clock();
    const key = keyOf(accountId, now);
    const id = `${key.partition} ${key.sort}`;
    const known = this.#known.get(id);
    const pending = sumOf(known?.pending ?? NO_VOLUME, added);
    // Noted before anything is awaited, so that a delivery that this process takes at the same time adds to it.
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

  async noteGap(accountId: string, what: GapKind, since: EpochMillis): Promise<void> {
    const now = this.#of.clock();
    const gap = newGap(accountId, what, since, now);
    const key = checkedKey({ partition: GAPS, sort: fitted(`${dayOf(now)} ${accountId} ${what}`) });
    if ((this.#noted.get(key.sort) ?? Number.POSITIVE_INFINITY) <= gap.since) return;
    await changeItem<void>(this.#of, key, 'Deliver it again.', (item, at) => {
      const known = item === undefined ? gap : gapIn(item);
      const earliest = epochMillis(Math.min(known.since, gap.since));
      return { item: { gap: { ...gap, since: earliest }, expires: expiry(at, this.#of.keep) }, result: undefined };
    });
    this.#noted.set(key.sort, gap.since);
  }

  async gaps({ from, to }: TimeRange): Promise<readonly CeilingGap[]> {
    const { database, table, clock } = this.#of;
    // A gap is stored under the day on which it was noted. That can be later than the day of the events.
    const keyRange = {
      hash: GAPS,
      order: 'ascending',
      ...(from !== undefined && { from: dayOf(from) }),
      ...(to !== undefined && { to: `${dayOf(epochMillis(to + LATEST_DELIVERY))}~` }),
    } as const;
    const items = current(await database.query(queryRequest(table, TABLES.claims.key, keyRange)), clock());
    return items.map(gapIn).filter((gap) => overlaps(gap, { from, to }));
  }
}

/** The partition of all gaps. There are few, because a ceiling is far above what an account usually sends. */
const GAPS = 'gaps of ceilings';

function gapIn(item: Item): CeilingGap {
  return read(ceilingGap, item.gap, 'gap of a ceiling');
}

function volumeIn(item: Item): AccountVolume {
  return read(accountVolume, item.volume, 'volume');
}

/**
 * Returns the size of sums that are not written yet. A new cluster counts as `MUCH`, even one that is left out. New
 * clusters are rare, so they are written at once.
 */
function sizeOf({ newClusters, leftOutClusters: _, attempted, ...counts }: Volume): number {
  const sum = Object.values(counts).reduce((total, count) => total + count, 0);
  return sum + Math.max(0, attempted) + newClusters * MUCH;
}

function partitionOf(now: EpochMillis): string {
  return `volumes of ${dayOf(now)}`;
}

function keyOf(accountId: string, now: EpochMillis): Key {
  return checkedKey({ partition: partitionOf(now), sort: fitted(accountId) });
}
