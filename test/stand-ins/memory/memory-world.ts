import { expiry } from '../../../lib/adapters/expiry.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import { PositionError } from '../../../lib/ports/paging.ts';

/** How long items are kept, in milliseconds after they are written. */
export interface KeepTimes {
  readonly records: number;
  readonly sessions: number;
}

/** The common parts of the stores in memory: the clock, the delay of their indexes, and where they may crash. */
export interface MemoryWorld {
  readonly clock: Clock;
  /** Chooses the delay of each index entry. Without it indexes have no delay. */
  readonly random?: (() => number) | undefined;
  /** Is called before each single write. If it throws, the process crashes there. */
  readonly beforeWrite: () => void;
  /** Without it nothing expires. */
  readonly keep?: KeepTimes | undefined;
}

/** Later than any item could last in memory. */
const NEVER = 2 ** 40;

/** Returns when an item that is written now expires, in seconds since the epoch. */
export function expiryOf(kind: keyof KeepTimes, { clock, keep }: MemoryWorld): number {
  return keep === undefined ? NEVER : expiry(clock(), keep[kind]);
}

export function calmWorld(clock: Clock): MemoryWorld {
  return { clock, beforeWrite: () => undefined };
}

/** @throws PositionError if a page of a store in memory cannot have ended there. */
export function checkPlace(position: string | undefined): void {
  if (position === undefined || /^\d{17} ./.test(position)) return;
  throw new PositionError('The position does not belong to this answer.');
}
