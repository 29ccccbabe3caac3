import { changeShape, filterEntryShape } from '../../lib/adapters/dynamodb/change-shape.ts';
import { auditRecordShape } from '../../lib/adapters/dynamodb/record-shape.ts';
import { read, type Shape, UnreadableItemError } from '../../lib/adapters/dynamodb/shape.ts';
import { tablePrefix } from '../../lib/adapters/dynamodb/tables.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type AttributionSettings, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { ListedStatus } from '../../lib/claims/claim.ts';
import { KNOWN_KINDS, type KnownKind, LISTED_BASES } from '../../lib/claims/known.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, present, textAt, textsAt } from '../../lib/json.ts';
import { type EpochMillis, epochMillis, formatInstant, HOUR } from '../../lib/time.ts';
import type { ChangeRow } from '../../lib/usecases/changes/changes.ts';
import { type CeilingEntry, ceilingEntriesIn, ceilingText } from '../../lib/usecases/query/ceiling-gaps.ts';
import type { FilterChangeEntry, FleetAnswer, FleetEntry, HeardEntry } from '../../lib/usecases/query/fleet.ts';
import type { KnownRow, NameRow } from '../../lib/usecases/query/known-row.ts';
import type { RecordPages } from '../../lib/usecases/query/pages.ts';
import type { PersonRow } from '../../lib/usecases/query/people.ts';
import {
  asksSomething,
  LONGEST_VALUE,
  QuestionError,
  questionParameters,
  type RecordsQuestion,
} from '../../lib/usecases/query/question.ts';
import type { WhoisQuery } from '../../lib/usecases/query/whois.ts';
import { wholeNamesText } from '../../lib/words/whole-names.ts';
import { CommandError, RefusedQuestionError, ServiceError, wrongUsage } from '../failures/command-error.ts';
import { note, notingOnce } from '../failures/faults.ts';
import { readEnvironment } from '../options/environment.ts';
import { optionOf } from '../options/option-name.ts';
import { type ApiCaller, type ApiTarget, apiRequests, LOCAL_API, signInOf, TOKEN } from './api-requests.ts';

export interface ServiceOptions extends ApiCaller {
  readonly api?: string;
  readonly table?: string;
  /**
   * The setting that named the service, if `--api` and `--table` did not. Errors name this setting, because it may be
   * wrong.
   */
  readonly serviceFrom?: string;
}

/** Returns the service of the options. If none is named, returns the one that `npm start` runs on this machine. */
export function serviceOrLocal(options: ServiceOptions): ServiceAccess {
  return serviceAccess(options) ?? apiAccess({ url: LOCAL_API, from: '--api' }, {});
}

/**
 * Returns the service of the options, undefined if none is named.
 * @param settings the rules for tables, which do not store them. An API applies its own rules.
 */
export function serviceAccess(
  { api, table, profile, region, serviceFrom = '--api' }: ServiceOptions,
  settings: AttributionSettings = DEFAULT_SETTINGS,
): ServiceAccess | undefined {
  if (api !== undefined && table !== undefined) throw wrongUsage('Give --api or --table, not both.');
  const as = present<ApiCaller>({ profile, region });
  if (api !== undefined) return apiAccess({ url: api, from: serviceFrom }, as);
  return table === undefined ? undefined : tableAccess(table, settings, as);
}

function apiAccess(api: ApiTarget, as: ApiCaller): ServiceAccess {
  const request = apiRequests(api, as);
  return overHttp(async (path, query, signal) => {
    return bodyOf(await request({ path, query }, signal));
  });
}

/**
 * Returns the body of an answer. Undefined if the body is not JSON.
 * @throws ServiceError if a later try may succeed, CommandError for any other refusal.
 */
export async function bodyOf(answer: Response): Promise<unknown> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return body;
  throw refusal(answer, body);
}

function refusal(answer: Response, body: unknown): CommandError {
  const detail = isJsonObject(body) ? (textAt(body, 'detail') ?? textAt(body, 'message')) : undefined;
  const parameter = isJsonObject(body) ? textAt(body, 'parameter') : undefined;
  const about = parameter === undefined ? '' : `${optionOf(parameter)}: `;
  const gaps = ceilingEntriesIn(body).map((entry) => ` ${ceilingText(entry)}`);
  const sentence = `The service answered ${answer.status}: ${about}${detail ?? answer.statusText}${gaps.join('')}`;
  if (answer.status === 401 || answer.status === 403) {
    const what = readEnvironment()[TOKEN] === undefined ? 'your AWS credentials' : `the token in ${TOKEN}`;
    return new CommandError(`${sentence.replace(/\.$/, '')}. It does not take ${what}.`, 1);
  }
  if (answer.status === 400) return refusedQuestion(sentence, parameter);
  return answer.status === 429 || answer.status >= 500 ? new ServiceError(sentence) : new CommandError(sentence, 1);
}

