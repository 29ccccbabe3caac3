/** The defaults of the estimate: one account and one cluster. `eks-whois cost` has the same defaults. */
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

/** The events of one session, if the number of sessions is not given. */
export const EVENTS_OF_SESSION = 50;

/**
 * The grants for each session that reaches a cluster, if their number is not given. They come from all accounts that
 * send their grants. Most grants are for services and reach no cluster. They are stored, because this is not known when
 * they arrive. An organization with few clusters has more of them.
 */
export const GRANTS_OF_SESSION = 20;
