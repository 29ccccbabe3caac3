import { type Claim, type ListedStatus, mayHaveMoved } from '../../claims/claim.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { ClaimPage, Claims, ListPage } from '../../ports/claims.ts';
import type { Position } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import type { Cursor } from './cursor.ts';
import { endOfOpenRange } from './up-to-now.ts';

/**
 * How much of the lists of claims the pages of one answer have read. A claim with a new event, or with another status,
 * moves up in its list or into another one, never down. So the lists are first read down, from the latest event on.
 * Then they are read up again, from where that ended, for claims that were not read yet: no claim can slip past on the
 * way up.
 */
export interface Sweep {
  readonly isUp: boolean;
  /** The salt of the notes. Undefined before the first page. */
  readonly salt: string | undefined;
  /** The claims that were read, as notes (`saltedNote`). */
  readonly noted: ReadonlySet<string>;
  /** Whether more claims were read than a cursor has room to note. */
  readonly isFull: boolean;
  /**
   * The time at which the first page was read, by the store's clock, rounded down to a quarter of an hour. Undefined before the
   * first page.
   */
  readonly since: EpochMillis | undefined;
}

/** Limits the notes in a cursor. A cursor becomes part of a URL, and API Gateway accepts 10 KB. */
const MOST_NOTED = 675;
/** How far the clocks of the programs that write claims, or the index of the lists, may be from the reader's. */
const CLOCKS_DIFFER = 15 * MINUTE;
const ROUNDED = 15 * MINUTE;
export const YES = 'yes';

/**
 * Returns the sweep of a cursor. Anybody can write a cursor. Notes without a salt cannot be read: they count as notes
 * that had no room.
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
 * Returns the sweep after its first page was read. The time is rounded, so that a cursor says little about when it was
 * made.
 */
export function startSweep(sweep: Sweep, page: Pick<ClaimPage, 'at' | 'salt'>): Sweep {
  return { ...saltSweep(sweep, page), since: sweep.since ?? epochMillis(Math.floor(page.at / ROUNDED) * ROUNDED) };
}

/** Returns the sweep with a salt. The first page's salt is used for the whole answer. */
export function saltSweep(sweep: Sweep, { salt }: Pick<ClaimPage, 'salt'>): Sweep {
  return { ...sweep, salt: sweep.salt ?? salt };
}

/**
 * Returns whether the claim was read, as far as the notes show. If there was no room for all notes, a claim can be read without
 * a note. On the way up, it then counts as read if it has not moved since the first page: it was read on the way down, unless its last
 * event is of the future.
 */
export function isRead({ isUp, salt, noted, isFull, since }: Sweep, claim: Claim): boolean {
  if (salt !== undefined && noted.has(saltedNote(claim.id, salt))) return true;
  if (!isUp || !isFull) return false;
  if (since === undefined || (claim.last ?? 0) > endOfOpenRange(since)) return false;
  return !mayHaveMoved(claim, epochMillis(since - CLOCKS_DIFFER));
}

/**
 * Returns the sweep with notes on the claims of this page. On the way up these take the place of older notes: such
 * claims are moving now.
 */
export function addRead(sweep: Sweep, claims: readonly Pick<Claim, 'id'>[]): Sweep {
  const { salt, isUp, noted, isFull } = sweep;
  if (claims.length === 0 || salt === undefined) return { ...sweep, isFull: isFull || claims.length > 0 };
  const now = claims.map(({ id }) => saltedNote(id, salt));
  const all = [...new Set(isUp ? [...now, ...noted] : [...noted, ...now])];
  return { ...sweep, noted: new Set(all.slice(0, MOST_NOTED)), isFull: isFull || all.length > MOST_NOTED };
}

/** Returns the time. Anybody can write a cursor, so any other text gives undefined. */
function instantOf(text: string | undefined): EpochMillis | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? epochMillis(Number(text)) : undefined;
}

/** The length of a note and of a salt in characters: 48 bits as base64url. */
const NOTE_LENGTH = 8;

/** The largest prime below 2^48. */
const PRIME = 2n ** 48n - 59n;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Returns a short note on a claim's ID, for a cursor: the polynomial of its characters at the salt, modulo a prime.
 * Whoever makes sessions can search for IDs that are alike, for example two with the same beginning. But they do not
 * know the salt, and for two IDs of 32 characters at most 31 of 2^48 salts give the same note. Source of the bound:
 * Carter and Wegman, "Universal Classes of Hash Functions", 1979; a polynomial has no more roots than its degree.
 */
function saltedNote(id: string, salt: string): string {
  const at = numberOf(salt);
  let sum = 0n;
  for (let index = 0; index < id.length; index += 1) sum = (sum * at + BigInt(id.charCodeAt(index))) % PRIME;
  return Array.from({ length: NOTE_LENGTH }, (_, digit) => DIGITS[Number((sum >> BigInt(6 * digit)) & 63n)]).join('');
}

/** Returns the number of a salt. Anybody can write a cursor, so any character that is not a digit counts as zero. */
function numberOf(salt: string): bigint {
  return [...salt].reduce((sum, digit) => sum * 64n + BigInt(Math.max(0, DIGITS.indexOf(digit))), 0n);
}

/**
 * Returns the next claims of several lists, in their common order. A claim that has moved to another list meanwhile
 * keeps its place or moves up, so it is read once.
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