function refusedQuestion(sentence: string, parameter = ''): RefusedQuestionError {
  return new RefusedQuestionError(sentence, new QuestionError(parameter, sentence));
}

/**
 * Returns the deployed tables as a service, with the service's own routes. It needs the analysts' policy, but no API.
 */
function tableAccess(name: string, settings: AttributionSettings, as: ApiCaller): ServiceAccess {
  const target = { prefix: tablePrefix(name), as: signInOf(as), settings };
  return overHttp(async (path, query) => (await import('./table-access.ts')).askTables(target, path, query));
}

/** The cursor of a page of a list. Absent for the first page. */
interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** The end of a page. The last page has no cursor. */
interface PageEnd {
  readonly cursor?: string | undefined;
}

interface SessionsQuery extends PageRequest {
  readonly status?: ListedStatus | undefined;
}

interface SessionsPage extends PageEnd {
  readonly sessions: readonly JsonObject[];
}

interface KnownQuery extends PageRequest {
  readonly kind: KnownKind;
  readonly prefix?: string | undefined;
}

/** A question about changes of clusters. Its filter has `cluster` and `actor.any` only. */
interface ChangesQuery extends PageRequest {
  readonly question: RecordsQuestion;
}

interface ChangesPage extends PageEnd {
  readonly changes: readonly ChangeRow[];
  readonly note?: string;
}

interface KnownPage extends PageEnd {
  readonly known: readonly KnownRow[];
}

export type { WhoisQuery };

/**
 * The deployed or local service. Every method throws CommandError if the service refuses, or if another server answers
 * in its place. The message quotes the service. A method throws ServiceError if a later try may succeed. `signal`
 * cancels a request if that is possible.
 */
export interface ServiceAccess {
  readonly records: RecordPages;
  sessions(query: SessionsQuery): Promise<SessionsPage>;
  known(query: KnownQuery): Promise<KnownPage>;
  /** Returns a page of the changes of clusters through the EKS API, the newest first. */
  changes(query: ChangesQuery): Promise<ChangesPage>;
  /** Returns the body of the answer. Undefined if no record has the audit ID. */
  whois(query: WhoisQuery): Promise<JsonObject | undefined>;
  /** Returns the body of the answer. Undefined if no record has the audit ID, or none around the given time. */
  related(auditId: string, at?: EpochMillis): Promise<JsonObject | undefined>;
  /**
   * Returns the resources whose allowed reads the service does not record. Empty if it records everything, or does not
   * say.
   */
  unrecorded(): Promise<readonly string[]>;
  /** Returns each account, Region and cluster, with when the service heard it. */
  fleet(): Promise<FleetAnswer>;
  /**
   * Returns which accounts had more events than their ceiling allows, so that answers so far are incomplete. Each entry
   * is there once.
   */
  leftOutByCeiling(): readonly CeilingEntry[];
}

type Path = '/whois' | '/records' | '/sessions' | '/known' | '/related' | '/changes' | '/summary' | '/fleet';

/** Sends one request of the HTTP interface. Returns the body of the answer. */
export type Get = (path: Path, query: URLSearchParams, signal?: AbortSignal) => Promise<unknown>;

function unlistedText(account: string): string {
  const whose = account === '' ? 'clusters whose account is not known' : `account ${account}`;
  return `There are too many namespaces in ${whose} to list all. A filter by --namespace finds the records in the others too.`;
}

/** Matches all records by their time. The API refuses a question without any filter or time. */
const EVER: RecordsQuestion = { filter: {}, range: { from: epochMillis(0) } };

/**
 * Returns the service behind the HTTP interface. Whatever an answer says that it lacks is written to standard error,
 * once.
 */
