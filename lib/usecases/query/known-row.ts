import type { KnownEntry, NameTimes, SeenBy } from '../../claims/known.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { epochMillis, formatInstant, parseInstant } from '../../time.ts';

/** An entry of the directory as the API returns it. Times are RFC 3339, exact to the day. */
export interface KnownRow extends Omit<KnownEntry, 'first' | 'last' | 'names' | 'seenBy' | 'isReported'>, RowTimes {
  /** All names that the actor's ID has had, the latest first, but those last that only other accounts report. Absent if it has had only one. */
  readonly names?: readonly NameRow[];
  /** When each account saw the actor or the role. Absent if only one did. */
  readonly seenBy?: readonly SeenByRow[];
}

interface RowTimes {
  readonly first: string;
  readonly last: string;
}

export type NameRow = RowTimes & Pick<NameTimes, 'name'>;

type SeenByRow = RowTimes & Pick<SeenBy, 'account'>;

/** Returns an entry of the directory in the form of the API. */
export function knownRow({ names, seenBy = [], ...entry }: KnownEntry): KnownRow {
  return {
    ...withTimes(entry),
    ...(names !== undefined && { names: names.map(withTimes) }),
    ...(seenBy.length > 1 && { seenBy: seenBy.map(withTimes) }),
  };
}

/**
 * Returns the row with the times of an account that saw the name for the first time in the range: of several, the one that did so last.
 * Undefined if it is new to no account. An account can forge earlier and later events, but only moves its own times with them.
 */
export function newInRange(row: KnownRow, { from = epochMillis(0), to }: TimeRange): KnownRow | undefined {
  const firstOf = ({ first }: RowTimes) => parseInstant(first) ?? from;
  const isNew = (seen: RowTimes) => firstOf(seen) >= from && (to === undefined || firstOf(seen) <= to);
  const [latest] = (row.seenBy ?? [row]).filter(isNew).toSorted((a, b) => firstOf(b) - firstOf(a));
  return latest && { ...row, first: latest.first, last: latest.last };
}

function withTimes<T extends Pick<NameTimes, 'first' | 'last' | 'isReported'>>({
  first,
  last,
  isReported: _,
  ...of
}: T) {
  return { ...of, first: formatInstant(first), last: formatInstant(last) };
}
