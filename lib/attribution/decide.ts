import type { ActingCaller } from '../audit/caller.ts';
import type { TrailCaller } from '../cloudtrail/caller.ts';
import { isSameCall } from '../cloudtrail/copies.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { partsOf } from '../identity/identity-store.ts';
import { type Actor, type FoundActor, identified, nameTodayInDirectory, sameActor } from './actor.ts';
import type { Action, Answer, RuleContext } from './answer.ts';
import {
  type Attribution,
  type Basis,
  type Candidate,
  type ChainLink,
  chainLinks,
  namedAttribution,
  type ShowingUse,
  type UseLink,
  useLink,
} from './attribution.ts';
import { bestRecord, bestUse } from './best-use.ts';
import { chainsOf, clusterGrant, type GrantJoin, type Hops, latestFirst, oneEach, type RoleChain } from './chain.ts';
import { areAllOne, DistinctActors } from './distinct-actors.ts';
import { FLAG_ROWS, type Flag } from './flags.ts';
import type { KeyFact, KeyOwner } from './key-facts.ts';
import { type FoundGrants, type FoundUses, type SelfStatedActor, startedBy } from './match.ts';
import { mayLackGrants } from './missing-grants.ts';
import { type SessionNames, usernameShows } from './names.ts';
import { type NamesAt, namesAt } from './names-at.ts';
import { isProven } from './proof.ts';
import { flagsOf, flagsOfChain, isContradicted } from './raised-flags.ts';
import type { PartialReason } from './reasons.ts';
import { type ActingStatements, actsFor } from './statements.ts';

/** An actor, and how it was found. Without hops, the answer rests on the event, or on a use of the access key. */
interface Finding {
  readonly actor: Actor;
  readonly partial?: PartialReason | undefined;
  readonly hops?: Hops | undefined;
  /** The name of the caller's session. Present if no grant of the session is known. */
  readonly sessionName?: string | undefined;
  readonly method: GrantJoin | 'use' | 'direct';
  readonly flags: readonly Flag[];
  /** The evidence, if the actor was found by a use. */
  readonly use?: UseLink | undefined;
  /** The use that shows when the session began, if the grant was found by that time. */
  readonly started?: readonly ShowingUse[] | undefined;
  /** What AWS states about others who act through the session. Absent if it was not read yet. */
  readonly acts?: ActingStatements | undefined;
}

/** A candidate, and the hops that lead to it. A candidate from the event or a use has no hops. */
interface PossibleActor extends Candidate {
  readonly hops?: Hops | undefined;
}

/** Returns the answer by the grants that match: with one actor, or with several candidates (CONTRACT, rule 4). */
export function decideByGrants(
  action: Action,
  match: FoundGrants,
  known: RuleContext,
  { flags: found, names }: { readonly flags: readonly Flag[]; readonly names: SessionNames },
): Answer {
  const { grants, method, mayDecide, alternatives = [] } = match;
  const { index, settings } = known;
  const namesThen = namesAt(action, known);
  const chainsBehind = (each: readonly Grant[]) =>
    each.toSorted(latestFirst).flatMap((grant) => chainsOf({ grant, joinedBy: method }, index, settings, namesThen));
  const chains = chainsBehind(grants);
  const evidence = chains.find((chain) => mayDecide(clusterGrant(chain)));
  const all =
    alternatives.length === 0 ? chains : [...chains, ...chainsBehind(alternatives)].toSorted(latestGrantFirst);
  const each = oneEach(all).map((chain) => ({
    chain,
    acts: actsFor(action, chain, known),
    started: startShown(match, chain, known),
  }));
  const candidates = () => each.flatMap(({ chain, acts, started }) => candidatesOf({ ...chain, started }, acts));
  const isOne = each.length === 1 && each[0]?.acts.others.length === 0; // Nearly always: then the candidates need not be compared.
  if (evidence === undefined || !(isOne || areAllOne(candidates().map(({ actor }) => actor)))) {
    return ambiguous(action, onePerActor(candidates()), found, known);
  }
  const flags: Flag[] = [...found];
  if (match.keyMismatch) flags.push('access-key-mismatch');
  if (match.nameChosenByCaller) flags.push('name-chosen-by-caller');
  if (match.nameChosenByCaller && mayLackGrants(action, known)) flags.push('trail-was-silent');
  const { actor, partial, hops } = evidence;
  const acts = each.find(({ chain }) => chain === evidence)?.acts;
  const started = startShown(match, evidence, known);
  const { attribution } = conclude(action, { actor, partial, hops, method, flags, acts, started }, known);
  return { attribution, ...learntOf(action.caller, attribution, clusterGrant(evidence), names) };
}

