import type { SessionStatement, TrailCaller } from '../cloudtrail/caller.ts';
import { isSameCall, timesOf } from '../cloudtrail/copies.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { roleOf, type Use } from '../cloudtrail/use.ts';
import { isSameRole, type RoleRef, roleRef } from '../identity/arn.ts';
import { providerName } from '../identity/aws-issuer.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import { type EpochMillis, SECOND } from '../time.ts';
import type { GrantIndex } from './grant-index.ts';
import { issuedBetween } from './in-time.ts';
import { differ, rolesOfPrincipal, sessionKeysOf } from './session-claim.ts';
import { IDENTITY_CENTER_TOLERANCE } from './settings.ts';

/** The longest time between a session's start and its grant, in milliseconds (`isBeginningOf`). */
const NEAR = Math.max(IDENTITY_CENTER_TOLERANCE, SECOND);

/** A session as a record that it signed shows it: its principal, when it began, and what else the record states. */
export interface StartedSession {
  readonly principalId: string;
  readonly began: EpochMillis;
  readonly role?: RoleRef | undefined;
  readonly says: SessionStatement;
}

/** Returns the session of a use. Undefined if the use does not state when the session began. */
export function sessionOfUse(use: Use): StartedSession | undefined {
  const { principalId, began, role } = use;
  return began === undefined ? undefined : { principalId, began, role, says: use };
}

/** Returns the session that called for a grant. Undefined if the record does not state when that session began. */
export function sessionOfCaller(caller: TrailCaller): StartedSession | undefined {
  const { principalId, sessionBegan: began } = caller;
  return principalId === undefined || began === undefined
    ? undefined
    : { principalId, began, role: roleOf(caller), says: caller };
}

/**
 * Returns the grants that issued this session, by the time at which it began (CONTRACT, rule 3 "by session start").
 * They have the same principal and the same second, and nothing contradicts them. If a grant has no role ID, account,
 * role name and session name are compared. The role comes from the session's record, or else from other records about
 * the role ID. The time of the event is not compared here.
 */
export function grantsByStart(session: StartedSession, index: GrantIndex): Grant[] {
  const roles = rolesOfPrincipal(session.principalId, session.role, index);
  const fits = (grant: Grant) => issuedSession(grant, session, roles) && !contradicts(session.says, grant);
  const grants = sessionKeysOf(session.principalId, roles).flatMap(({ key, name }) =>
    issuedBetween(index.grantsOfSession(key, name, session.began), session.began - NEAR, session.began + NEAR).filter(
      fits,
    ),
  );
  return [...new Set(grants.flatMap((grant) => withCopies(grant, index)).filter(fits))];
}

/** Returns the grant and its copies. A copy can state another second, and more about the caller. Copies are found by the access key. */
function withCopies(grant: Grant, index: GrantIndex): readonly Grant[] {
  if (grant.sharedEventId === undefined || grant.accessKeyId === undefined) return [grant];
  const merged = index.grantsOfKey(grant.accessKeyId).filter((other) => isSameCall(grant, other));
  return merged.length > 0 ? merged : [grant];
}

/**
 * Returns whether a session that began at `began` can be from this grant, by the time of the grant or of any of its
 * copies. If AWS set the session name, a short delay is allowed.
 */
export function isBeginningOf(grant: Grant, began: EpochMillis): boolean {
  return timesOf(grant).some((issuedAt) =>
    grant.byIdentityCenter
      ? Math.abs(issuedAt - began) <= IDENTITY_CENTER_TOLERANCE
      : Math.floor(issuedAt / SECOND) === Math.floor(began / SECOND),
  );
}

function issuedSession(grant: Grant, { principalId, began }: StartedSession, roles: readonly RoleRef[]): boolean {
  if (!isBeginningOf(grant, began)) return false;
  const principal = parseSessionPrincipal(principalId);
  if (principal === undefined || grant.sessionName !== principal.name) return false;
  if (grant.granted === 'federated-user') return grant.accountId === principal.id;
  if (grant.roleId !== undefined) return grant.roleId === principal.id;
  const granted = roleRef(grant.roleArn);
  return granted !== undefined && roles.some((role) => isSameRole(granted, role));
}

/**
 * Returns whether the session states something that excludes the grant: another source identity (if both state one),
 * another web identity provider, or MFA on only one side.
 */
function contradicts(says: SessionStatement, grant: Grant): boolean {
  const identity = grant.sourceIdentity ?? grant.caller.sourceIdentity;
  if (differ(says.sourceIdentity, identity)) return true;
  if (says.federatedProvider !== undefined && !isOfProvider(grant, says.federatedProvider)) return true;
  return says.mfa !== undefined && says.mfa !== (grant.withMfa === true);
}

/** Returns whether the grant can be from a session of this web identity provider. Only AssumeRoleWithWebIdentity issues such sessions. */
function isOfProvider({ eventName, federatedProvider }: Grant, provider: string): boolean {
  return eventName === 'AssumeRoleWithWebIdentity' && !differ(providerName(federatedProvider), providerName(provider));
}
