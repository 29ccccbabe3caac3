import { type Actor, sameActor } from '../../attribution/actor.ts';
import { actorLabel, labelsApart } from '../../attribution/actor-names.ts';
import { actorsOf, isOwnWork } from '../../attribution/attribution.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import { instanceSession, lastGrant } from '../../attribution/role-of-record.ts';
import { ANONYMOUS, anonymousSession, isNamelessSession, isSessionPrincipal } from '../../claims/identity.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { isAccessKeyId } from '../../identity/access-key.ts';
import { type ClusterFields, clusterKeyOf, clusterText, meansCluster, senderOf } from '../../identity/cluster.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { describeRequest } from '../../recognize/describe.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant, spanAround } from '../../time.ts';
import { fewerInTurns } from '../../turns.ts';
import { labelInWords } from '../../words/kind-words.ts';
import { ActivityCollector } from '../activity/activity.ts';
import { type FirstUses, FirstUsesCollector, isByHolder } from '../activity/first-uses.ts';
import { CallersCollector, SessionsCollector, UsedRolesCollector } from '../activity/people.ts';
import { MOST_READ, type ReadingExtent, type RequestSource, type RequestsQuery } from '../activity/request-source.ts';
import { byTime, latestStages, millisOf, requestIdentity, sessionText } from '../activity/requests.ts';
import { SourcesCollector } from '../activity/sources.ts';
import type { ChangeRow, KnownChanges } from '../changes/changes.ts';
import type { Informant } from '../query/anything/informant.ts';
import { isTokenRequest, recordQuestion, tokenUses } from '../query/anything/others.ts';
import {
  type AnythingAnswer,
  describeFound,
  notKnownText,
  requestOf,
  type SessionFound,
  type SessionsOutcome,
  type SubjectAnswer,
} from '../query/anything/outcomes.ts';
import { circumstancesOfRecord } from '../query/anything/request-details.ts';
import { requestForToken } from '../query/anything/token-answer.ts';
import { flawOf } from '../query/filter.ts';
import { type GivenValue, LONGEST_VALUE, questionOf, type RecordsQuestion } from '../query/question.ts';
import { reportedChanges } from './cluster-changes.ts';
import { DeletionsCollector, deletedStep } from './deletions.ts';
import { instanceSteps } from './instance-steps.ts';
import { nextSteps, principalOf } from './next-steps.ts';
import { PodsCollector, podSteps } from './pods.ts';
import type {
  AnonymousSource,
  CallersOfIp,
  IncidentReport,
  OthersOnRole,
  Section,
  WorkloadIdentity,
} from './report.ts';
import { type IncidentParty, incidentParties } from './whom.ts';

/** What a report is about: an answer, a time range, and the current time. */
interface IncidentQuery {
  readonly answer: AnythingAnswer;
  readonly range: Required<{ readonly [End in keyof TimeRange]: EpochMillis }>;
  readonly now: EpochMillis;
}

/** The sources that a report reads. */
interface IncidentPlace {
  /** The source of requests. Undefined without an audit log. */
  readonly requests: RequestSource | undefined;
  /** Returns the sessions of the actor with this ID. */
  sessionsOfPerson(id: string): Promise<SessionsOutcome>;
  /** Returns the changes of clusters through the EKS API. Undefined if they are not known. */
  clusterChanges?(range: IncidentQuery['range']): Promise<KnownChanges | undefined>;
  /** Receives the requests of the people in the report, to be kept as evidence. */
  keep?(record: AuditRecord): void;
}

/** Limits how many requests before the time range are read for each person. The newest ones are read. */
const MOST_EARLIER = 2_000;

/** Limits how often a token that requested another token is followed (CONTRACT, 8.6). */
const MOST_HOPS = 10;

/** Limits the sections. Each needs questions of its own. */
const MOST_SECTIONS = 10;

/**
 * Returns the report of one incident: who was behind it, and what they did around that time.
 * @throws the errors of the place if it cannot be reached.
 */
