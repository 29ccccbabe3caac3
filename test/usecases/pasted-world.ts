import { bodyOf, overHttp } from '../../cli/access/service-access.ts';
import { fileRequests } from '../../cli/incident/action.ts';
import { type FilesPlace, filesPlace, servicePlace } from '../../cli/whois/places.ts';
import { problemOf } from '../../functions/http/problem.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Directory } from '../../lib/ports/directory.ts';
import { asRequests } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { type EpochMillis, epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { listChanges } from '../../lib/usecases/changes/changes-query.ts';
import { incidentReport, windowAround, withAllSessions, withRequesters } from '../../lib/usecases/incident/incident.ts';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import { type AnythingAnswer, isUndecided, type SubjectAnswer } from '../../lib/usecases/query/anything/outcomes.ts';
import { type ServiceQuestions, serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { listKnown } from '../../lib/usecases/query/known-query.ts';
import { recordsRequest, whoisRequest } from '../../lib/usecases/query/parameters.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { endOfOpenRange } from '../../lib/usecases/query/up-to-now.ts';
import { whois } from '../../lib/usecases/query/whois.ts';
import { Folder } from '../builders/command.ts';
import { OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

/** CloudTrail's records, and the audit log of the cluster `prod-1`. */
export interface PastedWorld {
  readonly grants: readonly JsonObject[];
  readonly events: readonly JsonObject[];
  /** Events in the log of another account's cluster of the same name. */
  readonly foreign?: readonly JsonObject[];
  /** A file beside them that cannot be read. */
  readonly damaged?: string;
}

export const CLUSTER = 'prod-1';

/** A delivery of the cluster's log, as ingest takes it and files hold it. */
export function delivery(events: readonly JsonObject[], owner?: string): JsonObject {
  return {
    messageType: 'DATA_MESSAGE',
    owner,
    logGroup: `/aws/eks/${CLUSTER}/cluster`,
    logStream: 'kube-apiserver-audit-1',
    logEvents: events.map((event, at) => ({ id: String(at), message: JSON.stringify(event) })),
  };
}

function recognized(text: string) {
  const found = asRequests(recognize(text));
  if (found.outcome !== 'subjects') throw new Error(`nothing recognized: ${text}`);
  return found;
}

/** Returns the answer to the text over files. Without `isLogGiven`, over CloudTrail's files only. */
export async function overFiles(world: PastedWorld, text: string, isLogGiven = true): Promise<AnythingAnswer> {
  return withFiles(world, text, isLogGiven, ({ answer }) => answer);
}

/** The report of an incident over files. `at` is the time that the user gave. */
export async function reportOverFiles(world: PastedWorld, text: string, at?: EpochMillis): Promise<IncidentReport> {
  return withFiles(world, text, true, async ({ answer: found, place, informant }) => {
    const sessionsOfPerson = (person: string) => informant.sessionsOfPerson(person, undefined);
    const answer = await withRequesters(await withAllSessions(found, { sessionsOfPerson }), informant);
    const range = windowAround(answer, at, HOUR) ?? {
      from: epochMillis(Date.parse(utc('00:00:00'))),
      to: epochMillis(Date.parse(utc('23:59:59'))),
    };
    const requests = place.visit && fileRequests(place.visit);
    return incidentReport({ answer, range, now: epochMillis(range.to) }, { requests, sessionsOfPerson });
  });
}

const NO_RULES = { logGroup: [], usernameTemplate: [], trustedProxy: [], identityStore: [], samePerson: [] };

interface PastedReading {
  readonly answer: AnythingAnswer;
  readonly place: FilesPlace;
  readonly informant: Informant;
}

async function withFiles<T>(
  { grants, events, foreign = [], damaged }: PastedWorld,
  text: string,
  isLogGiven: boolean,
  work: (read: PastedReading) => T | Promise<T>,
): Promise<T> {
  using folder = new Folder();
  const cloudtrail = [folder.file('trail.jsonl', grants.map((each) => JSON.stringify(each)).join('\n'))];
  const audit = [
    folder.file('audit.json', JSON.stringify(delivery(events))),
    folder.file('foreign.json', JSON.stringify(delivery(foreign, OTHER_ACCOUNT))),
    ...(damaged === undefined ? [] : [folder.file('damaged.json', damaged)]),
  ];
  const options = { cloudtrail, ...(isLogGiven && { audit }), format: 'json', ...NO_RULES } as const;
  const recognition = recognized(text);
  const place = await filesPlace({ options, recognized: recognition, settings: DEFAULT_SETTINGS });
  const informant = new Informant(place);
  return await work({ answer: await answerAnything(recognition, informant), place, informant }); // The folder is removed afterwards.
}

interface ServiceLimits {
  /** Is called with each question about records. */
  readonly onRecords?: (question: RecordsQuestion) => void;
  /** So many questions of records are asked. */
  readonly most?: number;
  /** Whether the answer must be quick. */
  readonly isQuick?: boolean;
  /** Returns the directory that the service uses in place of the one that it filled. */
  directoryOf?(filled: Directory): Directory;
}

/** As the API answers, refusals too. */
async function responseOf(answer: () => Promise<object | undefined> | undefined): Promise<Response> {
  try {
    return Response.json(await answer());
  } catch (error) {
    const { status, ...problem } = problemOf(error);
    return Response.json(problem, { status });
  }
}

/** Returns the answer to the text over the service's API, after everything was settled. */
export async function overService(
  { grants, events, foreign = [] }: PastedWorld,
  text: string,
  {
    most = Number.POSITIVE_INFINITY,
    isQuick = false,
    directoryOf = (directory) => directory,
    onRecords,
  }: ServiceLimits = {},
): Promise<AnythingAnswer> {
  const clock = new SetClock(utc('14:00:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock);
  await running.grants(grants);
  if (events.length > 0) await running.ingestPayload(delivery(events), 'delivery-1');
  if (foreign.length > 0) await running.ingestPayload(delivery(foreign, OTHER_ACCOUNT), 'delivery-2');
  await running.settleFor(3);
  const deciding = { clock: clock.now, settings: DEFAULT_SETTINGS, deadline: 30 * MINUTE, lookups: undefined };
  const end = endOfOpenRange(clock.now());
  const tables = { ...stores, end, directory: directoryOf(stores.directory) };
  const answers: Readonly<Record<string, (query: string) => Promise<object | undefined>>> = {
    '/records': (query) => queryRecords(recordsRequest(query), tables),
    '/whois': (query) => whois(whoisRequest(query, clock.now()), { ...tables, ...deciding }),
  };
  const api = overHttp(async (path, query) => bodyOf(await responseOf(() => answers[path]?.(query.toString()))));
  const place = servicePlace(api);
  let calls = 0;
  const service: ServiceQuestions = {
    clock: clock.now,
    records: (request) => {
      calls += 1;
      onRecords?.(request.question);
      return place.records(request);
    },
    get isSpent() {
      return calls >= most;
    },
    known: ({ kind, prefix, limit, cursor }) => listKnown(kind, prefix, { limit, position: cursor }, stores),
    changes: ({ question, limit, cursor }) => {
      const { from = clock.now(), to = clock.now() } = question.range;
      return listChanges({ question, range: { from, to }, limit, cursor }, { ...tables, whois: async () => NOBODY });
    },
    whois: place.whois,
  };
  return answerAnything(recognized(text), new Informant(serviceSources(service, { isQuick })));
}

const NOBODY = {
  attribution: { status: 'unattributed', reason: 'no-matching-grant', provisional: false, flags: [] },
} as const;

/** Whom the answers name, each by itself: of lists of sessions only those that stand for an answer. */
export function namedIn({ found }: AnythingAnswer): readonly string[] {
  return found.flatMap(namedBy);
}

function namedBy({ outcome }: SubjectAnswer): readonly string[] {
  if (outcome.kind === 'attributed') return [outcome.attribution.actor?.name ?? []].flat();
  if (outcome.kind === 'not-known' || isUndecided(outcome)) return [];
  return outcome.sessions.flatMap(({ attribution }) => attribution.actor?.name ?? []);
}
