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

/** What AWS states about others who act through the session, apart from the caller who obtained it (CONTRACT, rule 5). */
export interface ActingStatements {
  /** The account in which somebody acts with the identity of the actor, by temporary delegation. */
  readonly delegate?: string;
  readonly throughAgent: boolean;
  /** The uses that state this. Empty if a grant of the chain states it. */
  readonly uses: readonly ShowingUse[];
  /** Identity Center users for whom the session acts, without the actor. */
  readonly others: readonly Actor[];
}

/** Returns what AWS states about others, in the records of the chain's grants and in uses of the event's key. */
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

/** An actor, and the hops that lead to it. An actor from the event or a use has no hops. */
interface FoundChain {
  readonly actor: Actor;
  readonly hops?: Hops | undefined;
}

const NO_STATEMENTS: ActingStatements = { throughAgent: false, uses: [], others: [] };

/** Returns whether a record states anything about others who act through its session. Most do not. */
function statesOthers({ delegate, onBehalfOf, agent, signInSession }: SessionStatement): boolean {
  return delegate !== undefined || onBehalfOf !== undefined || agent !== undefined || signInSession !== undefined;
}

/**
 * Returns the uses of the event's key that are of the caller's session. The owner of the key is already known. A
 * long-term key has no session.
 */
function usesOfCaller(caller: ActingCaller, index: GrantIndex): readonly Use[] {
  const { accessKeyId, kind, userId, accountId } = caller;
  if (accessKeyId === undefined || !isTemporaryKey(accessKeyId)) return [];
  const uses = index.usesOfKey(accessKeyId, 'statements');
  if (kind === 'iam-user') return uses.filter(({ principalId }) => principalId === userId);
  if (kind === 'root') return uses.filter(({ principalId }) => principalId === accountId);
  const claim = claimOfCaller(caller, index);
  return uses.filter((use) => useAgrees(use, claim));
}

/** Returns the agents that acted in these sign-in sessions, sorted by session. */
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
 * Returns the evidence that an agent acted. This can be a use of the event's key, or else a record that the agent
 * signed with another key of the same sign-in session. For the latter, the use that states the sign-in session is
 * added.
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
 * Returns the users in these statements with their directories. Equal IDs in two directories are different users. If
 * one statement about an ID has no directory, the directory in another one counts.
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
 * Returns the user if they are not the actor: an Identity Center user beside an IAM user, or one with another name. A
 * user whose name is not known does not count as another person. A renamed user does not either. If the first grant
 * states the ID, the ID decides. Otherwise the name can also be the one at the time of that grant, from which the actor
 * has it.
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

/** Returns whether the caller's own record states that it is this user. */
function isStatedOf({ onBehalfOf, identityStore }: TrailCaller, user: DirectoryUser): boolean {
  return onBehalfOf === user.userId && (identityStore === undefined || identityStore === user.identityStore);
}
