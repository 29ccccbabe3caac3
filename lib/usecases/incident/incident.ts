import { type Actor, sameActor } from '../../attribution/actor.ts';
import { actorLabel, filedName } from '../../attribution/actor-names.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import { ANONYMOUS, anonymousSession, isNamelessSession, isSessionPrincipal } from '../../claims/identity.ts';
import { isAccessKeyId } from '../../identity/access-key.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { describeRequest } from '../../recognise/describe.ts';
import { type EpochMillis, formatInstant } from '../../time.ts';
import { type Looked, MOST_READ, type RequestSource, type RequestsQuery } from '../activity/request-source.ts';
import { latestStages, requestIdentity, sessionText } from '../activity/requests.ts';
import {
  type AnythingAnswer,
  describeFound,
  type Found,
  notKnownText,
  requestOf,
  type Sessions,
} from '../query/anything/found.ts';
import { toldByRecord } from '../query/anything/told-request.ts';
import { flawOf } from '../query/filter.ts';
import { type GivenValue, questionOf, type RecordsQuestion } from '../query/question.ts';
import { ActivityGathering } from './activity.ts';
import { nextSteps } from './next-steps.ts';
import type { AnonymousSource, IncidentReport, Section } from './report.ts';
import { SessionsGathering } from './sessions.ts';
import { asking, type LookedAt, NOTHING_READ, type PersonOfReport, Surroundings } from './surroundings.ts';
import { UsedRolesGathering } from './used-roles.ts';
import { allWhom, type Whom } from './whom.ts';

/** What the report is of. */
export interface IncidentAsked {
  readonly answer: AnythingAnswer;
  readonly range: Required<{ readonly [End in keyof TimeRange]: EpochMillis }>;
  readonly now: EpochMillis;
}

/** Where a report is made from. */
export interface IncidentPlace {
  /** Undefined where no audit log is at hand. */
  readonly requests: RequestSource | undefined;
  /** By the person's ARN, id, e-mail or name. */
  sessionsOfPerson(person: string): Promise<Sessions>;
  /** Handed the requests of those whom the report is about, as evidence. */
  keep?(record: AuditRecord): void;
}

/** So many who can be meant have a section: each is asked for by itself. */
const MOST_SECTIONS = 10;

/**
 * The report of one incident: who, and what was done around it.
 * @throws what the place behind it throws where it is out of reach.
 */
export async function incidentReport(
  { answer, range, now }: IncidentAsked,
  place: IncidentPlace,
): Promise<IncidentReport> {
  const all = allWhom(answer, range);
  const work = all.slice(0, MOST_SECTIONS).map((whom) => new SectionWork(whom, range));
  for (const each of work) await each.addIssued(place);
  const around = new Surroundings(work, range);
  const lookedAt = await lookAt([...work.flatMap((each) => each.asked(place)), ...around.asked], place);
  const alsoAt = await lookAt(around.askedOfUsedRoles(), place);
  for (const [asked, looked] of alsoAt) lookedAt.set(asked, looked);
  const sections = work.map((each) => each.result(place.requests && lookedAt));
  return {
    ...toldBy(answer),
    window: { from: formatInstant(range.from), to: formatInstant(range.to) },
    who: oneActor(all),
    sections,
    sectionsLeft: all.length - work.length + answer.left,
    ...(place.requests && around.result(lookedAt)),
    next: nextSteps(sections, now, !answer.found.some(isUnchecked)),
  };
}

/** How far was read for each question. */
async function lookAt(
  asked: readonly RequestsQuery[],
  { requests }: IncidentPlace,
): Promise<Map<RequestsQuery, Looked>> {
  if (requests === undefined || asked.length === 0) return new Map();
  const looked = await requests.read(asked);
  return new Map(asked.map((each, at) => [each, looked[at] ?? NOTHING_READ]));
}