export async function incidentReport(
  { answer, range, now }: IncidentQuery,
  place: IncidentPlace,
): Promise<IncidentReport> {
  const all = incidentParties(answer, range);
  const work = all.slice(0, MOST_SECTIONS).map((whom) => new SectionWork(whom, range));
  for (const each of work) await each.addIssued(place);
  const around = new Surroundings(work, range);
  const extents = await readAll([...work.flatMap((each) => each.queries(place)), ...around.queries], place);
  await readTokenUses(work, extents, place, range);
  const alsoAt = await readAll([...around.queriesOfUsedRoles(), ...around.queriesOfIps()], place);
  for (const [query, extent] of alsoAt) extents.set(query, extent);
  const sections = work.map((each) => each.result(place.requests && extents));
  const deletions = new DeletionsCollector(
    sections.map(({ activity }) => activity),
    range.from,
  );
  await readAll(deletions.queries, place);
  const deleted = deletions.result();
  const changes = reportedChanges(await place.clusterChanges?.(range), sections);
  const surroundings = place.requests && around.result(extents);
  const isChecked = !answer.found.some(isUnchecked);
  const stated = statedBy(answer);
  const notes = [...stated.recognized.notes, ...outsideNotes(answer, range)];
  return {
    ...stated,
    recognized: { ...stated.recognized, notes },
    window: { from: formatInstant(range.from), to: formatInstant(range.to) },
    who: oneActor(all),
    sections,
    sectionsLeft: all.length - work.length + answer.left,
    ...surroundings,
    ...changes,
    next: nextSteps(sections, now, {
      changes: changes.clusterChanges,
      laterChanges: await changesAfter({ range, now }, changes, place),
      isChecked,
      cluster: onlyCluster(answer),
      ofCredentials: [...sections.flatMap(instanceSteps), ...sections.flatMap(podSteps)],
      others: surroundings?.others,
      sameIps: surroundings?.sameIps,
      ifDeleted: (...of) => deletedStep(deleted, ...of),
    }),
  };
}

/**
 * How long after a report's time range changes are read, in milliseconds. They can have undone changes in the report.
 */
const UNDONE_WITHIN = 7 * DAY;

/** Returns the changes after the time range. Empty if no person of the report changed anything. */
async function changesAfter(
  { range: { to }, now }: Pick<IncidentQuery, 'range' | 'now'>,
  { clusterChanges = [] }: Pick<IncidentReport, 'clusterChanges'>,
  place: IncidentPlace,
): Promise<readonly ChangeRow[]> {
  const isOpen = clusterChanges.some(({ by, errorCode }) => by !== undefined && errorCode === undefined);
  const end = epochMillis(Math.min(now, to + UNDONE_WITHIN));
  if (!isOpen || end <= to) return [];
  return (await place.clusterChanges?.({ from: to, to: end }))?.changes.toSorted(byTime) ?? [];
}

/**
 * Adds the requests with tokens that unidentified callers of the report requested, and with tokens requested with
 * those. It does nothing for known persons, because such requests are found under their name.
 */
async function readTokenUses(
  work: readonly SectionWork[],
  extents: Map<RequestsQuery, ReadingExtent>,
  place: IncidentPlace,
  range: IncidentQuery['range'],
): Promise<void> {
  const requesters = work.filter((each) => each.hasTokens);
  if (requesters.length === 0) return;
  const uses: AuditRecord[] = [];
  const take = (record: AuditRecord) => {
    if (isByUnknownWithToken(record)) uses.push(record);
  };
  const queries = tokenUses([]).map(
    (values): RequestsQuery => ({ question: { ...recordQuestion(values), range }, most: MOST_READ, take }),
  );
  for (const [query, extent] of await readAll(queries, place)) extents.set(query, extent);
  for (const each of requesters) each.addTokenUses(uses, queries, place);
}

/** Returns whether an unidentified caller made the request with a token. */
function isByUnknownWithToken({ attribution, caller }: AuditRecord): boolean {
  return attribution.actor === undefined && caller.credentialId !== undefined;
}

/** Reads all queries. Returns how much was read for each query. */
async function readAll(
  queries: readonly RequestsQuery[],
  { requests }: IncidentPlace,
): Promise<Map<RequestsQuery, ReadingExtent>> {
  if (requests === undefined || queries.length === 0) return new Map();
  const read = await requests.read(queries);
  return new Map(queries.map((each, at) => [each, read[at] ?? NOTHING_READ]));
}

/** Returns a report for a subject about which nothing is known. It only states the reasons. */
export function unknownReport(answer: AnythingAnswer): IncidentReport {
  return { ...statedBy(answer), sections: [], sectionsLeft: 0, next: [] };
}

/** Returns the parts of the report that come from the text itself, and what was not found. */
function statedBy({
  as,
  notes,
  found,
  isOne,
}: AnythingAnswer): Pick<IncidentReport, 'recognized' | 'request' | 'unknown'> {
  const [first] = found;
  return {
    recognized: {
      as,
      subject: first === undefined ? '' : describeFound(first),
      notes: [...notes, ...sharedIdNotes(first), ...found.flatMap(logNote)],
    },
    request: isOne && first !== undefined ? requestOf(first) : undefined,
    unknown: found.flatMap(({ outcome }) => (outcome.kind === 'not-known' ? notKnownText(outcome) : [])),
  };
}

