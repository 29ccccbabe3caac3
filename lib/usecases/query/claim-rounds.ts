import type { Claim } from '../../claims/claim.ts';
import type { Cursor } from './cursor.ts';

/**
 * A session that acts again moves up in the lists, above what was read. So lists of which an answer took several pages are
 * read again from the top for what was not read yet, until a round finds nothing.
 */
export interface Round {
  /** Claims that were read in this round or one before, by the beginnings of their ids. */
  readonly read: ReadonlySet<string>;
  /** In a round after the first, whether it has read a claim. */
  readonly again: 'nothing' | 'something' | undefined;
  /** Of claims below this place nobody remembers whether they were read. */
  readonly until: string | undefined;
}

/** Of ids that nobody can choose: 48 bits. */
const NOTED = 8;
/** A cursor goes into an address, of which API Gateway takes 10 KB. */
const MOST_NOTED_FIRST = 375;
const MOST_NOTED = 500;

export function roundOf({ read = '', again, until }: Cursor): Round {
  const noted = Array.from({ length: Math.ceil(read.length / NOTED) }, (_, at) =>
    read.slice(at * NOTED, (at + 1) * NOTED),
  );
  return { read: new Set(noted), again: again === 'nothing' || again === 'something' ? again : undefined, until };
}

export function wasRead({ read }: Round, { id }: Pick<Claim, 'id'>): boolean {
  return read.has(id.slice(0, NOTED));
}

/** With claims that were read now, each with its place in the lists. */
export function withRead(round: Round, now: readonly { readonly id: string; readonly place: string }[]): Round {
  const read = new Set(round.read);
  let { until } = round;
  const most = round.again === undefined ? MOST_NOTED_FIRST : MOST_NOTED;
  for (const { id, place } of now) {
    if (read.size < most) read.add(id.slice(0, NOTED));
    else if (round.again === undefined) until ??= place;
  }
  return { read, until, again: round.again && now.length > 0 ? 'something' : round.again };
}

/** The round after one that has come to the end of the lists; undefined where there is nothing that it could find. */
export function nextRound(round: Round): Round | undefined {
  const isDone = round.again === 'nothing' || round.read.size >= MOST_NOTED;
  return isDone ? undefined : { ...round, again: 'nothing' };
}

export function cursorOfRound({ read, again, until }: Round): Pick<Cursor, 'read' | 'again' | 'until'> {
  return { ...(read.size > 0 && { read: [...read].join('') }), ...(again && { again }), ...(until && { until }) };
}