export function overHttp(ask: Get): ServiceAccess {
  const gaps = new Map<string, CeilingEntry>();
  const noteOnce = notingOnce();
  const take = (answer: unknown) => {
    for (const entry of ceilingEntriesIn(answer)) {
      const text = ceilingText(entry);
      noteOnce(text);
      gaps.set(text, entry);
    }
  };
  const get: Get = async (path, query, signal) => {
    const answer = await ask(path, query, signal);
    take(answer);
    return answer;
  };
  return {
    leftOutByCeiling: () => [...gaps.values()],
    async records({ question, limit, cursor, isQuick }, signal) {
      const query = new URLSearchParams([...questionParameters(asksSomething(question) ? question : EVER)]);
      if (isQuick === true) query.set('quick', 'true');
      const answer = await get('/records', paged(query, { limit, cursor }), signal);
      const { entries, ...page } = pageOf(answer, 'records');
      const noted = textAt(isJsonObject(answer) ? answer : undefined, 'note');
      // The commands themselves say what an empty answer leaves open.
      const isNew = noted !== undefined && noted !== wholeNamesText(question.filter.flag?.any ?? []);
      if (isNew) noteOnce(noted);
      return { ...page, records: entries.map(recordOf) };
    },
    async sessions({ status, ...paging }) {
      const query = new URLSearchParams(present({ status }));
      const { entries, ...page } = pageOf(await get('/sessions', paged(query, paging)), 'sessions');
      return { ...page, sessions: entries.filter(isJsonObject) };
    },
    async known({ kind, prefix, ...paging }) {
      const query = new URLSearchParams(present({ kind, prefix: prefix === '' ? undefined : prefix }));
      const answer = await get('/known', paged(query, paging));
      for (const account of textsAt(isJsonObject(answer) ? answer : undefined, 'unlisted') ?? [])
        note(unlistedText(account));
      const { entries, ...page } = pageOf(answer, 'known');
      return { ...page, known: entries.flatMap(knownRow) };
    },
    async changes({ question, ...paging }) {
      const query = new URLSearchParams(questionParameters(question));
      const answer = await get('/changes', paged(query, paging));
      const { entries, ...page } = pageOf(answer, 'changes');
      const noted = textAt(isJsonObject(answer) ? answer : undefined, 'note');
      return { ...page, changes: entries.map(changeOf), ...(noted !== undefined && { note: noted }) };
    },
    async whois(query) {
      const answer = await get('/whois', whoisQuery(query));
      return isJsonObject(answer) ? answer : undefined;
    },
    async related(auditId, at) {
      const times = present({ at: at && formatInstant(at) });
      const answer = await get('/related', new URLSearchParams({ auditId, ...times }));
      return isJsonObject(answer) ? answer : undefined;
    },
    async unrecorded() {
      const answer = await get('/summary', new URLSearchParams());
      return textsAt(objectAt(isJsonObject(answer) ? answer : undefined, 'counting'), 'omits') ?? [];
    },
    async fleet() {
      return fleetOf(await get('/fleet', new URLSearchParams()));
    },
  };
}

function paged(
  query: URLSearchParams,
  { limit, cursor }: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
): URLSearchParams {
  if (limit !== undefined) query.set('limit', String(limit));
  if (cursor !== undefined) query.set('cursor', cursor);
  return query;
}

interface Page {
  readonly entries: readonly unknown[];
  readonly cursor?: string | undefined;
  readonly examined?: number | undefined;
  readonly inOrder?: false | undefined;
  readonly clusters?: readonly string[] | undefined;
  readonly ambiguousName?: true | undefined;
  readonly people?: readonly PersonRow[] | undefined;
}

/**
 * Returns the answer as a page of this list.
 * @throws CommandError if the answer is not a page of the service.
 */
function pageOf(answer: unknown, list: 'records' | 'sessions' | 'known' | 'changes'): Page {
  const page: JsonObject | undefined = isJsonObject(answer) ? answer : undefined;
  const entries = listAt(page, list);
  if (entries === undefined) {
    throw new CommandError(`The answer is not from eks-whois: it has no ${list}. Check --api.`, 1);
  }
  const examined = page?.examined;
  return {
    entries,
    cursor: textAt(page, 'cursor'),
    examined: typeof examined === 'number' ? examined : undefined,
    ...(page?.inOrder === false && { inOrder: false }),
    clusters: textsAt(page, 'clusters'),
    ...(page?.ambiguousName === true && { ambiguousName: true as const }),
    people: listAt(page, 'people')?.flatMap(personRow),
  };
}

/**
 * Returns the record.
 * @throws CommandError if it is not a record of this version.
 */
export function recordOf(value: unknown): AuditRecord {
  return readEntry(auditRecordShape, value, 'record');
}

function changeOf(value: unknown): ChangeRow {
  return readEntry(changeShape, value, 'change');
}

function readEntry<T>(shape: Shape<T>, value: unknown, what: 'record' | 'change'): T {
  try {
    return read(shape, value, what);
  } catch (error) {
    if (!(error instanceof UnreadableItemError)) throw error;
    throw new CommandError(`The service answered a ${what} that cannot be read. ${error.message}`, 1, {
      cause: error,
    });
  }
}

/**
 * Returns the fleet.
 * @throws CommandError if the answer is not from a service of this version.
 */
function fleetOf(answer: unknown): FleetAnswer {
  const given = isJsonObject(answer) ? answer : undefined;
  const entries = listAt(given, 'fleet');
  if (entries === undefined)
    throw new CommandError(
      'The answer is not from eks-whois, or from an earlier version: it has no fleet. Check --api.',
      1,
    );
  const { left } = given ?? {};
  return {
    at: textAt(given, 'at') ?? '',
    fleet: entries.filter(isJsonObject).map(fleetEntry),
    ...(typeof left === 'number' && { left }),
  };
}