/** Returns whether the answer is about a request that was not checked against a log. */
function isUnchecked({ outcome }: SubjectAnswer): boolean {
  return outcome.kind !== 'not-known' && outcome.inLog?.result === 'not-checked';
}

/**
 * Returns the cluster of the requests that were found, in the form that lists use. Undefined if it is not known or if
 * there are several.
 */
function onlyCluster({ found }: AnythingAnswer): string | undefined {
  const places = found.flatMap((each): readonly ClusterFields[] => {
    const { inLog } = each.outcome;
    return inLog?.listed ?? [requestOf(each) ?? {}];
  });
  const [cluster, ...others] = new Set(places.map(clusterText));
  return cluster === '' || others.length > 0 ? undefined : cluster;
}

/**
 * Returns the notes of the answer that belong in a report. They say what the audit log shows about the described
 * request, or who requested its token. For a pod's role, they name the requests that could use it.
 */
function logNote({ outcome }: SubjectAnswer): readonly string[] {
  if (outcome.kind === 'not-known' || outcome.note === undefined) return [];
  const { attribution, inItsPods } = outcome.kind === 'attributed' ? outcome : {};
  const isBeside = attribution?.method === 'token' || inItsPods !== undefined;
  return outcome.inLog === undefined && !isBeside ? [] : [outcome.note];
}

/**
 * Returns notes on the callers that share the audit ID, each with its latest request. Until the reader chooses one of
 * them, the report covers all.
 */
function sharedIdNotes(found: SubjectAnswer | undefined): readonly string[] {
  const records = found?.outcome.kind === 'attributed' ? (found.outcome.records ?? []) : [];
  const requests = latestStages(records);
  const callers = [...Map.groupBy(requests, callerOf).values()].flatMap(([latest]) => latest ?? []);
  if (callers.length < 2) return [];
  const head = `${requests.length} requests of ${callers.length} callers have this audit ID: the client can choose it.`;
  return [
    `${head} To report on one of them, give its key, session or event instead:`,
    ...callers.slice(0, MOST_SECTIONS).map(callerNote),
    ...(callers.length > MOST_SECTIONS ? [`and ${moreCallers(callers.length - MOST_SECTIONS)}`] : []),
  ];
}

function moreCallers(number: number): string {
  return number === 1 ? '1 more caller' : `${number} more callers`;
}

function callerOf({ caller: { uid, username, accessKeyId } }: AuditRecord): string {
  return JSON.stringify([uid, username, accessKeyId]);
}

function callerNote(record: AuditRecord): string {
  const { attribution, caller, time } = record;
  const who = labelsApart(actorsOf(attribution), actorLabel).map(labelInWords).join(' or ') || 'unidentified caller';
  const session = caller.accessKeyId ?? sessionText(caller);
  const at = time === undefined ? '' : ` with --at ${time}`;
  const choice = session === undefined ? 'paste its audit event' : `${session}${at}`;
  return `${who}, ${caller.username ?? caller.uid ?? caller.kind}: ${describeRequest(circumstancesOfRecord(record))}: ${choice}`;
}

/** Returns the actor, if nobody else is possible. Otherwise undefined. */
function oneActor(all: readonly IncidentParty[]): Actor | undefined {
  const [only] = all;
  return all.length === 1 && only?.standing === 'actor' ? only.actor : undefined;
}

/** Returns the first uses with the number of requests that were not compared. */
function withTokens(uses: FirstUses, requests: number): FirstUses {
  return requests === 0 ? uses : { ...uses, compared: { ...uses.compared, withTokens: requests } };
}

/** Collects the sessions and requests of one section. */
class SectionWork implements PersonOfReport {
  readonly whom: IncidentParty;
  readonly roles = new UsedRolesCollector();
  /** The source IPs of the section's own requests. */
  readonly sources = new SourcesCollector();
  /** The source IPs of all requests with the node's key, whoever made them. */
  readonly #ofKey = new SourcesCollector();
  readonly #pods = new PodsCollector();
  readonly #range: TimeRange;
  readonly #activity = new ActivityCollector();
  readonly #sessions = new SessionsCollector();
  readonly #firstUses = new FirstUsesCollector();
  /** The number of requests with tokens that the person requested. */
  #withTokens = 0;
  /** The tokens that the section's requests issued. */
  readonly #tokens = new Set<string>();
  /** The requests that were made with these tokens, each by its identity. */
  readonly #tokenUses = new Set<string>();
  #sessionsNote: string | undefined;
  #queries: readonly RequestsQuery[] = [];
  #earlier: RequestsQuery | undefined;

