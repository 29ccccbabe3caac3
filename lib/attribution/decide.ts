import type { ActingCaller } from '../audit/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { callerOfUse } from '../cloudtrail/use.ts';
import { type Actor, actorOfSession, type PartialReason, sameActor } from './actor.ts';
import type { Action, Answer, Known } from './attribute.ts';
import { type Attribution, type Candidate, chainLinks, type Flag, type Method } from './attribution.ts';
import { chainsOf, clusterGrant, type Hops, isProof, latestFirst, oneEach, type RoleChain } from './chain.ts';
import { flagsOf, flagsOfChain } from './flags.ts';
import type { FoundGrants, SessionMatch } from './match.ts';
import { type SessionNames, usernameShows } from './names.ts';
import { actsFor } from './statements.ts';

/** An actor, and what leads to it; without hops the answer rests on the event or on a use of its key. */
interface Finding {
  readonly actor: Actor;
  readonly partial?: PartialReason | undefined;
  readonly hops?: Hops | undefined;
  readonly method: Method;
  readonly flags: readonly Flag[];
}

/** The answer by the grants that can be meant: one actor, or several (CONTRACT, rule 4). */
export function decideByGrants(
  action: Action,
  match: FoundGrants,
  known: Known,
  { flags: found, names }: { readonly flags: readonly Flag[]; readonly names: SessionNames },
): Answer {
  const { grants, method, mayDecide, alternatives = [] } = match;
  const chainsBehind = (all: readonly Grant[]) =>
    all.toSorted(latestFirst).flatMap((grant) => chainsOf({ grant, joinedBy: method }, known.index, known.settings));
  const chains = chainsBehind(grants);
  const evidence = chains.find((chain) => mayDecide(clusterGrant(chain)));
  const distinct = oneEach([...chains, ...chainsBehind(alternatives)]);
  if (evidence === undefined || !allOneActor(distinct)) {
    const candidates = onePerActor(distinct).map((chain) => candidateOf(chain, action, known));
    return ambiguous(action, candidates, found, known);
  }
  const flags: Flag[] = [...found];
  if (match.keyMismatch) flags.push('access-key-mismatch');
  if (match.nameChosenByCaller) flags.push('name-chosen-by-caller');
  const { attribution } = concluded(action, { ...evidence, method, flags }, known);
  return { attribution, ...learntOf(action.caller, attribution, clusterGrant(evidence), names) };
}

/** The answer by what the key's uses say of their session, as if it had called for the first grant (CONTRACT, rule 5). */
export function decideByUses(
  action: Action,
  { uses }: Extract<SessionMatch, { method: 'use' }>,
  known: Known,
): Answer | undefined {
  const found = uses.flatMap((use) => actorOfSession(callerOfUse(use), known.index) ?? []);
  const workloads = found.filter(({ actor }) => actor.kind === 'aws-service');
  const said = workloads.length > 0 ? workloads : found;
  const [first] = said;
  if (first === undefined) return undefined;
  const others = said.filter(({ actor }) => !sameActor(actor, first.actor));
  const identity = uses.find(({ sourceIdentity }) => sourceIdentity !== undefined)?.sourceIdentity;
  const withIdentity = (actor: Actor) => (identity === undefined ? actor : { ...actor, sourceIdentity: identity });
  if (others.length === 0) {
    return concluded(action, { actor: withIdentity(first.actor), method: 'use', flags: [] }, known);
  }
  const actors = [first, ...others].map(({ actor }) => withIdentity(actor));
  const distinct = actors.filter((actor, at) => actors.findIndex((each) => sameActor(each, actor)) === at);
  return ambiguous(
    action,
    distinct.map((actor) => ({ actor, chain: [] })),
    [],
    known,
  );
}

/** The answer about an actor that was found, with what AWS says of those who act by the session. */
export function concluded(action: Action, finding: Finding, known: Known, provisional?: boolean): Answer {
  const { hops, method, flags } = finding;
  const behind = actsFor(action.caller, finding.actor, hops, known.index);
  const chain = hops === undefined ? [] : chainLinks(hops);
  if (behind.others.length > 0) {
    const { sourceIdentity } = finding.actor;
    const others = behind.others.map((other) => (sourceIdentity ? { ...other, sourceIdentity } : other));
    const actors = [finding.actor, ...others].map((actor) => withDelegate(actor, behind.delegate));
    return ambiguous(
      action,
      actors.map((actor) => ({ actor, chain })),
      flags,
      known,
    );
  }
  const { delegate, throughAgent } = behind;
  const partial = delegate === undefined ? finding.partial : 'acts-by-delegation';
  const actor = withDelegate(finding.actor, delegate);
  const isNamed = finding.partial === undefined;
  const sessionName = hops?.at(-1)?.grant.sessionName ?? (method === 'use' ? action.caller.sessionName : undefined);
  const ofChain = flagsOfChain({ actor, hops, sessionName, isNamed }, known.index);
  const all = [...flags, ...ofChain, ...(throughAgent ? (['through-agent'] as const) : [])];
  const isProven = partial === undefined && hops?.every(isProof) === true;
  return {
    attribution: {
      status: partial === undefined ? 'attributed' : 'partial',
      method,
      provisional: provisional ?? (!known.settled && !isProven),
      ...(partial && { reason: partial }),
      flags: flagsOf(action, all),
      actor,
      ...((hops !== undefined || method === 'use') && { chain }),
    },
  };
}

export function ambiguous(
  action: Action,
  candidates: readonly Candidate[],
  flags: readonly Flag[],
  known: Known,
): Answer {
  return {
    attribution: {
      status: 'ambiguous',
      provisional: !known.settled,
      flags: flagsOf(action, flags.filter(isOfEvent)),
      candidates,
    },
  };
}

/** What a flag says of how one actor was found is not said where several are left open. */
function isOfEvent(flag: Flag): boolean {
  return EVENT_FLAGS.has(flag);
}

const EVENT_FLAGS: ReadonlySet<Flag> = new Set([
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'token-of-service-account',
]);

function candidateOf({ actor, hops }: RoleChain, { caller }: Action, { index }: Known): Candidate {
  return { actor: withDelegate(actor, actsFor(caller, actor, hops, index).delegate), chain: chainLinks(hops) };
}

function withDelegate(actor: Actor, accountId: string | undefined): Actor {
  return accountId === undefined ? actor : { ...actor, delegate: { accountId } };
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

/** Where the username shows the session's name, `@` may stand in it as `-`; the grant has the name itself. */
function learntOf(caller: ActingCaller, { status }: Attribution, grant: Grant, names: SessionNames) {
  if (status === 'ambiguous' || caller.sessionName !== undefined || grant.sessionName === undefined) return {};
  return usernameShows(names, grant) ? { learnt: { sessionName: grant.sessionName } } : {};
}
