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

/** The ways in which a grant of a chain can be matched. The way of the caller's own grant is the method of the answer. */
export const GRANT_JOINS = ['access-key', 'session-start', 'web-identity-token', 'session-name', 'username'] as const;
export type GrantJoin = (typeof GRANT_JOINS)[number];

/** A grant of a chain, and how it was matched. */
export interface Hop {
  readonly grant: Grant;
  readonly joinedBy: GrantJoin;
}

/** The hops of a chain, in order from the actor to the caller's session. */
export type Hops = readonly [Hop, ...Hop[]];

/** One possible chain from the caller's session back to an actor. */
export interface RoleChain {
  readonly actor: Actor;
  readonly partial?: PartialReason;
  readonly hops: Hops;
}

/**
 * The maximum number of hops that are followed for one grant. Without this limit, forged copies of grants could
 * multiply the chains endlessly.
 */
const MOST_HOPS = 2_000;

interface Walk {
  readonly index: GrantIndex;
  readonly settings: AttributionSettings;
  readonly names: NamesAt;
  hopsLeft: number;
}

/**
 * Returns the chains that can lead to a grant. It is one chain, unless the records leave open which of several actors
 * is behind the grant (CONTRACT, rule 5). Of the chains that lead to one actor, only the one with the latest grants is
 * returned.
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

/** Returns the chain up to the place where it is cut off. Its actor is the caller of the first grant that is left. */
function cut(path: Hops, partial: PartialReason, walk: Walk): RoleChain {
  return ending(path, { actor: callerOf(path[0].grant, walk).actor, partial });
}

/** Returns who called for the grant, if no earlier grant matches the caller. */
function callerOf(grant: Grant, { names }: Walk): FoundActor {
  return grant.caller.kind === 'web-identity-user' ? webIdentityUser(grant, names) : unknownSession(grant.caller);
}

/**
 * Returns the source identity of a chain. Wherever it appears, it is the actor's: STS does not let it change when one
 * role assumes another.
 */
function sourceIdentityOf(path: readonly Grant[]): string | undefined {
  for (const grant of path) {
    const found = grant.sourceIdentity ?? grant.caller.sourceIdentity;
    if (found !== undefined) return found;
  }
  return undefined;
}

interface CallerGrants {
  /** The grants that can have issued the caller's credentials, the latest first. */
  readonly callers: readonly Hop[];
  /** Whether any grant of the caller's session is known, even if it was not valid at that time. */
  readonly isKnown: boolean;
}

/**
 * Returns the grants that can have issued the credentials of this grant's caller. The caller is a role session, or has
 * a web identity token of AWS.
 */
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
 * Returns the grants that can have issued the session of this grant's caller: by its access key, else by its start,
 * never by its name alone. If any grant of the access key is known, no other is searched. That is so even if the grant
 * was not valid at that time, or issued another session, because a key belongs to one session.
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

/** Sorts grants by the time of their issue, the latest first. */
export function latestFirst(a: Grant, b: Grant): number {
  return byIssue(b, a);
}

/** Returns the IDs of others whom the caller of a hop states: the person for whom it acts, and the delegate who acts through it. */
function statementsAboutOthers({ grant: { caller } }: Hop): string[] {
  return [caller.onBehalfOf, caller.delegate].filter((statement) => statement !== undefined);
}

/**
 * Returns the first chain of each actor, which is the latest. Chains that end for different reasons, or that act for
 * different people, stay separate.
 */
export function oneEach(chains: readonly RoleChain[]): readonly RoleChain[] {
  if (chains.length < 2) return chains;
  const byActor = new Map<string, RoleChain>();
  for (const chain of chains) {
    const actor = JSON.stringify([chain.actor, chain.partial, chain.hops.flatMap(statementsAboutOthers)]);
    if (!byActor.has(actor)) byActor.set(actor, chain);
  }
  return [...byActor.values()];
}
