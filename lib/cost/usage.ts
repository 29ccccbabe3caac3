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
 * The number of grants for each session that reaches a cluster, in all accounts that send their grants, if it is not given.
 * Most grants are for services and never reach a cluster. They are stored, since that is not known when they arrive. An
 * organization with few clusters has more.
 */
export const GRANTS_OF_SESSION = 20;
