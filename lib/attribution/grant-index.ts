import type { IssuedToken } from '../audit/issued-token.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import type { KnownUser } from '../cloudtrail/known-user.ts';
import type { ProviderChange } from '../cloudtrail/provider-change.ts';
import type { AgentOfSignIn } from '../cloudtrail/record.ts';
import type { Use } from '../cloudtrail/use.ts';
import type { AccessKeyId } from '../identity/access-key.ts';
import type { RoleId, RoleRef } from '../identity/arn.ts';
import type { SessionKey } from '../identity/session-key.ts';
import type { EpochMillis } from '../time.ts';

/**
 * A part of a session's grants: whether there is any; those that Identity Center made; those that began the session at
 * this time. A shared name may have thousands of grants, of which none else bears on an event with an access key.
 */
export type SessionPart = 'whether-any' | 'identity-center' | EpochMillis;

/**
 * What is known of grants, uses and tokens, as the rules ask for it. Pure: the answers are those known now, whole or not.
 * Who holds the records elsewhere lets the rules ask, fetches what they asked for, and lets them decide again.
 */
export interface GrantIndex {
  /** All grants that issued this access key, at any time, for any session: keys recur (FACTS). */
  grantsOfKey(accessKeyId: AccessKeyId): readonly Grant[];
  /**
   * What records signed by this key say of its session. `only` where who it is does not depend on it, but whether
   * somebody acts for that person: a source that pays for each answer need not be asked.
   */
  usesOfKey(accessKeyId: AccessKeyId, only?: 'statements'): readonly Use[];
  /**
   * All grants under the key, oldest first; their names may still differ in `@` and `-`.
   * `name` is the name as it was read, for sources that can only be asked for an exact one. `only` says which of them can
   * matter to who asks: a hint for what to wait for.
   */
  grantsOfSession(key: SessionKey, name: string, only?: SessionPart): readonly Grant[];
  /** Those of `grantsOfSession` that Identity Center made: few, where a shared name may have thousands. */
  identityCenterGrantsOfSession(key: SessionKey, name: string): readonly Grant[];
  /**
   * Like `grantsOfSession`, for a name that was only guessed from a username; `neighbour`: beside what a template reads,
   * so that it never decides.
   */
  grantsOfGuess(key: SessionKey, name: string, neighbour: boolean): readonly Grant[];
  /**
   * Grants to AWS services that state no role id, of any role, whose session names are alike but for `@` and `-`.
   * `weak`: they cannot decide; a source that pays for each answer need not be asked.
   */
  unnamedServiceGrants(name: string, weak: boolean): readonly Grant[];
  /** The role of this `AROA…` id, as records state it: one, since ids are never used again; more of forged records only. */
  rolesOf(roleId: RoleId): readonly RoleRef[];
  /** The user of this `AIDA…` id, or Identity Center `userId`, by the latest record that names it. */
  userOf(principalId: string): KnownUser | undefined;
  /** Whether an IAM or Identity Center user of this name is known, compared as `comparableName` says. */
  isKnownUser(name: string): boolean;
  /** The first change of this SAML provider that Identity Center did not make: the grants from then on are doubtful. */
  firstProviderChange(providerArn: string): ProviderChange | undefined;
  /** A hosted agent that is known to have acted in this sign-in session. */
  agentOf(signInSession: string): AgentOfSignIn | undefined;
  /** The audit events that issued the service account token of this id, in any cluster. */
  tokensIssued(credentialId: string): readonly IssuedToken[];
}
