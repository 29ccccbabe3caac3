import { type EpochMillis, SECOND } from '../time.ts';

/**
 * Returns the value of the TTL attribute in epoch seconds. It counts from the time of writing, not from that of the
 * event.
 */
export function expiry(now: EpochMillis, keep: number): number {
  return Math.ceil((now + keep) / SECOND);
}

/**
 * Returns whether the item has expired. TTL deletes items only within days (DynamoDB Developer Guide, "Using time to
 * live"). So reads and writes treat an expired item as deleted.
 */
export function isExpired(item: { readonly expires?: unknown }, now: EpochMillis): boolean {
  return typeof item.expires === 'number' && item.expires < secondsOf(now);
}

/**
 * Returns whether an item outlives every record that is stored now. Such items are kept for twice as long as records.
 * If not,
 * it is in the second half of its time, and must be written again.
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

/** Returns the time with which `expires` is compared, in epoch seconds. */
export function secondsOf(now: EpochMillis): number {
  return now / SECOND;
}
