import { isAnonymousAccess } from '../audit/anonymous-access.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { type AccessKeyId, isTemporaryKey } from '../identity/access-key.ts';
import type { Actor, FoundActor } from './actor.ts';
import type { Action, Answer, ReadAction, RuleContext } from './answer.ts';
import { namedAttribution } from './attribution.ts';
import { concluded, decideByGrants, decideByUses } from './decide.ts';
import { actsForUser, directActor } from './direct.ts';
import type { Flag } from './flags.ts';
import { matchSession, type Search, searchFor } from './match.ts';
import { canHaveActed } from './moment.ts';
import { readNames } from './names.ts';
import { withOwnStores } from './own-stores.ts';
import { proxiedActor } from './proxy.ts';
import { flagsOf } from './raised-flags.ts';
import type { UnattributedReason } from './reasons.ts';
import type { AttributionSettings } from './settings.ts';
import { answerByToken } from './token.ts';

/** Returns what the rules need from an audit event. */
export function actionOf(event: AuditEvent, cluster: string | undefined, handedOverBy?: string): Action {
  const { caller, impersonated, at } = event;
  const action = { caller, impersonated, moment: at ?? 'unreadable', cluster, handedOverBy } as const;
  return isAnonymousAccess(event) ? { ...action, anonymousAccess: true } : action;
}

/** Returns the action with its caller's session names read. Use it if the rules are asked about the action several times. */
export function withNames(action: Action, { usernameTemplates }: AttributionSettings): ReadAction {
  return { ...action, read: action.read ?? readNames(action.caller, usernameTemplates) };
}

/**
 * Returns who is behind an action: the CONTRACT's rules, as a pure function of the action, the known grants and uses,
 * and the settings. A wrong name is worse than no name.
 */
export function attribute(action: Action, known: RuleContext): Answer {
  return withOwnStores(action, byRules(action, known), known.settings.identityStores);
}

function byRules(action: Action, known: RuleContext): Answer {
  const { caller, impersonated } = action;
  const { index, settings } = known;
  const proxied = proxiedActor(caller, impersonated, settings.trustedProxies, index);
  if (proxied !== undefined) return ofProxy(action, proxied, known);
  switch (caller.kind) {
    case 'malformed':
      return unattributed(action, 'malformed-identity', { ...known, settled: true });
    case 'role-session':
      return ofSession(action, known);
    case 'federated-user':
      return ofFederatedUser(action, known);
    case 'root':
      return ofRoot(action, known);
    case 'iam-user':
      return ofOwnKey(action, known, false);
    case 'kubernetes-node':
      return ofNodeOrService(action, known, 'node-role-used-by-person');
    case 'eks-service':
      return ofNodeOrService(action, known, 'eks-name-used-by-person');
    case 'kubernetes-service-account':
      return byToken(action, known) ?? direct(action, undefined, false);
    default:
      return direct(action, directActor(caller, index), false);
  }
}

function byToken(action: Action, known: RuleContext): Answer | undefined {
  return answerByToken(action, known.index, (issuing) => attribute(issuing, known));
}

/**
 * Returns the person that a trusted proxy states. If somebody is known to have had a token of the proxy's service
 * account issued, that person can state any name. Then the token decides.
 */
function ofProxy(action: Action, actor: Actor, known: RuleContext): Answer {
  const issued = byToken(action, known);
  if (issued !== undefined) return issued;
  const flags = flagsOf(action, []);
  const { first, username } = action.impersonated ?? {};
  const learnt = first === undefined || first.username === username ? {} : { learnt: { original: first.username } };
  return { attribution: namedAttribution({ actor }, { method: 'proxy' }, { provisional: false, flags }), ...learnt };
}

function searchOf(action: Action, { index, settings, span }: RuleContext): Search {
  return searchFor(action, index, settings, span);
}

function ofSession(action: Action, known: RuleContext): Answer {
  const search = searchOf(action, known);
  const match = matchSession(search);
  if (match.method === undefined) return unattributed(action, match.reason, known);
  if (match.method === 'use') return decideByUses(action, match, known);
  return decideByGrants(action, match, known, { flags: [], names: search.names });
}