/** A caller who acts under their own identity, and what is known about their access key. */
interface DirectFinding {
  readonly found: FoundActor;
  readonly facts: readonly KeyFact[];
  /** Whether a grant can have issued the caller's session. If so, a later grant can change the answer. */
  readonly canBeGranted: boolean;
}

/**
 * Returns the answer for a caller who acts under their own identity, after it has checked everything that is known
 * about the access key. If the key can have been somebody else's at that time, the answer is ambiguous (CONTRACT, rule
 * 4).
 */
export function decideDirectly(
  action: Action,
  { found, facts, canBeGranted }: DirectFinding,
  known: RuleContext,
): Answer {
  const ofOthers = facts.filter(({ isOwn }) => !isOwn);
  const isIssued = facts.some(({ isOwn, isInTime, grant }) => isOwn && isInTime && isOfOne(grant, ofOthers));
  const others = isIssued ? [] : ofOthers;
  const meant = others.filter(({ isInTime }) => isInTime);
  const acts = { ...actsFor(action, found, known), others: [] };
  const isConflict = facts.some(({ isInTime, grant }) => isInTime && grant?.isContradicted);
  const ofCopies: readonly Flag[] = isConflict ? ['conflicting-grant-copies'] : [];
  if (meant.length > 0) {
    const candidates = [...candidatesOf({ ...found, hops: undefined }, acts), ...ownersOf(action, meant, known)];
    if (!areAllOne(candidates.map(({ actor }) => actor)))
      return ambiguous(action, onePerActor(candidates), ofCopies, known);
  }
  const isConfirmed = meant.length === 0 && facts.some(({ isOwn, isInTime }) => isOwn && isInTime);
  const ofKey: readonly Flag[] = others.length === 0 || isConfirmed ? [] : ['access-key-mismatch'];
  const flags = [...ofCopies, ...ofKey];
  const provisional = canBeGranted && !isIssued && !known.settled;
  return conclude(action, { ...found, method: 'direct', flags, acts }, known, provisional);
}

/** Returns whether the grant issued the caller's key, and no copy of it that was valid at that time names somebody else. */
function isOfOne(grant: Grant | undefined, ofOthers: readonly KeyFact[]): boolean {
  if (grant === undefined) return false;
  if (!grant.isContradicted) return true;
  return !ofOthers.some((other) => other.isInTime && other.grant !== undefined && isSameCall(other.grant, grant));
}

/** Returns the actors to whom the access key was issued. If no grant states one, returns the actors that its uses name. */
function ownersOf(action: Action, facts: readonly KeyFact[], known: RuleContext): readonly PossibleActor[] {
  const { index, settings } = known;
  const namesThen = namesAt(action, known);
  const grants = facts.flatMap(({ grant }) => grant ?? []).toSorted(latestFirst);
  if (grants.length > 0) {
    const chains = grants.flatMap((grant) => chainsOf({ grant, joinedBy: 'access-key' }, index, settings, namesThen));
    return oneEach(chains).flatMap((chain) =>
      candidatesOf(chain, actsFor({ ...action, caller: { kind: 'role-session' } }, chain, known)),
    );
  }
  const statedActors = facts.map(({ owner, use }) => ({
    actor: namedOwner(owner, namesThen),
    sessionName: undefined,
    record: use?.record,
  }));
  const inOneOrder = statedActors.toSorted((a, b) => (JSON.stringify(a.actor) < JSON.stringify(b.actor) ? -1 : 1));
  return inOneOrder.map(({ actor }) => ({ actor, chain: [], ...evidenceOf(actor, statedActors) }));
}

function namedOwner(owner: KeyOwner, names: NamesAt): Actor {
  if (owner.kind === 'root') return identified({ ...owner, name: 'root' });
  const { kind, principalId } = owner;
  if (kind !== 'iam-user' || principalId === undefined) return identified(owner);
  return identified({ ...owner, name: names.of(principalId, owner.accountId) });
}

