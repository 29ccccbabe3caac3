import type { SessionStatement, TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import type { Use } from '../cloudtrail/use.ts';
import { isSameRole, type RoleRef, roleRef } from '../identity/arn.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import { type EpochMillis, SECOND } from '../time.ts';
import type { GrantIndex } from './grant-index.ts';
import { issuedBetween } from './in-time.ts';
import { differ, sessionKeysOf } from './session-claim.ts';
import { IDENTITY_CENTER_TOLERANCE } from './settings.ts';

/** In milliseconds: further from its beginning no grant of a session lies (`isBeginningOf`). */
const NEAR = Math.max(IDENTITY_CENTER_TOLERANCE, SECOND);

/** A session as a record that it signed shows it: whose it is, when it began, and what else it says of it. */
export interface StartedSession {
  readonly principalId: string;
  readonly began: EpochMillis;
  readonly role?: RoleRef | undefined;
  readonly says: SessionStatement;
}

/** The session of a use; undefined where the use does not say when it began. */
export function sessionOfUse(use: Use): StartedSession | undefined {
  const { principalId, began, role } = use;
  return began === undefined ? undefined : { principalId, began, role, says: use };
}

/** The session that called for a grant; undefined where the record does not say when it began. */
export function sessionOfCaller(caller: TrailCaller, role: RoleRef | undefined): StartedSession | undefined {
  const { principalId, sessionBegan: began } = caller;
  return principalId === undefined || began === undefined ? undefined : { principalId, began, role, says: caller };
}

/**
 * The grants that issued this session at its beginning (CONTRACT, rule 3 "by session start"): the same principal, the
 * very second, and nothing that contradicts. Where a grant has no role id, its role and name are compared. Not yet
 * compared with any event's time.
 */
export function grantsByStart(session: StartedSession, index: GrantIndex): Grant[] {
  const grants = sessionKeysOf(session.principalId, session.role).flatMap(({ key, name }) =>
    issuedBetween(index.grantsOfSession(key, name, session.began), session.began - NEAR, session.began + NEAR).filter(
      (grant) => issuedSession(grant, session) && !contradicts(session.says, grant),
    ),
  );
  return [...new Set(grants)];
}

/** Whether a session that began then is that of a grant of this time: AWS itself may take a moment where it set the name. */
export function isBeginningOf({ issuedAt, byIdentityCenter }: Grant, began: EpochMillis): boolean {
  if (byIdentityCenter) return Math.abs(issuedAt - began) <= IDENTITY_CENTER_TOLERANCE;
  return Math.floor(issuedAt / SECOND) === Math.floor(began / SECOND);
}

function issuedSession(grant: Grant, { principalId, began, role }: StartedSession): boolean {
  if (!isBeginningOf(grant, began)) return false;
  const principal = parseSessionPrincipal(principalId);
  if (principal === undefined || grant.sessionName !== principal.name) return false;
  if (grant.granted === 'federated-user') return grant.accountId === principal.id;
  if (grant.roleId !== undefined) return grant.roleId === principal.id;
  const granted = roleRef(grant.roleArn);
  return granted !== undefined && role !== undefined && isSameRole(granted, role);
}

/**
 * Whether what the session says of itself rules the grant out: another source identity or web identity provider, where
 * both state one, or a second factor that the grant's request does not name.
 */
function contradicts(says: SessionStatement, grant: Grant): boolean {
  const identity = grant.sourceIdentity ?? grant.caller.sourceIdentity;
  if (differ(says.sourceIdentity, identity)) return true;
  if (differ(providerName(says.federatedProvider), providerName(grant.federatedProvider))) return true;
  return says.mfa === true && grant.withMfa !== true;
}

/** An OIDC provider is written with its ARN or by its bare host and path (IAM User Guide, OIDC federation). */
function providerName(provider: string | undefined): string | undefined {
  return provider?.replace(/^arn:[^:]*:iam::[^:]*:oidc-provider\//, '');
}
