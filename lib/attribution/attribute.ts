import { isAnonymousAccess } from '../audit/anonymous-access.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { awsTokenOf } from '../audit/aws-token.ts';
import type { ActingCaller } from '../audit/caller.ts';
import type { EventSite } from '../audit/event-site.ts';
import { isUnusualNodeClient } from '../audit/node-client.ts';
import { isTemporaryKey } from '../identity/access-key.ts';
import { clusterKeyOf, NO_CLUSTER } from '../identity/cluster.ts';
import type { Actor, FoundActor } from './actor.ts';
import type { Action, Answer, ReadAction, RuleContext } from './answer.ts';
import { namedAttribution } from './attribution.ts';
import { decideByGrants, decideByUses, decideDirectly, eitherOf } from './decide.ts';
import { actsForUser, directActor } from './direct.ts';
import type { Flag } from './flags.ts';
import { withForeignStore } from './foreign-store.ts';
import { asFederatedUser, type KeyFact, keyFactsOf } from './key-facts.ts';
import { matchSession, type Search, searchFor } from './match.ts';
import { canHaveActed, type Moment } from './moment.ts';
import { readNames } from './names.ts';
import { namesAt } from './names-at.ts';
import { proxiedActor } from './proxy.ts';
import { flagsOf } from './raised-flags.ts';
import type { UnattributedReason } from './reasons.ts';
import { withSamePerson } from './same-person.ts';
import type { AttributionSettings } from './settings.ts';
import { answerByToken } from './token.ts';
import { grantsOfPresentedToken, isOfRole } from './web-identity.ts';

/** Returns what the rules need of an audit event. */
export function actionOf(event: AuditEvent, site: EventSite): Action {
  const { caller, impersonated, at } = event;
  const { handedOverBy } = site.origin ?? {};
  const clusterKey = clusterKeyOf(site);
  const action = { caller, impersonated, moment: at ?? 'unreadable', clusterKey, handedOverBy } as const;
  if (isUnusualNodeClient(event)) return { ...action, unusualNodeClient: true };
  return isAnonymousAccess(event) ? { ...action, anonymousAccess: true } : action;
}

/** Returns an action of which only the caller and the moment are known, for a question about a session. */
export function actionOfCaller(caller: ActingCaller, moment: Moment): Action {
  return { caller, moment, clusterKey: NO_CLUSTER };
}

/** Returns the action with its caller's possible session names. Use it if you ask the rules about the action several times. */
export function withNames(action: Action, { usernameTemplates }: AttributionSettings): ReadAction {
  return { ...action, read: action.read ?? readNames(action.caller, usernameTemplates) };
}

/**
 * Returns who is behind an action. These are the CONTRACT's rules, as a pure function of the action, the known grants
 * and uses, and the settings. A wrong name is worse than no name.
 */
export function attribute(action: Action, known: RuleContext): Answer {
  const { identityStores, samePerson } = known.settings;
  const answer = withForeignStore(action, byRules(action, known), identityStores);
  return samePerson.size === 0 ? answer : { ...answer, attribution: withSamePerson(answer.attribution, samePerson) };
}

function byRules(action: Action, known: RuleContext): Answer {
  const { caller } = action;
  const { index, settings } = known;
  const proxied = proxiedActor(action, settings.trustedProxies, index);
  if (proxied !== undefined) return answerByProxy(action, proxied, known);
  switch (caller.kind) {
    case 'malformed':
      return unattributedAnswer(action, 'malformed-identity', { ...known, settled: true });
    case 'role-session':
      return answerForSession(action, known);
    case 'federated-user':
      return answerForFederatedUser(action, known);
    case 'root':
      return answerForRootUid(action, known);
    case 'iam-user':
      return answerForOwnKey(action, keyFactsOf(action, known), known, hasTemporaryKey(caller));
    case 'kubernetes-node':
      return answerForNodeOrService(action, known, 'node-role-used-by-person');
    case 'eks-service':
      return answerForNodeOrService(action, known, 'eks-name-used-by-person');
    case 'kubernetes-service-account':
      return byToken(action, known, () => directAnswer(action, undefined, false));
    case 'kubernetes-user':
      return answerForKubernetesUser(action, known);
    default:
      return directAnswer(action, directActor(caller, action.clusterKey, namesAt(action, known)), false);
  }
}