  constructor(whom: IncidentParty, range: TimeRange) {
    this.whom = whom;
    this.#range = range;
  }

  /** Adds the sessions that grants issued to the person, even if no cluster saw them. */
  async addIssued(place: IncidentPlace): Promise<void> {
    const { actor } = this.whom;
    if (actor === undefined) return;
    const { sessions, note } = await place.sessionsOfPerson(actor.id);
    const own = sessions.filter((each) => each.attribution.actor && sameActor(each.attribution.actor, actor));
    this.#sessions.addIssued(own, this.#range);
    this.#sessionsNote = note;
  }

  queries({ keep }: IncidentPlace): readonly RequestsQuery[] {
    const questions = questionsAbout(this.whom, this.#range);
    const taken = new Set<string>();
    const take = (record: AuditRecord) => {
      if (questions.length > 1 && taken.size === taken.add(requestIdentity(record)).size) return;
      if (this.#isOfInstance(record)) this.#ofKey.add(record);
      if (!this.#listsRequests() || !this.isOwn(record)) return;
      this.#addOwn(record);
      keep?.(record);
    };
    this.#queries = questions.map((question) => ({ question, most: MOST_READ, take }));
    this.#earlier = this.#earlierQuery();
    return this.#earlier === undefined ? this.#queries : [...this.#queries, this.#earlier];
  }

  /** Whether the unidentified caller requested tokens. */
  get hasTokens(): boolean {
    return this.#tokens.size > 0;
  }

  /**
   * Adds the requests among `uses` that were made with the caller's tokens, or with tokens requested with those.
   * @param queries the queries by which `uses` were read.
   */
  addTokenUses(uses: readonly AuditRecord[], queries: readonly RequestsQuery[], { keep }: IncidentPlace): void {
    this.#queries = [...this.#queries, ...queries];
    let searched = 0;
    for (let hop = 0; hop < MOST_HOPS && searched < this.#tokens.size; hop += 1) {
      searched = this.#tokens.size;
      for (const record of uses) {
        if (!this.#isWithToken(record) || this.#tokenUses.size === this.#tokenUses.add(requestIdentity(record)).size)
          continue;
        this.#addOwn(record);
        keep?.(record);
      }
    }
  }

  /** Returns the query for the person's requests before the time range. Undefined if no person is known. */
  #earlierQuery(): RequestsQuery | undefined {
    const { from } = this.#range;
    if (this.whom.actor === undefined || from === undefined) return undefined;
    const [question] = questionsAbout(this.whom, { to: epochMillis(from - 0.001) });
    const take = (record: AuditRecord) => {
      if (this.isOwn(record)) this.#firstUses.addEarlier(record);
    };
    return question && { question, most: MOST_EARLIER, take };
  }

  /** Returns whether the record belongs to the section. A query by one ID can also find requests of others. */
  isOwn(record: AuditRecord): boolean {
    const { attribution, caller } = record;
    const { actor, session, anonymous, workload, node, standing } = this.whom;
    if (anonymous !== undefined) return isFrom(anonymous, record);
    if (workload !== undefined) return isBy(workload, record);
    if (actor !== undefined)
      return attribution.actor === undefined ? this.#isOfInstance(record) : sameActor(attribution.actor, actor);
    if (this.#isWithToken(record)) return true;
    const isOther = node !== undefined && isOwnWork(attribution) && standing !== 'system';
    return !isOther && [caller.accessKeyId, sessionText(caller), caller.username].includes(session);
  }

  /**
   * Returns the section.
   * @param extents how much was read for each query. Undefined without an audit log.
   */
  result(extents: ReadingExtents | undefined): Section {
    const own = this.#queries.flatMap((each) => extents?.get(each) ?? []);
    const activity =
      own.length === 0 || !this.#listsRequests()
        ? undefined
        : this.#activity.result({
            isComplete: own.every(({ isComplete }) => isComplete),
            examined: Math.max(...own.map(({ examined }) => examined)),
          });
    const earlier = this.#earlier && extents?.get(this.#earlier);
    const isComplete = earlier?.isComplete === true && own.every((each) => each.isComplete);
    const firstUses = earlier && withTokens(this.#firstUses.result({ isComplete }), this.#withTokens);
    const several = this.#ofKey.several();
    const pods = this.#pods.result();
    return {
      ...this.whom,
      ...this.#sessions.result(),
      sessionsNote: this.#sessionsNote,
      activity,
      firstUses,
      ...several,
      ...(pods.length > 0 && this.whom.workload !== undefined && { pods }),
    };
  }

  #addOwn(record: AuditRecord): void {
    const { anonymous, workload } = this.whom;
    if (anonymous === undefined && workload === undefined) this.#sessions.add(record);
    this.#activity.add(record);
    this.#firstUses.add(record);
    this.#withTokens += Number(isByHolder(record));
    this.roles.add(record);
    this.#pods.add(record);
    this.#addToken(record);
    // Other pods and the node can have the same source IP as this pod.
    if (record.caller.pod === undefined) this.sources.add(record);
  }

  #addToken(record: AuditRecord): void {
    const { action, request } = record;
    if (this.whom.standing !== 'session' || !isTokenRequest(request) || action?.credentialId === undefined) return;
    this.#tokens.add(tokenKey(record, action.credentialId));
  }

  /** Returns whether an unidentified caller made the request with a token that the section's requests issued. */
  #isWithToken(record: AuditRecord): boolean {
    const { credentialId = '' } = record.caller;
    return isByUnknownWithToken(record) && this.#tokens.has(tokenKey(record, credentialId));
  }

