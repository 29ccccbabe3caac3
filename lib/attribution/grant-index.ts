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
 * The part of a session's grants that a rule needs: whether there is any, those that Identity Center made, or those
 * from the time at which the session began. A name that many people use can have thousands of grants. For an event with
 * an access key, the others do not matter.
 */
export type SessionPart = 'whether-any' | 'identity-center' | EpochMillis;

/**
 * The interface through which the rules query grants, uses, tokens and other facts. It answers from the facts that it holds, which
 * may be incomplete. If the facts are elsewhere, pass an `AskingIndex` to the rules, fetch the facts that the rules
 * asked for, and let the rules decide again.
 */
export interface GrantIndex {
  /** Returns all grants that issued this access key, at any time and for any session. AWS can issue a key ID again (FACTS). */
  grantsOfKey(accessKeyId: AccessKeyId): readonly Grant[];
  /** Returns the grants of GetWebIdentityToken that issued the web identity token with this ID. */
  grantsOfToken(tokenId: string): readonly Grant[];
  /**
   * Returns what records signed by this key state about its session. With `only`, the actor does not
   * depend on the result. It only shows who else acts through the session. A source that pays for each answer
   * can leave the question out.
   */
  usesOfKey(accessKeyId: AccessKeyId, only?: 'statements'): readonly Use[];
  /**
   * Returns all grants of a session, oldest first. Their names can still differ in `@` and `-`. `name` is the name as
   * it was read, for sources that can only search for an exact name. `only` says which of the grants can matter, so
   * that a claim need not wait for others.
   */
  grantsOfSession(key: SessionKey, name: string, only?: SessionPart): readonly Grant[];
  /** Returns the grants of `grantsOfSession` that Identity Center made. They are few, even if a name that many people use has thousands. */
  identityCenterGrantsOfSession(key: SessionKey, name: string): readonly Grant[];
  /**
   * Returns grants like `grantsOfSession`, for a name that was only guessed from a username. `neighbour` says that a
   * template reads another name, so that these grants can never decide.
   */
  grantsOfGuess(key: SessionKey, name: string, neighbour: boolean): readonly Grant[];
  /**
   * Returns grants to AWS services that have no role ID, for a session name that may differ in `@` and `-`. They are
   * for any role in this account or, if no account is given, in any account. `weak` says that they can never decide. A
   * source that pays for each answer can leave such a question out.
   */
  unnamedServiceGrants(name: string, accountId: string | undefined, weak: boolean): readonly Grant[];
  /** Returns the roles with this `AROA…` ID, from records. AWS never reuses such an ID, so there are several only if records are forged. */
  rolesOf(roleId: RoleId): readonly RoleRef[];
  /**
   * Returns the sightings of a user by `AIDA…` ID or Identity Center `userId`, the earliest first. `only` says that the
   * latest one is enough.
   */
  sightingsOf(userId: string, only?: 'latest'): readonly NameSighting[];
  /** Returns everybody who ever had the name, and when the name ended in which account. The name has the form of `comparableName`. */
  holdersOf(name: string): NameHolders;
  /**
   * Returns the first change of this SAML provider that Identity Center itself did not make. Later grants through the
   * provider are in doubt.
   */
  firstProviderChange(providerArn: string): ProviderChange | undefined;
  /** Returns a hosted agent that acted in this sign-in session. Undefined if none is known. */
  agentOf(signInSession: string): AgentOfSignIn | undefined;
  /**
   * Returns the audit events that issued the service account token with this ID in the cluster. The result can have
   * events of other clusters too.
   */
  tokensIssued(credentialId: string, clusterKey: ClusterKey): readonly IssuedToken[];
  /** Returns the silences of the account's CloudTrail, in any Region. */
  silencesOf(accountId: string): readonly Silence[];
}

/** The users who ever had a name, without repeated ones, and when IAM ended the name in which account. Neither list has an order. */
export interface NameHolders {
  readonly holders: readonly NameHolder[];
  readonly ends: readonly NameEnd[];
  /** Whether there are too many users to read them all. Then the name counts as somebody's. */
  readonly isCut?: boolean | undefined;
}
