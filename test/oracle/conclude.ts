import { bearsNameOf, idsOfPerson, otherNameToday } from './actor.ts';
import type { Caller } from './caller.ts';
import { type Joint, latestFirst, type Outcome } from './chain.ts';
import { isSameActor } from './ids.ts';
import { present } from './json.ts';
import { compare, type Identity, isIdentityCenterGrant, type KnownWorld } from './records.ts';
import { bestOf, shownBy } from './shown.ts';
import { isProviderChanged, isThroughAgent, withContradicted, withDelegate } from './signs.ts';
import { printTime } from './time.ts';
import type { Actor, Attribution, Candidate, GrantLink, Method, ShowingUse, UseLink } from './types.ts';
import { isBorne } from './users.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The method and the flags of possible grants. The last part of rule 4 leads from them to one answer or to several candidates. */
export type Candidates = { readonly method: Method; readonly flags: readonly string[] };
export type WeighedOutcome = Outcome & { readonly decides: boolean };

type ConclusionInput = { readonly caller: Caller; readonly known: KnownWorld };

export function conclude(
  meant: Candidates,
  outcomes: readonly WeighedOutcome[],
  input: ConclusionInput,
  standingFlags: readonly string[] = [],
): Attribution {
  const weighed = weigh(outcomes, input);
  const actors = groupByActor(weighed);
  const evidence = weighed.filter(({ decides }) => decides).sort(latestFirst)[0];
  if (actors.length > 1 || !evidence) return ambiguous(actors, input, standingFlags);
  return answer(meant, evidence, actors[0] ?? [], input, standingFlags);
}

/**
 * Returns the attribution of a caller who called the cluster directly, without a session. Adds the delegate and the hosted agent that uses
 * of the caller's access key show.
 */
export function withSigns(attribution: Attribution, { caller, known }: ConclusionInput): Attribution {
  const { actor, status } = attribution;
  if (!actor) return attribution;
  const given: Outcome = { actor, joints: [] };
  const outcome = withDelegate(given, caller, known);
  const agent = isThroughAgent(caller, [], known) ? ['through-agent'] : [];
  const uses = usesOf(outcome, { caller, known }, 'agents too');
  const flags = [...attribution.flags, ...agent];
  const named = withNameToday(outcome.actor, undefined, known);
  const answered = { ...attribution, actor: named, flags, ...(uses && { uses }) };
  return outcome.partial === undefined
    ? { ...answered, status }
    : { ...answered, status: 'partial', reason: outcome.partial };
}

/** Adds the current name of an actor whose name and id the event or the first grant states, and of an IAM user by id. */
function withNameToday(actor: Actor, first: Identity | undefined, known: KnownWorld): Actor {
  const { kind, name, principalId } = actor;
  if (name === undefined) return actor;
  const { userName, onBehalfOf, identityStoreArn } = first ?? {};
  const isCenters = kind === 'identity-center-user' && userName !== undefined && onBehalfOf !== undefined;
  const ids = isCenters ? idsOfPerson(onBehalfOf, identityStoreArn) : kind === 'iam-user' ? [principalId ?? ''] : [];
  const nameToday = otherNameToday(name, ids, known);
  return nameToday === undefined ? actor : { ...actor, nameToday };
}

function signed(outcome: Outcome, { caller, known }: ConclusionInput): Outcome[] {
  return withContradicted(outcome, caller, known).map((one) => withDelegate(one, caller, known));
}

/** Returns the actors of the outcomes as candidates. */
export function severalOf(outcomes: readonly WeighedOutcome[], input: ConclusionInput): Attribution {
  return ambiguous(groupByActor(weigh(outcomes, input)), input, []);
}

function weigh(outcomes: readonly WeighedOutcome[], input: ConclusionInput): WeighedOutcome[] {
  return outcomes.flatMap((outcome) => signed(outcome, input).map((one) => ({ ...one, decides: outcome.decides })));
}

function answer(
  meant: Candidates,
  evidence: Outcome,
  ofActor: readonly Outcome[],
  input: ConclusionInput,
  standingFlags: readonly string[],
): Attribution {
  const { actor, joints, partial } = evidence;
  const own = joints.at(-1)?.grant;
  const byIdentityCenter = own !== undefined && isIdentityCenterGrant(own) && input.caller.statedName !== undefined;
  const flags = meant.flags.filter((flag) => flag !== 'name-chosen-by-caller' || !byIdentityCenter);
  const claims = partial === undefined ? claimFlags(evidence, input.known) : [];
  return present<Attribution>({
    status: partial === undefined ? 'attributed' : 'partial',
    method: meant.method,
    provisional: false,
    reason: partial,
    flags: [...flags, ...silenceFlag(flags, input), ...chainFlags(joints, input), ...standingFlags, ...claims],
    actor: withNameToday(actor, joints[0]?.grant.caller, input.known),
    chain: joints.map(linkOf),
    use: useOf(ofActor),
    uses: usesOf(evidence, input, 'agents too'),
  });
}

/** Returns the best of the uses that identify this actor. */
function useOf(ofActor: readonly Outcome[]): UseLink | undefined {
  return bestOf(ofActor.flatMap(({ saidIn }) => saidIn ?? []));
}

