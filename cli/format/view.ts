import { epochMillis } from '../../lib/time.ts';
import type { Screen } from '../terminal/fitted-table.ts';
import type { Clock } from './shown-time.ts';

/** How a result is shown to whoever looks at it: on which screen, and with which times. */
export interface View extends Screen {
  readonly clock: Clock;
}

/** Whole, without colour, in UTC: as a pipe is shown it. */
export const WHOLE: View = { width: undefined, isColoured: false, clock: { style: 'utc', now: epochMillis(0) } };
