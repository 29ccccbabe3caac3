import { isSameRole, roleOfIamArn } from './arns.ts';
import type { Caller } from './caller.ts';
import { bearsName, mayDecide, readsAs } from './names.ts';
import {
  type Grant,
  halves,
  type Identity,
  isRoleGrant,
  isService,
  issuesRoleSession,
  type KnownWorld,
} from './records.ts';
import { agrees, beganWith } from './session.ts';

/** The longest time before a grant at which its key still matches, in milliseconds (rule 3). */
export const BEFORE = 60_000;
const AFTER = 600_000;

/** A candidate grant. A guess by a short name, or a neighbor, may be a candidate, but decides nothing. */
export type Match = { readonly grant: Grant; readonly decides: boolean };

export function covers(grant: Grant, time: number): boolean {
  // An expiration is known to the second, and that second is the session's.
  const lastSecond = Math.floor(grant.expiresAt / 1000);
  return time >= grant.issuedAt - BEFORE && Math.floor((time - AFTER) / 1000) <= lastSecond;
}

export function byAccessKey(caller: Caller, known: KnownWorld): Grant[] {
  return issued(caller.accessKeyId, known).filter((grant) => grantAgrees(grant, caller, known));
}

/** Returns the grants that began when the key's uses say that the event's session did, unless a grant issued the key. */
export function bySessionStart(caller: Caller, known: KnownWorld): Grant[] {
  const sessions = agreeingUses(caller, known);
  const began = known.grants.filter((grant) => sessions.some((session) => beganWith(session, grant, known)));
  if (began.length === 0 || issued(caller.accessKeyId, known).length === 0) return began;
  known.notice('an issued key whose uses agree');
  return [];
}

/** Returns the grants of the event's key, of any time: by key, and only if there is none, by session start. */
export function grantsOfKey(caller: Caller, known: KnownWorld): Grant[] {
  const byKey = byAccessKey(caller, known);
  return byKey.length > 0 ? byKey : bySessionStart(caller, known);
}

/** Returns whether a grant or a use of the event's key belongs to another session than the event states. */
export function keyContradicts(caller: Caller, known: KnownWorld): boolean {
  const otherGrant = issued(caller.accessKeyId, known).some((grant) => !grantAgrees(grant, caller, known));
  return otherGrant || usesOfKey(caller, known).some((use) => use.principalId !== undefined && !useAgrees(use, caller));
}

/** Returns what the event's key signed as the session that the event states. */
export function agreeingUses(caller: Caller, known: KnownWorld): Identity[] {
  return usesOfKey(caller, known).filter((use) => useAgrees(use, caller));
}

/** Returns matches by a stated name, else by what the templates read, else by a guess. */
export function byName(caller: Caller, known: KnownWorld): Match[] {
  if (caller.statedName !== undefined || caller.readings.length > 0)
    return [...byGivenName(caller, known), ...beside(caller, known)];
  return embedded(caller, known).map((grant) => {
    const decides = mayDecide(grant.sessionName ?? '');
    known.notice(`guess that ${decides ? 'may' : 'may not'} decide`);
    return { grant, decides };
  });
}

/** Returns matches by a stated name, or by one that a template reads. */
export function byGivenName(caller: Caller, known: KnownWorld): Match[] {
  const names = caller.readings.flatMap(({ name }) => name ?? []);
  const named = ({ sessionName = '' }: Grant) =>
    caller.statedName === undefined
      ? names.some((reading) => readsAs(sessionName, reading))
      : sessionName === caller.statedName;
  return known.grants.filter((grant) => named(grant) && isOfCaller(grant, caller, known)).map(deciding);
}

/** Returns whether the caller's username shows the grant's session name: by template, or else as a part of it. */
export function usernameShows(caller: Caller, sessionName: string): boolean {
  if (caller.roleId === undefined || caller.statedName !== undefined) return false;
  const read = caller.readings.some(({ name }) => name !== undefined && readsAs(sessionName, name));
  return read || (leavesNeighbours(caller) && bearsName(caller.username ?? '', sessionName));
}

/**
 * Returns further candidates besides names by template: grants of a key that a template reads, and neighbors. With a
 * stated name there are none.
 */
