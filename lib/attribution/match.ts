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

/** The grants that match a caller's session. */
export interface FoundGrants {
  readonly method: GrantJoin;
  readonly grants: readonly Grant[];
  /** Returns whether a grant of this match may decide. A weak guess is at best a candidate. */
  readonly mayDecide: (grant: Grant) => boolean;
  /** Grants from another reading of the username. They can leave the actor open, and are never the evidence. */
  readonly alternatives?: readonly Grant[];
  /** Whether it is Identity Center's session, matched by name although another key signed. */
  readonly keyMismatch?: true;
  readonly nameChosenByCaller?: true;
  /** The uses that the key signed as this session, if the session was matched by its start. */
  readonly uses?: readonly Use[];
}

/** The statements of the key's uses about their session. */
export interface FoundUses {
  readonly method: 'use';
  /** The actors that the uses name, at least one. */
  readonly statedActors: readonly SelfStatedActor[];
}

/** The actor that a session states for itself, and the session's name. */
export interface SelfStatedActor {
  readonly actor: Actor;
  readonly sessionName: string | undefined;
  /** The use that states it. */
  readonly record: UseRecord | undefined;
}

/** The grants that match; or what the key's uses state about a session whose grant is not known; or why there is neither. */
export type SessionMatch = FoundGrants | FoundUses | { readonly method?: never; readonly reason: UnattributedReason };

/** The caller to look for. `read` is present if the caller's names were already read. */
export interface SearchedCaller extends Pick<Search, 'caller' | 'moment'> {
  readonly read?: ReadNames | undefined;
}

/** The caller to look for, and where to look. */
export interface Search extends ActingTime {
  readonly caller: ActingCaller;
  readonly index: GrantIndex;
  readonly names: SessionNames;
}

/** Prepares the search for a caller once: its names, and what they are read from. */
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
 * a match by name is not used, because the caller chose the name. Identity Center's names are the exception.
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
  // A key belongs to one session. If a grant issued it to another one, its uses prove nothing.
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
  /** The uses that state the session that the caller can have. */
  readonly agreeing: readonly Use[];
}

/** Returns the uses of a key. A long-term key belongs to no session. */
function usesOf(accessKeyId: AccessKeyId, claim: SessionClaim, index: GrantIndex): KeyUses {
  if (!isTemporaryKey(accessKeyId) && claim.kind !== 'unstated') return { uses: [], agreeing: [] };
  const uses = index.usesOfKey(accessKeyId);
  return { uses, agreeing: uses.filter((use) => useAgrees(use, claim)) };
}

/** Returns the grants that issued the session of the use at its start. */
export function startedBy(use: Use, index: GrantIndex): readonly Grant[] {
  const session = sessionOfUse(use);
  return session === undefined ? [] : grantsByStart(session, index);
}

/**
 * Matches a caller whose key is in no known grant, and whose session no known grant started. Only a name that AWS set
 * can replace it, or what the session states of itself.
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
 * Returns the uses of one session. If the query has only a key, its uses can be of several sessions. Then the uses of that
 * moment count, if they are of one session.
 */
function usesOfOne(uses: readonly Use[], { caller, ...time }: Search): readonly Use[] {
  const areOfOne = (each: readonly Use[]) => each.every(({ principalId }) => principalId === each[0]?.principalId);
  if (caller.roleId !== undefined || areOfOne(uses)) return uses;
  const ofTime = uses.filter((use) => isOfTime(use, time));
  return areOfOne(ofTime) ? ofTime : [];
}

/**
 * Returns the actor that a use of a role session states. Uses of other sessions state no workload and no person (CONTRACT, rule
 * 5).
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
