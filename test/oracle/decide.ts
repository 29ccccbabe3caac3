import { clusterActor, directActor, ownerActor, selfStatedActor } from './actor.ts';
import type { Caller } from './caller.ts';
import { latestFirst, type Outcome, resolve } from './chain.ts';
import { type Candidates, CONFLICT, conclude, severalOf, withSigns } from './conclude.ts';
import { isSameActor } from './ids.ts';
import { present } from './json.ts';
import { type KeyWord, keyWords, readingsOf } from './key.ts';
import {
  agreeingUses,
  byAccessKey,
  byGivenName,
  byName,
  bySessionStart,
  covers,
  grantsOfKey,
  keyContradicts,
  type Match,
} from './match.ts';
import { type Grant, type Identity, isIdentityCenterGrant, isService, type KnownWorld } from './records.ts';
import type { Actor, Attribution, Candidate, JoinedGrant } from './types.ts';
import { issuesShown } from './web-tokens.ts';

/** The input of rules 4 and 6, which lead from the possible grants to the attribution. */
export type Question = { readonly caller: Caller; readonly time?: number; readonly known: KnownWorld };

type Decision = Candidates & { readonly method: JoinedGrant; readonly matches: readonly Match[] };

const NOBODY: Decision = { method: 'session-name', matches: [], flags: [] };
const CLUSTER_OWN = ['kubernetes-service-account', 'kubernetes-node', 'kubernetes-system', 'eks-service'];

export function decide(question: Question, impersonatedName: string | undefined): Attribution {
  switch (question.caller.kind) {
    case 'malformed':
      return unattributed('malformed-identity');
    case 'kubernetes-user':
      return decideKubernetesUser(question);
    case 'iam-user':
      return decideDirectly(question);
    case 'root':
      return decideRoot(question);
    case 'federated-user':
      return decideFederatedUser(question);
    case 'role-session':
      return decideRoleSession(question);
    default:
      return decideClusterOwn(question, impersonatedName);
  }
}

function decideRoleSession(question: Question): Attribution {
  if (question.time === undefined) return unattributed('no-event-time');
  const found = meantGrants(question);
  if (found.matches.length > 0) return concludeFrom(found, question);
  const outcomes = saidOfSession(question);
  if (outcomes.length === 0) return unattributed(reasonFor(question));
  return conclude({ method: 'use', flags: [] }, outcomes.map(deciding), question);
}

function decideDirectly(question: Question): Attribution {
  return afterKeyCheck(direct(directActor(question.caller, question.known)), question);
}

/** Decides for a caller of another authenticator. A token of AWS's own belongs to its requester, but only the username says that it is AWS's. */
function decideKubernetesUser(question: Question): Attribution {
  const { caller, time, known } = question;
  const { mine, isDoubtful } = issuesShown(caller, known);
  const matches = time === undefined ? [] : within(mine, time);
  if (matches.length > 0)
    return concludeFrom({ method: 'web-identity-token', matches, flags: [] }, question, ['issuer-by-username']);
  if (mine.length > 0) known.notice('a shown token out of its time');
  const own = direct(directActor(caller, known));
  return isDoubtful ? { ...own, status: 'partial', reason: 'upstream-grant-not-found' } : own;
}

/** Decides for a root user. The uid may be a federated user's without the name. The key then decides, or leaves both possible. */
function decideRoot(question: Question): Attribution {
  const { root, federated } = readingsOf(question.caller, keyWords(question.caller, question.time, question.known));
  if (federated === undefined) return decideRootUser(question);
  question.known.notice(root ? 'a cut uid that can be root or a federated user' : 'a cut uid of a federated user');
  const answer = decideFederatedUser({ ...question, caller: federated });
  return root ? oneOfAnswers([decideRootUser(question), answer]) : answer;
}

function decideRootUser(question: Question): Attribution {
  const { caller, time, known } = question;
  const grants = byAccessKey(caller, known);
  if (grants.length === 0) return decideDirectly(question);
  if (time === undefined) return unattributed('no-event-time');
  const matches = within(grants, time);
  if (matches.length === 0) return unattributed('outside-session-validity');
  return concludeFrom({ method: 'access-key', matches, flags: [] }, question);
}

function decideFederatedUser(question: Question): Attribution {
  const found = meantGrants(question);
  if (found.matches.length > 0) return concludeFrom(found, question);
  const { statedName: sessionName, accountId, arn } = question.caller;
  const actor = present<Actor>({ kind: 'federated-user', sessionName, accountId, arn });
  return afterKeyCheck({ ...direct(actor), status: 'partial', reason: 'grant-not-found' }, question);
}

