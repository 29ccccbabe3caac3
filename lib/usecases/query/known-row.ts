import type { KnownEntry, NameTimes } from '../../claims/known.ts';
import { formatInstant } from '../../time.ts';

/** An entry of the directory as the API returns it. Times are RFC 3339, exact to the day. */
export interface KnownRow extends Omit<KnownEntry, 'first' | 'last' | 'names' | 'isReported'>, RowTimes {
  /** All names that the actor's ID has had, the latest first, but those last that only other accounts report. Absent if it has had only one. */
  readonly names?: readonly NameRow[];
}

interface RowTimes {
  readonly first: string;
  readonly last: string;
}

export type NameRow = RowTimes & Pick<NameTimes, 'name'>;

/** Returns an entry of the directory in the form of the API. */
export function knownRow({ names, ...entry }: KnownEntry): KnownRow {
  const row = withTimes(entry);
  return names === undefined ? row : { ...row, names: names.map(withTimes) };
}

function withTimes<T extends Pick<KnownEntry, 'first' | 'last' | 'isReported'>>({
  first,
  last,
  isReported: _,
  ...of
}: T) {
  return { ...of, first: formatInstant(first), last: formatInstant(last) };
}
