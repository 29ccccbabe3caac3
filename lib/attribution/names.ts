import type { ActingCaller } from '../audit/caller.ts';
import { type Grant, isUnnamedServiceGrant } from '../cloudtrail/grant.ts';
import { isSameRole, type RoleRef, roleRef } from '../identity/arn.ts';
import { federatedSessionKey, namedRoleSessionKey, roleSessionKey, type SessionKey } from '../identity/session-key.ts';
import { dashed, mayDecideAsGuess } from '../identity/session-name.ts';
import {
  type GuessedNames,
  guessSessionNames,
  readDefaultUsername,
  readUsername,
  type UsernameReading,
  type UsernameTemplate,
} from '../identity/username.ts';
import type { GrantIndex, SessionPart } from './grant-index.ts';
import { type ActingTime, aroundMoment } from './in-time.ts';
import { canHaveActed } from './moment.ts';
import { claimOfCaller, grantAgrees, rolesOfCaller } from './session-claim.ts';

interface SessionNameReading {
  readonly text: string;
  /** Whether the comparison distinguishes `@` and `-`. */
  readonly exact: boolean;
}

/** The session names that the caller of an audit event can have (CONTRACT, rule 2). */
export interface SessionNames {
  readonly origin: 'stated' | 'template' | 'guess';
  /** The name that the event states, or the names that templates read from the username. Empty if there are only guesses. */
  readonly readings: readonly UsernameReading[];
  /**
   * Names that may be inside the username. Empty if the event states the name, or if a template for the caller's role
   * reads the username. A template without a role does not say to whom the username belongs.
   */
  readonly guesses: readonly string[];
  /** Whether the username has too many possible names to search for each of them. Then no guess may decide. */
  readonly hasTooMany: boolean;
}

/**
 * The names that the event states or its username shows. They come from the text alone, and do not depend on known
 * grants. For names from templates that are bound to a role, the caller's role decides later whether they count.
 */
export interface ReadNames {
  readonly stated?: SessionNames;
  /** Names that templates bound to a role read, with that role. */
  readonly bound: readonly { readonly role: RoleRef; readonly readings: readonly UsernameReading[] }[];
  /** Names that the default template of access entries reads. It applies to the caller's own role. */
  readonly byDefault: readonly UsernameReading[];
  readonly unbound: readonly UsernameReading[];
  /** Guesses: names inside the username. Not searched if the default template reads the username. */
  readonly guessed: GuessedNames;
}

/**
 * Reads the possible session names of a caller. Do this once for each event, because the rules decide again whenever
 * something becomes known.
 */
export function readNames(caller: ActingCaller, templates: readonly UsernameTemplate[]): ReadNames {
  const { roleId, sessionName, username = '', accountId = '' } = caller;
  if (sessionName !== undefined) return { ...NOTHING_READ, stated: statedName(sessionName) };
  if (roleId === undefined) return NOTHING_READ;
  const bound: ReadNames['bound'][number][] = [];
  const unbound: UsernameReading[] = [];
  for (const template of templates) {
    const readings = readUsername(template, username, accountId);
    if (template.role === undefined) unbound.push(...readings);
    else if (readings.length > 0) bound.push({ role: template.role, readings });
  }
  const byDefault = readDefaultUsername(username, accountId);
  return { bound, byDefault, unbound, guessed: byDefault.length > 0 ? NO_GUESSES : guessSessionNames(username) };
}

const NO_GUESSES: GuessedNames = { names: [], hasTooMany: false };
const NOTHING_READ: ReadNames = { bound: [], byDefault: [], unbound: [], guessed: NO_GUESSES };

function statedName(text: string): SessionNames {
  return { origin: 'stated', readings: [{ name: { text, exact: true } }], guesses: [], hasTooMany: false };
}

/** Returns the names that count for the caller's role. The role is looked up only if a template bound to a role reads the username. */
export function sessionNames(read: ReadNames, caller: ActingCaller, index: GrantIndex): SessionNames {
  if (read.stated !== undefined) return read.stated;
  const { byDefault, unbound, guessed } = read;
  const bound = read.bound.length === 0 ? [] : boundReadings(read, rolesOfCaller(caller, index));
  const readings = [...bound, ...byDefault, ...unbound];
  if (bound.length + byDefault.length > 0) return { origin: 'template', readings, guesses: [], hasTooMany: false };
  const { names: guesses, hasTooMany } = guessed;
  return { origin: readings.length === 0 ? 'guess' : 'template', readings, guesses, hasTooMany };
}

