import type { Caller } from '../audit/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { isTemporaryKey } from '../identity/access-key.ts';
import type { GrantIndex } from './grant-index.ts';
import { canHaveActed, type Moment } from './moment.ts';
import {
  grantsByName,
  identityCenterGrants,
  isNameKnown,
  mayDecideByGuess,
  type SessionNames,
  sessionNames,
} from './names.ts';
import { claimOfCaller, grantAgrees, useAgrees } from './session-claim.ts';
import { grantsByStart } from './session-start.ts';
import type { AttributionSettings } from './settings.ts';

export const MATCH_METHODS = ['access-key', 'session-start', 'session-name', 'username'] as const;
export type MatchMethod = (typeof MATCH_METHODS)[number];

export const NO_MATCH_REASONS = [
  'no-event-time',
  'access-key-contradicts-session',
  'outside-session-validity',
  'access-key-not-seen',
  'session-name-unknown',
  'no-matching-grant',
] as const;
export type NoMatchReason = (typeof NO_MATCH_REASONS)[number];

/** The grants that can be meant, or why none can. */
export type SessionMatch =
  | {
      readonly method: MatchMethod;
      readonly grants: readonly Grant[];
      /** Whether a grant of this match may decide; a weak guess is at best a candidate. */
      readonly mayDecide: (grant: Grant) => boolean;
      /** By another reading of the username: they can leave the actor open, and are never the evidence. */
      readonly alternatives?: readonly Grant[];
      /** Identity Center's session, found by name though another key signed. */
      readonly keyMismatch?: true;
      readonly nameChosenByCaller?: true;
    }
  | { readonly method?: never; readonly reason: NoMatchReason };

interface Question {
  readonly caller: Caller;
  readonly names: SessionNames;
  readonly moment: Moment;
  readonly index: GrantIndex;
  readonly settings: AttributionSettings;
}

const ANY_MAY_DECIDE = () => true;

/**
 * Which grants can be meant by a caller with an AWS session (CONTRACT, rules 3 and 4). Where the event has an access
 * key, a match by name is not used, since whoever calls chose the name; Identity Center's names are the exception.
 */
export function matchSession(
  caller: Caller,
  moment: Moment,
  index: GrantIndex,
  settings: AttributionSettings,
): SessionMatch {
  const names = sessionNames(caller, settings.usernameTemplates);
  const question: Question = { caller, names, moment, index, settings };
  return names.accessKeyIds.length > 0 ? withAlternatives(matchByKey(question), question) : matchByName(question);
}

/** Each reading of a username is a candidate (CONTRACT, rule 2): one that has a key does not rule out one that has none. */
function withAlternatives(match: SessionMatch, { caller, names, moment, index, settings }: Question): SessionMatch {
  const { otherNames = [] } = names;
  if (match.method === undefined || otherNames.length === 0) return match;
  const acted = (grant: Grant) => canHaveActed(grant, moment, settings);
  return { ...match, alternatives: grantsByName(caller, { ...names, names: otherNames }, index, acted) };
}

function matchByKey(question: Question): SessionMatch {
  const { caller, names, moment, index, settings } = question;
  const claim = claimOfCaller(caller);
  const acted = (grant: Grant) => canHaveActed(grant, moment, settings);
  const issued = names.accessKeyIds.flatMap((key) => index.grantsOfKey(key));
  const agreeing = issued.filter((grant) => grantAgrees(grant, claim));
  const byKey = agreeing.filter(acted);
  if (byKey.length > 0) return { method: 'access-key', grants: byKey, mayDecide: ANY_MAY_DECIDE };
  const usable = names.accessKeyIds.filter((key) => isTemporaryKey(key) || claim.kind === 'unstated');
  const uses = usable.flatMap((key) => index.usesOfKey(key));
  const agreeingUses = uses.filter((use) => useAgrees(use, claim));
  const started = agreeingUses.flatMap(({ principalId, began, role }) =>
    began === undefined ? [] : grantsByStart({ principalId, began, role }, index),
  );
  const byStart = started.filter(acted);
  if (byStart.length > 0) {
    return { method: 'session-start', grants: [...new Set(byStart)], mayDecide: ANY_MAY_DECIDE };
  }
  if (moment === 'unreadable') return { reason: 'no-event-time' };
  if (agreeing.length < issued.length || agreeingUses.length < uses.length) {
    return { reason: 'access-key-contradicts-session' };
  }
  if (agreeing.length + started.length > 0) return { reason: 'outside-session-validity' };
  return matchUnseenKey(question);
}

/** Nothing is known of the key. Only a name that AWS itself set may stand in for it. */
function matchUnseenKey({ caller, names, moment, index, settings }: Question): SessionMatch {
  if (names.guessed) return { reason: 'no-matching-grant' };
  const setByAws = identityCenterGrants(caller, index).filter((grant) => canHaveActed(grant, moment, settings));
  if (setByAws.length > 0) {
    return { method: 'session-name', grants: setByAws, mayDecide: ANY_MAY_DECIDE, keyMismatch: true };
  }
  return { reason: isNameKnown(caller, names, index) ? 'access-key-not-seen' : 'no-matching-grant' };
}

function matchByName({ caller, names, moment, index, settings }: Question): SessionMatch {
  if (moment === 'unreadable') return { reason: 'no-event-time' };
  const grants = grantsByName(caller, names, index, (grant) => canHaveActed(grant, moment, settings));
  if (grants.length > 0) {
    const method = names.origin === 'stated' ? 'session-name' : 'username';
    const chosen = grants.every((grant) => grant.byIdentityCenter) ? {} : { nameChosenByCaller: true as const };
    return { method, grants, mayDecide: names.guessed ? mayDecideByGuess : ANY_MAY_DECIDE, ...chosen };
  }
  if (isNameKnown(caller, names, index)) return { reason: 'outside-session-validity' };
  return { reason: names.names.length === 0 || names.guessed ? 'session-name-unknown' : 'no-matching-grant' };
}
