import { LONGEST_CREDENTIALS } from '../cloudtrail/grant.ts';
import type { IdentityStore } from '../identity/identity-store.ts';
import type { TrustedProxy } from '../identity/trusted-proxy.ts';
import type { UsernameTemplate } from '../identity/username.ts';
import { HOUR, MINUTE, SECOND } from '../time.ts';

/** What the rules can be told besides events and grants. Times are in milliseconds. */
export interface AttributionSettings {
  readonly usernameTemplates: readonly UsernameTemplate[];
  /** Callers whose word for the person is believed; none unless somebody says so. */
  readonly trustedProxies: readonly TrustedProxy[];
  /** Directories of Identity Center that are one's own; none unless somebody says so: then each of its people is known by it. */
  readonly identityStores: readonly IdentityStore[];
  /** How long before its grant's time an event may lie: clocks of STS and the API server differ. */
  readonly beforeIssue: number;
  /** How long after the session's end an event may lie: the API server caches a token's positive answer. */
  readonly afterExpiry: number;
}

/** CONTRACT, rule 3: [issued-at − 60 s, expires-at + 10 min]. */
export const DEFAULT_SETTINGS: AttributionSettings = {
  usernameTemplates: [],
  trustedProxies: [],
  identityStores: [],
  beforeIssue: 60 * SECOND,
  afterExpiry: 10 * MINUTE,
};

/**
 * In milliseconds after the event: until then a grant may still come, and an answer without one is `pending` (CONTRACT).
 * A deployment may choose another (`deadlineMinutes`).
 */
export const DEFAULT_DEADLINE = 30 * MINUTE;

/**
 * A session's beginning and its grant's time are 0 s apart in public records, but for Identity Center's, where AWS sets
 * the name and up to 2 s are allowed (CONTRACT, rule 3; FACTS).
 */
export const IDENTITY_CENTER_TOLERANCE = 2 * SECOND;

/** CONTRACT, rule 5: the cluster's own grant among them. */
export const LONGEST_CHAIN = 10;

/** In milliseconds: STS issues no longer credentials to a role session that assumes a role itself (FACTS). */
const LONGEST_CHAINED = HOUR;

/**
 * In milliseconds, how long before an event the first grant of its chain can lie: the longest credentials, then sessions
 * that were chained, each used to its end.
 */
export function longestReach({ afterExpiry }: Pick<AttributionSettings, 'afterExpiry'>): number {
  return LONGEST_CREDENTIALS + (LONGEST_CHAIN - 1) * LONGEST_CHAINED + LONGEST_CHAIN * afterExpiry;
}