function boundReadings({ bound }: ReadNames, roles: readonly RoleRef[]): readonly UsernameReading[] {
  return bound.flatMap(({ role, readings }) => (roles.some((own) => isSameRole(own, role)) ? readings : []));
}

/** The grants that match by name. A single name can have thousands, for example `EKSGetTokenAuth`. */
export interface NamedGrants {
  readonly grants: readonly Grant[];
  /** Grants by a guess, if only templates without a role read the username. They can make the answer ambiguous, but never decide alone. */
  readonly neighbours: readonly Grant[];
}

/** Returns the grants that match by name and can have acted at that time (CONTRACT, rules 2 and 3). */
export function grantsByName(
  caller: ActingCaller,
  names: SessionNames,
  index: GrantIndex,
  time: ActingTime,
): NamedGrants {
  const { moment, settings, span } = time;
  const acted = (lists: readonly MatchingGrants[]) =>
    lists.flatMap(({ grants, isOldestFirst, fits }) =>
      (isOldestFirst ? aroundMoment(grants, time) : grants).filter(
        (grant) => fits(grant) && canHaveActed(grant, moment, settings, span),
      ),
    );
  const guessed = acted(matchesByGuess(caller, names, index));
  if (names.origin === 'guess') return { grants: guessed, neighbours: [] };
  const read = new Set(acted(matchesByReading(caller, names, index)));
  return { grants: [...read], neighbours: guessed.filter((grant) => !read.has(grant)) };
}

/** Returns whether any grant matches by name, from any time. */
export function isAnyMatch(caller: ActingCaller, names: SessionNames, index: GrantIndex): boolean {
  return matchesByReading(caller, names, index).some(isAny) || matchesByGuess(caller, names, index).some(isAny);
}

function isAny({ grants, fits }: MatchingGrants): boolean {
  return grants.some(fits);
}

/**
 * Returns the grants for names that the event states or templates read from its username. A name can also look like an
 * access key, because somebody may have chosen that text as a session name. So such a key proves nothing.
 */
function matchesByReading(
  caller: ActingCaller,
  { origin, readings }: SessionNames,
  index: GrantIndex,
): MatchingGrants[] {
  if (origin === 'guess') return [];
  return readings.flatMap(({ name, accessKeyId }) => {
    const byName = name === undefined ? [] : matchesByName(caller, name, index);
    if (accessKeyId === undefined) return byName;
    const claim = claimOfCaller(caller, index);
    const fits = (grant: Grant) => grantAgrees(grant, claim);
    return [...byName, { grants: index.grantsOfKey(accessKeyId), isOldestFirst: false, fits }];
  });
}

function matchesByGuess(caller: ActingCaller, { guesses, origin }: SessionNames, index: GrantIndex): MatchingGrants[] {
  if (guesses.length === 0) return [];
  const guessed = origin === 'guess' ? 'alone' : 'neighbour';
  const roles = rolesOfCaller(caller, index);
  return guesses.flatMap((text) => matchesByName(caller, { text, exact: false }, index, { guessed, roles }));
}

function matchesByName(
  caller: ActingCaller,
  name: SessionNameReading,
  index: GrantIndex,
  how: NameLookup = {},
): MatchingGrants[] {
  return sourcesOf(caller, name, index, how).map(({ grants, isOldestFirst, fits }) => ({
    grants,
    isOldestFirst,
    fits: (grant) => fits(grant) && nameFits(grant, name),
  }));
}

/** Returns a test for grants that were found by a guess: whether they may decide, or only lead to a candidate. */
export function mayDecideByGuess(names: SessionNames): (grant: Grant) => boolean {
  return (grant) => !names.hasTooMany && mayDecideAsGuess(grant.sessionName ?? '');
}

/** Returns the grants that Identity Center made, for the session name that the event states. AWS set this name. */
export function identityCenterGrants(caller: ActingCaller, index: GrantIndex): readonly Grant[] {
  const { roleId, sessionName } = caller;
  if (roleId === undefined || sessionName === undefined) return [];
  const grants = index.identityCenterGrantsOfSession(roleSessionKey(roleId, sessionName), sessionName);
  return grants.filter((grant) => grant.sessionName === sessionName);
}