function beside(caller: Caller, known: KnownWorld): Match[] {
  if (caller.statedName !== undefined || caller.roleId === undefined) return [];
  const given = byGivenName(caller, known).map(({ grant }) => grant);
  const keys = caller.readings.flatMap(({ accessKeyId }) => issued(accessKeyId, known));
  const ofKeys = keys.filter((grant) => !given.includes(grant) && grantAgrees(grant, caller, known));
  const found = [...given, ...ofKeys];
  const neighbours = leavesNeighbours(caller) ? embedded(caller, known).filter((grant) => !found.includes(grant)) : [];
  if (ofKeys.length > 0) known.notice('key read from a username');
  if (neighbours.length > 0) known.notice('neighbour of an unbound template');
  return [...new Set(ofKeys)].map(deciding).concat(neighbours.map((grant) => ({ grant, decides: false })));
}

/**
 * Returns whether other roles are possible. An unbound template does not say which role it belongs to. A bound one, or the
 * default one, does.
 */
function leavesNeighbours(caller: Caller): boolean {
  return caller.readings.every(({ unbound }) => unbound);
}

function embedded(caller: Caller, known: KnownWorld): Grant[] {
  const { username = '', roleId } = caller;
  if (roleId === undefined) return [];
  const borne = known.grants.filter(({ sessionName }) => bearsName(username, sessionName ?? ''));
  return borne.filter((grant) => isOfCaller(grant, caller, known));
}

function deciding(grant: Grant): Match {
  return { grant, decides: true };
}

/** Returns whether the grant is for the caller's role, or for the federated user's account. */
function isOfCaller(grant: Grant, caller: Caller, known: KnownWorld): boolean {
  if (caller.kind === 'federated-user') {
    return grant.eventName === 'GetFederationToken' && grant.ownerId === caller.accountId;
  }
  if (!isRoleGrant(grant) || caller.roleId === undefined) return false;
  if (grant.ownerId !== undefined) return grant.ownerId === caller.roleId;
  const mayBe = isService(grant.caller) && roleMayBe(grant, caller);
  if (mayBe) known.notice(`unnamed grant, role ${howRoleIsTold(caller)}`);
  return mayBe;
}

function howRoleIsTold(caller: Caller): string {
  if (caller.roles.length === 0) return 'told by nothing';
  return caller.arn === undefined ? 'learnt from a record' : 'stated';
}

// A grant without a role ID still names its role, so one of another role cannot have issued this session. Even if nothing
// states the caller's role, the account in its uid is the role's.
function roleMayBe(grant: Grant, { roles, accountId }: Caller): boolean {
  const granted = roleOfIamArn(grant.roleArn);
  return roles.length > 0 ? roles.some((role) => isSameRole(role, granted)) : agrees(granted?.accountId, accountId);
}

function grantAgrees(grant: Grant, caller: Caller, known: KnownWorld): boolean {
  if (caller.kind === 'root') return grant.eventName === 'AssumeRoot' && agrees(grant.rootOf, caller.accountId);
  if (!agrees(grant.sessionName, caller.statedName)) return false;
  if (caller.kind === 'federated-user') {
    return grant.eventName === 'GetFederationToken' && agrees(grant.ownerId, caller.principalId);
  }
  if (grant.ownerId !== undefined) return isRoleGrant(grant) && grant.ownerId === caller.principalId;
  if (grant.eventName === 'GetDelegatedAccessToken') known.notice('delegated token by key');
  return issuesRoleSession(grant) && (grant.roleArn === undefined || roleMayBe(grant, caller));
}

function useAgrees(use: Identity, caller: Caller): boolean {
  const { ownerId, sessionName } = halves(use.principalId);
  if (caller.kind === 'root' && sessionName !== undefined) return false; // a federated user's of that account
  return ownerId !== undefined && ownerId === caller.principalId && agrees(sessionName, caller.statedName);
}

// Long-term keys (AKIA…) belong to no session, so their calls are no uses.
function usesOfKey(caller: Caller, known: KnownWorld): Identity[] {
  const key = caller.accessKeyId;
  if (!key?.startsWith('ASIA')) return [];
  return known.callers.map((one) => one.identity).filter((identity) => identity.accessKeyId === key);
}

function issued(key: string | undefined, known: KnownWorld): Grant[] {
  return key === undefined ? [] : known.grants.filter((grant) => grant.accessKeyId === key);
}
