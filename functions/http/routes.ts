import { randomUUID } from 'node:crypto';
import { sha256 } from '../../lib/adapters/digest.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { Author } from '../../lib/claims/note.ts';
import { type Expectations, USUAL_EXPECTATIONS } from '../../lib/heartbeats/fleet.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { type Budget, FEW_REQUESTS, RequestBudget } from '../../lib/ports/budget.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Lookups } from '../../lib/ports/lookups.ts';
import type { Subject } from '../../lib/recognize/subject.ts';
import { MOST_OF_ONE_ID } from '../../lib/usecases/activity/requests.ts';
import type { ChangeLookup } from '../../lib/usecases/changes/changes.ts';
import { listChanges } from '../../lib/usecases/changes/changes-query.ts';
import { listNotes, newNote, takeNote } from '../../lib/usecases/notes/notes.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { describedRequest } from '../../lib/usecases/query/anything/described-request.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import { type Namesakes, namesakes } from '../../lib/usecases/query/anything/namesakes.ts';
import { firstUsesOfRecord } from '../../lib/usecases/query/anything/new-in-request.ts';
import { anythingBody, notKnownText, shortened } from '../../lib/usecases/query/anything/outcomes.ts';
import { requestOfText } from '../../lib/usecases/query/anything/request-of-text.ts';
import { type ServiceQuestions, serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { type CeilingEntry, ceilingGapsOf } from '../../lib/usecases/query/ceiling-gaps.ts';
import { fleet, MOST_FLEET_ROWS } from '../../lib/usecases/query/fleet.ts';
import { answerKnown, listKnown } from '../../lib/usecases/query/known-query.ts';
import {
  type AnythingRequest,
  anythingRequest,
  changesRequest,
  fleetRequest,
  knownRequest,
  notesRequest,
  type RelatedToText,
  recordsRequest,
  relatedRequest,
  sessionsRequest,
  summaryRequest,
  whoisRequest,
} from '../../lib/usecases/query/parameters.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { listSessions, withNotes } from '../../lib/usecases/query/sessions-query.ts';
import { summary } from '../../lib/usecases/query/summary.ts';
import { claimsUpTo, endOfOpenRange } from '../../lib/usecases/query/up-to-now.ts';
import {
  type QueriedTables,
  type VisibleClusters,
  type VisibleTables,
  visibleTables,
} from '../../lib/usecases/query/visible-tables.ts';
import { callerRequestOf, whois, whoisOfCaller } from '../../lib/usecases/query/whois.ts';
import { MOST_RELATED, type RelatedRequest, related, shortenedRelated } from '../../lib/usecases/related/related.ts';
import { storedSource } from '../../lib/usecases/related/related-source.ts';

/** The data and settings from which the HTTP API answers. */
export interface ApiContext {
  readonly tables: QueriedTables & { within(budget: Budget): QueriedTables };
  readonly clock: Clock;
  readonly settings: AttributionSettings;
  /** The time from an event until its answer is final, in milliseconds. */
  readonly deadline: number;
  /** The accounts and clusters that the hub expects to hear, if that is known here. */
  readonly expected?: Expectations;
}

/**
 * Returns look-ups in CloudTrail for one request, as far back as `lookback` in milliseconds; undefined if CloudTrail is
 * not used. It is called at most once in a request.
 */
export type LookupsFor = (lookback: number | undefined) => Lookups | undefined;

/**
 * Returns the body of the answer to a query, or why nothing is known.
 * @throws the errors that `problemOf` (problem.ts) handles.
 */
export type Route = (query: string, lookupsFor: LookupsFor) => Promise<object | NotFoundAnswer>;

/** Additional members of a 404: the kind of the question, and other things with the same name. */
type NotFoundDetails = Namesakes & {
  readonly by: Subject['by'];
  readonly complete?: false;
  readonly leftOutByCeiling?: readonly CeilingEntry[];
};

/** A 404: nothing is known about the subject of the question, with the reason. */
export class NotFoundAnswer {
  readonly why: string;
  /** What is known all the same, as additional members of the problem. */
  readonly also: NotFoundDetails;

  constructor(why: string, also: NotFoundDetails) {
    this.why = why;
    this.also = also;
  }
}

/** The answer of `/whois` by audit ID and `/related` if there is no record. Other questions always have an answer. */
const NOT_RECORDED = new NotFoundAnswer('No record has this audit ID. Search with /records by what the event says.', {
  by: 'audit-id',
});

/** The context of answers to one user: the tables, with only those parts that the user may see. */
interface VisibleContext extends Omit<ApiContext, 'tables'> {
  readonly tables: VisibleTables & { within(budget: Budget): VisibleTables };
}

/** Returns the answers for each path to somebody who may see these clusters (contract, "HTTP"). */
export function routesOf(context: ApiContext, clusters: VisibleClusters): Readonly<Record<string, Route>> {
  const answering: VisibleContext = { ...context, tables: visibleTables(context.tables, clusters) };
  const { tables, clock } = answering;
  const routes: Record<string, Route> = {
    '/whois': async (query, lookupsFor) => {
      const anything = anythingRequest(query, clock());
      if (anything !== undefined) return answerToAnything(anything, answering, lookupsFor);
      const request = whoisRequest(query, clock());
      const asking = triesOf(answering);
      if (request.by === 'caller') {
        const lookups = lookupsFor(request.lookback);
        // New facts from CloudTrail wake claims. That must be completed, so there is no limit on requests here.
        return orNotFound(whois(request, { ...answering, ...(lookups === undefined ? asking() : tables), lookups }));
      }
      return orNotFound(
        fittingPage(MOST_OF_ONE_ID, (limit) => {
          const bounded = asking();
          const informant = new Informant(serviceSources(questionsOf({ ...answering, tables: bounded }, undefined)));
          const firstUses = (record: AuditRecord) => firstUsesOfRecord(record, informant);
          return whois({ ...request, limit }, { ...answering, ...bounded, lookups: undefined, firstUses });
        }),
      );
    },
    '/records': (query) => {
      const request = recordsRequest(query);
      const asking = triesOf(answering, request);
      return fittingPage(request.limit, (limit) => queryRecords({ ...request, limit }, asking()));
    },
    '/changes': (query) => {
      const request = changesRequest(query, clock());
      const asking = triesOf(answering);
      return fittingPage(request.limit, (limit) => listChanges({ ...request, limit }, withLookup(asking(), answering)));
    },
    '/known': (query) => {
      const request = knownRequest(query);
      const asking = triesOf(answering);
      return fittingPage(request.page.limit, (limit) =>
        answerKnown({ ...request, page: { ...request.page, limit } }, asking()),
      );
    },
    '/sessions': (query) => {
      const request = sessionsRequest(query);
      const asking = triesOf(answering);
      return fittingPage(request.limit, async (limit) => {
        const { claims, notes } = asking();
        const page = await listSessions({ ...request, limit }, claimsUpTo(claims, endOfOpenRange(clock())));
        return request.hasNotes ? { ...page, sessions: await withNotes(page.sessions, notes) } : page;
      });
    },
    '/summary': (query) => summary(summaryRequest(query, clock()), { ...triesOf(answering)(), clock }),
    '/fleet': (query) => {
      fleetRequest(query);
      const { expected = USUAL_EXPECTATIONS } = answering;
      const asking = triesOf(answering);
      return fittingPage(MOST_FLEET_ROWS, (most) =>
        fleet({ ...withLookup(asking(), answering), clock, expected }, most),
      );
    },
    '/notes': (query) => {
      const request = notesRequest(query, clock());
      const asking = triesOf(answering);
      return fittingPage(request.page.limit, (limit) =>
        listNotes({ ...request, page: { ...request.page, limit } }, { notes: asking().notes, clock }),
      );
    },
    '/related': async (query) => {
      const asking = triesOf(answering);
      const parsed = relatedRequest(query);
      const request = 'recognized' in parsed ? await recordedRequestOf(parsed, answering, asking()) : parsed;
      if (request instanceof NotFoundAnswer) return request;
      const { whois: lookup, ...tables } = withLookup(asking(), answering);
      const answer = await related(request, storedSource(tables, lookup));
      return orNotFound(fittingPage(MOST_RELATED, async (limit) => answer && shortenedRelated(answer, limit)));
    },
  };
  return { ...routes, ...Object.fromEntries(OF_EVENTS.map((path) => [path, sayingGaps(routes[path], tables)])) };
}

/** The paths whose answers are made from audit events. */
const OF_EVENTS = ['/whois', '/records', '/known', '/sessions', '/summary', '/related'] as const;

/**
 * Returns a route whose answers state what ceilings left out of the time range. Otherwise a gap would look like an
 * absence of requests.
 */
function sayingGaps(route: Route | undefined, tables: VisibleTables): Route {
  return async (query, lookupsFor) => {
    const [answer, leftOutByCeiling] = await Promise.all([route?.(query, lookupsFor), ceilingGapsOf(query, tables)]);
    if (answer === undefined) return NOT_RECORDED;
    if (leftOutByCeiling.length === 0) return answer;
    if (answer instanceof NotFoundAnswer) return new NotFoundAnswer(answer.why, { ...answer.also, leftOutByCeiling });
    return { ...answer, leftOutByCeiling };
  };
}

/** Returns the tables with the look-up of callers in them. CloudTrail is not searched. */
function withLookup(
  tables: VisibleTables,
  { clock, settings, deadline }: Pick<ApiContext, 'clock' | 'settings' | 'deadline'>,
): VisibleTables & CallerLookup {
  const service = { ...tables, clock, settings, deadline, lookups: undefined };
  return { ...tables, whois: (question, at) => whoisOfCaller(callerRequestOf({ ...question, at }), service) };
}

interface CallerLookup {
  readonly whois: ChangeLookup;
}

/**
 * Returns a function that gives the tables for each attempt to answer one question. The attempts share the question's
 * limit on requests.
 */
function triesOf(
  { tables, clock, settings: { samePerson } }: Pick<VisibleContext, 'tables' | 'clock' | 'settings'>,
  { isQuick }: { readonly isQuick?: boolean | undefined } = {},
): () => VisibleTables {
  const budget = new RequestBudget();
  const end = endOfOpenRange(clock());
  return () => ({ ...tables.within(budget.try(isQuick === true ? FEW_REQUESTS : undefined)), end, samePerson });
}

/**
 * Stores what a user sends and returns the body of the answer.
 * @throws QuestionError if the input is invalid.
 */
export type PostRoute = (body: string, who: Author) => Promise<object>;

/** Returns the routes that store what a user sends, by path (contract, "HTTP"). */
export function postRoutesOf(
  { tables, clock }: Pick<ApiContext, 'tables' | 'clock'>,
  clusters: VisibleClusters,
): Readonly<Record<string, PostRoute>> {
  const { notes } = visibleTables(tables, clusters);
  const service = { notes, clock, digest: sha256, chance: randomUUID };
  return { '/notes': (body, who) => takeNote(newNote(body), who, service) };
}

async function orNotFound(answer: Promise<object | undefined>): Promise<object | NotFoundAnswer> {
  return (await answer) ?? NOT_RECORDED;
}

/**
 * Returns whether the subject is a name, whose records are searched. Anything else is found through an index or is a
 * single request, so its answer must be complete.
 */
function isName(subject: Subject): boolean {
  const { by } = subject;
  return (by === 'person' || by === 'role' || by === 'username') && describedRequest(subject) === undefined;
}

/**
 * Returns the request that a text is about, from the tables alone. If the records do not show which one it is, returns
 * a 404 that says what they have.
 */
async function recordedRequestOf(
  { recognized, at }: RelatedToText,
  answering: VisibleContext,
  tables: VisibleTables,
): Promise<RelatedRequest | NotFoundAnswer> {
  const questions = questionsOf({ ...answering, tables }, undefined);
  const informantOf = () => new Informant(serviceSources(questions, { at }, answering.settings));
  const found = await requestOfText(recognized, informantOf, at);
  if (!('why' in found)) return { auditId: auditIdOf(found.auditId), at: found.at };
  return new NotFoundAnswer(found.why, { by: recognized.subjects[0]?.by ?? 'request' });
}

/** Returns whether the subject is a name, or the object that a name can be. */
function isNameOrObject(subject: Subject): boolean {
  return subject.by === 'request' || isName(subject);
}

/**
 * Answers a pasted text. If it has several subjects, only the tables are used: CloudTrail takes two requests a second,
 * and an answer has half a minute.
 */
async function answerToAnything(
  { recognized, at, lookback, isQuick }: AnythingRequest,
  answering: VisibleContext,
  lookupsFor: LookupsFor,
): Promise<object | NotFoundAnswer> {
  const { tables, settings } = answering;
  const asksOne = recognized.reading === 'first-known' || recognized.subjects.length === 1;
  const lookups = asksOne ? lookupsFor(lookback) : undefined;
  const ofNames = { isQuick: isQuick && recognized.subjects.some(isName) && recognized.subjects.every(isNameOrObject) };
  const bounded = triesOf(answering, ofNames)();
  const questions = questionsOf({ ...answering, tables: bounded }, lookups, tables);
  const informant = new Informant(serviceSources(questions, { lookback, ...ofNames }, settings));
  const answer = await answerAnything(recognized, informant, at);
  const [first] = answer.found;
  if (answer.isOne && first?.outcome.kind === 'not-known')
    return new NotFoundAnswer(notKnownText(first.outcome), {
      by: first.subject.by,
      ...(first.outcome.isComplete === false && { complete: false }),
      ...(await namesakes(first.subject, triesOf(answering)())),
    });
  return fittingPage(MOST_OF_ONE_ID, async (limit) => anythingBody(shortened(answer, limit)));
}

/**
 * Returns the questions that texts are answered by. New facts from CloudTrail wake claims, which takes `unbounded`
 * tables.
 */
function questionsOf(
  { tables, ...rest }: Omit<ApiContext, 'tables'> & { readonly tables: VisibleTables },
  lookups: Lookups | undefined,
  unbounded: VisibleTables = tables,
): ServiceQuestions {
  return {
    clock: rest.clock,
    records: (request) => queryRecords(request, tables),
    known: ({ kind, prefix, limit, cursor }) => listKnown(kind, prefix, { limit, position: cursor }, tables),
    whois: (question) =>
      whoisOfCaller(callerRequestOf(question), { ...rest, ...(lookups === undefined ? tables : unbounded), lookups }),
    async changes({ question, limit, cursor }) {
      const { from, to = rest.clock() } = question.range;
      if (from === undefined) return { changes: [] }; // Nobody asks about all of time.
      return listChanges({ question, range: { from, to }, limit, cursor }, withLookup(tables, rest));
    },
    get isSpent() {
      return tables.budget?.isUsedUp === true;
    },
  };
}

/**
 * Limit in bytes of JSON. Lambda's response has 6 MB at most (Lambda Developer Guide, "Lambda quotas", synchronous
 * payload). The body is a JSON text in it, where each quote and backslash takes two bytes.
 */
const MOST_BYTES = 3_000_000;

/**
 * Returns a page that fits into a response. It reads again with fewer rows until the page fits. An attacker can make
 * each row tens of kilobytes long. A page that cannot be sent would hide these rows.
 */
async function fittingPage<T extends object | undefined>(
  limit: number,
  read: (limit: number) => Promise<T>,
): Promise<T> {
  for (let rows = limit; ; ) {
    const page = await read(rows);
    const bytes = page === undefined ? 0 : Buffer.byteLength(JSON.stringify(page));
    if (bytes <= MOST_BYTES || rows === 1) return page;
    rows = Math.max(1, Math.floor((rows * MOST_BYTES) / bytes / 2));
  }
}
