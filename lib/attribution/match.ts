import type { ActingCaller } from '../audit/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import type { Use, UseRecord } from '../cloudtrail/use.ts';
import { type AccessKeyId, isTemporaryKey } from '../identity/access-key.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import { type Actor, actorOfSession } from './actor.ts';
import type { GrantJoin } from './chain.ts';
import type { GrantIndex } from './grant-index.ts';
import type { ActingTime } from './in-time.ts';
import { isOfTime } from './key-facts.ts';
import { canHaveActed, type MomentSpan } from './moment.ts';
import {
  grantsByName,
  identityCenterGrants,
  isAnyMatch,
  isNameKnown,
  mayDecideByGuess,
  type ReadNames,
  readNames,
  type SessionNames,
  sessionNames,
} from './names.ts';
import { namesAt } from './names-at.ts';
import type { UnattributedReason } from './reasons.ts';
import { claimOfCaller, grantAgrees, type SessionClaim, useAgrees } from './session-claim.ts';
import { grantsByStart, sessionOfUse } from './session-start.ts';
import type { AttributionSettings } from './settings.ts';

/** The grants that match the session of a caller. */
export interface FoundGrants {
  readonly method: GrantJoin;
  readonly grants: readonly Grant[];
  /** Returns whether the grant may decide the answer. A weak guess can only lead to a candidate. */
  readonly mayDecide: (grant: Grant) => boolean;
  /** Grants by another reading of the username. They can make the answer ambiguous, but are never its evidence. */
  readonly alternatives?: readonly Grant[];
  /** Present if a session of Identity Center was matched by its name, although another access key signed the request. */
  readonly keyMismatch?: true;
  readonly nameChosenByCaller?: true;
  /** The uses that show when the session began, if it was matched by its start. */
  readonly uses?: readonly Use[];
}

/** What uses of the access key state about their session. */
export interface FoundUses {
  readonly method: 'use';
  /** The actors that these uses name, at least one. */
  readonly statedActors: readonly SelfStatedActor[];
}

/** The actor that a session states about itself, and the name of the session. */
export interface SelfStatedActor {
  readonly actor: Actor;
  readonly sessionName: string | undefined;
  /** The use that states the actor. */
  readonly record: UseRecord | undefined;
}

/** The grants that match. If no grant of the session is known, what the key's uses state about it. If there is neither, the reason. */
export type SessionMatch = FoundGrants | FoundUses | { readonly method?: never; readonly reason: UnattributedReason };

/** The caller to search for. `read` has the caller's possible session names, if they were read before. */
export interface SearchedCaller extends Pick<Search, 'caller' | 'moment'> {
  readonly read?: ReadNames | undefined;
}

/** The caller to search for, and what the search needs. */
export interface Search extends ActingTime {
  readonly caller: ActingCaller;
  readonly index: GrantIndex;
  readonly names: SessionNames;
}

/** Prepares the search for a caller: reads the possible session names, and decides which of them count. */
export function searchFor(
  { caller, moment, read }: SearchedCaller,
  index: GrantIndex,
  settings: AttributionSettings,
  span?: MomentSpan | undefined,
): Search {
  const names = sessionNames(read ?? readNames(caller, settings.usernameTemplates), caller, index);
  return { caller, moment, index, settings, names, span };
}

const ANY_MAY_DECIDE = () => true;

/**
 * Returns the grants that match a caller with an AWS session (CONTRACT, rules 3 and 4). If the event has an access key,
 * names are not matched, because the caller chose the name. The exception are names that Identity Center set.
 */
export function matchSession(search: Search): SessionMatch {
  const { accessKeyId } = search.caller;
  return accessKeyId === undefined ? matchByName(search) : matchByKey(accessKeyId, search);
}

function matchByKey(accessKeyId: AccessKeyId, search: Search): SessionMatch {
  const { caller, moment, index, settings, span } = search;
  const claim = claimOfCaller(caller, index);
  const acted = (grant: Grant) => canHaveActed(grant, moment, settings, span);
  const issued = index.grantsOfKey(accessKeyId);
  const agreeing = issued.filter((grant) => grantAgrees(grant, claim));
  const byKey = agreeing.filter(acted);
  if (byKey.length > 0) return { method: 'access-key', grants: byKey, mayDecide: ANY_MAY_DECIDE };
  if (agreeing.length > 0) return { reason: moment === 'unreadable' ? 'no-event-time' : 'outside-session-validity' };
  const { uses, agreeing: agreeingUses } = usesOf(accessKeyId, claim, index);
  // A key belongs to one session. If a grant issued the key to another session, its uses do not prove anything.
  const started = issued.length > 0 ? [] : agreeingUses.flatMap((use) => startedBy(use, index));
  const byStart = started.filter(acted);
  if (byStart.length > 0) {
    return { method: 'session-start', grants: [...new Set(byStart)], mayDecide: ANY_MAY_DECIDE, uses: agreeingUses };
  }
  if (moment === 'unreadable') return { reason: 'no-event-time' };
  if (issued.length > 0 || agreeingUses.length < uses.length) return { reason: 'access-key-contradicts-session' };
  if (started.length > 0) return { reason: 'outside-session-validity' };
  return matchUnseenKey(agreeingUses, search);
}