/** Returns the answer for a direct caller, unless the key is known to be somebody else's. */
function afterKeyCheck(answer: Attribution, question: Question): Attribution {
  const { caller, time, known } = question;
  const words = keyWords(caller, time, known);
  const timely = words.filter(({ inTime }) => inTime);
  const conflict = timely.some(({ grant }) => grant?.isContradicted) ? [CONFLICT] : [];
  const signed = withSigns(answer, question);
  const own = { ...signed, flags: [...signed.flags, ...conflict] };
  if (timely.some(({ ofCaller, grant }) => ofCaller && grant !== undefined && isOfOne(grant, timely))) {
    if (words.some(({ ofCaller }) => !ofCaller))
      known.notice("a direct caller's key was issued to them, and to others");
    return own;
  }
  const others = timely.filter(({ ofCaller }) => !ofCaller);
  const owners = ownersOf(others, question);
  const possible = oneOfAnswers([own, ...owners]);
  if ((possible.candidates?.length ?? 0) > 1) {
    known.notice("a direct caller's key is somebody else's");
    const isShown = owners.some(
      ({ flags, candidates = [] }) =>
        flags.includes(CONFLICT) && candidates.some((one) => possible.candidates?.includes(one)),
    );
    const hasConflict = conflict.length > 0 || isShown;
    return { ...possible, flags: possible.flags.filter((flag) => flag !== CONFLICT || hasConflict) };
  }
  const isKnownToBeTheirs = others.length === 0 && timely.length > 0;
  if (isKnownToBeTheirs || words.every(({ ofCaller }) => ofCaller)) return own;
  known.notice("a direct caller's key is the same person's or of another time");
  return { ...own, flags: ['access-key-mismatch', ...own.flags] };
}

/** Returns whether no copy of the grant is somebody else's. */
function isOfOne(grant: Grant, words: readonly KeyWord[]): boolean {
  const others = words.filter(({ ofCaller }) => !ofCaller).flatMap((word) => word.grant ?? []);
  const isOfOthers = others.some(({ eventIds }) => eventIds.join() === grant.eventIds.join());
  return !isOfOthers;
}

/** Returns the actors to whom the key was issued. If no grant states any, it returns those that uses name. */
function ownersOf(others: readonly KeyWord[], question: Question): Attribution[] {
  const { known } = question;
  const { accessKeyId: _key, ...keyless } = question.caller;
  const outcomes = others
    .flatMap(({ grant }) => grant ?? [])
    .flatMap((grant) => resolve([{ grant, joinedBy: 'access-key' }], known));
  const byUses = others.flatMap(({ kind, use }): Outcome[] =>
    use === undefined ? [] : [{ actor: ownerActor(kind, use, known), joints: [], ...saidIn(use) }],
  );
  // Each is resolved by itself, because one without an ID could equal two others and must not replace both.
  if (outcomes.length > 0)
    return outcomes.sort(latestFirst).map((one) => severalOf([deciding(one)], { caller: keyless, known }));
  return byUses.length === 0 ? [] : [severalOf(byUses.map(deciding), { caller: keyless, known })];
}

function saidIn({ statedIn }: Identity): Pick<Outcome, 'saidIn'> {
  return statedIn === undefined ? {} : { saidIn: statedIn };
}

/** The flags that an answer with several candidates has too, besides those of every event (6.12). */
const OF_SEVERAL = [
  CONFLICT,
  'issuer-by-username',
  'token-of-service-account',
  'node-role-used-by-person',
  'eks-name-used-by-person',
];

function isOnBehalf({ store, bySignIn }: Actor): boolean {
  return store !== undefined && bySignIn === undefined;
}

/** Returns one ambiguous answer for several answers. Any of them can be right. */
export function oneOfAnswers(answers: readonly Attribution[]): Attribution {
  const all = answers.flatMap(({ candidates, actor, chain = [], use, uses }) => {
    const shown = uses?.filter(({ shows }) => shows !== 'through-agent') ?? [];
    // Among candidates, only persons by onBehalfOf have a current name.
    const named = actor && present<Actor>(isOnBehalf(actor) ? actor : { ...actor, nameToday: undefined });
    const own = named && present<Candidate>({ actor: named, chain, use, uses: shown.length > 0 ? shown : undefined });
    return candidates ?? (own ? [own] : []);
  });
  const each: Candidate[] = [];
  for (const one of all) if (!each.some(({ actor }) => isSameActor(actor, one.actor))) each.push(one);
  const flags = answers.flatMap((answer) => answer.flags).filter((flag) => OF_SEVERAL.includes(flag));
  return { status: 'ambiguous', provisional: false, flags, candidates: each };
}

/**
 * Decides for nodes, and for callers that are a part of EKS or Kubernetes. The answer names a person only if a grant shows
 * that a person used the role.
 */
