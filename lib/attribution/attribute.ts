import type { Caller, ImpersonatedUser } from '../audit/caller.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { isTemporaryKey } from '../identity/access-key.ts';
import { type FoundActor, sameActor } from './actor.ts';
import { type Attribution, chainLinks, FLAGS, type Flag, type Method, type Reason } from './attribution.ts';
import { chainsOf, latestFirst, oneEach, type RoleChain } from './chain.ts';
import { actsForUser, directActor } from './direct.ts';
import type { GrantIndex } from './grant-index.ts';
import { matchSession, type SessionMatch } from './match.ts';
import { canHaveActed, type Moment } from './moment.ts';
import { sessionNames, usernameShows } from './names.ts';
import type { AttributionSettings } from './settings.ts';

/** What the rules need of an audit event: who called, for whom, and when. */
export interface Action {
  readonly caller: Caller;
  readonly impersonated?: ImpersonatedUser | undefined;
  readonly moment: Moment;
}

export function actionOf({ caller, impersonated, at }: Pick<AuditEvent, 'caller' | 'impersonated' | 'at'>): Action {
  return { caller, impersonated, moment: at ?? 'unreadable' };
}

/** What the rules need besides the action. `settled`: no later grant is waited for, the answer is the last one. */
export interface Known {
  readonly index: GrantIndex;
  readonly settings: AttributionSettings;
  readonly settled: boolean;
}

/** The attribution, and what was learnt of the caller that the event's `extra` does not state. */
export interface Answer {
  readonly attribution: Attribution;
  readonly learnt?: LearntOfCaller;
}

export interface LearntOfCaller {
  /** The grant's own name, where the username shows it, perhaps with `@` as `-`. */
  readonly sessionName?: string;
  /** By a username template with `{{AccessKeyID}}`. */
  readonly accessKeyId?: string;
}

/**
 * Who is behind an action: the CONTRACT's rules, a pure function of the action, the grants and uses known, and the
 * settings. A wrong name is worse than none.
 */
export function attribute(action: Action, known: Known): Answer {
  const answer = decideByKind(action, known);
  const { caller } = action;
  if (caller.accessKeyId !== undefined || caller.roleId === undefined) return answer;
  const [accessKeyId] = sessionNames(caller, known.settings.usernameTemplates).accessKeyIds;
  return accessKeyId === undefined ? answer : { ...answer, learnt: { ...answer.learnt, accessKeyId } };
}

function decideByKind(action: Action, known: Known): Answer {
  switch (action.caller.kind) {
    case 'malformed':
      return unattributed(action, 'malformed-identity', { ...known, settled: true });
    case 'role-session':
      return ofSession(action, known, []);
    case 'federated-user':
      return ofFederatedUser(action, known);
    case 'root':
      return ofRoot(action, known);
    case 'kubernetes-node':
      return ofNodeOrService(action, known, 'node-role-used-by-person');
    case 'eks-service':
      return ofNodeOrService(action, known, 'eks-name-used-by-person');
    default:
      return direct(action, directActor(action.caller, known.index), false);
  }
}

function ofSession(action: Action, known: Known, flags: readonly Flag[]): Answer {
  const match = matchSession(action.caller, action.moment, known.index, known.settings);
  return match.method === undefined ? unattributed(action, match.reason, known) : decide(action, match, known, flags);
}

function ofFederatedUser(action: Action, known: Known): Answer {
  const match = matchSession(action.caller, action.moment, known.index, known.settings);
  if (match.method !== undefined) return decide(action, match, known, []);
  return direct(action, directActor(action.caller, known.index), !known.settled);
}

/** The root user itself, unless AssumeRoot is known to have issued the key (CONTRACT, rule 4). */
function ofRoot(action: Action, known: Known): Answer {
  const { accessKeyId, accountId } = action.caller;
  const issued = (accessKeyId === undefined ? [] : known.index.grantsOfKey(accessKeyId)).filter(
    (grant) => grant.granted === 'root' && (grant.accountId === undefined || grant.accountId === accountId),
  );
  const grants = issued.filter((grant) => canHaveActed(grant, action.moment, known.settings));
  if (grants.length > 0) return decide(action, { method: 'access-key', grants, mayDecide: () => true }, known, []);
  if (issued.length > 0) {
    return unattributed(action, action.moment === 'unreadable' ? 'no-event-time' : 'outside-session-validity', known);
  }
  const mayBeGranted = accessKeyId !== undefined && isTemporaryKey(accessKeyId);
  return direct(action, directActor(action.caller, known.index), mayBeGranted && !known.settled);
}

/** The cluster's own, unless a grant that no AWS service asked for can be meant: then a person uses the role. */
function ofNodeOrService(action: Action, known: Known, flag: Flag): Answer {
  if (action.caller.roleId === undefined) return direct(action, undefined, false);
  const match = matchSession(action.caller, action.moment, known.index, known.settings);
  const byPerson =
    match.method !== undefined &&
    match.keyMismatch === undefined &&
    match.grants.some((grant) => grant.caller.kind !== 'aws-service');
  return byPerson ? decide(action, match, known, [flag]) : direct(action, undefined, !known.settled);
}