/**
 * Returns whether any grant has one of the names that are stated or read by a template, from any time. Only the reason
 * of the answer depends on this.
 */
export function isNameKnown(caller: ActingCaller, { readings, origin }: SessionNames, index: GrantIndex): boolean {
  const how: NameLookup = origin === 'stated' ? { only: 'whether-any', isReason: true } : { isReason: true };
  return readings.some(({ name }) => name !== undefined && matchesByName(caller, name, index, how).some(isAny));
}

interface NameLookup {
  readonly only?: SessionPart;
  readonly guessed?: 'alone' | 'neighbour';
  /** Whether the result decides only about the reason of an unattributed answer. */
  readonly isReason?: true;
  /** The roles of the caller, if many names are looked up and the roles were computed once. */
  readonly roles?: readonly RoleRef[];
}

/** The grants under one key, and a test for those that match (`fits`). */
interface MatchingGrants {
  readonly grants: readonly Grant[];
  /** Whether the oldest come first. */
  readonly isOldestFirst: boolean;
  readonly fits: (grant: Grant) => boolean;
}

const isRoleGrant = isGrantOf('role');
const isFederationGrant = isGrantOf('federated-user');

function sourcesOf(
  caller: ActingCaller,
  { text }: SessionNameReading,
  index: GrantIndex,
  how: NameLookup,
): readonly MatchingGrants[] {
  const { roleId, accountId } = caller;
  if (roleId === undefined) {
    if (caller.kind !== 'federated-user' || accountId === undefined) return [];
    return [
      {
        grants: grantsUnder(federatedSessionKey(accountId, text), text, index, how),
        isOldestFirst: true,
        fits: isFederationGrant,
      },
    ];
  }
  const byId = grantsUnder(roleSessionKey(roleId, text), text, index, how);
  return [{ grants: byId, isOldestFirst: true, fits: isRoleGrant }, ...unnamedSources(caller, text, index, how)];
}

function grantsUnder(key: SessionKey, text: string, index: GrantIndex, { only, guessed }: NameLookup) {
  return guessed === undefined
    ? index.grantsOfSession(key, text, only)
    : index.grantsOfGuess(key, text, guessed === 'neighbour');
}

/**
 * Returns where grants to services without a role ID are searched. If the event or any record states the role's name,
 * they are searched by it. Otherwise any grant with the session name matches, for any role in the caller's account.
 */
function unnamedSources(
  caller: ActingCaller,
  text: string,
  index: GrantIndex,
  how: NameLookup,
): readonly MatchingGrants[] {
  const roles = how.roles ?? rolesOfCaller(caller, index);
  if (roles.length === 0) {
    const { accountId } = caller;
    const weak = how.isReason === true || how.guessed === 'neighbour';
    return [
      { grants: index.unnamedServiceGrants(text, accountId, weak), isOldestFirst: false, fits: isUnnamedServiceGrant },
    ];
  }
  return roles.map((role) => ({
    grants: grantsUnder(namedRoleSessionKey(role, text), text, index, how.isReason ? { guessed: 'neighbour' } : how),
    isOldestFirst: true,
    fits: (grant) => isUnnamedServiceGrant(grant) && isGrantOfRole(grant, role),
  }));
}

/** Returns whether the grant is for this role. Needed because roles with the same name in two partitions share one key. */
function isGrantOfRole({ roleArn }: Grant, role: RoleRef): boolean {
  const granted = roleRef(roleArn);
  return granted !== undefined && isSameRole(granted, role);
}

function isGrantOf(granted: Grant['granted']): (grant: Grant) => boolean {
  return (grant) => grant.granted === granted;
}

function nameFits(grant: Grant, { text, exact }: SessionNameReading): boolean {
  if (grant.sessionName === undefined) return false;
  return exact ? grant.sessionName === text : dashed(grant.sessionName) === dashed(text);
}

/** Returns whether the username shows the session name of this grant, by a template or a guess. */
export function usernameShows({ origin, readings, guesses }: SessionNames, grant: Grant): boolean {
  if (origin === 'stated') return false;
  const { sessionName } = grant;
  if (sessionName !== undefined && guesses.includes(dashed(sessionName))) return true;
  return readings.some(({ name }) => name !== undefined && nameFits(grant, name));
}
