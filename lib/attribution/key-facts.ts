import type { ActingCaller } from '../audit/caller.ts';
import { type Grant, LONGEST_CREDENTIALS } from '../cloudtrail/grant.ts';
import type { Use } from '../cloudtrail/use.ts';
import { isTemporaryKey } from '../identity/access-key.ts';
import { isAccountId, userName } from '../identity/arn.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import { epochMillis } from '../time.ts';
import type { Actor } from './actor.ts';
import type { Action, RuleContext } from './answer.ts';
import type { ActingTime } from './in-time.ts';
import { canHaveActed } from './moment.ts';
import { differ } from './session-claim.ts';
import { IDENTITY_CENTER_TOLERANCE } from './settings.ts';

/** The owner of an access key, according to a grant or a use of the key. */
export interface KeyOwner extends Pick<Actor, 'accountId' | 'principalId' | 'sessionName' | 'arn' | 'name'> {
  readonly kind: 'iam-user' | 'root' | 'federated-user' | 'role-session';
}

/** A grant or a use of the access key of a direct caller (an IAM user, root user or federated user). */
export interface KeyFact {
  readonly owner: KeyOwner;
  /** Whether the owner can be the caller. */
  readonly isOwn: boolean;
  /** Whether the session of this grant or use can have acted at the time of the event. AWS can issue a key ID again (FACTS). */
  readonly isInTime: boolean;
  readonly grant?: Grant | undefined;
  readonly use?: Use | undefined;
}

/** Returns everything that is known about the access key of a direct caller (CONTRACT, rule 4). */
export function keyFactsOf({ caller, moment }: Action, { index, settings, span }: RuleContext): readonly KeyFact[] {
  const { accessKeyId } = caller;
  if (accessKeyId === undefined) return [];
  const inTime = (life: Pick<Grant, 'issuedAt' | 'expiresAt'>) => canHaveActed(life, moment, settings, span);
  const ofGrants = index.grantsOfKey(accessKeyId).flatMap((grant): KeyFact[] => {
    const owner = ownerByGrant(grant);
    return owner === undefined ? [] : [{ owner, isOwn: isOwner(owner, caller), isInTime: inTime(grant), grant }];
  });
  const ofUses = index.usesOfKey(accessKeyId).map((use): KeyFact => {
    const owner = ownerByUse(use);
    return { owner, isOwn: isOwner(owner, caller), isInTime: isOfTime(use, { moment, settings, span }), use };
  });
  return [...ofGrants, ...ofUses];
}

/**
 * Returns the owner of the key that a grant issued. Undefined for a web identity token, which is not an access key. A
 * key from a delegated token belongs to the caller who requested the token, so it is never a direct caller's.
 */
function ownerByGrant({ granted, caller, accountId, sessionName }: Grant): KeyOwner | undefined {
  switch (granted) {
    case 'own-user': {
      const kind = caller.kind === 'root' ? 'root' : 'iam-user';
      const { principalId, arn, userName: name } = caller;
      return { kind, accountId: caller.accountId, principalId, arn, name };
    }
    case 'root':
      return { kind: 'root', accountId };
    case 'federated-user':
      return { kind: 'federated-user', accountId, sessionName };
    case 'delegated':
    case 'role':
      return { kind: 'role-session' };
    case 'web-identity-token':
      return undefined;
  }
}

function ownerByUse({ principalId, accountId }: Use): KeyOwner {
  const session = parseSessionPrincipal(principalId);
  if (session === undefined)
    return isAccountId(principalId)
      ? { kind: 'root', accountId: principalId, principalId }
      : { kind: 'iam-user', accountId, principalId };
  const { id, name: sessionName } = session;
  return isAccountId(id)
    ? { kind: 'federated-user', accountId: id, sessionName }
    : { kind: 'role-session', accountId, principalId, sessionName };
}

/**
 * Returns whether the session of a use can have acted at the moment. Credentials last at most 36 hours. A long-term key
 * has no session. If a use does not say when its session began, the session can be from any time.
 */
export function isOfTime({ accessKeyId, began }: Use, { moment, settings, span }: ActingTime): boolean {
  if (began === undefined || !isTemporaryKey(accessKeyId)) return moment !== 'unreadable';
  const earliest = epochMillis(began - IDENTITY_CENTER_TOLERANCE); // The grant can be older than the session by that much.
  const life = { issuedAt: earliest, expiresAt: epochMillis(began + LONGEST_CREDENTIALS) };
  return canHaveActed(life, moment, settings, span);
}

function isOwner(owner: KeyOwner, caller: ActingCaller): boolean {
  const isOfAccount = !differ(owner.accountId, caller.accountId);
  switch (owner.kind) {
    case 'iam-user':
      if (caller.kind !== 'iam-user') return false;
      if (owner.principalId !== undefined) return owner.principalId === caller.userId;
      return isOfAccount && !differ(owner.arn, caller.arn) && !differ(owner.name, userName(caller.arn));
    case 'root':
      return caller.kind === 'root' && isOfAccount;
    case 'federated-user':
      if (caller.kind === 'federated-user') return isOfAccount && !differ(owner.sessionName, caller.sessionName);
      return isCutUid(caller) && isOfAccount;
    case 'role-session':
      return false;
  }
}

/**
 * Returns whether the uid of the root user can also be a federated user's. The authenticator cuts `<account>:<name>` at
 * the colon. Old versions of it state neither ARN nor session name, which would show the difference.
 */
function isCutUid({ kind, arn }: ActingCaller): boolean {
  return kind === 'root' && arn === undefined;
}

/**
 * Returns what the key shows about a caller with the uid of the root user: the caller as a federated user, and whether
 * it can still be the root user. Undefined if nothing says that the key is a federated user's. If any of these facts
 * are from the time of the event, only these count.
 */
export function asFederatedUser(
  caller: ActingCaller,
  facts: readonly KeyFact[],
): { readonly caller: ActingCaller; readonly mayBeRoot: boolean } | undefined {
  const own = facts.filter(({ isOwn }) => isOwn);
  const inTime = own.filter(({ isInTime }) => isInTime);
  const owners = (inTime.length > 0 ? inTime : own).map(({ owner }) => owner);
  const federated = owners.filter(({ kind }) => kind === 'federated-user');
  if (federated.length === 0) return undefined;
  const [name, ...others] = new Set(federated.map(({ sessionName }) => sessionName));
  return {
    caller: { ...caller, kind: 'federated-user', sessionName: others.length === 0 ? name : undefined },
    mayBeRoot: federated.length < owners.length,
  };
}
