import type { ErrorCode } from '../error-code.ts';
import type { EpochMillis } from '../time.ts';

/** Where a page ended, as a place in the order. Only the store makes and reads it. */
export type Position = string;

/** Says that the store did not issue a position. An answer from there could begin anywhere. */
export class PositionError extends Error {
  readonly code = 'position' satisfies ErrorCode;
}

export interface Page {
  readonly limit: number;
  readonly position?: Position | undefined;
}

/** A range of event times, including both ends. */
export interface TimeRange {
  readonly from?: EpochMillis | undefined;
  readonly to?: EpochMillis | undefined;
}
