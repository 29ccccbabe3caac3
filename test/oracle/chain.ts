import { actorOf, isProven, roleSessionActor } from './actor.ts';
import { roleOfIamArn } from './arns.ts';
import { present } from './json.ts';
import { agrees, beganWith, covers, isSameRole, sessionRole } from './match.ts';
import { compare, type Grant, halves, type Identity, isRoleGrant, type Known } from './records.ts';
import type { Actor } from './types.ts';

/** Rule 5. Longest chain, the cluster's own grant among them. */
const LONGEST = 10;

/** One reading of a role chain: `grants` run from the actor to the cluster's session. */
export type Outcome = { readonly actor: Actor; readonly grants: readonly Grant[]; readonly partial?: string };

/** Follows a session back to its actor. Where several grants can have begun one session, each of them is followed. */
export function resolve(grants: readonly Grant[], known: Known): Outcome[] {
  const [first] = grants;
  if (!first) return [];
  if (first.caller.type !== 'AssumedRole') return [ended(grants, known)];
  const upstream = upstreamGrants(first, known);
  const fresh = upstream.filter((grant) => !grants.includes(grant));
  if (upstream.length === 0) return [cut(grants, 'upstream-grant-not-found')];
  if (fresh.length === 0) return [cut(grants, 'chain-loop')];
  if (grants.length === LONGEST) return [cut(grants, 'chain-too-long')];
  return fresh.flatMap((grant) => resolve([grant, ...grants], known));
}

/** The latest grant first, from the cluster's end of the chain upwards. */
export function latestFirst(a: Outcome, b: Outcome): number {
  const mine = [...a.grants].reverse();
  const theirs = [...b.grants].reverse();
  for (const [index, grant] of mine.entries()) {
    const other = theirs[index];
    const order = other ? latestGrantFirst(grant, other) : 1;
    if (order !== 0) return order;
  }
  return mine.length - theirs.length;
}

function latestGrantFirst(a: Grant, b: Grant): number {
  return b.issuedAt - a.issuedAt || compare(b.accessKeyId, a.accessKeyId) || compare(b.eventId, a.eventId);
}

function upstreamGrants(grant: Grant, known: Known): Grant[] {
  const session = grant.caller;
  const alive = known.grants.filter((other) => covers(other, grant.issuedAt));
  const byKey = alive.filter((other) => issuedTo(session, other));
  return byKey.length > 0 ? byKey : alive.filter((other) => beganWith(session, other));
}

function issuedTo(session: Identity, grant: Grant): boolean {
  if (session.accessKeyId === undefined || grant.accessKeyId !== session.accessKeyId || !isRoleGrant(grant))
    return false;
  const { ownerId, sessionName } = halves(session.principalId);
  const named = grant.ownerId === undefined ? sessionRole(session) : undefined;
  if (named !== undefined && !isSameRole(roleOfIamArn(grant.roleArn), named)) return false;
  return agrees(grant.ownerId, ownerId) && agrees(grant.sessionName, sessionName);
}

function ended(grants: readonly Grant[], known: Known): Outcome {
  const actor = withSourceIdentity(actorOf(grants, known), grants);
  return { actor, grants, ...isProven(actor) };
}

function cut(grants: readonly Grant[], partial: string): Outcome {
  const caller = grants[0]?.caller ?? {};
  return { actor: withSourceIdentity(roleSessionActor(caller), grants), grants, partial };
}

function withSourceIdentity(actor: Actor, grants: readonly Grant[]): Actor {
  const { kind, name, sessionName, accountId, principalId, arn, provider, workload } = actor;
  const sourceIdentity = grants.find((grant) => grant.sourceIdentity !== undefined)?.sourceIdentity;
  // In the contract's order, since candidates of one time are sorted by their text.
  return present<Actor>({ kind, name, sessionName, accountId, principalId, arn, sourceIdentity, provider, workload });
}
