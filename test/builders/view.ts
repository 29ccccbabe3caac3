import type { View } from '../../cli/format/view.ts';
import { epochMillis } from '../../lib/time.ts';

/** The view of a result in a pipe: whole, without color, in UTC. */
export const PIPED: View = {
  width: undefined,
  isColoured: false,
  clock: { style: 'utc', now: epochMillis(Date.parse('2026-03-10T18:00:00Z')) },
};