/** Where nothing is known of it: why, and nothing else. */
export function unknownReport(answer: AnythingAnswer): IncidentReport {
  return { ...toldBy(answer), sections: [], sectionsLeft: 0, next: [] };
}

/** What the text itself says, and what of it is not known. */
function toldBy({
  as,
  notes,
  found,
  isOne,
}: AnythingAnswer): Pick<IncidentReport, 'recognised' | 'request' | 'unknown'> {
  const [first] = found;
  return {
    recognised: {
      as,
      subject: first === undefined ? '' : describeFound(first),
      notes: [...notes, ...sharedIdNotes(first), ...found.flatMap(logNote)],
    },
    request: isOne && first !== undefined ? requestOf(first) : undefined,
    unknown: found.flatMap(({ outcome }) => (outcome.kind === 'not-known' ? notKnownText(outcome) : [])),
  };
}

/** Whether it is of a request that was looked for in no log. */
function isUnchecked({ outcome }: Found): boolean {
  return outcome.kind !== 'not-known' && outcome.inLog?.result === 'not-checked';
}

/** What the log says of the request that the text describes. */
function logNote({ outcome }: Found): readonly string[] {
  if (outcome.kind === 'not-known' || outcome.inLog === undefined || outcome.note === undefined) return [];
  return [outcome.note];
}

/** Whose the requests are, each caller's latest: the report is of all of them until one is chosen. */
function sharedIdNotes(found: Found | undefined): readonly string[] {
  const records = found?.outcome.kind === 'attributed' ? (found.outcome.records ?? []) : [];
  const requests = latestStages(records);
  const callers = [...Map.groupBy(requests, callerOf).values()].flatMap(([latest]) => latest ?? []);
  if (callers.length < 2) return [];
  const head = `${requests.length} requests of ${callers.length} callers bear this audit id, which the client may choose.`;
  return [
    `${head} To report of one of them, give what tells it from the others:`,
    ...callers.slice(0, MOST_SECTIONS).map(callerNote),
    ...(callers.length > MOST_SECTIONS ? [`and ${callers.length - MOST_SECTIONS} more callers`] : []),
  ];
}

function callerOf({ caller: { uid, username, accessKeyId } }: AuditRecord): string {
  return JSON.stringify([uid, username, accessKeyId]);
}

function callerNote(record: AuditRecord): string {
  const { attribution, caller, time } = record;
  const [only, ...others] = [attribution.actor, ...(attribution.candidates ?? []).map(({ actor }) => actor)].flatMap(
    (actor) => (actor === undefined ? [] : actorLabel(actor)),
  );
  const who = only === undefined ? 'nobody who can be named' : [only, ...others].join(' or ');
  const session = caller.accessKeyId ?? sessionText(caller);
  const at = time === undefined ? '' : ` with --at ${time}`;
  const choice = session === undefined ? 'paste its event' : `${session}${at}`;
  return `${who}, ${caller.username ?? caller.uid ?? caller.kind}: ${describeRequest(toldByRecord(record))}: ${choice}`;
}

/** Only where nobody else can be meant. */
function oneActor(all: readonly Whom[]): Actor | undefined {
  const [only] = all;
  return all.length === 1 && only?.standing === 'actor' ? only.actor : undefined;
}

/** What is gathered of one who is, or can be, behind the incident. */
class SectionWork implements PersonOfReport {
  readonly whom: Whom;
  readonly roles = new UsedRolesGathering();
  readonly #range: TimeRange;
  readonly #activity = new ActivityGathering();
  readonly #sessions = new SessionsGathering();
  #sessionsNote: string | undefined;
  #asked: readonly RequestsQuery[] = [];

  constructor(whom: Whom, range: TimeRange) {
    this.whom = whom;
    this.#range = range;
  }

  /** The sessions that grants tell of, whether a cluster saw them or not. */
  async addIssued(place: IncidentPlace): Promise<void> {
    const { actor } = this.whom;
    const name = actor && (actor.arn ?? filedName(actor));
    if (actor === undefined || name === undefined) return;
    const { sessions, note } = await place.sessionsOfPerson(name);
    const own = sessions.filter((each) => each.attribution.actor && sameActor(each.attribution.actor, actor));
    this.#sessions.addIssued(own, this.#range);
    this.#sessionsNote = note;
  }

