import { expiry } from '../../../lib/adapters/expiry.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import { PositionError } from '../../../lib/ports/paging.ts';

/** How long items are kept, in milliseconds from when they are written. */
export interface Keeping {
  readonly records: number;
  readonly sessions: number;
}

/** What the stores in memory share: the clock, how late their indexes are, and where they may crash. */
export interface MemoryWorld {
  readonly clock: Clock;
  /** Chooses how late each index entry becomes visible; without it indexes are never late. */
  readonly random?: (() => number) | undefined;
  /** Called before each single write; what it throws is a crash there. */
  readonly beforeWrite: () => void;
  /** Without it nothing is ever over. */
  readonly keep?: Keeping | undefined;
}

/** Memory ends before any item would. */
const NEVER = 2 ** 40;

/** When an item that is written now is over, in seconds since the epoch. */
export function expiryOf(kind: keyof Keeping, { clock, keep }: MemoryWorld): number {
  return keep === undefined ? NEVER : expiry(clock(), keep[kind]);
}

export function calmWorld(clock: Clock): MemoryWorld {
  return { clock, beforeWrite: () => undefined };
}

/** @throws PositionError where a page of a store in memory could not have ended there. */
export function checkPlace(position: string | undefined): void {
  if (position === undefined || /^\d{17} ./.test(position)) return;
  throw new PositionError('The position does not belong to this answer.');
}
