import { type EpochMillis, epochMillis } from '../time.ts';

/** A part of an event history that was read for a claim, and whose content was stored. It need not be read again. */
export interface ReadRange {
  /** Account and Region. */
  readonly scope: string;
  /** The attribute and value of the look-up. */
  readonly lookup: string;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/**
 * The maximum number of ranges stored with a claim, a few hundred bytes each. Look-ups of many pages are few, but each has a range in
 * every Region of every account. A dropped range is read again.
 */
const MOST_RANGES = 400;

/**
 * Returns the parts of a range that are still to be read, the newest first. An end that was read is read again, because
 * other records share its second.
 */
export function unread(wanted: ReadRange, read: readonly ReadRange[]): readonly ReadRange[] {
  const known = read.filter((each) => isOfSame(each, wanted) && isTouching(each, wanted));
  if (known.length === 0) return [wanted];
  const left: ReadRange[] = [];
  let { to } = wanted;
  for (const each of known.toSorted((a, b) => b.to - a.to)) {
    if (each.to < to) left.push({ ...wanted, from: each.to, to });
    if (each.from < to) to = each.from;
  }
  return to > wanted.from ? [...left, { ...wanted, to }] : left;
}

/** Adds a range. Ranges that touch are merged. */
export function withRead(read: readonly ReadRange[], more: ReadRange): readonly ReadRange[] {
  const touching = read.filter((each) => isOfSame(each, more) && isTouching(each, more));
  const merged = touching.reduce(joined, more);
  return [...read.filter((each) => !touching.includes(each)), merged].slice(-MOST_RANGES);
}

/** Returns whether both ranges are of the same history and look-up. */
export function isOfSame(a: ReadRange, b: ReadRange): boolean {
  return a.scope === b.scope && a.lookup === b.lookup;
}

function isTouching(a: ReadRange, b: ReadRange): boolean {
  return a.from <= b.to && b.from <= a.to;
}

function joined(a: ReadRange, b: ReadRange): ReadRange {
  return { ...a, from: epochMillis(Math.min(a.from, b.from)), to: epochMillis(Math.max(a.to, b.to)) };
}
