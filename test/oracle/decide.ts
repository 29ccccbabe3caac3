import { clusterActor, directActor, isSameActor, knownUserNames } from './actor.ts';
import type { Caller } from './caller.ts';
import { latestFirst, type Outcome, resolve } from './chain.ts';
import { present } from './json.ts';
import { byAccessKey, byName, bySessionStart, covers, keyContradicts, type Match } from './match.ts';
import { compare, type Grant, isIdentityCenterGrant, isService, type Known } from './records.ts';
import { printTime } from './time.ts';
import type { Actor, Attribution, Candidate, Hop, Method } from './types.ts';

/** Rules 4 and 6: from the grants that can be meant to the attribution. */
export type Question = { readonly caller: Caller; readonly time?: number; readonly known: Known };

type Meant = { readonly method: Method; readonly matches: readonly Match[]; readonly flags: readonly string[] };

const NOBODY: Meant = { method: 'session-name', matches: [], flags: [] };
const CLUSTER_OWN = ['kubernetes-service-account', 'kubernetes-node', 'kubernetes-system', 'eks-service'];

export function decide(question: Question, impersonatedName: string | undefined): Attribution {
  switch (question.caller.kind) {
    case 'malformed':
      return unattributed('malformed-identity');
    case 'iam-user':
    case 'kubernetes-user':
      return direct(directActor(question.caller, question.known));
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
  const meant = meantGrants(question);
  return meant.matches.length > 0 ? conclude(meant, question.known) : unattributed(reasonFor(question));
}

function decideRoot({ caller, time, known }: Question): Attribution {
  const grants = byAccessKey(caller, known);
  if (grants.length === 0) return direct(directActor(caller, known));
  if (time === undefined) return unattributed('no-event-time');
  const matches = within(grants, time);
  if (matches.length === 0) return unattributed('outside-session-validity');
  return conclude({ method: 'access-key', matches, flags: [] }, known);
}

function decideFederatedUser(question: Question): Attribution {
  const meant = meantGrants(question);
  if (meant.matches.length > 0) return conclude(meant, question.known);
  const { statedName: sessionName, accountId, arn } = question.caller;
  const actor = present<Actor>({ kind: 'federated-user', sessionName, accountId, arn });
  return { ...direct(actor), status: 'partial', reason: 'grant-not-found' };
}

/** Nodes, EKS's own and Kubernetes' own callers: nobody's session, unless a person used the role. */
function decideClusterOwn(question: Question, impersonatedName: string | undefined): Attribution {
  const { caller, known } = question;
  const meant = caller.roleId === undefined ? NOBODY : keyOrName(question);
  if (meant.matches.some(({ grant }) => !isService(grant.caller))) {
    const flag = caller.kind === 'kubernetes-node' ? 'node-role-used-by-person' : 'eks-name-used-by-person';
    return conclude(meant, known, [flag]);
  }
  const impersonates = impersonatedName !== undefined && !impersonatedName.startsWith('system:');
  if (!impersonates || !CLUSTER_OWN.includes(caller.kind)) return { status: 'system', provisional: false, flags: [] };
  return { ...direct(clusterActor(caller)), status: 'partial', reason: 'acts-for-impersonated-user' };
}

function meantGrants(question: Question): Meant {
  const meant = keyOrName(question);
  if (meant.matches.length > 0 || question.caller.accessKeyId === undefined) return meant;
  return byIdentityCenterName(question);
}

/** By access key, else by session start; by name only where the event has no access key. */
function keyOrName({ caller, time, known }: Question): Meant {
  if (time === undefined) return NOBODY;
  if (caller.accessKeyId === undefined) return nameOnly(caller, time, known);
  const byKey = within(byAccessKey(caller, known), time);
  if (byKey.length > 0) return { method: 'access-key', matches: byKey, flags: [] };
  return { method: 'session-start', matches: within(bySessionStart(caller, known), time), flags: [] };
}

function nameOnly(caller: Caller, time: number, known: Known): Meant {
  const matches = byName(caller, known).filter(({ grant }) => covers(grant, time));
  const method = caller.statedName === undefined ? 'username' : 'session-name';
  return { method, matches, flags: ['name-chosen-by-caller'] };
}

// AWS itself names Identity Center's sessions, so there a name may stand against a key that no grant lists.
function byIdentityCenterName({ caller, time, known }: Question): Meant {
  const keyIsKnown = keyContradicts(caller, known) || grantsOfKey(caller, known).length > 0;
  if (time === undefined || caller.roleId === undefined || caller.statedName === undefined || keyIsKnown) return NOBODY;
  const matches = byName(caller, known).filter(({ grant }) => isIdentityCenterGrant(grant) && covers(grant, time));
  return { method: 'session-name', matches, flags: ['access-key-mismatch'] };
}

function grantsOfKey(caller: Caller, known: Known): Grant[] {
  return [...byAccessKey(caller, known), ...bySessionStart(caller, known)];
}

function reasonFor({ caller, known }: Question): string {
  const named = byName(caller, known);
  const hasName = caller.statedName !== undefined || caller.templateNames.length > 0;
  if (caller.accessKeyId === undefined) {
    if (!hasName && named.length === 0) return 'session-name-unknown';
    return named.length > 0 ? 'outside-session-validity' : 'no-matching-grant';
  }
  if (keyContradicts(caller, known)) return 'access-key-contradicts-session';
  if (grantsOfKey(caller, known).length > 0) return 'outside-session-validity';
  return hasName && named.length > 0 ? 'access-key-not-seen' : 'no-matching-grant';
}

type Weighed = Outcome & { readonly decides: boolean };

function conclude(meant: Meant, known: Known, standingFlags: readonly string[] = []): Attribution {
  const outcomes = meant.matches.flatMap(({ grant, decides }) =>
    resolve([grant], known).map((outcome): Weighed => ({ ...outcome, decides })),
  );
  const actors = groupByActor(outcomes);
  const evidence = outcomes.filter(({ decides }) => decides).sort(latestFirst)[0];
  if (actors.length > 1 || !evidence) return ambiguous(actors, standingFlags);
  return answer(meant, evidence, known, standingFlags);
}

function answer(meant: Meant, evidence: Outcome, known: Known, standingFlags: readonly string[]): Attribution {
  const { actor, grants, partial } = evidence;
  const own = grants.at(-1);
  const byIdentityCenter = own !== undefined && isIdentityCenterGrant(own);
  const flags = meant.flags.filter((flag) => flag !== 'name-chosen-by-caller' || !byIdentityCenter);
  const claims = partial === undefined ? claimFlags(actor, own, known) : [];
  return present<Attribution>({
    status: partial === undefined ? 'attributed' : 'partial',
    method: meant.method,
    provisional: false,
    reason: partial,
    flags: [...flags, ...standingFlags, ...claims],
    actor,
    chain: grants.map(hopOf),
  });
}

function claimFlags(actor: Actor, own: Grant | undefined, known: Known): string[] {
  const users = knownUserNames(known);
  const isOthers = (name: string | undefined) => name !== undefined && users.has(name) && actor.name !== name;
  return [
    ...(isOthers(own?.sessionName) ? ['session-name-claims-other-actor'] : []),
    ...(isOthers(actor.sourceIdentity) ? ['source-identity-claims-other-actor'] : []),
  ];
}

function ambiguous(actors: readonly Weighed[][], flags: readonly string[]): Attribution {
  const latest = actors.flatMap((group) => [...group].sort(latestFirst)[0] ?? []);
  const candidates = latest.map(({ actor, grants }) => ({ actor, chain: grants.map(hopOf) }));
  return {
    status: 'ambiguous',
    provisional: false,
    flags: [...flags],
    candidates: candidates.sort(latestCandidateFirst),
  };
}

function latestCandidateFirst(a: Candidate, b: Candidate): number {
  const issued = ({ chain }: Candidate) => Date.parse(chain.at(-1)?.issuedAt ?? '');
  return issued(b) - issued(a) || compare(JSON.stringify(a), JSON.stringify(b));
}

// Likeness of actors is not transitive (a side may lack its principal): in a group each is like each other.
function groupByActor(outcomes: readonly Weighed[]): Weighed[][] {
  const groups: Weighed[][] = [];
  for (const outcome of [...outcomes].sort(latestFirst)) {
    const mine = groups.find((group) => group.every(({ actor }) => isSameActor(actor, outcome.actor)));
    if (mine) mine.push(outcome);
    else groups.push([outcome]);
  }
  return groups;
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

function hopOf(grant: Grant): Hop {
  return present<Hop>({
    eventName: grant.eventName,
    eventIds: [...grant.eventIds],
    region: grant.region,
    roleArn: grant.roleArn,
    roleId: grant.eventName === 'GetFederationToken' ? undefined : grant.ownerId,
    sessionName: grant.sessionName,
    accessKeyId: grant.accessKeyId,
    issuedAt: printTime(grant.issuedAt),
    expiresAt: printTime(grant.expiresAt),
  });
}
