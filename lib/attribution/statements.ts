import type { ActingCaller } from '../audit/caller.ts';
import type { SessionStatement } from '../cloudtrail/caller.ts';
import type { Use } from '../cloudtrail/use.ts';
import { isTemporaryKey } from '../identity/access-key.ts';
import { type Actor, actorOnBehalf } from './actor.ts';
import { grantsOf, type Hops } from './chain.ts';
import type { GrantIndex } from './grant-index.ts';
import { claimOfCaller, useAgrees } from './session-claim.ts';

/** What AWS says, beside who obtained the session, of those who act by it (CONTRACT, rule 5). */
export interface ActsFor {
  /** The account of somebody who acts with the actor's identity, by temporary delegation. */
  readonly delegate?: string;
  readonly throughAgent: boolean;
  /** Identity Center users for whom the session acts, and who are somebody else than the actor. */
  readonly others: readonly Actor[];
}

/** By the callers of the chain's grants, and by the uses of the event's key. */
export function actsFor(caller: ActingCaller, actor: Actor, hops: Hops | undefined, index: GrantIndex): ActsFor {
  const statements: SessionStatement[] = hops === undefined ? [] : grantsOf(hops).map((grant) => grant.caller);
  statements.push(...usesOfCaller(caller, index));
  if (!statements.some(saysMore)) return NOTHING_SAID;
  const [delegate] = statements.flatMap((each) => each.delegate ?? []).sort();
  const userIds = new Set(statements.flatMap(({ onBehalfOf }) => onBehalfOf ?? []).sort());
  const storeOf = (userId: string) =>
    statements.flatMap((each) => (each.onBehalfOf === userId ? (each.identityStore ?? []) : [])).sort()[0];
  return {
    ...(delegate !== undefined && { delegate }),
    throughAgent: hasAgent(statements, index),
    others: [...userIds].flatMap((userId) => someoneElse({ userId, identityStore: storeOf(userId) }, actor, index)),
  };
}

const NOTHING_SAID: ActsFor = { throughAgent: false, others: [] };

/** Whether it says anything of who acts besides: most do not. */
function saysMore({ delegate, onBehalfOf, agent, signInSession }: SessionStatement): boolean {
  return delegate !== undefined || onBehalfOf !== undefined || agent !== undefined || signInSession !== undefined;
}

/** The uses of the event's key that are of its caller; whose they are is known already. A long-term key is of no session. */
function usesOfCaller(caller: ActingCaller, index: GrantIndex): readonly Use[] {
  const { accessKeyId, kind, userId, accountId } = caller;
  if (accessKeyId === undefined || !isTemporaryKey(accessKeyId)) return [];
  const uses = index.usesOfKey(accessKeyId, 'statements');
  if (kind === 'iam-user') return uses.filter(({ principalId }) => principalId === userId);
  if (kind === 'root') return uses.filter(({ principalId }) => principalId === accountId);
  const claim = claimOfCaller(caller, index);
  return uses.filter((use) => useAgrees(use, claim));
}

function hasAgent(statements: readonly SessionStatement[], index: GrantIndex): boolean {
  if (statements.some(({ agent }) => agent !== undefined)) return true;
  const signIns = new Set(statements.flatMap(({ signInSession }) => signInSession ?? []));
  return [...signIns].some((signIn) => index.hasAgent(signIn));
}

const PEOPLE: ReadonlySet<Actor['kind']> = new Set([
  'iam-user',
  'root',
  'identity-center-user',
  'saml-user',
  'web-identity-user',
]);

interface InDirectory {
  readonly userId: string;
  readonly identityStore: string | undefined;
}

/** A user of Identity Center beside an IAM user, or of another name than the person; one who is not known is nobody else. */
function someoneElse({ userId, identityStore }: InDirectory, actor: Actor, index: GrantIndex): Actor[] {
  if (!PEOPLE.has(actor.kind) || actor.name === undefined) return [];
  const name = index.userOf(userId)?.name;
  const isSame = name === undefined || (actor.kind !== 'iam-user' && [name, userId].includes(actor.name));
  return isSame ? [] : [actorOnBehalf(userId, identityStore, index)];
}