  asked({ keep }: IncidentPlace): readonly RequestsQuery[] {
    const { anonymous } = this.whom;
    const taken = new Set<string>();
    const take = (record: AuditRecord) => {
      if (!this.isOwn(record)) return;
      if (anonymous === undefined) this.#sessions.add(record);
      else if (taken.size === taken.add(requestIdentity(record)).size) return;
      this.#activity.add(record);
      this.roles.add(record);
      keep?.(record);
    };
    this.#asked = questionsAbout(this.whom, this.#range).map((question) => ({ question, most: MOST_READ, take }));
    return this.#asked;
  }

  /** One name can be two people's, in two accounts. */
  isOwn(record: AuditRecord): boolean {
    const { attribution, caller } = record;
    const { actor, session, anonymous } = this.whom;
    if (anonymous !== undefined) return isFrom(anonymous, record);
    if (actor !== undefined) return attribution.actor !== undefined && sameActor(attribution.actor, actor);
    return [caller.accessKeyId, sessionText(caller), caller.username].includes(session);
  }

  /** `lookedAt` is undefined where no audit log was at hand. */
  result(lookedAt: LookedAt | undefined): Section {
    const looked = this.#asked.flatMap((each) => lookedAt?.get(each) ?? []);
    const activity =
      looked.length === 0
        ? undefined
        : this.#activity.result({
            isWhole: looked.every(({ isWhole }) => isWhole),
            examined: Math.max(...looked.map(({ examined }) => examined)),
          });
    return { ...this.whom, ...this.#sessions.result(), sessionsNote: this.#sessionsNote, activity };
  }
}

/** None where nothing can be asked by: of the cluster's own work there is too much, and a text may be too long. */
function questionsAbout({ anonymous, ...whom }: Whom, range: TimeRange): readonly RecordsQuestion[] {
  return anonymous === undefined ? [questionAbout(whom, range) ?? []].flat() : questionsFrom(anonymous, range);
}

/**
 * Asks for all requests of anonymous callers from there. The service reads only so many records of a cluster: those that
 * were let in it also finds by their claims' session, so that a busy cluster hides none of them. Files find them once.
 */
function questionsFrom({ cluster, ip }: AnonymousSource, range: TimeRange): readonly RecordsQuestion[] {
  const given = { username: ANONYMOUS, cluster, ip } as const;
  const values = (['username', 'cluster', 'ip'] as const).flatMap((name): GivenValue[] => {
    const value = given[name];
    return value === undefined || flawOf(name, value) !== undefined ? [] : [{ name, value, negated: false }];
  });
  const letIn = ip === undefined ? undefined : asking({ name: 'session', value: anonymousSession(ip) }, range);
  return [questionOf(values, range), letIn ?? []].flat();
}

/** Where the cluster is not known, of any: a pasted event does not say which it is. */
function isFrom({ cluster, ip }: AnonymousSource, { caller, source, cluster: of }: AuditRecord): boolean {
  const isOne = caller.kind === 'anonymous' && caller.username === ANONYMOUS;
  return isOne && source?.ips?.at(-1) === ip && (cluster === undefined || of === cluster);
}

function questionAbout({ actor, session, standing }: Whom, range: TimeRange): RecordsQuestion | undefined {
  if (standing === 'system') return undefined;
  if (actor === undefined) return isSession(session) ? asking({ name: 'session', value: session }, range) : undefined;
  const name = filedName(actor);
  return name === undefined ? undefined : asking({ name: 'actor', value: name }, range);
}

function isSession(text: string | undefined): text is string {
  return text !== undefined && (isAccessKeyId(text) || isSessionPrincipal(text) || isNamelessSession(text));
}
