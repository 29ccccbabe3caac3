import type { Grant } from '../cloudtrail/grant.ts';
import { type RoleRef, roleRef } from '../identity/arn.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import type { EpochMillis } from '../time.ts';
import type { GrantIndex } from './grant-index.ts';
import { sessionKeysOf } from './session-claim.ts';
import { SESSION_START_TOLERANCE } from './settings.ts';

/** A session as a record that it signed shows it: whose it is, and when it began. */
export interface StartedSession {
  readonly principalId: string;
  readonly began: EpochMillis;
  readonly role?: RoleRef | undefined;
}

/**
 * The grants that issued this session at its beginning: the same principal, within 2 s (CONTRACT, rule 3 "by session
 * start"). Where a grant has no role id, its role and name are compared. Not yet compared with any event's time.
 */
export function grantsByStart(session: StartedSession, index: GrantIndex): Grant[] {
  const grants = sessionKeysOf(session.principalId, session.role).flatMap(({ key, name }) =>
    index.grantsOfSession(key, name, session.began).filter((grant) => issuedSession(grant, session)),
  );
  return [...new Set(grants)];
}

function issuedSession(grant: Grant, { principalId, began, role }: StartedSession): boolean {
  if (Math.abs(grant.issuedAt - began) > SESSION_START_TOLERANCE) return false;
  const principal = parseSessionPrincipal(principalId);
  if (principal === undefined || grant.sessionName !== principal.name) return false;
  if (grant.granted === 'federated-user') return grant.accountId === principal.id;
  if (grant.roleId !== undefined) return grant.roleId === principal.id;
  const granted = roleRef(grant.roleArn);
  return granted !== undefined && granted.accountId === role?.accountId && granted.roleName === role.roleName;
}