  /**
   * Returns whether the report lists the section's requests. It does not list the cluster's own work, because there is
   * too much of it.
   */
  #listsRequests(): boolean {
    const { standing, anonymous, workload } = this.whom;
    return standing !== 'system' || (anonymous ?? workload) !== undefined;
  }

  /** Returns whether the request was made with the node's key, or in the session of the section's instance. */
  #isOfInstance({ caller }: AuditRecord): boolean {
    const { node, session } = this.whom;
    if (node !== undefined) return [caller.accessKeyId, sessionText(caller)].includes(session);
    const instance = instanceSession(this.whom);
    return instance !== undefined && [caller.accessKeyId, sessionText(caller)].includes(instance);
  }
}

/**
 * Returns a key of the token. The sender is part of the key, because another account can forge events with any token
 * ID.
 */
function tokenKey(record: AuditRecord, credentialId: string): string {
  return JSON.stringify([clusterKeyOf(record), senderOf(record), credentialId]);
}

/**
 * Returns the questions about a section. Empty for the cluster's own work, unless a workload did it, because there is
 * too much. Also empty for texts that are too long. For a node's own credentials, the questions only serve to count the
 * source IPs of its key.
 */
function questionsAbout({ anonymous, ...whom }: IncidentParty, range: TimeRange): readonly RecordsQuestion[] {
  if (whom.workload !== undefined) return [questionOf(givenValues({ ...whom.workload }), range)];
  return anonymous === undefined ? questionsAboutCaller(whom, range) : questionsFrom(anonymous, range);
}

/** Returns the values that a question accepts. Leaves out the others. */
function givenValues(
  given: Readonly<Partial<Record<'username' | 'cluster' | 'ip', string | undefined>>>,
): readonly GivenValue[] {
  return (['username', 'cluster', 'ip'] as const).flatMap((name): GivenValue[] => {
    const value = given[name];
    return value === undefined || flawOf(name, value) !== undefined ? [] : [{ name, value, negated: false }];
  });
}

/** Returns whether the service account itself made the request. If its cluster is not known, any cluster matches. */
function isBy({ username, cluster }: WorkloadIdentity, record: AuditRecord): boolean {
  const { caller, attribution } = record;
  const isOne = caller.kind === 'kubernetes-service-account' && caller.username === username;
  return (
    isOne && attribution.status === 'system' && (cluster === undefined || meansCluster(cluster, clusterKeyOf(record)))
  );
}

/**
 * Returns the questions for all requests of anonymous callers from this source. The service reads a limited number of a
 * cluster's records, so a busy cluster could hide some. So a second question finds the requests that were let in, by
 * the session of their claims. Both can return the same request.
 */
function questionsFrom({ cluster, ip }: AnonymousSource, range: TimeRange): readonly RecordsQuestion[] {
  const values = givenValues({ username: ANONYMOUS, cluster, ip });
  const letIn = ip === undefined ? undefined : asking({ name: 'session', value: anonymousSession(ip) }, range);
  return [questionOf(values, range), letIn ?? []].flat();
}

/**
 * Returns whether the record is from this anonymous source. A pasted event does not state its cluster, so any cluster
 * matches if it is not known.
 */
function isFrom({ cluster, ip }: AnonymousSource, record: AuditRecord): boolean {
  const { caller, source } = record;
  const isOne = caller.kind === 'anonymous' && caller.username === ANONYMOUS;
  return isOne && source?.ips?.at(-1) === ip && (cluster === undefined || meansCluster(cluster, clusterKeyOf(record)));
}

