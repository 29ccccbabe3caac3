import type { Usage } from './estimate.ts';

/** Defaults of the estimate: one account and cluster. `eks-whois cost` uses the same. */
export const USUAL = {
  omittedShare: 0,
  lateShare: 0.3,
  hoursOfSession: 1,
  pods: 0,
  questions: 500,
  recordDays: 90,
  logDays: 30,
} as const satisfies Partial<Usage>;

/** Events of one session, if the number of sessions is not given. */
export const EVENTS_OF_SESSION = 50;