/** Returns the uses that show more. If there are several candidates, nothing is said about an agent. */
function usesOf(
  outcome: Outcome,
  { caller, known }: ConclusionInput,
  more: 'agents too' | 'no agents',
): ShowingUse[] | undefined {
  const shown = shownBy(outcome, caller, known).filter(
    ({ shows }) => more === 'agents too' || shows !== 'through-agent',
  );
  return shown.length === 0 ? undefined : shown;
}

/** Sets `trail-was-silent` if a grant may be missing that has the name by which the session was found (rule 6.16). */
function silenceFlag(flags: readonly string[], { caller, known }: ConclusionInput): string[] {
  const { silences, time } = known;
  if (!flags.includes('name-chosen-by-caller') || time === undefined) return [];
  const earliest = time - (caller.kind === 'federated-user' ? 36 : 12) * HOUR - 10 * MINUTE;
  const ofAccount = silences.filter((one) => one.accountId === caller.accountId && isShortest(one, known));
  const isOpen = ofAccount.some(({ from, to = Infinity }) => to > from && to >= earliest && from <= time + MINUTE);
  if (!isOpen && ofAccount.length > 0) known.notice('a silence of another time');
  return isOpen ? ['trail-was-silent'] : [];
}

/** Returns whether no other silence of the place and beginning ended earlier. */
function isShortest({ accountId, region, from, to = Infinity }: KnownWorld['silences'][number], known: KnownWorld) {
  const isEnded = known.silences.some(
    (other) =>
      other.accountId === accountId && other.region === region && other.from === from && (other.to ?? Infinity) < to,
  );
  if (isEnded) known.notice('a silence that ended earlier');
  return !isEnded;
}

function chainFlags(joints: readonly Joint[], { caller, known }: ConclusionInput): string[] {
  const unlisted = joints.some(({ grant, joinedBy }) => joinedBy === 'session-start' && !isIdentityCenterGrant(grant));
  return [
    ...(isOfContradictedGrant(joints) ? [CONFLICT] : []),
    ...(unlisted ? ['key-not-listed'] : []),
    ...(isThroughAgent(caller, joints, known) ? ['through-agent'] : []),
    ...(isProviderChanged(joints, known) ? ['identity-provider-changed'] : []),
  ];
}

function claimFlags({ actor, joints, sessionName }: Outcome, known: KnownWorld): string[] {
  const isOthers = (name: string | undefined) =>
    name !== undefined && !bearsNameOf(actor, name) && isBorne(name, known);
  return [
    ...(isOthers(joints.at(-1)?.grant.sessionName ?? sessionName) ? ['session-name-claims-other-actor'] : []),
    ...(isOthers(actor.sourceIdentity) ? ['source-identity-claims-other-actor'] : []),
  ];
}

/** The flag of answers that rest on a grant, if another copy of the grant states something else (3.17). */
export const CONFLICT = 'conflicting-grant-copies';

function isOfContradictedGrant(joints: readonly Joint[]): boolean {
  return joints.some(({ grant }) => grant.isContradicted === true);
}

function ambiguous(actors: readonly WeighedOutcome[][], input: ConclusionInput, flags: readonly string[]): Attribution {
  const shown = actors.flatMap((group) => [...group].sort(latestFirst).slice(0, 1));
  const conflict = shown.some(({ joints }) => isOfContradictedGrant(joints)) ? [CONFLICT] : [];
  const candidates = actors.flatMap((group): Candidate[] => {
    const [latest] = [...group].sort(latestFirst);
    if (!latest) return [];
    const evidence = { use: useOf(group), uses: usesOf(latest, input, 'no agents') };
    return [present<Candidate>({ actor: latest.actor, chain: latest.joints.map(linkOf), ...evidence })];
  });
  return {
    status: 'ambiguous',
    provisional: false,
    flags: [...flags, ...conflict],
    candidates: candidates.sort(latestCandidateFirst),
  };
}

function latestCandidateFirst(a: Candidate, b: Candidate): number {
  const issued = ({ chain }: Candidate) => Date.parse(chain.at(-1)?.issuedAt ?? '') || 0;
  return issued(b) - issued(a) || compare(JSON.stringify(a), JSON.stringify(b));
}

function groupByActor(outcomes: readonly WeighedOutcome[]): WeighedOutcome[][] {
  const groups: WeighedOutcome[][] = [];
  for (const outcome of [...outcomes].sort(latestFirst)) {
    const mine = groups.find((group) => group.some(({ actor }) => isSameActor(actor, outcome.actor)));
    if (mine) mine.push(outcome);
    else groups.push([outcome]);
  }
  return groups;
}

function linkOf({ grant, joinedBy }: Joint): GrantLink {
  return present<GrantLink>({
    eventName: grant.eventName,
    eventIds: [...grant.eventIds],
    region: grant.region,
    sourceIp: grant.sourceIp,
    userAgent: grant.userAgent,
    roleArn: grant.roleArn,
    roleId: grant.eventName === 'GetFederationToken' ? undefined : grant.ownerId,
    sessionName: grant.sessionName,
    accessKeyId: grant.accessKeyId,
    callerAccessKeyId: /^ASIA/.test(grant.caller.accessKeyId ?? '') ? undefined : grant.caller.accessKeyId,
    issuedAt: printTime(grant.issuedAt),
    expiresAt: printTime(grant.expiresAt),
    joinedBy,
  });
}