function questionsAboutCaller(whom: IncidentParty, range: TimeRange): readonly RecordsQuestion[] {
  const { actor, session, standing, node } = whom;
  if (standing === 'system' && node === undefined) return [];
  const sessions = actor === undefined ? session : instanceSession(whom);
  return [
    actor && asking({ name: 'actor', value: actor.id }, range),
    isSession(sessions) ? asking({ name: 'session', value: sessions }, range) : undefined,
  ].flatMap((question) => question ?? []);
}

function isSession(text: string | undefined): text is string {
  return text !== undefined && (isAccessKeyId(text) || isSessionPrincipal(text) || isNamelessSession(text));
}

/** Limits the roles whose other users are searched. Each needs a question of its own. */
const MOST_ROLES = 10;

type ReadingExtents = ReadonlyMap<RequestsQuery, ReadingExtent>;
const NOTHING_READ: ReadingExtent = { isComplete: false, examined: 0 };

/** Returns the question. Undefined if the value is empty or too long. */
function asking(value: Pick<GivenValue, 'name' | 'value'>, range: TimeRange): RecordsQuestion | undefined {
  if (value.value === '' || value.value.length > LONGEST_VALUE) return undefined;
  return questionOf([{ ...value, negated: false }], range);
}

/** A person or session that the report is about. */
interface PersonOfReport {
  readonly whom: IncidentParty;
  /** The roles in the requests that were read. */
  readonly roles: UsedRolesCollector;
  readonly sources: SourcesCollector;
  isOwn(record: AuditRecord): boolean;
}

interface RoleQuery {
  readonly role: string;
  readonly callers: CallersCollector;
  readonly query: RequestsQuery;
}

interface IpQuery {
  readonly ip: string;
  readonly callers: CallersCollector;
  readonly activity: ActivityCollector;
  readonly query: RequestsQuery;
}

/** Limits the source IPs whose other callers are searched. Each needs a question of its own. */
const MOST_IPS = 10;
/** The number of other callers at which a source IP counts as shared. */
const SHARED_BY = 6;

/**
 * Collects who else used the roles and the source IPs of the people in the report. Also collects the requests without a
 * single known actor. The role of the incident comes first, then other roles in the people's requests.
 */
class Surroundings {
  readonly #people: readonly PersonOfReport[];
  readonly #range: TimeRange;
  readonly #others: RoleQuery[] = [];
  /** The roles beyond the limit. */
  readonly #left: string[] = [];
  readonly #ips: IpQuery[] = [];
  #ipsLeft = 0;
  readonly #unnamed: { readonly callers: CallersCollector; readonly query: RequestsQuery };

  constructor(people: readonly PersonOfReport[], range: TimeRange) {
    this.#people = people;
    this.#range = range;
    this.#ask([...new Set(people.flatMap(({ whom: { role } }) => principalOf(role) ?? role ?? []))]);
    const callers = this.#callers();
    const unnamed = UNNAMED.map((value) => ({ name: 'status' as const, value, negated: false }));
    const take = (record: AuditRecord) => callers.add(record);
    this.#unnamed = { callers, query: { question: questionOf(unnamed, range), most: MOST_READ, take } };
  }

