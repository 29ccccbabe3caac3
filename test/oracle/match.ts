import { type RoleName, roleOfIamArn, sessionOfStsArn } from './arns.ts';
import type { Caller } from './caller.ts';
import { bearsName, dashed, mayDecide, type NameReading } from './names.ts';
import { type Grant, halves, type Identity, isRoleGrant, isService, type Known } from './records.ts';

/** Rule 3: which grants can be meant. */
const BEFORE = 60_000;
const AFTER = 600_000;
const BEGINNING = 2_000;

/** A grant that can be meant; a guess by a short name may be a candidate, and decides nothing. */
export type Match = { readonly grant: Grant; readonly decides: boolean };

export function covers(grant: Grant, time: number): boolean {
  return time >= grant.issuedAt - BEFORE && time <= grant.expiresAt + AFTER;
}

function issuedKey(caller: Caller, known: Known): Grant[] {
  if (caller.accessKeyId === undefined) return [];
  return known.grants.filter((grant) => grant.accessKeyId === caller.accessKeyId);
}

export function byAccessKey(caller: Caller, known: Known): Grant[] {
  return issuedKey(caller, known).filter((grant) => grantAgrees(grant, caller));
}

export function bySessionStart(caller: Caller, known: Known): Grant[] {
  const sessions = usesOfKey(caller, known).filter((use) => useAgrees(use, caller));
  return known.grants.filter((grant) => sessions.some((session) => beganWith(session, grant)));
}

/** A grant of the event's key, or a use of it, that belongs to another session than the event states. */
export function keyContradicts(caller: Caller, known: Known): boolean {
  const otherGrant = issuedKey(caller, known).some((grant) => !grantAgrees(grant, caller));
  return otherGrant || usesOfKey(caller, known).some((use) => use.principalId !== undefined && !useAgrees(use, caller));
}

export function byName(caller: Caller, known: Known): Match[] {
  if (caller.statedName === undefined && caller.templateNames.length === 0) return byGuess(caller, known);
  const { statedName, templateNames } = caller;
  const named = (grant: Grant) =>
    statedName === undefined ? readAs(grant, templateNames, caller) : isStatedSession(grant, caller);
  return known.grants.filter(named).map((grant) => ({ grant, decides: true }));
}

/** Whether the session that signed a record is the one that a grant began. */
export function beganWith(session: Identity, grant: Grant): boolean {
  if (session.began === undefined || Math.abs(grant.issuedAt - session.began) > BEGINNING) return false;
  if (grant.sessionId !== undefined) return grant.sessionId === session.principalId;
  const sameName = grant.sessionName !== undefined && grant.sessionName === halves(session.principalId).sessionName;
  return isRoleGrant(grant) && sameName && isSameRole(roleOfIamArn(grant.roleArn), sessionRole(session));
}

/** Agrees, or one side is silent. */
export function agrees(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function grantAgrees(grant: Grant, caller: Caller): boolean {
  if (caller.kind === 'root') return grant.eventName === 'AssumeRoot' && agrees(grant.rootOf, caller.accountId);
  const rightKind = caller.kind === 'federated-user' ? grant.eventName === 'GetFederationToken' : isRoleGrant(grant);
  const rightRole = grant.ownerId === undefined ? roleMayBe(grant, caller) : agrees(grant.ownerId, caller.principalId);
  return rightKind && rightRole && agrees(grant.sessionName, caller.statedName);
}

// A grant without a role id still names its role: one of another role cannot have issued this session.
function roleMayBe(grant: Grant, caller: Caller): boolean {
  const granted = roleOfIamArn(grant.roleArn);
  if (granted === undefined || !isRoleGrant(grant)) return true;
  const stated = sessionOfStsArn(caller.arn) ?? roleOfIamArn(caller.canonicalArn);
  return stated === undefined ? agrees(granted.accountId, caller.accountId) : isSameRole(granted, stated);
}

/** Whether the caller's username, by template or else by guess, shows the grant's session name. */
export function usernameShows(caller: Caller, sessionName: string): boolean {
  const readings = caller.templateNames;
  if (caller.roleId === undefined || caller.statedName !== undefined) return false;
  if (readings.length === 0) return bearsName(caller.username ?? '', sessionName);
  return readings.some(({ name, exact }) => (exact ? name === sessionName : dashed(name) === dashed(sessionName)));
}

function useAgrees(use: Identity, caller: Caller): boolean {
  const { ownerId, sessionName } = halves(use.principalId);
  return ownerId !== undefined && ownerId === caller.principalId && agrees(sessionName, caller.statedName);
}

// Long-term keys (AKIA…) belong to no session: what they signed is no use.
function usesOfKey(caller: Caller, known: Known): Identity[] {
  const key = caller.accessKeyId;
  if (!key?.startsWith('ASIA')) return [];
  return known.callers.map((one) => one.identity).filter((identity) => identity.accessKeyId === key);
}

function byGuess(caller: Caller, known: Known): Match[] {
  return known.grants
    .filter((grant) => isOfRole(grant, caller) && bearsName(caller.username ?? '', grant.sessionName ?? ''))
    .map((grant) => ({ grant, decides: mayDecide(grant.sessionName ?? '') }));
}

function readAs(grant: Grant, readings: readonly NameReading[], caller: Caller): boolean {
  const name = grant.sessionName ?? '';
  const reads = ({ name: read, exact }: NameReading) => (exact ? read === name : dashed(read) === dashed(name));
  return isOfRole(grant, caller) && readings.some(reads);
}

function isOfRole(grant: Grant, caller: Caller): boolean {
  return isRoleGrant(grant) && caller.roleId !== undefined && grant.ownerId === caller.roleId;
}

function isStatedSession(grant: Grant, caller: Caller): boolean {
  if (caller.kind === 'federated-user') {
    return grant.eventName === 'GetFederationToken' && grant.sessionId === `${caller.accountId}:${caller.statedName}`;
  }
  if (isOfRole(grant, caller)) return grant.sessionName === caller.statedName;
  return grant.ownerId === undefined && isService(grant.caller) && isSessionOfArn(grant, caller.arn);
}

function isSessionOfArn(grant: Grant, arn: string | undefined): boolean {
  const session = sessionOfStsArn(arn);
  const sameName = session !== undefined && session.sessionName === grant.sessionName;
  return isRoleGrant(grant) && sameName && isSameRole(roleOfIamArn(grant.roleArn), session);
}

/** The role of a session that signed a record, by account and name. */
export function sessionRole(session: Identity): RoleName | undefined {
  return sessionOfStsArn(session.arn) ?? roleOfIamArn(session.issuer?.arn);
}

export function isSameRole(a: RoleName | undefined, b: RoleName | undefined): boolean {
  return a !== undefined && b !== undefined && a.accountId === b.accountId && a.roleName === b.roleName;
}