/** An answer that rests on the event alone; without an actor it is the cluster's own work. */
function direct(action: Action, found: FoundActor | undefined, provisional: boolean): Answer {
  const flags = flagsOf(action, []);
  const acting = found ?? actsForUser(action.caller, action.impersonated);
  if (acting === undefined) return { attribution: { status: 'system', provisional, flags } };
  const { actor, partial } = acting;
  const status = partial === undefined ? 'attributed' : 'partial';
  return {
    attribution: { status, method: 'direct', provisional, ...(partial && { reason: partial }), flags, actor },
  };
}

function unattributed(action: Action, reason: Reason, known: Known): Answer {
  const flags = flagsOf(action, []);
  const canChange = !known.settled && reason !== 'no-event-time';
  if (canChange) return { attribution: { status: 'pending', provisional: true, flags } };
  return { attribution: { status: 'unattributed', provisional: false, reason, flags } };
}

type FoundMatch = Extract<SessionMatch, { method: string }>;

function decide(action: Action, match: FoundMatch, known: Known, found: readonly Flag[]): Answer {
  const { grants, method, mayDecide, alternatives = [] } = match;
  const chainsBehind = (all: readonly Grant[]) =>
    [...all].sort(latestFirst).flatMap((grant) => chainsOf(grant, known.index, known.settings));
  const chains = chainsBehind(grants);
  const evidence = chains.find((chain) => mayDecide(clusterGrant(chain)));
  const distinct = oneEach([...chains, ...chainsBehind(alternatives)]);
  if (evidence === undefined || !allOneActor(distinct)) return ambiguous(action, onePerActor(distinct), found, known);
  const flags: Flag[] = [...found];
  if (match.keyMismatch) flags.push('access-key-mismatch');
  if (match.nameChosenByCaller) flags.push('name-chosen-by-caller');
  return named(action, evidence, { method, flags, known });
}

function clusterGrant({ grants }: RoleChain): Grant {
  return grants.at(-1) ?? grants[0];
}

/** Whether each two of the actors are the same: that is not transitive, where one of them says little of itself. */
function allOneActor(chains: readonly RoleChain[]): boolean {
  return chains.every((one, at) => chains.slice(at + 1).every((other) => sameActor(one.actor, other.actor)));
}

/** The latest chain of each actor. */
function onePerActor(chains: readonly RoleChain[]): RoleChain[] {
  const kept: RoleChain[] = [];
  for (const chain of chains) if (!kept.some(({ actor }) => sameActor(actor, chain.actor))) kept.push(chain);
  return kept;
}

function ambiguous(action: Action, chains: readonly RoleChain[], flags: readonly Flag[], known: Known): Answer {
  const candidates = chains.map((chain) => ({ actor: chain.actor, chain: chainLinks(chain) }));
  const provisional = !known.settled;
  return { attribution: { status: 'ambiguous', provisional, flags: flagsOf(action, flags), candidates } };
}

interface Finding {
  readonly method: Method;
  readonly flags: readonly Flag[];
  readonly known: Known;
}

function named(action: Action, chain: RoleChain, { method, flags, known }: Finding): Answer {
  const { actor, partial } = chain;
  const proven = (method === 'access-key' || method === 'session-start') && partial === undefined;
  const claims = partial === undefined ? claimedNames(chain, known.index) : [];
  return {
    attribution: {
      status: partial === undefined ? 'attributed' : 'partial',
      method,
      provisional: !known.settled && !proven,
      ...(partial && { reason: partial }),
      flags: flagsOf(action, [...flags, ...claims]),
      actor,
      chain: chainLinks(chain),
    },
    ...learntOf(action.caller, clusterGrant(chain), known.settings),
  };
}

/** Where the username shows the session's name, `@` may stand in it as `-`; the grant has the name itself. */
function learntOf(caller: Caller, grant: Grant, settings: AttributionSettings) {
  if (caller.sessionName !== undefined || grant.sessionName === undefined) return {};
  const shown = usernameShows(sessionNames(caller, settings.usernameTemplates), grant);
  return shown ? { learnt: { sessionName: grant.sessionName } } : {};
}

/** Names of other known users that the session or the source identity bears: chosen by the caller, perhaps to mislead. */
function claimedNames({ actor, grants }: RoleChain, index: GrantIndex): Flag[] {
  const another = (name: string | undefined) => name !== undefined && name !== actor.name && index.isKnownUser(name);
  const flags: Flag[] = [];
  if (another(grants.at(-1)?.sessionName)) flags.push('session-name-claims-other-actor');
  if (another(actor.sourceIdentity)) flags.push('source-identity-claims-other-actor');
  return flags;
}

function flagsOf(action: Action, flags: readonly Flag[]): Flag[] {
  if (flags.length === 0) return action.impersonated === undefined ? [] : ['impersonation'];
  return FLAGS.filter(
    (flag) => flags.includes(flag) || (flag === 'impersonation' && action.impersonated !== undefined),
  );
}
