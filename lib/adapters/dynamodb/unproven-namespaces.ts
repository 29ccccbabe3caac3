import { DAY, type EpochMillis, epochMillis, SECOND } from '../../time.ts';
import { expiry, isOver, secondsOf } from '../expiry.ts';
import { untilUnchanged } from './contention.ts';
import { checkedKey, fitted, type Key } from './keys.ts';
import { type Item, replaceRequest } from './requests.ts';
import { fieldsOf, number, read } from './shape.ts';
import type { TableHandle } from './table-handle.ts';

/**
 * Namespaces of a cluster that get places of their own though nothing has shown that they exist: more than anybody's typing
 * errors, and few enough for a question of the whole cluster. Twice as many at most are there at once.
 */
export const MOST_UNPROVEN = 100;

/** A process may go on for a day by what it decided. */
export const DECIDED_FOR = DAY / SECOND;

const shape = fieldsOf({ count: number, since: number, full: number, revision: number });

interface Counted {
  readonly count: number;
  /** When the count began, in seconds. */
  readonly since: number;
  /** Until when records may lie in the place of the others, in seconds; 0 where there never were any. */
  readonly full: number;
  readonly revision: number | undefined;
}

/** Where a namespace's records are to lie, and until when some may lie among the others of the cluster, in seconds. */
interface Admission {
  readonly isOwn: boolean;
  readonly full: number;
}

/** How many such namespaces a cluster has: a small item of the claims table. */
export class UnprovenNamespaces {
  readonly #of: TableHandle;
  /** One behind the other: those of a batch would overtake each other without end. */
  #last: Promise<unknown> = Promise.resolve();
  /** Of the clusters that have as many as they may: until when that was said. */
  readonly #full = new Map<string, number>();

  constructor(of: TableHandle) {
    this.#of = of;
  }

  /** Whether one more gets a place of its own, which it does where it is proven to exist. */
  async admit(cluster: string, isProven: boolean, expires: number): Promise<Admission> {
    if (isProven) return { isOwn: true, full: (await this.#counted(cluster)).full };
    const admission = this.#last.then(() => this.#next(cluster, expires));
    this.#last = admission.catch(() => undefined); // told to whoever asked for that one
    return admission;
  }

  async #next(cluster: string, expires: number): Promise<Admission> {
    const full = this.#full.get(cluster) ?? 0;
    if (full >= expires + DECIDED_FOR) return { isOwn: false, full };
    const admission = await this.#counting(cluster, expires);
    if (admission.isOwn) this.#full.delete(cluster);
    else this.#full.set(cluster, admission.full);
    return admission;
  }

  /** What is among the others is to be found for a day from now on, by whatever a process decided until then. */
  #counting(cluster: string, expires: number): Promise<Admission> {
    const { database, table, clock, keep } = this.#of;
    const key = unprovenKey(cluster);
    return untilUnchanged(key.partition, 'Store the records later.', async () => {
      const { revision, ...counted } = await this.#counted(cluster);
      const isOwn = counted.count < MOST_UNPROVEN;
      if (!isOwn && counted.full >= expires + DECIDED_FOR) return { done: true, result: { isOwn, full: counted.full } };
      const next = isOwn ? { ...counted, count: counted.count + 1 } : { ...counted, full: expires + 2 * DECIDED_FOR };
      const now = clock();
      const until = Math.max(expiry(now, keep * 2), next.full + DECIDED_FOR);
      const done = await database.put(replaceRequest(table, { ...key, ...next, expires: until }, revision, now));
      return { done, result: { isOwn, full: next.full } };
    });
  }

  async #counted(cluster: string): Promise<Counted> {
    const { database, table, clock, keep } = this.#of;
    return countedOf(await database.get(table, unprovenKey(cluster)), clock(), keep);
  }
}

/** Those that were counted first have gone by then. */
function countedOf(item: Item | undefined, now: EpochMillis, keep: number): Counted {
  const began = Math.floor(secondsOf(now));
  if (item === undefined || isOver(item, now)) return { count: 0, since: began, full: 0, revision: undefined };
  const { count, since, full, revision } = read(shape, item);
  const isOld = epochMillis(since * SECOND + keep * 2) < now;
  return isOld ? { count: 0, since: began, full, revision } : { count, since, full, revision };
}

/** Until when records may lie in the place of the others, in seconds. */
export function fullUntil(item: Item): number {
  return read(shape, item).full;
}

export function unprovenKey(cluster: string): Key {
  return checkedKey({ partition: `unproven of ${fitted(cluster)}`, sort: 'namespaces' });
}