function byToken(action: Action, known: RuleContext, withoutToken: () => Answer): Answer {
  return answerByToken(action, known, { issuing: (issuing) => byRules(issuing, known), withoutToken });
}

/**
 * Returns the person that a trusted proxy states. But somebody who requested a token of the proxy's service account can
 * state any person. If such a request is known, the answer is by the token.
 */
function answerByProxy(action: Action, actor: Actor, known: RuleContext): Answer {
  return byToken(action, known, () => {
    const flags = flagsOf(action, []);
    const { first, username } = action.impersonated ?? {};
    const learnt = first === undefined || first.username === username ? {} : { learnt: { original: first.username } };
    return { attribution: namedAttribution({ actor }, { method: 'proxy' }, { provisional: false, flags }), ...learnt };
  });
}

function searchOf(action: Action, { index, settings, span }: RuleContext): Search {
  return searchFor(action, index, settings, span);
}

function answerForSession(action: Action, known: RuleContext): Answer {
  const search = searchOf(action, known);
  const match = matchSession(search);
  if (match.method === undefined) return unattributedAnswer(action, match.reason, known);
  if (match.method === 'use') return decideByUses(action, match, known);
  return decideByGrants(action, match, known, { flags: [], names: search.names });
}

function answerForFederatedUser(action: Action, known: RuleContext): Answer {
  const search = searchOf(action, known);
  const match = matchSession(search);
  if (match.method !== undefined && match.method !== 'use') {
    return decideByGrants(action, match, known, { flags: [], names: search.names });
  }
  return answerForOwnKey(action, keyFactsOf(action, known), known, true);
}

/** Returns the answer for a caller who acts under their own identity. If the key is known to be somebody else's, the answer says so. */
function answerForOwnKey(action: Action, facts: readonly KeyFact[], known: RuleContext, canBeGranted: boolean): Answer {
  const found = directActor(action.caller, action.clusterKey, namesAt(action, known));
  if (found === undefined) return directAnswer(action, found, false);
  return decideDirectly(action, { found, facts, canBeGranted }, known);
}

/** Returns whether a grant can have issued the caller's key. */
function hasTemporaryKey({ accessKeyId }: Action['caller']): boolean {
  return accessKeyId !== undefined && isTemporaryKey(accessKeyId);
}

/**
 * Returns the answer for a uid of the root user. If the uid may be cut off and the key is a federated user's, the
 * caller is this federated user (CONTRACT, rule 4).
 */
function answerForRootUid(action: Action, known: RuleContext): Answer {
  const facts = keyFactsOf(action, known);
  const federated = asFederatedUser(action.caller, facts);
  if (federated === undefined) return answerForRootUser(action, facts, known);
  const answer = answerForFederatedUser({ ...action, caller: federated.caller, read: undefined }, known);
  return federated.mayBeRoot ? eitherOf(action, [answerForRootUser(action, facts, known), answer], known) : answer;
}

/** Returns the answer for the root user. If AssumeRoot is known to have issued the key, the answer is by that grant (CONTRACT, rule 4). */
function answerForRootUser(action: Action, facts: readonly KeyFact[], known: RuleContext): Answer {
  const issued = facts.filter(({ isOwn, grant }) => isOwn && grant?.granted === 'root');
  const grants = issued.flatMap(({ isInTime, grant }) => (isInTime && grant !== undefined ? [grant] : []));
  if (grants.length > 0) {
    const match = { method: 'access-key', grants, mayDecide: () => true } as const;
    return decideByGrants(action, match, known, { flags: [], names: searchOf(action, known).names });
  }
  if (issued.length > 0) {
    return unattributedAnswer(
      action,
      action.moment === 'unreadable' ? 'no-event-time' : 'outside-session-validity',
      known,
    );
  }
  const mayBeGranted = hasTemporaryKey(action.caller);
  if (mayBeGranted && isAssumed(facts)) return unattributedAnswer(action, 'no-matching-grant', known);
  return answerForOwnKey(action, facts, known, mayBeGranted);
}

