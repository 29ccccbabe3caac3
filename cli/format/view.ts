import { epochMillis } from '../../lib/time.ts';
import type { Screen } from '../terminal/fitted-table.ts';
import type { Clock } from './shown-time.ts';

/** How a result is shown: the screen and the style of times. */
export interface View extends Screen {
  readonly clock: Clock;
}

/** The view of a pipe: whole lines, no color, UTC. */
export const WHOLE: View = { width: undefined, isColoured: false, clock: { style: 'utc', now: epochMillis(0) } };
