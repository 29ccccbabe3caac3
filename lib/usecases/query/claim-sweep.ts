import { type Claim, mayHaveMoved } from '../../claims/claim.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import type { Cursor } from './cursor.ts';

/**
 * How far an answer over lists of claims has come that takes several pages. A session that acts again, or is filed under
 * another status, moves up in the lists or from one into another, and never down. So they are read down, from the latest event
 * on, and once more up from where that ended, for what was not read yet: nothing can pass by on the way up.
 */
export interface Sweep {
  readonly isUp: boolean;
  /** Claims that were read, by the beginnings of their ids. */
  readonly noted: ReadonlySet<string>;
  /** Whether others were read too, for which a cursor has no room. */
  readonly isFull: boolean;
  /** When the first page was read, by the store's clock, or up to a quarter of an hour before; unknown before it was, and of cursors of an earlier version. */
  readonly since: EpochMillis | undefined;
}

/** Of ids that nobody can choose: 48 bits. */
const NOTED = 8;
/** A cursor goes into an address, of which API Gateway takes 10 KB. */
const MOST_NOTED = 675;
/** By so much the clocks of those who write claims, or the index of their lists, may differ from the reader's. */
const CLOCKS_DIFFER = 15 * MINUTE;
const ROUNDED = 15 * MINUTE;
export const YES = 'yes';

export function sweepOf({ read = '', up, full, since }: Cursor): Sweep {
  const noted = Array.from({ length: Math.ceil(read.length / NOTED) }, (_, at) =>
    read.slice(at * NOTED, (at + 1) * NOTED),
  );
  return { isUp: up === YES, noted: new Set(noted), isFull: full === YES, since: instantOf(since) };
}

export function cursorOfSweep({ isUp, noted, isFull, since }: Sweep): Pick<Cursor, 'read' | 'up' | 'full' | 'since'> {
  return {
    ...(noted.size > 0 && { read: [...noted].join('') }),
    ...(isUp && { up: YES }),
    ...(isFull && { full: YES }),
    ...(since !== undefined && { since: String(since) }),
  };
}

/** Of which a part was read now; the time is rounded, so that cursors of one answer are alike. */
export function begun(sweep: Sweep, at: EpochMillis): Sweep {
  return { ...sweep, since: sweep.since ?? epochMillis(Math.floor(at / ROUNDED) * ROUNDED) };
}

/** As far as anybody remembers: on the way up, what nobody noted and has not moved since the beginning was read on the way down. */
export function wasRead({ isUp, noted, isFull, since }: Sweep, claim: Claim): boolean {
  if (noted.has(claim.id.slice(0, NOTED))) return true;
  if (!isUp || !isFull) return false;
  return since !== undefined && !mayHaveMoved(claim, epochMillis(since - CLOCKS_DIFFER));
}

/** With claims that were read now. On the way up they rather than others are noted: they move just now. */
export function withRead(sweep: Sweep, claims: readonly Pick<Claim, 'id'>[]): Sweep {
  const now = claims.map(({ id }) => id.slice(0, NOTED));
  const all = [...new Set(sweep.isUp ? [...now, ...sweep.noted] : [...sweep.noted, ...now])];
  return { ...sweep, noted: new Set(all.slice(0, MOST_NOTED)), isFull: sweep.isFull || all.length > MOST_NOTED };
}

/** A cursor comes from outside: what is no time is none. */
function instantOf(text: string | undefined): EpochMillis | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? epochMillis(Number(text)) : undefined;
}
