import type { ClockTime } from './local-clock.ts';

/** A message that sets the handlers' time. */
export interface Barrier {
  readonly id: number;
  readonly time: ClockTime;
}

/** The handlers' process confirms that it uses the time of this barrier. */
export interface PassedBarrier {
  readonly passed: number;
}