function fleetEntry(row: JsonObject): FleetEntry {
  const [filter, subscription, stack, today] = ['filter', 'subscription', 'stack', 'today'].map((name) =>
    objectAt(row, name),
  );
  const handedOverBy = textAt(objectAt(row, 'origin'), 'handedOverBy');
  return present<FleetEntry>({
    accountId: textAt(row, 'accountId'),
    region: textAt(row, 'region'),
    cluster: textAt(row, 'cluster'),
    clusterArn: textAt(row, 'clusterArn'),
    origin: handedOverBy === undefined ? undefined : { handedOverBy },
    events: heardEntry(objectAt(row, 'events')),
    grants: heardEntry(objectAt(row, 'grants')),
    filter: filter && filterEntry(filter),
    subscription:
      subscription && present({ standing: textAt(subscription, 'standing') ?? '', why: textAt(subscription, 'why') }),
    stack: stack && stackEntry(stack),
    today: today && volumeEntry(today),
    troubles: textsAt(row, 'troubles') ?? [],
  });
}

function volumeEntry(today: JsonObject): NonNullable<FleetEntry['today']> {
  const count = (name: string) => {
    const given = today[name];
    return typeof given === 'number' ? given : 0;
  };
  return {
    recorded: count('recorded'),
    attempted: count('attempted'),
    leftOutReads: count('leftOutReads'),
    leftOutDeliveries: count('leftOutDeliveries'),
    grants: count('grants'),
    leftOutGrants: count('leftOutGrants'),
    newClusters: count('newClusters'),
    leftOutClusters: count('leftOutClusters'),
  };
}

function stackEntry(stack: JsonObject): NonNullable<FleetEntry['stack']> {
  const [version = '', reportedAt = ''] = [textAt(stack, 'version'), textAt(stack, 'reportedAt')];
  return { version, reportedAt, ...(stack.removed === true && { removed: true }) };
}

function filterEntry(filter: JsonObject): FilterChangeEntry {
  return readEntry(filterEntryShape, filter, 'change');
}

function heardEntry(entry: JsonObject | undefined): HeardEntry | undefined {
  if (entry === undefined) return undefined;
  const silences = (listAt(entry, 'silences') ?? []).filter(isJsonObject);
  return present<HeardEntry>({
    last: textAt(entry, 'last') ?? '',
    heardAt: textAt(entry, 'heardAt') ?? '',
    lagSeconds: typeof entry.lagSeconds === 'number' ? entry.lagSeconds : 0,
    silentSince: textAt(entry, 'silentSince'),
    silences: silences.map((each) => ({ from: textAt(each, 'from') ?? '', to: textAt(each, 'to') ?? '' })),
  });
}

/** Returns the entry of the directory. Leaves out one of an unknown form: the entries are only a help. */
function knownRow(value: unknown): KnownRow[] {
  if (!isJsonObject(value)) return [];
  const [name, first, last] = ['name', 'first', 'last'].map((field) => textAt(value, field));
  const kind = KNOWN_KINDS.find((known) => known === value.kind);
  if (kind === undefined || name === undefined || first === undefined || last === undefined) return [];
  const [cluster, arn, id, accountId, principalId] = ['cluster', 'arn', 'id', 'accountId', 'principalId'].map((field) =>
    textAt(value, field),
  );
  const idBasis = LISTED_BASES.find((known) => known === value.idBasis);
  const names = Array.isArray(value.names) ? { names: value.names.flatMap(nameRow) } : {};
  const who = { idBasis, accountId, principalId, samePerson: textsAt(value, 'samePerson'), ...names };
  return [present<KnownRow>({ kind, name, cluster, arn, id, ...who, first, last })];
}

function personRow(value: unknown): PersonRow[] {
  const query = isJsonObject(value) ? textAt(value, 'query') : undefined;
  return query === undefined ? [] : knownRow(value).map((row) => ({ query, ...row }));
}

function nameRow(value: unknown): NameRow[] {
  if (!isJsonObject(value)) return [];
  const [name, first, last] = ['name', 'first', 'last'].map((field) => textAt(value, field));
  return name === undefined || first === undefined || last === undefined ? [] : [{ name, first, last }];
}

/**
 * Returns the query of the question. Leaves out values that are too long for the API, for example a username in a
 * pasted event. Keeps them if no other value is left.
 */
function whoisQuery({ at, lookback, ...texts }: WhoisQuery): URLSearchParams {
  const query = new URLSearchParams();
  const stated = Object.entries(texts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const taken = stated.filter(([, value]) => value.length <= LONGEST_VALUE);
  for (const [name, value] of taken.length > 0 ? taken : stated) query.set(name, value);
  if (at !== undefined) query.set('at', formatInstant(at));
  if (lookback !== undefined) query.set('lookback', String(Number((lookback / HOUR).toFixed(6))));
  return query;
}
