import type { KnownRow } from '../known-query.ts';
import { isInDirectory } from './usernames.ts';

/** Spellings of one name that are asked for. */
const MOST_ASKED = 20;
/** … and that are told. */
const MOST_TOLD = 5;

/** In which letters a name is written. */
export interface Spellings {
  /** The texts to ask for: the name itself, then those that are it but for the letters, in a directory, and behind a prefix. */
  readonly asked: readonly string[];
  /** What a reader must know of it, in sentences. */
  readonly notes: readonly string[];
  /** Whether sessions of all of them are asked for. */
  readonly isWhole: boolean;
}

/** What is known of the names of a kind. */
export interface KnownNames {
  readonly rows: readonly KnownRow[];
  /** Of how many names they are, where there are more. */
  readonly first: number | undefined;
}

/**
 * How a name is written, as `spelling` says of each entry by what that is asked for, if it is of the name. Whoever is called
 * so behind a prefix of his own choice stands behind the others, and is in nobody's place.
 */
export function spellingsOf(
  text: string,
  { rows, first }: KnownNames,
  spelling: (row: KnownRow) => string | undefined,
): Spellings {
  const wanted = text.toLowerCase();
  const found = rows.flatMap((row) => {
    const by = spelling(row);
    return by === undefined ? [] : [{ by, name: row.name, rank: rankOf(by.toLowerCase(), wanted) }];
  });
  const inOrder = found.sort((a, b) => a.rank - b.rank);
  const all = [...new Set([text, ...(first === undefined ? [] : [wanted]), ...inOrder.map(({ by }) => by)])];
  const left = Math.max(0, all.length - MOST_ASKED);
  const names = [...new Set(inOrder.map(({ name }) => name))];
  return {
    asked: all.slice(0, MOST_ASKED),
    isWhole: left === 0,
    notes: [
      ...(names.length < 2 ? [] : [`Several names match, and each may be somebody else: ${listed(names)}.`]),
      ...(left === 0
        ? []
        : [`Sessions of ${left} more matching names were not searched. To list the names, run eks-whois known.`]),
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
  const further = names.length - MOST_TOLD;
  return [...names.slice(0, MOST_TOLD), ...(further > 0 ? [`and ${further} more`] : [])].join(', ');
}
