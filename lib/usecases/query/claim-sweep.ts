import { type Claim, type ListedStatus, mayHaveMoved } from '../../claims/claim.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { ClaimPage, Claims, ListPage } from '../../ports/claims.ts';
import type { Position } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import type { Cursor } from './cursor.ts';
import { endOfOpenRange } from './up-to-now.ts';

/**
 * How far an answer has read the lists of claims, over all its pages. A claim with a new event or another status moves
 * up in its list, or into another list. It never moves down. So the lists are first read down, from the latest event
 * on. Then they are read up again, for claims that moved in the meantime. On the way up, no claim can be missed.
 */
export interface Sweep {
  readonly isUp: boolean;
  /** The random text that `saltedNote` needs. Undefined before the first page. */
  readonly salt: string | undefined;
  /** Notes on the claims that were read (`saltedNote`). */
  readonly noted: ReadonlySet<string>;
  /** Whether some of the claims that were read have no note, because the cursor had no room. */
  readonly isFull: boolean;
  /**
   * The time of the first page, by the store's clock, rounded down to a quarter of an hour. Undefined before the first
   * page.
   */
  readonly since: EpochMillis | undefined;
}

/** The maximum number of notes in a cursor. A cursor becomes part of a URL, and API Gateway accepts 10 KB. */
const MOST_NOTED = 675;
/**
 * The largest difference between the reader's clock and the clocks of the programs that write claims and their index.
 */
const CLOCKS_DIFFER = 15 * MINUTE;
const ROUNDED = 15 * MINUTE;
export const YES = 'yes';

/**
 * Returns the sweep that a cursor describes. Anybody can write a cursor. Notes without a salt cannot be read, so they
 * count as notes for which there was no room.
 */
export function sweepOf({ read = '', salt: text, up, full, since }: Cursor): Sweep {
  const salt = text?.length === NOTE_LENGTH ? text : undefined;
  const count = salt === undefined ? 0 : Math.ceil(read.length / NOTE_LENGTH);
  const noted = Array.from({ length: count }, (_, at) => read.slice(at * NOTE_LENGTH, (at + 1) * NOTE_LENGTH));
  const isFull = full === YES || (salt === undefined && read !== '');
  return { isUp: up === YES, salt, noted: new Set(noted), isFull, since: instantOf(since) };
}

type SweepCursor = Pick<Cursor, 'salt' | 'read' | 'up' | 'full' | 'since'>;

export function cursorOfSweep({ isUp, salt, noted, isFull, since }: Sweep): SweepCursor {
  return {
    ...(salt !== undefined && { salt }),
    ...(noted.size > 0 && { read: [...noted].join('') }),
    ...(isUp && { up: YES }),
    ...(isFull && { full: YES }),
    ...(since !== undefined && { since: String(since) }),
  };
}

/**
 * Returns the sweep after the first page was read. Its time is rounded, so that a cursor says little about when it was
 * made.
 */
export function startSweep(sweep: Sweep, page: Pick<ClaimPage, 'at' | 'salt'>): Sweep {
  return { ...saltSweep(sweep, page), since: sweep.since ?? epochMillis(Math.floor(page.at / ROUNDED) * ROUNDED) };
}

/** Returns the sweep with a salt. All pages of an answer use the salt of the first one. */
export function saltSweep(sweep: Sweep, { salt }: Pick<ClaimPage, 'salt'>): Sweep {
  return { ...sweep, salt: sweep.salt ?? salt };
}

/**
 * Returns whether the claim was read already, as far as the notes show. If there was no room for all notes, a claim
 * without a note may have been read too. On the way up it counts as read if it has not moved since the first page,
 * because it was then read on the way down. A claim whose last event is in the future is the exception.
 */
export function isRead({ isUp, salt, noted, isFull, since }: Sweep, claim: Claim): boolean {
  if (salt !== undefined && noted.has(saltedNote(claim.id, salt))) return true;
  if (!isUp || !isFull) return false;
  if (since === undefined || (claim.last ?? 0) > endOfOpenRange(since)) return false;
  return !mayHaveMoved(claim, epochMillis(since - CLOCKS_DIFFER));
}