/** Returns an ambiguous answer, with the actors of these answers as candidates. */
export function eitherOf(action: Action, answers: readonly Answer[], known: RuleContext): Answer {
  const candidates = answers.flatMap(({ attribution }) => attribution.candidates ?? asCandidate(attribution));
  const flags = answers.flatMap(({ attribution }) => attribution.flags);
  return ambiguous(action, onePerActor(candidates), flags, known);
}

/**
 * Returns the actor of an answer as a candidate. A candidate has a present name (`nameToday`) only if it is a person
 * for whom a session acts (CONTRACT, rule 5).
 */
function asCandidate({ actor, chain = [], use, uses = [] }: Attribution): Candidate[] {
  if (actor === undefined) return [];
  const shown = uses.filter(({ shows }) => shows !== 'through-agent');
  const own = isOfDirectory(actor) ? actor : { ...actor, nameToday: undefined };
  return [{ actor: own, chain, ...(use && { use }), ...(shown.length > 0 && { uses: shown }) }];
}

/**
 * Returns whether the actor is a person for whom a session acts. The provider of such a person is a directory, not one
 * that a grant states.
 */
function isOfDirectory({ provider }: Actor): boolean {
  return provider !== undefined && partsOf(provider).id !== provider;
}

/** Returns the use that shows when the session of this chain's last grant began. It is evidence. */
function startShown({ uses = [] }: FoundGrants, chain: RoleChain, { index }: RuleContext): readonly ShowingUse[] {
  if (uses.length === 0) return [];
  const grant = clusterGrant(chain);
  return bestUse(
    'session-start',
    uses.filter((use) => startedBy(use, index).includes(grant)),
  );
}

/** Sorts chains by the grant of the caller's session, the latest first. Chains with the same grant keep their order. */
function latestGrantFirst(a: RoleChain, b: RoleChain): number {
  const [grant, other] = [clusterGrant(a), clusterGrant(b)];
  return grant === other ? 0 : latestFirst(grant, other);
}

/**
 * Returns the answer by what uses of the key state about their session, as if this session had called for the first
 * grant of a chain (CONTRACT, rule 5). If the uses state a workload, it is the actor, not the person for whom it acts.
 */
export function decideByUses(action: Action, { statedActors }: FoundUses, known: RuleContext): Answer {
  const text = ({ actor, sessionName }: SelfStatedActor) => JSON.stringify([actor, sessionName]);
  const ordered = statedActors.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
  const workloads = ordered.filter(({ actor }) => actor.kind === 'aws-service');
  const meant = workloads.length > 0 ? workloads : ordered;
  const candidates = onePerActor(meant.map(({ actor }) => ({ actor, chain: [], ...evidenceOf(actor, meant) })));
  const [first, ...others] = meant;
  if (first === undefined || candidates.length > 1)
    return ambiguous(action, acting(candidates, action, known), [], known);
  const named = [first, ...others].find(({ sessionName }) => sessionName !== undefined) ?? first;
  const { actor, sessionName } = named;
  return conclude(action, { actor, sessionName, method: 'use', flags: [], ...evidenceOf(actor, meant) }, known);
}

/** Adds everyone else for whom AWS says that the session acts. Actors that uses name come first, because their uses are the evidence. */
function acting(candidates: readonly Candidate[], action: Action, known: RuleContext): readonly PossibleActor[] {
  const each = candidates.map((one) =>
    candidatesOf({ ...one, hops: undefined, started: [] }, actsFor(action, one, known)),
  );
  return onePerActor([...each.flatMap(([own]) => own ?? []), ...each.flatMap(([, ...others]) => others)]);
}

/** Returns the use with the smallest rank among those that name this actor. Empty if there is none. */
function evidenceOf(actor: Actor, statedActors: readonly SelfStatedActor[]): { readonly use?: UseLink } {
  const records = statedActors.flatMap((each) =>
    each.record !== undefined && sameActor(each.actor, actor) ? each.record : [],
  );
  const best = bestRecord(records);
  return best === undefined ? {} : { use: useLink(best) };
}

