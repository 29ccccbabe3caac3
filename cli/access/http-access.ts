import { auditRecordShape } from '../../lib/adapters/dynamodb/record-shape.ts';
import { read, UnreadableItemError } from '../../lib/adapters/dynamodb/shape.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { KNOWN_KINDS } from '../../lib/claims/known.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, present, textAt, textsAt } from '../../lib/json.ts';
import { epochMillis, formatInstant, HOUR } from '../../lib/time.ts';
import type { KnownRow } from '../../lib/usecases/query/known-query.ts';
import { asksSomething, questionParameters, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { CommandError } from '../failures/command-error.ts';
import type { ServiceAccess, WhoisAsked } from './service-pages.ts';

type Path = '/whois' | '/records' | '/sessions' | '/known' | '/related' | '/summary';

/** One request of the HTTP interface: the body of its answer. */
export type Get = (path: Path, query: URLSearchParams, signal?: AbortSignal) => Promise<unknown>;

/** Asks for all records by a time: the API refuses a question that says nothing of which records are meant. */
const EVER: RecordsQuestion = { filter: {}, range: { from: epochMillis(0) } };

/** The service by its HTTP interface. */
export function overHttp(get: Get): ServiceAccess {
  return {
    async records({ question, limit, cursor, isQuick }, signal) {
      const query = new URLSearchParams([...questionParameters(asksSomething(question) ? question : EVER)]);
      if (isQuick === true) query.set('quick', 'true');
      const { entries, ...page } = pageOf(await get('/records', paged(query, { limit, cursor }), signal), 'records');
      return { ...page, records: entries.map(recordOf) };
    },
    async sessions({ status, ...paging }) {
      const query = new URLSearchParams(present({ status }));
      const { entries, ...page } = pageOf(await get('/sessions', paged(query, paging)), 'sessions');
      return { ...page, sessions: entries.filter(isJsonObject) };
    },
    async known({ kind, prefix, ...paging }) {
      const query = new URLSearchParams(present({ kind, prefix: prefix === '' ? undefined : prefix }));
      const { entries, ...page } = pageOf(await get('/known', paged(query, paging)), 'known');
      return { ...page, known: entries.flatMap(knownRow) };
    },
    async whois(asked) {
      const answer = await get('/whois', whoisQuery(asked));
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
}

/** @throws CommandError where it is no page of the service's. */
function pageOf(answer: unknown, list: 'records' | 'sessions' | 'known'): Page {
  const page: JsonObject | undefined = isJsonObject(answer) ? answer : undefined;
  const entries = listAt(page, list);
  if (entries === undefined) {
    throw new CommandError(`What answers is not the service: its answer has no ${list}. Check --api.`, 1);
  }
  const examined = page?.examined;
  return {
    entries,
    cursor: textAt(page, 'cursor'),
    examined: typeof examined === 'number' ? examined : undefined,
    ...(page?.inOrder === false && { inOrder: false }),
  };
}

/** @throws CommandError where it is no record of this version. */
export function recordOf(value: unknown): AuditRecord {
  try {
    return read(auditRecordShape, value, 'record');
  } catch (error) {
    if (!(error instanceof UnreadableItemError)) throw error;
    throw new CommandError(`The service answered a record that cannot be read. ${error.message}`, 1, {
      cause: error,
    });
  }
}

/** What is no entry of this version is left out: it only helps. */
function knownRow(value: unknown): KnownRow[] {
  if (!isJsonObject(value)) return [];
  const [name, first, last] = ['name', 'first', 'last'].map((field) => textAt(value, field));
  const kind = KNOWN_KINDS.find((known) => known === value.kind);
  if (kind === undefined || name === undefined || first === undefined || last === undefined) return [];
  const [cluster, arn, id, workload] = ['cluster', 'arn', 'id', 'workload'].map((field) => textAt(value, field));
  return [present<KnownRow>({ kind, name, cluster, arn, id, workload, first, last })];
}

function whoisQuery({ at, lookback, ...texts }: WhoisAsked): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(texts)) if (value !== undefined) query.set(name, value);
  if (at !== undefined) query.set('at', formatInstant(at));
  if (lookback !== undefined) query.set('lookback', String(lookback / HOUR));
  return query;
}
