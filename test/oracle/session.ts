import { isSameRole, type RoleName, roleOfIamArn, sessionOfStsArn } from './arns.ts';
import { issuer } from './ids.ts';
import { type Grant, halves, type Identity, isIdentityCenterGrant, isRoleGrant, type KnownWorld } from './records.ts';

/** The longest time between the start of a session and its grant by Identity Center, in milliseconds. */
const IDENTITY_CENTER_BEGINNING = 2_000;

export function beganWith(session: Identity, grant: Grant, known: KnownWorld): boolean {
  if (!isSameSession(session, grant, known) || !beganTogether(session, grant, known)) return false;
  const contradiction = contradictionOf(session, grant);
  if (contradiction !== undefined) known.notice(`contradiction of ${contradiction}`);
  return contradiction === undefined;
}

/** Returns whether both are equal, or one is not stated. */
export function agrees(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

/**
 * Returns the roles of a session that signed a record: as it says itself, else as any record says about its role ID.
 */
export function sessionRoles(session: Identity, known: KnownWorld): readonly RoleName[] {
  const stated = sessionOfStsArn(session.arn) ?? roleOfIamArn(session.issuer?.arn);
  return stated ? [stated] : (known.roles.get(halves(session.principalId).ownerId ?? '') ?? []);
}

function isSameSession(session: Identity, grant: Grant, known: KnownWorld): boolean {
  if (grant.sessionId !== undefined) return grant.sessionId === session.principalId;
  const sameName = grant.sessionName !== undefined && grant.sessionName === halves(session.principalId).sessionName;
  const granted = roleOfIamArn(grant.roleArn);
  return isRoleGrant(grant) && sameName && sessionRoles(session, known).some((role) => isSameRole(role, granted));
}

/**
 * Returns whether the session began in the same second as the grant. AWS itself chooses the names of Identity Center's
 * sessions, so there two seconds are enough.
 */
function beganTogether({ began }: Identity, grant: Grant, known: KnownWorld): boolean {
  if (began === undefined) return false;
  const near = grant.times.some((time) => Math.abs(time - began) <= IDENTITY_CENTER_BEGINNING);
  const sameSecond = grant.times.some((time) => Math.floor(time / 1000) === Math.floor(began / 1000));
  if (sameSecond && Math.floor(grant.issuedAt / 1000) !== Math.floor(began / 1000))
    known.notice('the very second of another copy');
  if (isIdentityCenterGrant(grant)) {
    if (near && !sameSecond) known.notice('Identity Center within 2 s');
    return near;
  }
  if (near && !sameSecond) known.notice('beside the very second');
  return sameSecond;
}

function contradictionOf(session: Identity, grant: Grant): string | undefined {
  if (!agrees(session.sourceIdentity, grant.sourceIdentity)) return 'sourceIdentity';
  if (session.webIdProvider !== undefined && grant.eventName !== 'AssumeRoleWithWebIdentity')
    return 'federatedProvider';
  if (!agrees(issuer(session.webIdProvider), issuer(grant.webIdProvider))) return 'webIdFederationData';
  if (session.mfaAuthenticated === 'true' && grant.serialNumber === undefined) return 'mfaAuthenticated';
  if (session.mfaAuthenticated === 'false' && grant.serialNumber !== undefined) return 'serialNumber';
  return undefined;
}
