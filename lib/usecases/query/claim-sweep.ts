import { type Claim, type ListedStatus, mayHaveMoved } from '../../claims/claim.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { ClaimPage, Claims, ListPage } from '../../ports/claims.ts';
import type { Position } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import type { Cursor } from './cursor.ts';

/**
 * How far an answer over lists of claims has come that takes several pages. A session that acts again, or is filed under
 * another status, moves up in the lists or from one into another, and never down. So they are read down, from the latest event
 * on, and once more up from where that ended, for what was not read yet: nothing can pass by on the way up.
 */
export interface Sweep {
  readonly isUp: boolean;
  /** What the claims are noted with; unknown before the first page was read, and of cursors of an earlier version. */
  readonly salt: string | undefined;
  /** Claims that were read, as `saltedNote` writes them. */
  readonly noted: ReadonlySet<string>;
  /** Whether others were read too, for which a cursor has no room. */
  readonly isFull: boolean;
  /** When the first page was read, by the store's clock, or up to a quarter of an hour before; unknown before it was, and of cursors of an earlier version. */
  readonly since: EpochMillis | undefined;
}

/** A cursor goes into an address, of which API Gateway takes 10 KB. */
const MOST_NOTED = 675;
/** By so much the clocks of those who write claims, or the index of their lists, may differ from the reader's. */
const CLOCKS_DIFFER = 15 * MINUTE;
const ROUNDED = 15 * MINUTE;
export const YES = 'yes';

/** What an earlier version noted, without a salt, is not known any more: as if there had been no room for it. */
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

/** Of which a part was read now; the time is rounded, so that a cursor says little of when. */
export function startSweep(sweep: Sweep, page: Pick<ClaimPage, 'at' | 'salt'>): Sweep {
  return { ...saltSweep(sweep, page), since: sweep.since ?? epochMillis(Math.floor(page.at / ROUNDED) * ROUNDED) };
}

/** The first page's salt is that of the answer. */
export function saltSweep(sweep: Sweep, { salt }: Pick<ClaimPage, 'salt'>): Sweep {
  return { ...sweep, salt: sweep.salt ?? salt };
}

/** As far as anybody remembers: on the way up, what nobody noted and has not moved since the beginning was read on the way down. */
export function isRead({ isUp, salt, noted, isFull, since }: Sweep, claim: Claim): boolean {
  if (salt !== undefined && noted.has(saltedNote(claim.id, salt))) return true;
  if (!isUp || !isFull) return false;
  return since !== undefined && !mayHaveMoved(claim, epochMillis(since - CLOCKS_DIFFER));
}

/** With claims that were read now. On the way up they rather than others are noted: they move just now. */
export function addRead(sweep: Sweep, claims: readonly Pick<Claim, 'id'>[]): Sweep {
  const { salt, isUp, noted, isFull } = sweep;
  if (claims.length === 0 || salt === undefined) return { ...sweep, isFull: isFull || claims.length > 0 };
  const now = claims.map(({ id }) => saltedNote(id, salt));
  const all = [...new Set(isUp ? [...now, ...noted] : [...noted, ...now])];
  return { ...sweep, noted: new Set(all.slice(0, MOST_NOTED)), isFull: isFull || all.length > MOST_NOTED };
}

/** A cursor comes from outside: what is no time is none. */
function instantOf(text: string | undefined): EpochMillis | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? epochMillis(Number(text)) : undefined;
}

/** Characters of a note, and of a salt: 48 bits as base64url. */
const NOTE_LENGTH = 8;

/** The largest prime below 2^48. */
const PRIME = 2n ** 48n - 59n;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * A claim's id as a cursor has room for it: the polynomial of its characters at the salt, modulo a prime. The ids of those who make
 * sessions can be searched for, two that begin alike among them; of two ids of 32 characters at most 31 salts of 2^48 make one
 * note, and nobody who makes sessions knows the salt. Source of the bound: Carter and Wegman, "Universal Classes of Hash
 * Functions", 1979; a polynomial has no more roots than its degree.
 */
function saltedNote(id: string, salt: string): string {
  const at = numberOf(salt);
  let sum = 0n;
  for (let index = 0; index < id.length; index += 1) sum = (sum * at + BigInt(id.charCodeAt(index))) % PRIME;
  return Array.from({ length: NOTE_LENGTH }, (_, digit) => DIGITS[Number((sum >> BigInt(6 * digit)) & 63n)]).join('');
}

/** What is no digit counts as none: a cursor comes from outside. */
function numberOf(salt: string): bigint {
  return [...salt].reduce((sum, digit) => sum * 64n + BigInt(Math.max(0, DIGITS.indexOf(digit))), 0n);
}

/**
 * The next claims of several lists in their common order. A claim that is in another list meanwhile has its place still, or
 * one further up: so it is read once.
 */
export async function listClaims(lists: readonly ListedStatus[], asked: ListPage, claims: Claims): Promise<ClaimPage> {
  const isBehind = (a: Position, b: Position) => (asked.isUpwards === true ? a > b : a < b);
  const first = (a: Position | undefined, b: Position) => (a === undefined || isBehind(a, b) ? b : a);
  const pages = await mapConcurrently(lists, (list) => claims.list(list, asked));
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
  return { at, salt, claims: found, positions, ...(end !== undefined && { position: end }) };
}
