import { actorOf, isProven, roleSessionActor, selfStatedActor } from './actor.ts';
import { isSameRole, roleOfIamArn } from './arns.ts';
import { present } from './json.ts';
import { covers } from './match.ts';
import {
  compare,
  type Grant,
  halves,
  type Identity,
  isRoleGrant,
  issuesRoleSession,
  type KnownWorld,
  type StatedIn,
} from './records.ts';
import { agrees, beganWith, sessionRoles } from './session.ts';
import type { Actor, JoinedGrant } from './types.ts';
import { issuesOf, takerOf } from './web-tokens.ts';

/** The longest chain in grants, the cluster's own included (rule 5). */
const LONGEST = 10;

/** A grant on a chain, and how it was matched. */
export type Joint = { readonly grant: Grant; readonly joinedBy: JoinedGrant };

/** One reading of a role chain. `joints` go from the actor to the cluster's session. */
export type Outcome = {
  readonly actor: Actor;
  readonly joints: readonly Joint[];
  readonly partial?: string;
  /** The name of the cluster's session, if a use shows it and no grant does. */
  readonly sessionName?: string;
  /** The use that states the actor. */
  readonly saidIn?: StatedIn;
};

/** Follows a session back to its actor. If several grants can have begun a session, each is followed. */
export function resolve(joints: readonly Joint[], known: KnownWorld): Outcome[] {
  const first = joints[0]?.grant;
  if (!first) return [];
  if (first.caller.type === 'WebIdentityUser') return resolveToken(joints, first, known);
  if (first.caller.type !== 'AssumedRole')
    return [
      ended(
        actorOf(
          joints.map(({ grant }) => grant),
          known,
        ),
        joints,
      ),
    ];
  const { alive, known: isKnown } = upstreamGrants(first, known);
  if (alive.length === 0) return [isKnown ? cut(joints, 'upstream-grant-not-found') : selfSaid(joints, known)];
  const fresh = alive.filter(({ grant }) => joints.every((joint) => joint.grant !== grant));
  if (fresh.length === 0) return [cut(joints, 'chain-loop')];
  if (joints.length === LONGEST) return [cut(joints, 'chain-too-long')];
  return fresh.flatMap((joint) => resolve([joint, ...joints], known));
}

/** Follows a token of AWS's own back to whoever requested it. */
function resolveToken(joints: readonly Joint[], first: Grant, known: KnownWorld): Outcome[] {
  const issues = issuesOf(first, known);
  const alive = issues.filter((issue) => covers(issue, first.issuedAt));
  if (alive.length < issues.length) known.notice('a web identity token out of its time');
  const { actor, partial } = takerOf(first, known);
  const end = (reason: string | undefined): Outcome =>
    present<Outcome>({ actor: withChain(actor, joints), joints, partial: reason });
  if (alive.length === 0) return [end(partial)];
  const fresh = alive.filter((issue) => joints.every(({ grant }) => grant !== issue));
  if (fresh.length === 0) return [end('chain-loop')];
  if (joints.length === LONGEST) return [end('chain-too-long')];
  return fresh.flatMap((grant) => resolve([{ grant, joinedBy: 'web-identity-token' }, ...joints], known));
}

/** Compares from the cluster's end of the chain upwards: the latest grant comes first. */
export function latestFirst(a: Outcome, b: Outcome): number {
  const mine = [...a.joints].reverse();
  const theirs = [...b.joints].reverse();
  for (const [index, { grant }] of mine.entries()) {
    const other = theirs[index]?.grant;
    const order = other ? latestGrantFirst(grant, other) : 1;
    if (order !== 0) return order;
  }
  return mine.length - theirs.length;
}

function latestGrantFirst(a: Grant, b: Grant): number {
  return b.issuedAt - a.issuedAt || compare(b.accessKeyId, a.accessKeyId) || compare(b.eventId, a.eventId);
}

type Upstream = { readonly alive: readonly Joint[]; readonly known: boolean };

/**
 * Returns the grants before a grant: by key, else by session start. A known grant of the key ends the search, even if
 * it is out of its time or issued another session.
 */
function upstreamGrants(grant: Grant, known: KnownWorld): Upstream {
  const session = grant.caller;
  const byKey = known.grants.filter((other) => issuedTo(session, other, known));
  if (byKey.length === 0 && known.grants.some((other) => isOfKey(session, other))) {
    known.notice("a hop's key of another session");
    return { alive: [], known: true };
  }
  const byStart = known.grants.filter((other) => beganWith(session, other, known));
  const alive = (grants: readonly Grant[]) => grants.filter((other) => covers(other, grant.issuedAt));
  if (byKey.length > 0 && alive(byKey).length === 0 && alive(byStart).length > 0)
    known.notice("a hop's key grant out of its time");
  const joinedBy: JoinedGrant = byKey.length > 0 ? 'access-key' : 'session-start';
  const found = byKey.length > 0 ? byKey : byStart;
  return { alive: alive(found).map((other) => ({ grant: other, joinedBy })), known: found.length > 0 };
}

function isOfKey(session: Identity, grant: Grant): boolean {
  return session.accessKeyId !== undefined && grant.accessKeyId === session.accessKeyId;
}

function issuedTo(session: Identity, grant: Grant, known: KnownWorld): boolean {
  if (!isOfKey(session, grant)) return false;
  if (!issuesRoleSession(grant)) return false;
  const { ownerId, sessionName } = halves(session.principalId);
  const roles = sessionRoles(session, known);
  if (isRoleGrant(grant) && grant.ownerId === undefined && roles.length > 0) {
    const granted = roleOfIamArn(grant.roleArn);
    if (!roles.some((role) => isSameRole(role, granted))) return false;
  }
  return agrees(grant.ownerId, ownerId) && agrees(grant.sessionName, sessionName);
}

/** Returns the outcome for a session without a known grant, which may itself say what it is. */
function selfSaid(joints: readonly Joint[], known: KnownWorld): Outcome {
  const outcome = selfStatedActor(joints[0]?.grant.caller ?? {}, known);
  if (!outcome) return cut(joints, 'upstream-grant-not-found');
  known.notice(`a hop says itself: ${outcome.kind}`);
  return ended(outcome, joints);
}

function ended(actor: Actor, joints: readonly Joint[]): Outcome {
  return { actor: withChain(actor, joints), joints, ...isProven(actor) };
}

function cut(joints: readonly Joint[], partial: string): Outcome {
  return { actor: withChain(roleSessionActor(joints[0]?.grant.caller ?? {}), joints), joints, partial };
}

/** Adds what the chain shows to its actor: the source identity, and a delegate. */
function withChain(actor: Actor, joints: readonly Joint[]): Actor {
  const grants = joints.map(({ grant }) => grant);
  const sourceIdentity = grants.find((grant) => grant.sourceIdentity !== undefined)?.sourceIdentity;
  return sourceIdentity === undefined ? actor : { ...actor, sourceIdentity };
}
