import { type Actor, sameActor } from '../../../attribution/actor.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { type EpochMillis, parseInstant } from '../../../time.ts';
import { type FirstUses, FirstUsesCollector } from '../../activity/first-uses.ts';
import { latestStages, requestIdentity, sessionText } from '../../activity/requests.ts';
import type { Informant } from './informant.ts';
import type { AttributedOutcome, Outcome, SessionFound, SessionsOutcome } from './outcomes.ts';

/** The maximum number of people whose first uses are searched. Each takes one question. */
const MOST_PEOPLE = 2;

/** Returns the outcome with what actors used for the first time in its recorded requests. */
export async function withFirstUses(outcome: Outcome, informant: Informant): Promise<Outcome> {
  if (outcome.kind === 'attributed') return withThoseOfRecord(outcome, informant);
  return outcome.kind === 'sessions' && outcome.inLog !== undefined && outcome.inLog.requests > 0
    ? withThoseOfGroups(outcome, informant)
    : outcome;
}

async function withThoseOfRecord(outcome: AttributedOutcome, informant: Informant): Promise<AttributedOutcome> {
  const { record, isStored, records } = outcome;
  if (record === undefined || isStored !== true || latestStages(records ?? []).length > 1) return outcome;
  const found = await firstUsesOfRecord(record, informant);
  return found === undefined ? outcome : { ...outcome, firstUses: found };
}

/**
 * Returns what the actor of a record used for the first time in its request. Undefined if this is not known, or if the
 * actor is a program.
 */
export async function firstUsesOfRecord(record: AuditRecord, informant: Informant): Promise<FirstUses | undefined> {
  const { actor } = record.attribution;
  const identity = requestIdentity(record);
  return actor && firstUses(actor, record.time, (each) => requestIdentity(each) === identity, informant);
}

/**
 * Returns the outcome with what each person used for the first time in any of their groups. Their first group shows it.
 * The groups are compared together, because a thief who assumes two roles uses one new source IP with both keys.
 */
async function withThoseOfGroups(outcome: SessionsOutcome, informant: Informant): Promise<SessionsOutcome> {
  const sessions: SessionFound[] = [];
  const people: Actor[] = [];
  for (const group of outcome.sessions) {
    const { actor } = group.attribution;
    const isLooked = actor !== undefined && people.length < MOST_PEOPLE && isNextPerson(actor, people);
    if (isLooked) people.push(actor);
    const found = isLooked ? await firstUsesOfGroups(actor, outcome.sessions, informant) : undefined;
    sessions.push(found === undefined ? group : { ...group, firstUses: found });
  }
  return { ...outcome, sessions };
}

function isNextPerson(actor: Actor, people: readonly Actor[]): boolean {
  return !PROGRAMS.has(actor.kind) && !people.some((each) => sameActor(each, actor));
}

function firstUsesOfGroups(
  actor: Actor,
  groups: readonly SessionFound[],
  informant: Informant,
): Promise<FirstUses | undefined> {
  const own = groups.filter(({ attribution }) => attribution.actor && sameActor(attribution.actor, actor));
  const tests = own.map(isOfGroup);
  const last = own.map(({ to }) => to).reduce((a, b) => ((instantOf(b) ?? 0) > (instantOf(a) ?? 0) ? b : a));
  return firstUses(actor, last, (record) => tests.some((isOf) => isOf(record)), informant);
}

/** Returns a test that selects the requests of the group: those of its session, from its first request on. */
function isOfGroup({ accessKeyId, session, username, from }: SessionFound): (record: AuditRecord) => boolean {
  const begin = instantOf(from);
  return ({ caller, time }) => {
    const at = instantOf(time);
    const isSame =
      caller.accessKeyId === accessKeyId &&
      sessionText(caller) === session &&
      (username === undefined || caller.username === username);
    return isSame && at !== undefined && begin !== undefined && at >= begin;
  };
}

/**
 * Kinds of actors that are programs on many machines. A new source IP or user agent of theirs says nothing, because
 * each machine has its own.
 */
const PROGRAMS: ReadonlySet<Actor['kind']> = new Set([
  'aws-service',
  'kubernetes-service-account',
  'kubernetes-node',
  'kubernetes-system',
  'eks-service',
]);

/** Compares requests of an actor with the earlier ones. Undefined if the earlier ones are not known. */
async function firstUses(
  actor: Actor,
  time: string | undefined,
  isNew: (record: AuditRecord) => boolean,
  informant: Informant,
): Promise<FirstUses | undefined> {
  const to = instantOf(time);
  if (to === undefined || PROGRAMS.has(actor.kind)) return undefined;
  const read = await informant.requestsUntil(actor, to);
  if (read === undefined) return undefined;
  const collector = new FirstUsesCollector();
  const own = latestStages(read.records).filter(
    ({ attribution }) => attribution.actor !== undefined && sameActor(attribution.actor, actor),
  );
  // An account can forge any number of requests of the actor. Those are compared only with requests that the same
  // account handed over.
  const senders = new Set([undefined, ...own.filter(isNew).map(({ origin }) => origin?.handedOverBy)]);
  for (const record of own.filter(({ origin }) => senders.has(origin?.handedOverBy))) {
    if (isNew(record)) collector.add(record);
    else collector.addEarlier(record);
  }
  return collector.result(read);
}

function instantOf(time: string | undefined): EpochMillis | undefined {
  return time === undefined ? undefined : parseInstant(time);
}
