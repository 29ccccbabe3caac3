import type { Grant } from '../cloudtrail/grant.ts';
import {
  type Actor,
  actorOfChain,
  type FoundActor,
  type RoleChainGrants,
  unknownSession,
  webIdentityUser,
} from './actor.ts';
import type { GrantIndex } from './grant-index.ts';
import { byIssue } from './known-grants.ts';
import { canHaveActed } from './moment.ts';
import type { NamesAt } from './names-at.ts';
import type { PartialReason } from './reasons.ts';
import { claimOfTrailCaller, grantAgrees } from './session-claim.ts';
import { grantsByStart, sessionOfCaller } from './session-start.ts';
import { type AttributionSettings, LONGEST_CHAIN } from './settings.ts';
import { grantsOfExchangedToken } from './web-identity.ts';

/** How a grant of a chain can be matched. For the caller's own grant, it is the method of the answer. */
export const GRANT_JOINS = ['access-key', 'session-start', 'web-identity-token', 'session-name', 'username'] as const;
export type GrantJoin = (typeof GRANT_JOINS)[number];

/** A grant of a chain, and how it was matched. */
export interface Hop {
  readonly grant: Grant;
  readonly joinedBy: GrantJoin;
}

/** The hops from the actor to the caller's session. */
export type Hops = readonly [Hop, ...Hop[]];

/** One way back from the caller's session to an actor. */
export interface RoleChain {
  readonly actor: Actor;
  readonly partial?: PartialReason;
  readonly hops: Hops;
}

/** The maximum number of hops that are followed for one grant. Without it, forged copies of grants could multiply the chains without limit. */
const MOST_HOPS = 2_000;

interface Walk {
  readonly index: GrantIndex;
  readonly settings: AttributionSettings;
  readonly names: NamesAt;
  hopsLeft: number;
}

/**
 * Returns the role chains behind a grant: one, unless the records leave several actors open (CONTRACT, rule 5). Ways
 * that lead to the same actor are one chain, the one of the latest grants.
 */
export function chainsOf(
  hop: Hop,
  index: GrantIndex,
  settings: AttributionSettings,
  names: NamesAt,
): readonly RoleChain[] {
  return follow([hop], { index, settings, names, hopsLeft: MOST_HOPS });
}

/** Returns the grants of a chain, starting with the actor's. */
export function grantsOf([first, ...others]: Hops): RoleChainGrants {
  return [first.grant, ...others.map(({ grant }) => grant)];
}

/** Returns the grant that issued the caller's session. */
export function clusterGrant({ hops }: Pick<RoleChain, 'hops'>): Grant {
  return (hops.at(-1) ?? hops[0]).grant;
}

function follow(path: Hops, walk: Walk): readonly RoleChain[] {
  const { callers, isKnown } = grantsBefore(path[0].grant, walk);
  const onward = callers.filter((caller) => !path.some((hop) => hop.grant === caller.grant));
  walk.hopsLeft -= onward.length;
  if (callers.length === 0) {
    return [ending(path, isKnown ? callerOf(path[0].grant, walk) : actorAtStart(path, walk))];
  }
  if (onward.length === 0) return [cut(path, 'chain-loop', walk)];
  if (path.length >= LONGEST_CHAIN || walk.hopsLeft < 0) return [cut(path, 'chain-too-long', walk)];
  const chains = onward.flatMap((caller) => follow([caller, ...path], walk));
  return oneEach(chains);
}

function actorAtStart(path: Hops, { names, settings }: Walk): FoundActor {
  return actorOfChain(grantsOf(path), names, settings.identityStores);
}

function ending(path: Hops, { actor, partial }: FoundActor): RoleChain {
  const sourceIdentity = sourceIdentityOf(grantsOf(path));
  return { hops: path, actor: sourceIdentity ? { ...actor, sourceIdentity } : actor, ...(partial && { partial }) };
}