function ofFederatedUser(action: Action, known: RuleContext): Answer {
  const search = searchOf(action, known);
  const match = matchSession(search);
  if (match.method !== undefined && match.method !== 'use') {
    return decideByGrants(action, match, known, { flags: [], names: search.names });
  }
  return direct(action, directActor(action.caller, known.index), !known.settled);
}

/**
 * Returns the answer for an IAM user or root user who acts under their own identity, unless somebody else acts with their key.
 */
function ofOwnKey(action: Action, known: RuleContext, provisional: boolean): Answer {
  const found = directActor(action.caller, known.index);
  if (found === undefined) return direct(action, found, provisional);
  return concluded(action, { ...found, method: 'direct', flags: [] }, known, provisional);
}

/** Returns the answer for the root user, unless AssumeRoot is known to have issued the key (CONTRACT, rule 4). */
function ofRoot(action: Action, known: RuleContext): Answer {
  const { accessKeyId, accountId } = action.caller;
  const issued = (accessKeyId === undefined ? [] : known.index.grantsOfKey(accessKeyId)).filter(
    (grant) => grant.granted === 'root' && (grant.accountId === undefined || grant.accountId === accountId),
  );
  const grants = issued.filter((grant) => canHaveActed(grant, action.moment, known.settings, known.span));
  if (grants.length > 0) {
    const match = { method: 'access-key', grants, mayDecide: () => true } as const;
    return decideByGrants(action, match, known, { flags: [], names: searchOf(action, known).names });
  }
  if (issued.length > 0) {
    return unattributed(action, action.moment === 'unreadable' ? 'no-event-time' : 'outside-session-validity', known);
  }
  const mayBeGranted = accessKeyId !== undefined && isTemporaryKey(accessKeyId);
  if (mayBeGranted && isAssumed(accessKeyId, accountId, known)) return unattributed(action, 'no-matching-grant', known);
  return ofOwnKey(action, known, mayBeGranted && !known.settled);
}

/** Returns whether the key's own records show that somebody else acts as root, by a grant that is not known. */
function isAssumed(accessKeyId: AccessKeyId, accountId: string | undefined, { index }: RuleContext): boolean {
  return index.usesOfKey(accessKeyId).some((use) => use.principalId === accountId && use.assumedRoot === true);
}

/** Returns the cluster's own work, unless a grant that no AWS service requested can match: then a person uses the role. */
function ofNodeOrService(action: Action, known: RuleContext, flag: Flag): Answer {
  if (action.caller.roleId === undefined) return direct(action, undefined, false);
  const search = searchOf(action, known);
  const match = matchSession(search);
  if (match.method === undefined || match.method === 'use' || match.keyMismatch !== undefined) {
    return direct(action, undefined, !known.settled);
  }
  const all = [...match.grants, ...(match.alternatives ?? [])];
  const byPerson = all.some((grant) => grant.caller.kind !== 'aws-service');
  if (!byPerson) return direct(action, undefined, !known.settled);
  return decideByGrants(action, match, known, { flags: [flag], names: search.names });
}

/** Returns an answer that rests on the event alone. Without an actor, it is the cluster's own work. */
function direct(action: Action, found: FoundActor | undefined, provisional: boolean): Answer {
  const flags = flagsOf(action, []);
  const acting = found ?? actsForUser(action.caller, action.impersonated);
  if (acting === undefined) return { attribution: { status: 'system', provisional, flags } };
  return { attribution: namedAttribution(acting, { method: 'direct' }, { provisional, flags }) };
}

function unattributed(action: Action, reason: UnattributedReason, known: RuleContext): Answer {
  const flags = flagsOf(action, []);
  const canChange = !known.settled && reason !== 'no-event-time';
  if (canChange) return { attribution: { status: 'pending', provisional: true, flags } };
  return { attribution: { status: 'unattributed', provisional: false, reason, flags } };
}
