import type { Usage } from './estimate.ts';

/** What is taken where nobody says otherwise: one account and cluster, what `eks-whois cost` has as its defaults. */
export const USUAL = {
  omittedShare: 0,
  lateShare: 0.3,
  hoursOfSession: 1,
  pods: 0,
  questions: 500,
  recordDays: 90,
  logDays: 30,
} as const satisfies Partial<Usage>;

/** Where nobody says how many sessions: one does about so much. */
export const EVENTS_OF_SESSION = 50;