/** Returns a chain that is cut off. Its actor is the caller of the first remaining grant. */
function cut(path: Hops, partial: PartialReason, walk: Walk): RoleChain {
  return ending(path, { actor: callerOf(path[0].grant, walk).actor, partial });
}

/** Returns who called for the grant, if no earlier grant can match. */
function callerOf(grant: Grant, { names }: Walk): FoundActor {
  return grant.caller.kind === 'web-identity-user' ? webIdentityUser(grant, names) : unknownSession(grant.caller);
}

/**
 * Returns the source identity, which is the actor's wherever on the chain it appears. STS keeps it unchanged through
 * role chaining.
 */
function sourceIdentityOf(path: readonly Grant[]): string | undefined {
  for (const grant of path) {
    const found = grant.sourceIdentity ?? grant.caller.sourceIdentity;
    if (found !== undefined) return found;
  }
  return undefined;
}

interface CallerGrants {
  /** The grants that can match, the latest first. */
  readonly callers: readonly Hop[];
  /** Whether any grant of the session is known, even if it was not valid at the time. */
  readonly isKnown: boolean;
}

/** Returns the grants that issued the credentials of this grant's caller: a role session, or a web identity token of AWS. */
function grantsBefore(grant: Grant, walk: Walk): CallerGrants {
  switch (grant.caller.kind) {
    case 'assumed-role':
      return grantsOfCaller(grant, walk);
    case 'web-identity-user': {
      const issued = grantsOfExchangedToken(grant, walk.index);
      const inTime = issued.filter((issuing) => canHaveActed(issuing, grant.issuedAt, walk.settings));
      return { callers: hops(inTime, 'web-identity-token'), isKnown: issued.length > 0 };
    }
    default:
      return { callers: [], isKnown: false };
  }
}

/**
 * Returns the grants of the session that called: by its access key, else by its start, never by its name alone. A known grant of the
 * key ends the search, even if it was not valid at the time, or if it issued another session: a key belongs to one.
 */
function grantsOfCaller(grant: Grant, { index, settings }: Walk): CallerGrants {
  const claim = claimOfTrailCaller(grant.caller, index);
  const acted = (caller: Grant) => canHaveActed(caller, grant.issuedAt, settings);
  const { accessKeyId } = grant.caller;
  const byKey = accessKeyId === undefined ? [] : index.grantsOfKey(accessKeyId);
  const agreeing = byKey.filter((caller) => grantAgrees(caller, claim));
  if (byKey.length > 0) return { callers: hops(agreeing.filter(acted), 'access-key'), isKnown: true };
  const session = sessionOfCaller(grant.caller);
  const started = session === undefined ? [] : grantsByStart(session, index);
  return { callers: hops(started.filter(acted), 'session-start'), isKnown: started.length > 0 };
}

function hops(grants: readonly Grant[], joinedBy: GrantJoin): Hop[] {
  return grants.toSorted(latestFirst).map((grant) => ({ grant, joinedBy }));
}

/** Orders grants by time of issue, the latest first. */
export function latestFirst(a: Grant, b: Grant): number {
  return byIssue(b, a);
}

/** Returns the person for whom the caller of a hop acts, and the delegate or agent that acts through it. */
function statementsAboutOthers({ grant: { caller } }: Hop): string[] {
  return [caller.onBehalfOf, caller.delegate].filter((statement) => statement !== undefined);
}

/** Keeps the first chain of each actor, which is the latest. Chains that end differently, or act for others, are kept apart. */
export function oneEach(chains: readonly RoleChain[]): readonly RoleChain[] {
  if (chains.length < 2) return chains;
  const byActor = new Map<string, RoleChain>();
  for (const chain of chains) {
    const actor = JSON.stringify([chain.actor, chain.partial, chain.hops.flatMap(statementsAboutOthers)]);
    if (!byActor.has(actor)) byActor.set(actor, chain);
  }
  return [...byActor.values()];
}
