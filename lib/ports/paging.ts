import type { ErrorCode } from '../error-code.ts';
import type { EpochMillis } from '../time.ts';

/** The end of a page: a place in the order. Opaque; only the store makes and reads it. */
export type Position = string;

/** The error for a position that the store did not issue. The answer could begin anywhere. */
export class PositionError extends Error {
  readonly code = 'position' satisfies ErrorCode;
}

export interface Page {
  readonly limit: number;
  readonly position?: Position | undefined;
}

/** A range of event times, both ends included. */
export interface TimeRange {
  readonly from?: EpochMillis | undefined;
  readonly to?: EpochMillis | undefined;
}