/** Returns whether records that the key signed show that somebody assumed root through a grant that is not known. */
function isAssumed(facts: readonly KeyFact[]): boolean {
  return facts.some(({ isOwn, use }) => isOwn && use?.assumedRoot === true);
}

/**
 * Returns who requested the web identity token of the caller, if AWS issued it. If the requester is not known, the
 * caller acts under its own identity. The flag says that only the username names the issuer of the token. If the
 * subject is a role, or if the token was issued to another principal, the answer is `partial`.
 */
function answerForKubernetesUser(action: Action, known: RuleContext): Answer {
  const { caller, moment } = action;
  const { index, settings, span } = known;
  const found = directActor(caller, action.clusterKey, namesAt(action, known));
  const token = awsTokenOf(caller);
  if (token === undefined || found === undefined) return directAnswer(action, found, false);
  const grants = grantsOfPresentedToken(token, index).filter((grant) => canHaveActed(grant, moment, settings, span));
  if (grants.length > 0) {
    const match = { method: 'web-identity-token', grants, mayDecide: () => true } as const;
    return decideByGrants(action, match, known, {
      flags: ['issuer-by-username'],
      names: searchOf(action, known).names,
    });
  }
  const isOthers = isOfRole(token.subject) || index.grantsOfToken(token.id).length > 0;
  return directAnswer(action, isOthers ? { ...found, partial: 'upstream-grant-not-found' } : found, !known.settled);
}

/**
 * Returns an answer without a person, because no grant shows who has the credentials of a node or an EKS service. If a
 * grant that no AWS service requested can match, a person uses the role. Then the answer is by that grant.
 */
function answerForNodeOrService(action: Action, known: RuleContext, flag: Flag): Answer {
  if (action.caller.roleId === undefined) return directAnswer(action, undefined, false);
  const search = searchOf(action, known);
  const match = matchSession(search);
  if (match.method === undefined || match.method === 'use' || match.keyMismatch !== undefined) {
    return directAnswer(action, undefined, !known.settled);
  }
  const all = [...match.grants, ...(match.alternatives ?? [])];
  const byPerson = all.some((grant) => grant.caller.kind !== 'aws-service');
  if (!byPerson) return directAnswer(action, undefined, !known.settled);
  return decideByGrants(action, match, known, { flags: [flag], names: search.names });
}

/**
 * Returns an answer that rests on the event alone. If `found` is undefined, the event is not of a person's session, or
 * it has the credentials of a node.
 */
function directAnswer(action: Action, found: FoundActor | undefined, provisional: boolean): Answer {
  const flags = flagsOf(action, action.unusualNodeClient === true ? ['unusual-node-client'] : []);
  const acting = found ?? actsForUser(action.caller, action.impersonated, action.clusterKey);
  if (acting === undefined && action.unusualNodeClient === true)
    return answerWithoutActor('node-credentials-used', flags, provisional);
  if (acting === undefined) return { attribution: { status: 'system', provisional, flags } };
  return { attribution: namedAttribution(acting, { method: 'direct' }, { provisional, flags }) };
}

function unattributedAnswer(action: Action, reason: UnattributedReason, known: RuleContext): Answer {
  return answerWithoutActor(reason, flagsOf(action, []), !known.settled && reason !== 'no-event-time');
}

function answerWithoutActor(reason: UnattributedReason, flags: Flag[], canChange: boolean): Answer {
  if (canChange) return { attribution: { status: 'pending', provisional: true, flags } };
  return { attribution: { status: 'unattributed', provisional: false, reason, flags } };
}
