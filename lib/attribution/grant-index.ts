import type { IssuedToken } from '../audit/issued-token.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import type { NameEnd, NameHolder, NameSighting } from '../cloudtrail/known-user.ts';
import type { ProviderChange } from '../cloudtrail/provider-change.ts';
import type { AgentOfSignIn } from '../cloudtrail/record.ts';
import type { Use } from '../cloudtrail/use.ts';
import type { AccessKeyId } from '../identity/access-key.ts';
import type { RoleId, RoleRef } from '../identity/arn.ts';
import type { ClusterKey } from '../identity/cluster.ts';
import type { SessionKey } from '../identity/session-key.ts';
import type { EpochMillis } from '../time.ts';
import type { Silence } from './silence.ts';

/**
 * A part of a session's grants: whether there is any; those that Identity Center made; or those that began the session at this
 * time. A shared name may have thousands of grants, and the others do not matter for an event with an access key.
 */
export type SessionPart = 'whether-any' | 'identity-center' | EpochMillis;

/**
 * The known grants, uses and tokens, as the rules query them. It is pure: it answers with what is known now, complete
 * or not. If the records are elsewhere, let the rules ask, fetch what they asked for, and let them decide again.
 */
export interface GrantIndex {
  /** Returns all grants that issued this access key, at any time and for any session, because keys recur (FACTS). */
  grantsOfKey(accessKeyId: AccessKeyId): readonly Grant[];
  /** Returns the grants of GetWebIdentityToken that issued the web identity token with this ID. */
  grantsOfToken(tokenId: string): readonly Grant[];
  /**
   * Returns what records signed by this key state about its session. `only` means that the actor does not depend on the result,
   * but whether somebody acts for that person does. A source that pays for each answer need not be queried then.
   */
  usesOfKey(accessKeyId: AccessKeyId, only?: 'statements'): readonly Use[];
  /**
   * Returns all grants under the key, oldest first. Their names may still differ in `@` and `-`. `name` is the name as
   * it was read, for sources that can only be queried for an exact name. `only` says which of the grants can matter: a
   * hint about what to wait for.
   */
  grantsOfSession(key: SessionKey, name: string, only?: SessionPart): readonly Grant[];
  /** Returns the grants of `grantsOfSession` that Identity Center made. They are few, while a shared name may have thousands. */
  identityCenterGrantsOfSession(key: SessionKey, name: string): readonly Grant[];
  /**
   * Returns grants like `grantsOfSession`, for a name that was only guessed from a username. `neighbour` means that a
   * template reads another name, so that this one never decides.
   */
  grantsOfGuess(key: SessionKey, name: string, neighbour: boolean): readonly Grant[];
  /**
   * Returns grants to AWS services without a role ID, for any role of the account (of any account, if none is given),
   * whose session names are equal except for `@` and `-`. `weak` means that they cannot decide, so a source that pays for each answer need not be queried.
   */
  unnamedServiceGrants(name: string, accountId: string | undefined, weak: boolean): readonly Grant[];
  /**
   * Returns the role of this `AROA…` ID, as records state it. IDs are never reused, so there is only one unless records
   * are forged.
   */
  rolesOf(roleId: RoleId): readonly RoleRef[];
  /**
   * Returns the sightings of the user of this `AIDA…` ID or Identity Center `userId`, the earliest first. `only` means that the
   * latest is enough.
   */
  sightingsOf(userId: string, only?: 'latest'): readonly NameSighting[];
  /** Returns who ever had the name, in the form of `comparableName`, and when it ended in which account. */
  holdersOf(name: string): NameHolders;
  /** Returns the first change of this SAML provider that Identity Center did not make. Later grants are in doubt. */
  firstProviderChange(providerArn: string): ProviderChange | undefined;
  /** Returns a hosted agent that is known to have acted in this sign-in session. */
  agentOf(signInSession: string): AgentOfSignIn | undefined;
  /** Returns the audit events that issued the service account token with this ID in the cluster, perhaps also those in others. */
  tokensIssued(credentialId: string, clusterKey: ClusterKey): readonly IssuedToken[];
  /** Returns the silences of the account's CloudTrail, in any Region. */
  silencesOf(accountId: string): readonly Silence[];
}

/** The users who ever had a name, each once, and the times at which IAM ended it, with the accounts. Both are in no particular order. */
export interface NameHolders {
  readonly holders: readonly NameHolder[];
  readonly ends: readonly NameEnd[];
  /** Whether there are so many that not all were read. Then the name counts as the name of somebody. */
  readonly isCut?: boolean | undefined;
}
