import { setTimeout as sleep } from 'node:timers/promises';
import type { Waiting } from './pacer.ts';

/** The machine's own clock, which never goes back. */
export const realWaiting: Waiting = {
  now: () => performance.now(),
  wait: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
};
