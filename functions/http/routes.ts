import { randomUUID } from 'node:crypto';
import { sha256 } from '../../lib/adapters/digest.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { Author } from '../../lib/claims/note.ts';
import { type Budget, FEW_REQUESTS, RequestBudget } from '../../lib/ports/budget.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { CountStore } from '../../lib/ports/counts.ts';
import type { Lookups } from '../../lib/ports/lookups.ts';
import type { Notes } from '../../lib/ports/notes.ts';
import type { Subject } from '../../lib/recognise/subject.ts';
import { listNotes, newNote, takeNote } from '../../lib/usecases/notes/notes.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { describedRequest } from '../../lib/usecases/query/anything/described-request.ts';
import { anythingBody, notKnownText, shortened } from '../../lib/usecases/query/anything/found.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import { type Namesakes, namesakes } from '../../lib/usecases/query/anything/namesakes.ts';
import { type ServiceQuestions, serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { answerKnown, listKnown } from '../../lib/usecases/query/known-query.ts';
import {
  type AnythingRequest,
  anythingRequest,
  knownRequest,
  notesRequest,
  recordsRequest,
  relatedRequest,
  sessionsRequest,
  summaryRequest,
  whoisRequest,
} from '../../lib/usecases/query/parameters.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import type { QueryService } from '../../lib/usecases/query/records-request.ts';
import { listSessions, withNotes } from '../../lib/usecases/query/sessions-query.ts';
import { summary } from '../../lib/usecases/query/summary.ts';
import { callerRequestOf, MOST_OF_ONE_ID, whois, whoisOfCaller } from '../../lib/usecases/query/whois.ts';
import { MOST_RELATED, related, shortenedRelated } from '../../lib/usecases/related/related.ts';
import { storedSource } from '../../lib/usecases/related/related-source.ts';

/** The tables, as questions ask them. */
type QueriedTables = QueryService & { readonly counts: CountStore; readonly notes: Notes };

/** What the HTTP interface answers from. */
export interface Answering {
  readonly tables: QueriedTables & { within(budget: Budget): QueriedTables };
  readonly clock: Clock;
  readonly settings: AttributionSettings;
  /** In milliseconds. */
  readonly deadline: number;
}

/**
 * CloudTrail for one request, as far back as `lookback` says, in milliseconds; undefined where it is not asked. Called once
 * a request at most.
 */
export type LookupsFor = (lookback: number | undefined) => Lookups | undefined;

/** The body that answers a query, or why nothing is known. @throws what `problemOf` (problem.ts) knows. */
export type Route = (query: string, lookupsFor: LookupsFor) => Promise<object | NotThere>;

/** Further members of a 404: by what it was asked, and what else bears the name. */
type AlsoKnown = Namesakes & { readonly by: Subject['by']; readonly complete?: false };

/** Nothing is known of what was asked about, and why: 404. */
export class NotThere {
  readonly why: string;
  /** What is known all the same: further members of the problem. */
  readonly also: AlsoKnown;

  constructor(why: string, also: AlsoKnown) {
    this.why = why;
    this.also = also;
  }
}

/** Of `/whois` by audit ID and `/related`; the other questions always have an answer. */
const NOT_RECORDED = new NotThere(
  'No record bears this audit ID: look for it with /records, or ask by what the event says.',
  { by: 'audit-id' },
);

/** What is answered under each path (contract, "HTTP"). */
export function routesOf(answering: Answering): Readonly<Record<string, Route>> {
  const { tables, clock } = answering;
  return {
    '/whois': async (query, lookupsFor) => {
      const anything = anythingRequest(query, clock());
      if (anything !== undefined) return answerToAnything(anything, answering, lookupsFor);
      const request = whoisRequest(query, clock());
      const asking = triesOf(tables);
      if (request.by === 'caller') {
        const lookups = lookupsFor(request.lookback);
        // What CloudTrail tells wakes claims, and that is to be done to its end.
        return found(whois(request, { ...answering, ...(lookups === undefined ? asking() : tables), lookups }));
      }
      return found(
        fittingPage(MOST_OF_ONE_ID, (limit) =>
          whois({ ...request, limit }, { ...answering, ...asking(), lookups: undefined }),
        ),
      );
    },
    '/records': (query) => {
      const request = recordsRequest(query);
      const asking = triesOf(tables, request);
      return fittingPage(request.limit, (limit) => queryRecords({ ...request, limit }, asking()));
    },
    '/known': (query) => {
      const request = knownRequest(query);
      const asking = triesOf(tables);
      return fittingPage(request.page.limit, (limit) =>
        answerKnown({ ...request, page: { ...request.page, limit } }, asking()),
      );
    },
    '/sessions': (query) => {
      const request = sessionsRequest(query);
      const asking = triesOf(tables);
      return fittingPage(request.limit, async (limit) => {
        const { claims, notes } = asking();
        const page = await listSessions({ ...request, limit }, claims);
        return request.hasNotes ? { ...page, sessions: await withNotes(page.sessions, notes) } : page;
      });
    },
    '/summary': (query) => summary(summaryRequest(query, clock()), { counts: triesOf(tables)().counts, clock }),
    '/notes': (query) => {
      const request = notesRequest(query, clock());
      const asking = triesOf(tables);
      return fittingPage(request.page.limit, (limit) =>
        listNotes({ ...request, page: { ...request.page, limit } }, { notes: asking().notes, clock }),
      );
    },
    '/related': async (query) => {
      const answer = await related(relatedRequest(query), storedSource(triesOf(tables)()));
      return found(fittingPage(MOST_RELATED, async (limit) => answer && shortenedRelated(answer, limit)));
    },
  };
}

/** The tables for each try at the answer to one question, whose requests all of them share. */
function triesOf(
  tables: Answering['tables'],
  { isQuick }: { readonly isQuick?: boolean | undefined } = {},
): () => QueriedTables {
  const budget = new RequestBudget();
  return () => tables.within(budget.try(isQuick === true ? FEW_REQUESTS : undefined));
}

/** The body that answers what somebody sends. @throws QuestionError where it is none that is taken. */
export type Taking = (body: string, who: Author) => Promise<object>;

/** What is taken under each path (contract, "HTTP"). */
export function takingsOf({ tables: { notes }, clock }: Answering): Readonly<Record<string, Taking>> {
  const service = { notes, clock, digest: sha256, chance: randomUUID };
  return { '/notes': (body, who) => takeNote(newNote(body), who, service) };
}

async function found(answer: Promise<object | undefined>): Promise<object | NotThere> {
  return (await answer) ?? NOT_RECORDED;
}

/** What is looked for in records; all else is found by an index, or is one request, and is to be whole. */
function isName(subject: Subject): boolean {
  const { by } = subject;
  return (by === 'person' || by === 'role' || by === 'username') && describedRequest(subject) === undefined;
}

/** Several things are answered from the tables alone: CloudTrail takes two requests a second, and an answer half a minute. */
async function answerToAnything(
  { recognised, at, lookback, isQuick }: AnythingRequest,
  { tables, ...rest }: Answering,
  lookupsFor: LookupsFor,
): Promise<object | NotThere> {
  const asksOne = recognised.reading === 'first-known' || recognised.subjects.length === 1;
  const lookups = asksOne ? lookupsFor(lookback) : undefined;
  const ofNames = { isQuick: isQuick && recognised.subjects.every(isName) };
  const bounded = triesOf(tables, ofNames)();
  const asked: ServiceQuestions = {
    records: (request) => queryRecords(request, bounded),
    known: ({ kind, prefix, limit, cursor }) => listKnown(kind, prefix, { limit, position: cursor }, bounded.directory),
    whois: (question) =>
      whoisOfCaller(callerRequestOf(question), { ...rest, ...(lookups === undefined ? bounded : tables), lookups }),
    get isSpent() {
      return bounded.budget?.isUsedUp === true;
    },
  };
  const informant = new Informant(serviceSources(asked, { lookback, ...ofNames }, rest.settings));
  const answer = await answerAnything(recognised, informant, at);
  const [first] = answer.found;
  if (answer.isOne && first?.outcome.kind === 'not-known')
    return new NotThere(notKnownText(first.outcome), {
      by: first.subject.by,
      ...(first.outcome.isWhole === false && { complete: false }),
      ...(await namesakes(first.subject, triesOf(tables)())),
    });
  return fittingPage(MOST_OF_ONE_ID, async (limit) => anythingBody(shortened(answer, limit)));
}

/**
 * In bytes of JSON: Lambda answers with 6 MB at most (Lambda Developer Guide, "Lambda quotas", synchronous payload), in
 * which the body is a JSON text in its turn, where each quote and backslash takes two.
 */
const MOST_BYTES = 3_000_000;

/**
 * The page that fits into an answer: asked for again with fewer rows while it does not. What an attacker wrote can make
 * each row tens of kilobytes long, and a page that cannot be answered would hide them.
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
