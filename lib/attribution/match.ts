import type { ActingCaller } from '../audit/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import type { Use, UseRecord } from '../cloudtrail/use.ts';
import { type AccessKeyId, isTemporaryKey } from '../identity/access-key.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import { type Actor, actorOfSession } from './actor.ts';
import type { GrantJoin } from './chain.ts';
import type { GrantIndex } from './grant-index.ts';
import type { ActingTime } from './in-time.ts';
import { canHaveActed, type MomentSpan } from './moment.ts';
import {
  grantsByName,
  identityCenterGrants,
  isAnyMeant,
  isNameKnown,
  mayDecideByGuess,
  type ReadNames,
  readNames,
  type SessionNames,
  sessionNames,
} from './names.ts';
import type { UnattributedReason } from './reasons.ts';
import { claimOfCaller, grantAgrees, type SessionClaim, useAgrees } from './session-claim.ts';
import { grantsByStart, sessionOfUse } from './session-start.ts';
import type { AttributionSettings } from './settings.ts';

/** The grants that can be meant. */
export interface FoundGrants {
  readonly method: GrantJoin;
  readonly grants: readonly Grant[];
  /** Whether a grant of this match may decide; a weak guess is at best a candidate. */
  readonly mayDecide: (grant: Grant) => boolean;
  /** By another reading of the username: they can leave the actor open, and are never the evidence. */
  readonly alternatives?: readonly Grant[];
  /** Identity Center's session, found by name though another key signed. */
  readonly keyMismatch?: true;
  readonly nameChosenByCaller?: true;
  /** By session start: what the key signed as this session. */
  readonly uses?: readonly Use[];
}

/** What the key's uses say of their session. */
export interface FoundUses {
  readonly method: 'use';
  /** At least one. */
  readonly said: readonly SaidActor[];
}

/** Whose a session is by its own word, and its name. */
export interface SaidActor {
  readonly actor: Actor;
  readonly sessionName: string | undefined;
  /** The use that says it. */
  readonly record: UseRecord | undefined;
}

/** The grants that can be meant; or what the key's uses say of a session whose grant is not known; or why there is neither. */
export type SessionMatch = FoundGrants | FoundUses | { readonly method?: never; readonly reason: UnattributedReason };

/** Who is looked for. `read` is there where the caller's names were read before. */
export interface Sought extends Pick<Search, 'caller' | 'moment'> {
  readonly read?: ReadNames | undefined;
}

/** Who is looked for, and where. */
export interface Search extends ActingTime {
  readonly caller: ActingCaller;
  readonly index: GrantIndex;
  readonly names: SessionNames;
}

/** What is to be asked of a caller is made ready once: names, and what they are read from. */
export function searchFor(
  { caller, moment, read }: Sought,
  index: GrantIndex,
  settings: AttributionSettings,
  span?: MomentSpan | undefined,
): Search {
  const names = sessionNames(read ?? readNames(caller, settings.usernameTemplates), caller, index);
  return { caller, moment, index, settings, names, span };
}

const ANY_MAY_DECIDE = () => true;

/**
 * Which grants can be meant by a caller with an AWS session (CONTRACT, rules 3 and 4). Where the event has an access
 * key, a match by name is not used, since whoever calls chose the name; Identity Center's names are the exception.
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
  const started = agreeingUses.flatMap((use) => startedBy(use, index));
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
  /** Those that state the session that the caller can be. */
  readonly agreeing: readonly Use[];
}

/** A long-term key belongs to no session. */
function usesOf(accessKeyId: AccessKeyId, claim: SessionClaim, index: GrantIndex): KeyUses {
  if (!isTemporaryKey(accessKeyId) && claim.kind !== 'unstated') return { uses: [], agreeing: [] };
  const uses = index.usesOfKey(accessKeyId);
  return { uses, agreeing: uses.filter((use) => useAgrees(use, claim)) };
}

/** The grants that issued the session of the use at its beginning. */
export function startedBy(use: Use, index: GrantIndex): readonly Grant[] {
  const session = sessionOfUse(use);
  return session === undefined ? [] : grantsByStart(session, index);
}

/**
 * No grant of the key is known, and none that began its session. Only a name that AWS itself set may stand in for it,
 * or what the session says of itself.
 */
function matchUnseenKey(uses: readonly Use[], search: Search): SessionMatch {
  const { caller, names, moment, index, settings, span } = search;
  const setByAws = identityCenterGrants(caller, index).filter((grant) => canHaveActed(grant, moment, settings, span));
  if (setByAws.length > 0) {
    return { method: 'session-name', grants: setByAws, mayDecide: ANY_MAY_DECIDE, keyMismatch: true };
  }
  const said = uses.flatMap((use) => actorByUse(use, index));
  if (said.length > 0) return { method: 'use', said };
  return { reason: isNameKnown(caller, names, index) ? 'access-key-not-seen' : 'no-matching-grant' };
}

function actorByUse(use: Use, index: GrantIndex): SaidActor[] {
  const found = actorOfSession(use, index);
  const sessionName = parseSessionPrincipal(use.principalId)?.name;
  return found === undefined ? [] : [{ actor: found.actor, sessionName, record: use.record }];
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
  if (isAnyMeant(caller, names, index)) return { reason: 'outside-session-validity' };
  return {
    reason: names.readings.some(({ name }) => name !== undefined) ? 'no-matching-grant' : 'session-name-unknown',
  };
}
