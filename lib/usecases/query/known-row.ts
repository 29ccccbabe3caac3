import type { KnownEntry, NameTimes, SeenBy } from '../../claims/known.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { epochMillis, formatInstant, parseInstant } from '../../time.ts';

/** An entry of the directory as the API returns it. Times are RFC 3339, exact to the day. */
export interface KnownRow extends Omit<KnownEntry, 'first' | 'last' | 'names' | 'seenBy' | 'isReported'>, RowTimes {
  /**
   * All names that the actor's ID has had, the latest first. Names that only other accounts report come last. Absent if
   * it has had only one.
   */
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
 * Returns the names that are new to an account in the range, the newest first. If several accounts first saw a name in
 * the range, it has the times of the last one. An account can forge earlier and later events, but they change only the
 * times of that account.
 */
export function newInRange(rows: readonly KnownRow[], { from = epochMillis(0), to }: TimeRange): readonly KnownRow[] {
  const isNew = ({ first }: RowTimes) => {
    const at = parseInstant(first) ?? from;
    return at >= from && (to === undefined || at <= to);
  };
  return rows
    .flatMap((row) => {
      const [latest] = (row.seenBy ?? [row]).filter(isNew).sort(byFirst);
      return latest === undefined ? [] : { ...row, first: latest.first, last: latest.last };
    })
    .sort(byFirst);
}

function byFirst(a: RowTimes, b: RowTimes): number {
  return b.first.localeCompare(a.first);
}

function withTimes<T extends Pick<NameTimes, 'first' | 'last' | 'isReported'>>({
  first,
  last,
  isReported: _,
  ...of
}: T) {
  return { ...of, first: formatInstant(first), last: formatInstant(last) };
}