/** Returns the answer for one actor, and adds what AWS states about others who act through the session. */
function conclude(action: Action, finding: Finding, known: RuleContext, provisional?: boolean): Answer {
  const { hops, method, flags } = finding;
  const acts = finding.acts ?? actsFor(action, finding, known);
  const { others, delegate, throughAgent } = acts;
  if (method !== 'direct' && others.length > 0) return ambiguous(action, candidatesOf(finding, acts), flags, known);
  const partial = delegate === undefined ? finding.partial : 'acts-by-delegation';
  const namesThen = namesAt(action, known);
  const actor = withDelegate(withNameToday(finding, namesThen), delegate);
  const sessionName = hops?.at(-1)?.grant.sessionName ?? finding.sessionName;
  const ofChain = flagsOfChain({ actor, hops, sessionName, isNamed: partial === undefined }, known.index, namesThen);
  const all = [...flags, ...ofChain, ...(throughAgent ? (['through-agent'] as const) : [])];
  const mayChange = provisional ?? !(known.settled || isProven({ partial, hops }));
  const concluding = { provisional: mayChange, flags: flagsOf(action, all) };
  return { attribution: namedAttribution({ actor, partial }, basisOf(finding, acts), concluding) };
}

function basisOf({ method, hops, use, started = [] }: Finding, acts: ActingStatements): Basis {
  const uses = [...started, ...acts.uses];
  return method === 'direct' ? { method, uses } : { method, chain: linksOf(hops), use, uses };
}

function linksOf(hops: Hops | undefined): readonly ChainLink[] {
  return hops === undefined ? [] : chainLinks(hops);
}

function ambiguous(
  action: Action,
  possible: readonly PossibleActor[],
  flags: readonly Flag[],
  known: RuleContext,
): Answer {
  const ofCopies = possible.some(({ hops }) => isContradicted(hops)) ? (['conflicting-grant-copies'] as const) : [];
  return {
    attribution: {
      status: 'ambiguous',
      provisional: !known.settled,
      flags: flagsOf(action, [...flags.filter(isOfSeveral), ...ofCopies]),
      candidates: possible.map(({ hops: _, ...candidate }) => candidate),
    },
  };
}

/** Returns whether an ambiguous answer can have the flag. It cannot have flags about how one actor was found. */
function isOfSeveral(flag: Flag): boolean {
  return FLAG_ROWS[flag].with.includes('ambiguous');
}

/** Returns the actor, and everyone else for whom AWS says that the session acts, as candidates. */
function candidatesOf(
  { actor, hops, use, started = [] }: Pick<Finding, 'actor' | 'hops' | 'use' | 'started'>,
  { others, delegate, uses: statedActors }: ActingStatements,
): PossibleActor[] {
  const chain = linksOf(hops);
  const uses = [...started, ...statedActors.filter(({ shows }) => shows !== 'through-agent')]; // Candidates do not show agents.
  const { sourceIdentity } = actor;
  const all = [actor, ...others.map((other) => (sourceIdentity ? { ...other, sourceIdentity } : other))];
  return all.map((each) => ({
    actor: withDelegate(each, delegate),
    chain,
    hops,
    ...(each === actor && use !== undefined && { use }),
    ...(uses.length > 0 && { uses }),
  }));
}

/** Adds the present name of an actor, if it has changed. It is added only if the event or the first grant states both name and ID. */
function withNameToday({ actor, hops }: Pick<Finding, 'actor' | 'hops'>, names: NamesAt): Actor {
  const nameToday = actor.name === undefined ? undefined : nameTodayOf(actor, hops?.[0].grant.caller, names);
  return nameToday === undefined ? actor : { ...actor, nameToday };
}

function nameTodayOf({ kind, name, principalId }: Actor, caller: TrailCaller | undefined, names: NamesAt) {
  if (kind === 'iam-user') return principalId === undefined ? undefined : names.today(principalId, name);
  const { userName, onBehalfOf, identityStore } = caller ?? {};
  if (kind !== 'identity-center-user' || userName === undefined || onBehalfOf === undefined) return undefined;
  return nameTodayInDirectory(onBehalfOf, identityStore, name, names);
}

function withDelegate(actor: Actor, accountId: string | undefined): Actor {
  return accountId === undefined ? actor : { ...actor, delegate: { accountId } };
}

/** Returns the first candidate of each actor, which has the latest chain. */
function onePerActor<T extends Candidate>(candidates: readonly T[]): T[] {
  const distinct = new DistinctActors();
  return candidates.filter(({ actor }) => distinct.add(actor));
}

/** Returns the session name as the grant has it, if the username shows it. The username may have `-` for `@`. */
function learntOf(caller: ActingCaller, { status }: Attribution, grant: Grant, names: SessionNames) {
  if (status === 'ambiguous' || caller.sessionName !== undefined || grant.sessionName === undefined) return {};
  return usernameShows(names, grant) ? { learnt: { sessionName: grant.sessionName } } : {};
}
