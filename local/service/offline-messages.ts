import type { ClockTime } from './local-clock.ts';

/** Sets the handlers' time. */
export interface Barrier {
  readonly id: number;
  readonly time: ClockTime;
}

/** What the handlers' process says: that they go by the time of that barrier. */
export interface PassedBarrier {
  readonly passed: number;
}
