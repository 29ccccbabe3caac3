/** Defaults of the estimate: one account and cluster. `eks-whois cost` uses the same. */
export const USUAL = {
  omittedShare: 0,
  lateShare: 0.3,
  hoursOfSession: 1,
  pods: 0,
  questions: 500,
  forwardingStacks: 0,
  recordDays: 90,
  sessionDays: 97,
  logDays: 30,
} as const;

/** Events of one session, if the number of sessions is not given. */
export const EVENTS_OF_SESSION = 50;

/**
 * Grants in all accounts that send theirs, for each session that reaches a cluster, if their number is not given. Most are
 * services' and never reach one, but they are stored, since that is not known when they arrive. An organization with few
 * clusters has more.
 */
export const GRANTS_OF_SESSION = 20;
