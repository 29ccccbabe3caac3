import { type EpochMillis, SECOND } from '../time.ts';

/** The TTL attribute: seconds since the epoch. It counts from writing, not from the event. */
export function expiry(now: EpochMillis, keep: number): number {
  return Math.ceil((now + keep) / SECOND);
}

/** TTL deletes within days (DynamoDB Developer Guide, "Using time to live"): what is over counts as gone, for reads and writes. */
export function isOver(item: { readonly expires?: unknown }, now: EpochMillis): boolean {
  return typeof item.expires === 'number' && item.expires < secondsOf(now);
}

/** Those of the items that are not over. */
export function current<T extends { readonly expires?: unknown }>(items: readonly T[], now: EpochMillis): readonly T[] {
  return items.filter((item) => !isOver(item, now));
}

/** The time that an item's `expires` is held against. */
export function secondsOf(now: EpochMillis): number {
  return now / SECOND;
}