  get queries(): readonly RequestsQuery[] {
    return [...this.#others.map((each) => each.query), this.#unnamed.query];
  }

  /** Returns the queries for further roles that the people used. Call it after their requests were read. */
  queriesOfUsedRoles(): readonly RequestsQuery[] {
    const before = this.#others.length;
    for (const { roles } of this.#people)
      this.#ask(roles.but([...this.#others.map(({ role }) => role), ...this.#left]));
    return this.#others.slice(before).map((each) => each.query);
  }

  /** Returns the queries for other callers from the people's source IPs. Call it after their requests were read. */
  queriesOfIps(): readonly RequestsQuery[] {
    const used = this.#people.flatMap(({ sources }) => sources.result());
    const byIp = [...Map.groupBy(used, ({ ip }) => ip)].filter(([ip]) => flawOf('ip', ip) === undefined);
    this.#ipsLeft = Math.max(0, byIp.length - MOST_IPS);
    for (const [ip] of fewerInTurns(byIp, ([, uses]) => uses.flatMap(({ senders }) => senders), MOST_IPS)) {
      const question = asking({ name: 'ip', value: ip }, this.#range);
      if (question === undefined) continue;
      const [callers, activity] = [this.#callers(), new ActivityCollector()];
      const take = (record: AuditRecord) => {
        if (record.source?.ips?.at(-1) !== ip || this.#isOfPeople(record)) return;
        callers.add(record);
        activity.add(record);
      };
      this.#ips.push({ ip, callers, activity, query: { question, most: MOST_READ, take } });
    }
    return this.#ips.map(({ query }) => query);
  }

  result(
    extents: ReadingExtents,
  ): Pick<IncidentReport, 'others' | 'othersLeft' | 'sameIps' | 'sameIpsLeft' | 'unnamed'> {
    const extentOf = (query: RequestsQuery) => extents.get(query) ?? NOTHING_READ;
    const others = this.#others.map(
      ({ role, callers, query }): OthersOnRole => ({ role, ...callers.result(extentOf(query)) }),
    );
    const unnamed = this.#unnamed.callers.result(extentOf(this.#unnamed.query));
    const sameIps = this.#ips
      .map(({ ip, callers, activity, query }): CallersOfIp => {
        const found = callers.result(extentOf(query));
        const isShared = found.callers.length >= SHARED_BY;
        return { ip, isShared, ...found, ...(!isShared && { activity: activity.result(extentOf(query)) }) };
      })
      .filter(({ requests, isComplete }) => requests > 0 || !isComplete);
    return { others, othersLeft: this.#left.length, sameIps, sameIpsLeft: this.#ipsLeft, unnamed };
  }

  #ask(roles: readonly string[]): void {
    for (const role of roles) {
      const question = asking({ name: 'role', value: role }, this.#range);
      if (question === undefined) continue;
      if (this.#others.length >= MOST_ROLES) {
        this.#left.push(role);
        continue;
      }
      const callers = this.#callers();
      const take = (record: AuditRecord) => (this.#isOfPeople(record) ? undefined : callers.add(record));
      this.#others.push({ role, callers, query: { question, most: MOST_READ, take } });
    }
  }

  #callers(): CallersCollector {
    return new CallersCollector(this.#people.flatMap(({ whom }) => whom.actor ?? []));
  }

  #isOfPeople(record: AuditRecord): boolean {
    return this.#people.some((each) => each.isOwn(record));
  }
}

const UNNAMED = ['unattributed', 'ambiguous', 'pending'] as const;

/**
 * Returns the answer with the sessions of all times, because a report covers all requests of a person. This adds the
 * sessions before the last hours of the data. If a session was given without a time, it also adds the other sessions of
 * its actor.
 */
export async function withAllSessions(
  answer: AnythingAnswer,
  { sessionsOfPerson }: Pick<IncidentPlace, 'sessionsOfPerson'>,
): Promise<AnythingAnswer> {
  const found = await mapConcurrently(answer.found, async (each): Promise<SubjectAnswer> => {
    const { subject, outcome } = each;
    if (outcome.kind === 'sessions') return { ...each, outcome: withEarlierSessions(outcome) };
    const actor = outcome.kind === 'attributed' ? outcome.attribution.actor : undefined;
    const isSessionAlone = subject.by === 'caller' && subject.question.accessKeyId === undefined;
    if (outcome.kind !== 'attributed' || actor === undefined || !isSessionAlone || statedTimes(each).length > 0)
      return each;
    const { sessions } = withEarlierSessions(await sessionsOfPerson(actor.id));
    return { ...each, outcome: { ...outcome, used: [...(outcome.used ?? []), ...sessions] } };
  });
  return { ...answer, found };
}

/**
 * Returns the answer with another request in place of one without an actor: the request that issued its token. The log
 * says no more about whoever used the token. What they did belongs to the same report.
 */
export async function withRequesters(answer: AnythingAnswer, informant: Informant): Promise<AnythingAnswer> {
  const notes: string[] = [];
  const found = await mapConcurrently(answer.found, async (each): Promise<SubjectAnswer> => {
    const { outcome } = each;
    if (outcome.kind !== 'attributed' || outcome.attribution.status !== 'unattributed') return each;
    const [record, ...others] = latestStages(outcome.records ?? [outcome.record ?? []].flat());
    const isOne = record !== undefined && others.length === 0 && record.caller.credentialId !== undefined;
    const requested = isOne ? await requestForToken(record, informant) : undefined;
    if (requested === undefined) return each;
    notes.push(
      `The request was made with a token. This report is about the session that requested the token (audit ID ${requested.auditId}).`,
    );
    return { ...each, outcome: { ...outcome, records: [requested] } };
  });
  return { ...answer, found, notes: [...answer.notes, ...notes] };
}

/** Returns the outcome with the earlier sessions in the same list. */
function withEarlierSessions({ earlier, span: _, ...outcome }: SessionsOutcome): SessionsOutcome {
  return { ...outcome, sessions: [...outcome.sessions, ...(earlier?.sessions ?? [])] };
}

/**
 * Returns the time range from `window` milliseconds before the subject to as long after it. Undefined if no time is
 * known. If several requests match the text, the range covers all of them. So a later one does not hide earlier ones.
 * If no request is known, it covers the times when the credentials or sessions were issued and used.
 * @param at the time that the user gave. It takes precedence over all others.
 */
export function windowAround(
  { found }: AnythingAnswer,
  at: EpochMillis | undefined,
  window: number,
): { readonly from: EpochMillis; readonly to: EpochMillis } | undefined {
  return spanAround(at === undefined ? found.flatMap(timesOf) : [at], window);
}

/** Returns the times that the text states for the request, and those of the records with its audit ID. */
function statedTimes(found: SubjectAnswer): readonly number[] {
  const request = requestOf(found);
  const records = found.outcome.kind === 'attributed' ? (found.outcome.records ?? []) : [];
  return [request?.since, request?.time, ...records.map(({ time }) => time)].flatMap((time) => millisOf(time) ?? []);
}

function timesOf(found: SubjectAnswer): readonly number[] {
  const stated = statedTimes(found);
  const matching = matchingTimes(found);
  if (stated.length > 0) return isOnlySimilar(found) ? stated : [...stated, ...matching];
  return matching.length > 0 ? matching : issuedTimes(found);
}

/** Returns the times of each caller's first and last request that matches the text. */
function matchingTimes({ outcome }: SubjectAnswer): readonly number[] {
  return (outcome.inLog?.groups ?? []).flatMap(({ from, to }) => [from, to].flatMap((time) => millisOf(time) ?? []));
}

/** Returns notes if requests that match the text are outside the time range, or may be. */
function outsideNotes({ found }: AnythingAnswer, { from, to }: IncidentQuery['range']): readonly string[] {
  const outside = spanAround(
    found.flatMap(matchingTimes).filter((time) => time < from || time > to),
    0,
  );
  const unlisted = found.reduce((sum, { outcome }) => sum + (outcome.inLog?.groupsLeft ?? 0), 0);
  return [
    ...(outside === undefined ? [] : [outsideText(outside)]),
    ...(unlisted === 0
      ? []
      : [`Such requests by ${moreCallers(unlisted)} can be before this time range. Use a longer --window.`]),
    ...found.flatMap(({ outcome }) => (outcome.kind === 'sessions' ? unlistedNotes(outcome) : [])),
  ];
}

/** Returns notes if requests or sessions of a name may be outside the time range. */
function unlistedNotes({ left, isComplete, inLog }: SessionsOutcome): readonly string[] {
  const sessions = left === 1 ? '1 more session' : `${left} more sessions`;
  return [
    ...(left > 0 ? [`Not listed: ${sessions}, which can be outside this time range. Use a longer --window.`] : []),
    ...(isComplete === false && inLog === undefined
      ? ['Not all requests were searched. Some can be before this time range. Use a longer --window.']
      : []),
  ];
}

function outsideText({ from, to }: IncidentQuery['range']): string {
  const when = from === to ? `at ${formatInstant(from)}` : `between ${formatInstant(from)} and ${formatInstant(to)}`;
  return `The text may also mean requests in the audit log that are not in this time range, ${when}. To include them, use a longer --window.`;
}

/**
 * Returns whether the requests in the log are only similar to the one in the text. Then the time in the text counts.
 */
function isOnlySimilar({ outcome }: SubjectAnswer): boolean {
  return outcome.inLog?.result === 'similar';
}

/**
 * Returns the times when the credentials were issued, and those of the first and last request with their access key.
 */
function issuedTimes({ outcome }: SubjectAnswer): readonly number[] {
  if (outcome.kind === 'not-known') return [];
  if (outcome.kind === 'attributed') {
    const { chain = [], candidates = [] } = outcome.attribution;
    const chains = [chain, ...candidates.map((each) => each.chain)];
    const issued = chains.flatMap((links) => millisOf(lastGrant(links)?.issuedAt) ?? []);
    const { first, last } = outcome.keyUses ?? {};
    const uses = [first, last].flatMap((use) => millisOf(use?.time) ?? []);
    return [...issued, ...uses, ...(outcome.used ?? []).flatMap(endsOf)];
  }
  return outcome.sessions.flatMap(endsOf);
}

/** Returns the times of the session's first and last use, or the time of issue if it was not used. */
function endsOf({ from, to, records }: SessionFound): readonly number[] {
  const ends = records === undefined ? [from] : [from, to];
  return ends.flatMap((time) => millisOf(time) ?? []);
}
