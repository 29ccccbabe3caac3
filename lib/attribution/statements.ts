import type { ActingCaller } from '../audit/caller.ts';
import type { SessionStatement, TrailCaller } from '../cloudtrail/caller.ts';
import { directoryUserId } from '../cloudtrail/known-user.ts';
import type { AgentOfSignIn } from '../cloudtrail/record.ts';
import type { Use } from '../cloudtrail/use.ts';
import { isTemporaryKey } from '../identity/access-key.ts';
import { type Actor, actorOnBehalf, type DirectoryUser, nameInDirectory } from './actor.ts';
import type { Action, RuleContext } from './answer.ts';
import type { ShowingUse } from './attribution.ts';
import { bestUse } from './best-use.ts';
import { grantsOf, type Hops } from './chain.ts';
import type { GrantIndex } from './grant-index.ts';
import { namesAt } from './names-at.ts';
import { claimOfCaller, useAgrees } from './session-claim.ts';

/** AWS's statements about who acts through the session, besides the caller who obtained it (CONTRACT, rule 5). */
export interface ActingStatements {
  /** The account in which somebody acts with the actor's identity, by temporary delegation. */
  readonly delegate?: string;
  readonly throughAgent: boolean;
  /** The uses that state it, if no grant of the chain does. */
  readonly uses: readonly ShowingUse[];
  /** Identity Center users for whom the session acts, other than the actor. */
  readonly others: readonly Actor[];
}

/** Returns what the callers of the chain's grants and the uses of the event's key state. */
export function actsFor(action: Action, found: FoundChain, known: RuleContext): ActingStatements {
  const { hops } = found;
  const { index } = known;
  const callers: readonly SessionStatement[] = hops === undefined ? [] : grantsOf(hops).map((grant) => grant.caller);
  const uses = usesOfCaller(action.caller, index);
  const statements = [...callers, ...uses];
  if (!statements.some(statesOthers)) return NO_STATEMENTS;
  const [delegate] = statements.flatMap((each) => each.delegate ?? []).sort();
  return {
    ...(delegate !== undefined && { delegate }),
    throughAgent: statements.some(({ agent }) => agent !== undefined) || agentsOf(statements, index).length > 0,
    uses: [...usesOfDelegate(delegate, callers, uses), ...usesOfAgent(callers, uses, index)],
    others: usersIn(statements).flatMap((user) => someoneElse(user, found, action, known)),
  };
}

/** An actor, and the hops that lead to it, if any do. */
interface FoundChain {
  readonly actor: Actor;
  readonly hops?: Hops | undefined;
}

const NO_STATEMENTS: ActingStatements = { throughAgent: false, uses: [], others: [] };

/** Returns whether a record states anything about others who act. Most do not. */
function statesOthers({ delegate, onBehalfOf, agent, signInSession }: SessionStatement): boolean {
  return delegate !== undefined || onBehalfOf !== undefined || agent !== undefined || signInSession !== undefined;
}

/** Returns the uses of the event's key for its caller's session; its owner is already known. A long-term key has no session. */
function usesOfCaller(caller: ActingCaller, index: GrantIndex): readonly Use[] {
  const { accessKeyId, kind, userId, accountId } = caller;
  if (accessKeyId === undefined || !isTemporaryKey(accessKeyId)) return [];
  const uses = index.usesOfKey(accessKeyId, 'statements');
  if (kind === 'iam-user') return uses.filter(({ principalId }) => principalId === userId);
  if (kind === 'root') return uses.filter(({ principalId }) => principalId === accountId);
  const claim = claimOfCaller(caller, index);
  return uses.filter((use) => useAgrees(use, claim));
}

/** Returns the agents that acted in the sign-in sessions, in the same order. */
function agentsOf(statements: readonly SessionStatement[], index: GrantIndex): readonly AgentOfSignIn[] {
  const signIns = new Set(statements.flatMap(({ signInSession }) => signInSession ?? []).sort());
  return [...signIns].flatMap((signIn) => index.agentOf(signIn) ?? []);
}

type CallerStatements = readonly SessionStatement[];

function usesOfDelegate(
  delegate: string | undefined,
  callers: CallerStatements,
  uses: readonly Use[],
): readonly ShowingUse[] {
  const says = (each: SessionStatement) => each.delegate === delegate;
  return delegate === undefined || callers.some(says) ? [] : bestUse('acts-by-delegation', uses.filter(says));
}

/**
 * Returns the agent's own record, made with another key of its sign-in session, and the use that states which session that is.
 */
function usesOfAgent(callers: CallerStatements, uses: readonly Use[], index: GrantIndex): readonly ShowingUse[] {
  const isAgents = ({ agent }: SessionStatement) => agent !== undefined;
  if (callers.some(isAgents)) return [];
  const direct = uses.filter(isAgents);
  if (direct.length > 0) return bestUse('through-agent', direct);
  const [agent] = agentsOf([...callers, ...uses], index);
  if (agent === undefined) return [];
  const isOfSignIn = ({ signInSession }: SessionStatement) => signInSession === agent.signInSession;
  const tying = callers.some(isOfSignIn) ? [] : bestUse('through-agent', uses.filter(isOfSignIn));
  return [...tying, ...bestUse('through-agent', [agent])];
}

const PEOPLE: ReadonlySet<Actor['kind']> = new Set([
  'iam-user',
  'root',
  'identity-center-user',
  'saml-user',
  'web-identity-user',
]);

/**
 * Returns users with their directories. Users of two directories are different, even with equal IDs. If one statement
 * has no directory, that of another statement counts.
 */
function usersIn(statements: readonly SessionStatement[]): readonly DirectoryUser[] {
  const each = new Map<string, DirectoryUser>();
  for (const { onBehalfOf: userId, identityStore } of statements)
    if (userId !== undefined) each.set(directoryUserId(userId, identityStore), { userId, identityStore });
  const isStated = ({ userId, identityStore }: DirectoryUser) =>
    identityStore !== undefined || ![...each.values()].some((one) => one.userId === userId && one.identityStore);
  const inOrder = [...each].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, user]) => user);
  return inOrder.filter(isStated);
}

/**
 * Returns the user if they are somebody other than the actor: an Identity Center user beside an IAM user, or with another name. A
 * user without a known name counts as nobody else. A renaming makes nobody somebody else: the ID decides if the first grant states
 * it, and the name may be that of the grant's time, when its record named the actor.
 */
function someoneElse(user: DirectoryUser, { actor, hops }: FoundChain, action: Action, known: RuleContext): Actor[] {
  if (!PEOPLE.has(actor.kind) || actor.name === undefined) return [];
  const { userId, identityStore } = user;
  const first = hops?.[0].grant;
  if (first !== undefined && actor.kind === 'identity-center-user' && isStatedOf(first.caller, user)) return [];
  const names = namesAt(action, known);
  const then = nameInDirectory(userId, identityStore, names);
  const stated = first === undefined ? then : nameInDirectory(userId, identityStore, names.at(first.issuedAt));
  const isSame = then === undefined || (actor.kind !== 'iam-user' && [then, stated, userId].includes(actor.name));
  return isSame ? [] : [actorOnBehalf(user, names, known.settings.identityStores)];
}

/** Returns whether the caller is this very user by what its own record states. */
function isStatedOf({ onBehalfOf, identityStore }: TrailCaller, user: DirectoryUser): boolean {
  return onBehalfOf === user.userId && (identityStore === undefined || identityStore === user.identityStore);
}
