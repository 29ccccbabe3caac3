import { type EpochMillis, SECOND } from '../time.ts';

/** The TTL attribute: seconds since the epoch. It counts from writing, not from the event. */
export function expiry(now: EpochMillis, keep: number): number {
  return Math.ceil((now + keep) / SECOND);
}

/** TTL deletes within days (DynamoDB Developer Guide, "Using time to live"): what is over counts as gone, for reads and writes. */
export function isOver(item: { readonly expires?: unknown }, now: EpochMillis): boolean {
  return typeof item.expires === 'number' && item.expires < secondsOf(now);
}

/**
 * Whether the item, kept for twice as long as a record, outlives every record that is stored now: in the second half of its
 * time it is written anew.
 */
export function isYoung(item: { readonly expires?: unknown } | undefined, now: EpochMillis, keep: number): boolean {
  return typeof item?.expires === 'number' && item.expires > expiry(now, keep);
}

/** Those of the items that are not over. */
export function current<T extends { readonly expires?: unknown }>(items: readonly T[], now: EpochMillis): readonly T[] {
  return items.filter((item) => !isOver(item, now));
}

/** The time that an item's `expires` is held against. */
export function secondsOf(now: EpochMillis): number {
  return now / SECOND;
}
