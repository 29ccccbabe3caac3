import type { KnownRow } from '../known-row.ts';
import { isInDirectory } from './usernames.ts';

/** The maximum number of spellings that are searched. */
const MOST_TEXTS = 20;
/** The maximum number of names in a note. */
const MOST_LISTED = 5;

/** The ways in which a name is written in the records. */
export interface Spellings {
  /**
   * The values to search for. First comes the name itself, then names that differ only in letter case, then users of an
   * identity store, then names with a prefix.
   */
  readonly texts: readonly string[];
  /** Notes for the user, for example that not all spellings were searched. */
  readonly notes: readonly string[];
  /** Whether `texts` has all spellings. */
  readonly isComplete: boolean;
}

/** The names of one kind that the directory has. */
export interface KnownNames {
  readonly rows: readonly KnownRow[];
  /** The number of names that were read, if the directory has more. Undefined if all were read. */
  readonly first: number | undefined;
}

/**
 * Returns the spellings of a name among the known names. Names with a prefix come last. Callers can choose those, so
 * they must not push other spellings out of the list.
 * @param spelling returns the value to search for if an entry has the name, otherwise undefined.
 */
export function spellingsOf(
  text: string,
  { rows, first }: KnownNames,
  spelling: (row: KnownRow) => string | undefined,
): Spellings {
  const wanted = text.toLowerCase();
  const found = rows.flatMap((row) => {
    const by = spelling(row);
    if (by === undefined) return [];
    // Actors are searched by ID. This also finds records in which the same actor has another name.
    const value = row.kind === 'actor' ? (row.id ?? by) : by;
    return [{ value, name: by, rank: rankOf(by.toLowerCase(), wanted) }];
  });
  const inOrder = found.sort((a, b) => a.rank - b.rank);
  const all = [...new Set([text, ...(first === undefined ? [] : [wanted]), ...inOrder.map(({ value }) => value)])];
  const left = Math.max(0, all.length - MOST_TEXTS);
  const names = [...new Set(inOrder.map(({ name }) => name))];
  return {
    texts: all.slice(0, MOST_TEXTS),
    isComplete: left === 0,
    notes: [
      ...(names.length < 2 ? [] : [`Several names match, and each may belong to somebody else: ${listed(names)}.`]),
      ...(left === 0
        ? []
        : [
            `Sessions of ${left} more matching names were not searched. To list the names, run eks-whois known ${rows[0]?.kind ?? 'actor'}s.`,
          ]),
      ...(first === undefined
        ? []
        : [`Other spellings were searched only among the first ${first} names that the service knows.`]),
    ],
  };
}

function rankOf(name: string, wanted: string): number {
  if (name === wanted) return 0;
  return isInDirectory(name, wanted) ? 1 : 2;
}

function listed(names: readonly string[]): string {
  const further = names.length - MOST_LISTED;
  return [...names.slice(0, MOST_LISTED), ...(further > 0 ? [`and ${further} more`] : [])].join(', ');
}
