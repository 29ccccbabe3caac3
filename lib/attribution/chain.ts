import type { Grant } from '../cloudtrail/grant.ts';
import {
  type Actor,
  actorOfChain,
  type FoundActor,
  type PartialReason,
  type RoleChainGrants,
  roleSession,
} from './actor.ts';
import type { GrantIndex } from './grant-index.ts';
import { byIssue } from './known-grants.ts';
import { canHaveActed } from './moment.ts';
import { claimOfTrailCaller, grantAgrees } from './session-claim.ts';
import { grantsByStart } from './session-start.ts';
import { type AttributionSettings, LONGEST_CHAIN } from './settings.ts';

/** One way back from the session that the cluster saw to an actor. */
export interface RoleChain {
  readonly actor: Actor;
  readonly partial?: PartialReason;
  /** From the actor to the session that the cluster saw. */
  readonly grants: RoleChainGrants;
}

/** What following the chains may cost; forged copies of grants could otherwise multiply the ways without end. */
const MOST_HOPS = 2_000;

interface Walk {
  readonly index: GrantIndex;
  readonly settings: AttributionSettings;
  hopsLeft: number;
}

/**
 * The role chains behind a grant: one, unless the records leave several actors open (CONTRACT, rule 5). Ways that lead
 * to one and the same actor are one chain, that of the latest grants.
 */
export function chainsOf(grant: Grant, index: GrantIndex, settings: AttributionSettings): readonly RoleChain[] {
  return follow([grant], { index, settings, hopsLeft: MOST_HOPS });
}

function follow(path: RoleChainGrants, walk: Walk): readonly RoleChain[] {
  const [grant] = path;
  if (grant.caller.kind !== 'assumed-role') return [ending(path, actorOfChain(path, walk.index))];
  const callers = grantsOfCaller(grant, walk);
  const onward = callers.filter((caller) => !path.includes(caller));
  walk.hopsLeft -= onward.length;
  if (callers.length === 0) return [ending(path, actorOfChain(path, walk.index))];
  if (onward.length === 0) return [cut(path, 'chain-loop')];
  if (path.length >= LONGEST_CHAIN || walk.hopsLeft < 0) return [cut(path, 'chain-too-long')];
  const chains = onward.flatMap((caller) => follow([caller, ...path], walk));
  return oneEach(chains);
}

function ending(path: RoleChainGrants, { actor, partial }: FoundActor): RoleChain {
  const sourceIdentity = sourceIdentityOf(path);
  return { grants: path, actor: sourceIdentity ? { ...actor, sourceIdentity } : actor, ...(partial && { partial }) };
}

/** A chain that is cut ends at the role session that called the first grant kept. */
function cut(path: RoleChainGrants, partial: PartialReason): RoleChain {
  return ending(path, { actor: roleSession(path[0].caller), partial });
}

/** Found anywhere on the chain, it is carried to the actor. STS keeps it unchanged through role chaining. */
function sourceIdentityOf(path: readonly Grant[]): string | undefined {
  for (const grant of path) {
    const found = grant.caller.sourceIdentity ?? grant.sourceIdentity;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The grants of the session that called: by its key, else by its beginning; never by its name alone. Latest first. */
function grantsOfCaller(grant: Grant, { index, settings }: Walk): Grant[] {
  const { accessKeyId, principalId, sessionBegan: began } = grant.caller;
  const claim = claimOfTrailCaller(grant.caller);
  const acted = (caller: Grant) => canHaveActed(caller, grant.issuedAt, settings);
  const byKey = accessKeyId === undefined ? [] : index.grantsOfKey(accessKeyId);
  const agreeing = byKey.filter((caller) => grantAgrees(caller, claim) && acted(caller));
  if (agreeing.length > 0 || principalId === undefined || began === undefined) return agreeing.sort(latestFirst);
  return grantsByStart({ principalId, began, role: claim.role() }, index).filter(acted).sort(latestFirst);
}

export function latestFirst(a: Grant, b: Grant): number {
  return byIssue(b, a);
}

/** Ways that end at the very same actor are one, the latest: what follows depends on nothing else. */
export function oneEach(chains: readonly RoleChain[]): readonly RoleChain[] {
  if (chains.length < 2) return chains;
  const byActor = new Map<string, RoleChain>();
  for (const chain of chains) {
    const actor = JSON.stringify([chain.actor, chain.partial]);
    if (!byActor.has(actor)) byActor.set(actor, chain);
  }
  return [...byActor.values()];
}
