import { type EpochMillis, epochMillis } from '../time.ts';

/**
 * A range of CloudTrail's event history that was read for a claim. Its facts are stored, so it need not be read again.
 */
export interface ReadRange {
  /** The account and the Region. */
  readonly scope: string;
  /** The attribute and the value of the look-up. */
  readonly lookup: string;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/**
 * Limits the ranges that are stored with a claim, each with a few hundred bytes. Few look-ups have many pages. But one
 * that does has a range for every Region of every account. A range that was dropped is read again.
 */
const MOST_RANGES = 400;

/**
 * Returns the parts of a range that were not read yet, the newest first. The ends of read parts are read again, because
 * other records can have the same second.
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

/** Returns the ranges with one more. Ranges that touch are merged. */
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
