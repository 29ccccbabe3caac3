import type { ClockTime } from './local-clock.ts';

/** Sets the handlers' time. What they printed before it arrives comes before its answer, `passed`. */
export interface Barrier {
  readonly id: number;
  readonly time: ClockTime;
}

/** What the handlers' process says: metrics as they were printed, or that a barrier was passed. */
export type FromOffline = { readonly metrics: string } | { readonly passed: number };
