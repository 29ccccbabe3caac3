import { LONGEST_CREDENTIALS } from '../cloudtrail/grant.ts';
import type { IdentityStore } from '../identity/identity-store.ts';
import type { TrustedProxy } from '../identity/trusted-proxy.ts';
import type { UsernameTemplate } from '../identity/username.ts';
import { HOUR, MINUTE, SECOND } from '../time.ts';
import { NOBODY_JOINED, type SamePerson } from './same-person.ts';

/** The settings of the rules, besides events and grants. Times are in milliseconds. */
export interface AttributionSettings {
  readonly usernameTemplates: readonly UsernameTemplate[];
  /** Callers that are trusted to state the person for whom they act. By default there are none. */
  readonly trustedProxies: readonly TrustedProxy[];
  /** Your own Identity Center directories. By default there are none, and each person is shown together with their directory. */
  readonly identityStores: readonly IdentityStore[];
  /**
   * The IDs that the operator joined, grouped by person. The rules do not use this. It only decides what is counted,
   * listed and found together.
   */
  readonly samePerson: SamePerson;
  /** How long before its grant an event can be, because the clocks of STS and the API server differ. */
  readonly beforeIssue: number;
  /** How long after the end of its session an event can be, because the API server caches the result for a token. */
  readonly afterExpiry: number;
}

/** The defaults of CONTRACT, rule 3: [issued-at − 60 s, expires-at + 10 min]. */
export const DEFAULT_SETTINGS: AttributionSettings = {
  usernameTemplates: [],
  trustedProxies: [],
  identityStores: [],
  samePerson: NOBODY_JOINED,
  beforeIssue: 60 * SECOND,
  afterExpiry: 10 * MINUTE,
};

/**
 * How long after an event its grant can still arrive, in milliseconds. Until then, an answer without a grant is
 * `pending` (CONTRACT). A deployment can choose another value (`deadlineMinutes`).
 */
export const DEFAULT_DEADLINE = 30 * MINUTE;

/**
 * The largest difference between the start of a session and its Identity Center grant, in milliseconds. AWS sets the
 * name of such a session. For all other grants, public records show no difference (CONTRACT, rule 3; FACTS).
 */
export const IDENTITY_CENTER_TOLERANCE = 2 * SECOND;

/** The maximum number of grants in a chain, including the caller's own (CONTRACT, rule 5). */
export const LONGEST_CHAIN = 10;

/**
 * The maximum number of ways that are followed back through events that issued tokens (CONTRACT, rule 8). One event can
 * have many copies.
 */
export const MOST_WAYS = 20;

/** The longest life of a role session, in milliseconds (FACTS). */
export const LONGEST_ROLE_SESSION = 12 * HOUR;

/** The longest life of credentials that one role session gets by assuming another role, in milliseconds (FACTS). */
const LONGEST_CHAINED = HOUR;

/**
 * Returns the longest time between an event and the first grant of its chain, in milliseconds. The first credentials
 * have the longest life, then each role session is used until its end to assume the next role.
 */
export function longestReach({ afterExpiry }: Pick<AttributionSettings, 'afterExpiry'>): number {
  return LONGEST_CREDENTIALS + (LONGEST_CHAIN - 1) * LONGEST_CHAINED + LONGEST_CHAIN * afterExpiry;
}
