import { LONGEST_CREDENTIALS } from '../cloudtrail/grant.ts';
import type { IdentityStore } from '../identity/identity-store.ts';
import type { TrustedProxy } from '../identity/trusted-proxy.ts';
import type { UsernameTemplate } from '../identity/username.ts';
import { HOUR, MINUTE, SECOND } from '../time.ts';
import { NOBODY_JOINED, type SamePerson } from './same-person.ts';

/** The settings of the rules, besides events and grants. Times are in milliseconds. */
export interface AttributionSettings {
  readonly usernameTemplates: readonly UsernameTemplate[];
  /** Callers that are trusted to state the person. None by default. */
  readonly trustedProxies: readonly TrustedProxy[];
  /**
   * Your own Identity Center directories. By default none is configured, and each person is known together with their
   * directory.
   */
  readonly identityStores: readonly IdentityStore[];
  /** The IDs that the operator joined, grouped by person. The rules do not use it: it only decides what is counted, listed and found together. */
  readonly samePerson: SamePerson;
  /** How long before its grant's time an event may be: clocks of STS and the API server differ. */
  readonly beforeIssue: number;
  /** How long after the session's end an event may be: the API server caches a token's positive answer. */
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
 * The time after the event, in milliseconds, during which a grant may still arrive. Until then, an answer without one
 * is `pending` (CONTRACT). A deployment may choose another (`deadlineMinutes`).
 */
export const DEFAULT_DEADLINE = 30 * MINUTE;

/**
 * The allowed difference between a session's start and its Identity Center grant, where AWS sets the name. In public
 * records all other grants have 0 s (CONTRACT, rule 3; FACTS).
 */
export const IDENTITY_CENTER_TOLERANCE = 2 * SECOND;

/** The maximum number of grants in a chain, including the caller's own (CONTRACT, rule 5). */
export const LONGEST_CHAIN = 10;

/** Limits the ways back through events that issued service account tokens (CONTRACT, rule 8). One event can have many copies. */
export const MOST_WAYS = 20;

/** The longest life, in milliseconds, of a role session (FACTS). */
export const LONGEST_ROLE_SESSION = 12 * HOUR;

/** The longest life, in milliseconds, of credentials that STS issues to a role session that assumes a role (FACTS). */
const LONGEST_CHAINED = HOUR;

/**
 * Returns how long before an event the first grant of its chain can be, in milliseconds: the longest credentials, then
 * chained sessions, each used until its end.
 */
export function longestReach({ afterExpiry }: Pick<AttributionSettings, 'afterExpiry'>): number {
  return LONGEST_CREDENTIALS + (LONGEST_CHAIN - 1) * LONGEST_CHAINED + LONGEST_CHAIN * afterExpiry;
}
