import { type EpochMillis, SECOND } from '../time.ts';

/**
 * Returns the value of the TTL attribute, in seconds since the epoch. It counts from the time of writing, not of the
 * event.
 */
export function expiry(now: EpochMillis, keep: number): number {
  return Math.ceil((now + keep) / SECOND);
}

/**
 * Returns whether the item has expired. TTL deletes within days (DynamoDB Developer Guide, "Using time to live"), so
 * reads and writes treat an expired item as deleted.
 */
export function isExpired(item: { readonly expires?: unknown }, now: EpochMillis): boolean {
  return typeof item.expires === 'number' && item.expires < secondsOf(now);
}

/**
 * Returns whether an item, kept for twice as long as a record, outlives every record that is stored now. If it does
 * not, it is in the second half of its time and has to be written again.
 */
export function outlivesRecords(
  item: { readonly expires?: unknown } | undefined,
  now: EpochMillis,
  keep: number,
): boolean {
  return typeof item?.expires === 'number' && item.expires > expiry(now, keep);
}

/** Returns the items that have not expired. */
export function current<T extends { readonly expires?: unknown }>(items: readonly T[], now: EpochMillis): readonly T[] {
  return items.filter((item) => !isExpired(item, now));
}

/** Returns the time to compare `expires` with, in seconds since the epoch. */
export function secondsOf(now: EpochMillis): number {
  return now / SECOND;
}
