import type { Caller } from '../audit/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { assumedRoleRef } from '../identity/arn.ts';
import { federatedSessionKey, namedRoleSessionKey, roleSessionKey } from '../identity/session-key.ts';
import { dashed, mayDecideAsGuess } from '../identity/session-name.ts';
import {
  guessSessionNames,
  readDefaultUsername,
  readUsername,
  type UsernameReading,
  type UsernameTemplate,
} from '../identity/username.ts';
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
  /** Where a template reads a key from the username: the names that it bears by other readings, which have no key. */
  readonly otherNames?: readonly SessionNameReading[];
}

export function sessionNames(caller: Caller, templates: readonly UsernameTemplate[]): SessionNames {
  const { username = '', accountId = '', sessionName, accessKeyId } = caller;
  const stated = sessionName !== undefined;
  if (stated && accessKeyId !== undefined) {
    return {
      origin: 'stated',
      guessed: false,
      names: [{ text: sessionName, exact: true }],
      accessKeyIds: [accessKeyId],
    };
  }
  const readings = needsUsername(caller)
    ? [
        ...templates.flatMap((template) => readUsername(template, username, accountId)),
        ...readDefaultUsername(username, accountId),
      ]
    : [];
  const read = namesOf(readings);
  const keys = accessKeyId === undefined ? readings.flatMap((reading) => reading.accessKeyId ?? []) : [accessKeyId];
  const accessKeyIds = [...new Set(keys)];
  if (stated) return { origin: 'stated', guessed: false, names: [{ text: sessionName, exact: true }], accessKeyIds };
  if (read.length > 0) {
    const keyless = accessKeyId === undefined && accessKeyIds.length > 0;
    const otherNames = keyless ? namesOf(readings.filter((reading) => reading.accessKeyId === undefined)) : [];
    return { origin: 'username', guessed: false, names: read, accessKeyIds, otherNames };
  }
  const guesses = caller.roleId === undefined ? [] : guessSessionNames(username);
  return { origin: 'username', guessed: true, names: guesses.map((text) => ({ text, exact: false })), accessKeyIds };
}

function namesOf(readings: readonly UsernameReading[]): SessionNameReading[] {
  return readings.flatMap(({ name }) => (name === undefined ? [] : [name]));
}

/** Templates are for role sessions; where name and key are both stated, they have nothing to add. */
function needsUsername({ roleId, sessionName, accessKeyId }: Caller): boolean {
  return roleId !== undefined && (sessionName === undefined || accessKeyId === undefined);
}

/** Whether a grant found by a guess may decide, or is at best a candidate. */
export function mayDecideByGuess(grant: Grant): boolean {
  return mayDecideAsGuess(grant.sessionName ?? '');
}

/** The grants by name (CONTRACT, rule 3 "by name") that are wanted. One name may have thousands: `EKSGetTokenAuth`. */
export function grantsByName(
  caller: Caller,
  names: SessionNames,
  index: GrantIndex,
  wanted: (grant: Grant) => boolean,
): Grant[] {
  const found = new Set<Grant>();
  for (const name of names.names) {
    for (const { grants, fits } of sourcesOf(caller, name, names.guessed, index)) {
      for (const grant of grants) if (wanted(grant) && fits(grant) && nameFits(grant, name)) found.add(grant);
    }
  }
  return [...found];
}

/** The grants of a stated name that Identity Center made, so that AWS itself set the name. */
export function identityCenterGrants(caller: Caller, index: GrantIndex): readonly Grant[] {
  const { roleId, sessionName } = caller;
  if (roleId === undefined || sessionName === undefined) return [];
  const grants = index.identityCenterGrantsOfSession(roleSessionKey(roleId, sessionName), sessionName);
  return grants.filter((grant) => grant.sessionName === sessionName);
}

/** Whether any grant bears one of the names, at any time. */
export function isNameKnown(caller: Caller, names: SessionNames, index: GrantIndex): boolean {
  return names.names.some((name) =>
    sourcesOf(caller, name, names.guessed, index).some(({ grants, fits }) =>
      grants.some((grant) => fits(grant) && nameFits(grant, name)),
    ),
  );
}

interface GrantsUnderKey {
  readonly grants: readonly Grant[];
  readonly fits: (grant: Grant) => boolean;
}

const isRoleGrant = isGrantOf('role');
const isFederationGrant = isGrantOf('federated-user');

function sourcesOf(
  caller: Caller,
  { text }: SessionNameReading,
  guessed: boolean,
  index: GrantIndex,
): readonly GrantsUnderKey[] {
  const { roleId, accountId, arn } = caller;
  if (roleId === undefined) {
    if (caller.kind !== 'federated-user' || accountId === undefined) return [];
    return [{ grants: index.grantsOfSession(federatedSessionKey(accountId, text), text), fits: isFederationGrant }];
  }
  const key = roleSessionKey(roleId, text);
  const byId = guessed ? index.grantsOfGuess(key, text) : index.grantsOfSession(key, text);
  const role = assumedRoleRef(arn);
  if (role === undefined || role.sessionName !== text) return [{ grants: byId, fits: isRoleGrant }];
  const byRoleName = index.grantsOfSession(namedRoleSessionKey(role, text), text);
  return [
    { grants: byId, fits: isRoleGrant },
    { grants: byRoleName, fits: isUnnamedServiceGrant },
  ];
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