interface KeyUses {
  readonly uses: readonly Use[];
  /** Uses whose session can be that of the caller. */
  readonly agreeing: readonly Use[];
}

/**
 * Returns the uses of an access key. For the session of a role or a federated user, a long-term key has none, because
 * it belongs to no session.
 */
function usesOf(accessKeyId: AccessKeyId, claim: SessionClaim, index: GrantIndex): KeyUses {
  if (!isTemporaryKey(accessKeyId) && claim.kind !== 'unstated') return { uses: [], agreeing: [] };
  const uses = index.usesOfKey(accessKeyId);
  return { uses, agreeing: uses.filter((use) => useAgrees(use, claim)) };
}

/** Returns the grants that issued the session of this use, by the time at which the session began. */
export function startedBy(use: Use, index: GrantIndex): readonly Grant[] {
  const session = sessionOfUse(use);
  return session === undefined ? [] : grantsByStart(session, index);
}

/**
 * Matches a caller whose access key is in no known grant, and whose session began with no known grant. Only two things
 * can still name the actor: a name that AWS set, or what the session states about itself.
 */
function matchUnseenKey(uses: readonly Use[], search: Search): SessionMatch {
  const { caller, names, moment, index, settings, span } = search;
  const setByAws = identityCenterGrants(caller, index).filter((grant) => canHaveActed(grant, moment, settings, span));
  if (setByAws.length > 0) {
    return { method: 'session-name', grants: setByAws, mayDecide: ANY_MAY_DECIDE, keyMismatch: true };
  }
  const statedActors = usesOfOne(uses, search).flatMap((use) => actorByUse(use, search));
  if (statedActors.length > 0) return { method: 'use', statedActors };
  return { reason: isNameKnown(caller, names, index) ? 'access-key-not-seen' : 'no-matching-grant' };
}

/**
 * Returns the uses if they are of one session. A question with only an access key can have uses of several sessions.
 * Then only the uses of that time are returned, if these are of one session.
 */
function usesOfOne(uses: readonly Use[], { caller, ...time }: Search): readonly Use[] {
  const areOfOne = (each: readonly Use[]) => each.every(({ principalId }) => principalId === each[0]?.principalId);
  if (caller.roleId !== undefined || areOfOne(uses)) return uses;
  const ofTime = uses.filter((use) => isOfTime(use, time));
  return areOfOne(ofTime) ? ofTime : [];
}

/**
 * Returns the actor that a use of a role session states. Uses of other kinds of sessions state neither a workload nor a
 * person (CONTRACT, rule 5).
 */
function actorByUse(use: Use, search: Search): SelfStatedActor[] {
  const session = parseSessionPrincipal(use.principalId);
  if (session?.id.startsWith('AROA') !== true) return [];
  const found = actorOfSession(use, namesAt(search, search), search.settings.identityStores);
  return found === undefined ? [] : [{ actor: found.actor, sessionName: session.name, record: use.record }];
}

function matchByName(search: Search): SessionMatch {
  const { caller, names, moment, index } = search;
  if (moment === 'unreadable') return { reason: 'no-event-time' };
  const { grants, neighbours } = grantsByName(caller, names, index, search);
  if (grants.length + neighbours.length > 0) {
    const isStated = names.origin === 'stated';
    const isAws = isStated && grants.every((grant) => grant.byIdentityCenter);
    return {
      method: isStated ? 'session-name' : 'username',
      grants,
      alternatives: neighbours,
      mayDecide: names.origin === 'guess' ? mayDecideByGuess(names) : ANY_MAY_DECIDE,
      ...(isAws ? {} : { nameChosenByCaller: true as const }),
    };
  }
  if (isAnyMatch(caller, names, index)) return { reason: 'outside-session-validity' };
  return {
    reason: names.readings.some(({ name }) => name !== undefined) ? 'no-matching-grant' : 'session-name-unknown',
  };
}
