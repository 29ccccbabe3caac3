import type { ErrorCode } from '../error-code.ts';
import type { EpochMillis } from '../time.ts';

/** Where a page ends: the place in the order, nothing else. Opaque; made and read by the store alone. */
export type Position = string;

/** A position that no page of the store ended at: it came from outside. The answer would begin anywhere. */
export class PositionError extends Error {
  readonly code = 'position' satisfies ErrorCode;
}

export interface Page {
  readonly limit: number;
  readonly position?: Position | undefined;
}

/** Between two event times, both included. */
export interface TimeRange {
  readonly from?: EpochMillis | undefined;
  readonly to?: EpochMillis | undefined;
}
