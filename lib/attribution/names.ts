import type { Caller } from '../audit/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { assumedRoleRef } from '../identity/arn.ts';
import { federatedSessionKey, namedRoleSessionKey, roleSessionKey } from '../identity/session-key.ts';
import { dashed, mayDecideAsGuess } from '../identity/session-name.ts';
import { guessSessionNames, readDefaultUsername, readUsername, type UsernameTemplate } from '../identity/username.ts';
import type { GrantIndex } from './grant-index.ts';

export interface SessionNameReading {
  readonly text: string;
  /** Whether `@` and `-` are told apart. */
  readonly exact: boolean;
}

/** The session names that an audit event's caller can bear, and its access keys (CONTRACT, rule 2). */
export interface SessionNames {
  readonly origin: 'stated' | 'username';
  /** Whether the names are mere guesses at the username's ends. */
  readonly guessed: boolean;
  readonly names: readonly SessionNameReading[];
  /** The event's key, or those that templates read from its username; empty where there is none. */
  readonly accessKeyIds: readonly string[];
}

export function sessionNames(caller: Caller, templates: readonly UsernameTemplate[]): SessionNames {
  const { username = '', accountId = '', sessionName, accessKeyId } = caller;
  const stated = sessionName !== undefined;
  const readings = needsUsername(caller)
    ? [
        ...templates.flatMap((template) => readUsername(template, username, accountId)),
        ...readDefaultUsername(username, accountId),
      ]
    : [];
  const read = readings.flatMap((reading) => (reading.name === undefined ? [] : [reading.name]));
  const keys = accessKeyId === undefined ? readings.flatMap((reading) => reading.accessKeyId ?? []) : [accessKeyId];
  const accessKeyIds = [...new Set(keys)];
  if (stated) return { origin: 'stated', guessed: false, names: [{ text: sessionName, exact: true }], accessKeyIds };
  if (read.length > 0) return { origin: 'username', guessed: false, names: read, accessKeyIds };
  const guesses = caller.roleId === undefined ? [] : guessSessionNames(username);
  return { origin: 'username', guessed: true, names: guesses.map((text) => ({ text, exact: false })), accessKeyIds };
}

/** Templates are for role sessions; where name and key are both stated, they have nothing to add. */
function needsUsername({ roleId, sessionName, accessKeyId }: Caller): boolean {
  return roleId !== undefined && (sessionName === undefined || accessKeyId === undefined);
}

export interface NamedGrants {
  readonly grants: readonly Grant[];
  readonly mayDecide: (grant: Grant) => boolean;
}

/** The grants by name, at any time (CONTRACT, rule 3 "by name"). */
export function namedGrants(caller: Caller, names: SessionNames, index: GrantIndex): NamedGrants {
  const found = new Set<Grant>();
  for (const name of names.names) {
    for (const grant of grantsNamed(caller, name, names.guessed, index)) if (nameFits(grant, name)) found.add(grant);
  }
  return {
    grants: [...found],
    mayDecide: names.guessed ? (grant) => mayDecideAsGuess(grant.sessionName ?? '') : () => true,
  };
}

function grantsNamed(
  caller: Caller,
  { text }: SessionNameReading,
  guessed: boolean,
  index: GrantIndex,
): readonly Grant[] {
  const { roleId, accountId, arn } = caller;
  if (roleId === undefined) {
    if (caller.kind !== 'federated-user' || accountId === undefined) return [];
    return index.grantsOfSession(federatedSessionKey(accountId, text), text).filter(isGrantOf('federated-user'));
  }
  const key = roleSessionKey(roleId, text);
  const byId = guessed ? index.grantsOfGuess(key, text) : index.grantsOfSession(key, text);
  const role = assumedRoleRef(arn);
  if (role === undefined || role.sessionName !== text) return byId.filter(isGrantOf('role'));
  const byRoleName = index.grantsOfSession(namedRoleSessionKey(role, text), text);
  return [...byId.filter(isGrantOf('role')), ...byRoleName.filter(isUnnamedServiceGrant)];
}

function isGrantOf(granted: Grant['granted']): (grant: Grant) => boolean {
  return (grant) => grant.granted === granted;
}

/** Grants to services often lack `assumedRoleUser`: role ARN and session name of the request stand in (FACTS). */
function isUnnamedServiceGrant(grant: Grant): boolean {
  return grant.granted === 'role' && grant.roleId === undefined && grant.caller.kind === 'aws-service';
}

function nameFits(grant: Grant, { text, exact }: SessionNameReading): boolean {
  if (grant.sessionName === undefined) return false;
  return exact ? grant.sessionName === text : dashed(grant.sessionName) === dashed(text);
}

/** Whether the username, read by template or guess, shows this grant's session name. */
export function usernameShows(names: SessionNames, grant: Grant): boolean {
  return names.origin === 'username' && names.names.some((name) => nameFits(grant, name));
}