function decideClusterOwn(question: Question, impersonatedName: string | undefined): Attribution {
  const { caller } = question;
  const found = caller.roleId === undefined ? NOBODY : keyOrName(question);
  if (found.matches.some(({ grant }) => !isService(grant.caller))) {
    const flag = caller.kind === 'kubernetes-node' ? 'node-role-used-by-person' : 'eks-name-used-by-person';
    return concludeFrom(found, question, [flag]);
  }
  const impersonates = impersonatedName !== undefined && !impersonatedName.startsWith('system:');
  if (!impersonates || !CLUSTER_OWN.includes(caller.kind)) return { status: 'system', provisional: false, flags: [] };
  return { ...direct(clusterActor(caller)), status: 'partial', reason: 'acts-for-impersonated-user' };
}

function meantGrants(question: Question): Decision {
  const found = keyOrName(question);
  if (found.matches.length > 0 || question.caller.accessKeyId === undefined) return found;
  return byIdentityCenterName(question);
}

/** Decides by access key, else by session start. If the event has no access key, decides by name instead. */
function keyOrName({ caller, time, known }: Question): Decision {
  if (time === undefined) return NOBODY;
  if (caller.accessKeyId === undefined) return nameOnly(caller, time, known);
  const ofKey = byAccessKey(caller, known);
  if (ofKey.length > 0) return { method: 'access-key', matches: within(ofKey, time), flags: [] };
  return { method: 'session-start', matches: within(bySessionStart(caller, known), time), flags: [] };
}

function nameOnly(caller: Caller, time: number, known: KnownWorld): Decision {
  const matches = byName(caller, known).filter(({ grant }) => covers(grant, time));
  const method = caller.statedName === undefined ? 'username' : 'session-name';
  return { method, matches, flags: ['name-chosen-by-caller'] };
}

// AWS itself names Identity Center's sessions, so such a name counts although no grant lists the key.
function byIdentityCenterName({ caller, time, known }: Question): Decision {
  if (time === undefined || caller.roleId === undefined || caller.statedName === undefined) return NOBODY;
  if (isKeyKnown(caller, known)) return NOBODY;
  const matches = byName(caller, known).filter(({ grant }) => isIdentityCenterGrant(grant) && covers(grant, time));
  return { method: 'session-name', matches, flags: ['access-key-mismatch'] };
}

/** Returns whether a grant of the key is known: of another session, or of this one out of its time. */
function isKeyKnown(caller: Caller, known: KnownWorld): boolean {
  return keyContradicts(caller, known) || grantsOfKey(caller, known).length > 0;
}

/**
 * Returns what uses of the event's key say about its session, as if they were the caller of the first grant. For
 * callers without a matching grant.
 */
function saidOfSession({ caller, known }: Question): Outcome[] {
  if (caller.accessKeyId === undefined) return [];
  const outcomes = agreeingUses(caller, known).flatMap((use) => {
    const actor = selfStatedActor(use, known);
    const sessionName = use.principalId?.replace(/^[^:]*:/, '');
    return actor ? [{ actor, joints: [], sessionName, saidIn: use.statedIn }] : [];
  });
  if (outcomes.length > 0 && isKeyKnown(caller, known)) {
    known.notice('a use says what its session is, but its key is known');
    return [];
  }
  // A workload belongs to the whole session. A person on whose behalf it acts may belong to one call.
  const workloads = outcomes.filter(({ actor }) => actor.kind === 'aws-service');
  return (workloads.length > 0 ? workloads : outcomes).map((outcome) =>
    present<Outcome>({ ...outcome, partial: undefined }),
  );
}

function reasonFor({ caller, known }: Question): string {
  const hasName = caller.statedName !== undefined || caller.readings.some(({ name }) => name !== undefined);
  if (caller.accessKeyId === undefined) {
    const named = byName(caller, known);
    if (!hasName && named.length === 0) return 'session-name-unknown';
    return named.length > 0 ? 'outside-session-validity' : 'no-matching-grant';
  }
  if (byAccessKey(caller, known).length > 0) return 'outside-session-validity';
  if (keyContradicts(caller, known)) return 'access-key-contradicts-session';
  if (grantsOfKey(caller, known).length > 0) return 'outside-session-validity';
  return hasName && byGivenName(caller, known).length > 0 ? 'access-key-not-seen' : 'no-matching-grant';
}

function concludeFrom(found: Decision, question: Question, standingFlags: readonly string[] = []): Attribution {
  const outcomes = found.matches.flatMap(({ grant, decides }) =>
    resolve([{ grant, joinedBy: found.method }], question.known).map((outcome) => ({ ...outcome, decides })),
  );
  return conclude(found, outcomes, question, standingFlags);
}

function deciding(outcome: Outcome): Outcome & { decides: boolean } {
  return { ...outcome, decides: true };
}

function within(grants: readonly Grant[], time: number): Match[] {
  return grants.filter((grant) => covers(grant, time)).map((grant) => ({ grant, decides: true }));
}

function direct(actor: Actor): Attribution {
  return { status: 'attributed', method: 'direct', provisional: false, flags: [], actor };
}

function unattributed(reason: string): Attribution {
  return { status: 'unattributed', provisional: false, reason, flags: [] };
}