/**
 * Returns the sweep with notes on the claims of this page. On the way up they replace older notes, because these claims
 * are the ones that move now.
 */
export function addRead(sweep: Sweep, claims: readonly Pick<Claim, 'id'>[]): Sweep {
  const { salt, isUp, noted, isFull } = sweep;
  if (claims.length === 0 || salt === undefined) return { ...sweep, isFull: isFull || claims.length > 0 };
  const now = claims.map(({ id }) => saltedNote(id, salt));
  const all = [...new Set(isUp ? [...now, ...noted] : [...noted, ...now])];
  return { ...sweep, noted: new Set(all.slice(0, MOST_NOTED)), isFull: isFull || all.length > MOST_NOTED };
}

/** Returns the time in a cursor. Undefined for any other text, since anybody can write a cursor. */
function instantOf(text: string | undefined): EpochMillis | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? epochMillis(Number(text)) : undefined;
}

/** The length of a note, and of a salt, in characters. It has 48 bits as base64url. */
const NOTE_LENGTH = 8;

/** The largest prime below 2^48. */
const PRIME = 2n ** 48n - 59n;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Returns a short note for a claim's ID, to keep in a cursor. It is a polynomial with the ID's characters as
 * coefficients, evaluated at the salt, modulo a prime. Whoever makes sessions can look for IDs with equal notes, but
 * does not know the salt. For two IDs of 32 characters, at most 31 of the 2^48 salts give the same note. A polynomial
 * has no more roots than its degree. Source: Carter and Wegman, "Universal Classes of Hash Functions", 1979.
 */
function saltedNote(id: string, salt: string): string {
  const at = numberOf(salt);
  let sum = 0n;
  for (let index = 0; index < id.length; index += 1) sum = (sum * at + BigInt(id.charCodeAt(index))) % PRIME;
  return Array.from({ length: NOTE_LENGTH }, (_, digit) => DIGITS[Number((sum >> BigInt(6 * digit)) & 63n)]).join('');
}

/**
 * Returns the number that a salt stands for. Anybody can write a cursor, so a character that is not a digit counts as
 * zero.
 */
function numberOf(salt: string): bigint {
  return [...salt].reduce((sum, digit) => sum * 64n + BigInt(Math.max(0, DIGITS.indexOf(digit))), 0n);
}

/**
 * Returns the next claims of several lists, merged in one order. A claim that moved to another list in the meantime is
 * returned only once.
 */
export async function listClaims(
  lists: readonly ListedStatus[],
  request: ListPage,
  claims: Pick<Claims, 'list'>,
): Promise<ClaimPage> {
  const isBehind = (a: Position, b: Position) => (request.isUpwards === true ? a > b : a < b);
  const first = (a: Position | undefined, b: Position) => (a === undefined || isBehind(a, b) ? b : a);
  const pages = await mapConcurrently(lists, (list) => claims.list(list, request));
  const end = pages.flatMap(({ position }) => position ?? []).reduce<Position | undefined>(first, undefined);
  const places = new Map<string, { readonly claim: Claim; readonly place: Position }>();
  for (const page of pages)
    for (const [index, claim] of page.claims.entries()) {
      const place = page.positions[index] ?? '';
      if (end === undefined || !isBehind(place, end)) places.set(claim.id, { claim, place });
    }
  const inOrder = [...places.values()].sort((a, b) => (isBehind(b.place, a.place) ? -1 : 1));
  const [found, positions] = [inOrder.map(({ claim }) => claim), inOrder.map(({ place }) => place)];
  const at = epochMillis(Math.min(...pages.map((page) => page.at)));
  const salt = pages[0]?.salt ?? '';
  const hasLeftOut = pages.some((page) => page.hasLeftOut === true);
  return {
    at,
    salt,
    claims: found,
    positions,
    ...(end !== undefined && { position: end }),
    ...(hasLeftOut && { hasLeftOut }),
  };
}
