import { isJsonObject, type JsonObject, textAt } from '../../lib/json.ts';
import { ACCOUNT, utc } from '../builders/company.ts';
import { type AskedService, PAGE } from './asked-service.ts';
import type { HonestRequest } from './honest-world.ts';

const part = (of: unknown): JsonObject => (isJsonObject(of) ? of : {});
const arnOf = (cluster: string) => `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/${cluster}`;
const ALICE = `arn:aws:iam::${ACCOUNT}:user/alice`;
const limit = String(PAGE);
/** The time of all requests. */
const TIMES = { from: utc('11:00:00'), to: utc('13:30:00') };

type Parameters = Readonly<Record<string, string>>;

/** A list that the API returns, and its parameters for a request. Those that it has nothing for are undefined. */
interface List {
  readonly path: string;
  readonly of: (request: HonestRequest) => Parameters | undefined;
}

const records = (of: (request: HonestRequest) => Readonly<Record<string, unknown>>): List => ({
  path: '/records',
  of: (request) => {
    const given = Object.entries(of(request)).map(([name, value]) => [name, String(value ?? '')] as const);
    return given.some(([, value]) => value === '') ? undefined : { limit, ...Object.fromEntries(given) };
  },
});

const LISTS: Readonly<Record<string, List>> = {
  'requests of a time range': records(() => TIMES),
  'newest requests': records(() => ({ from: TIMES.from })),
  'requests of a cluster': records(({ cluster }) => ({ cluster: arnOf(cluster) })),
  'requests of clusters with a name': records(({ cluster }) => ({ cluster })),
  'requests of a namespace': records(({ event }) => ({ namespace: part(event.objectRef).namespace, ...TIMES })),
  'requests of an actor': records(() => ({ actor: ALICE })),
  'requests of new actors': records(() => ({ firstSeenSince: utc('00:00:00') })),
  'requests of a name today': records(() => ({ actor: 'alice' })),
  'requests of a key': records(({ event }) => ({ key: part(part(event.user).extra).accessKeyId })),
  'requests of a source IP': records(({ event }) => ({ ip: event.sourceIPs, ...TIMES })),
  'requests to an object': records(({ event }) => ({ object: part(event.objectRef).name, ...TIMES })),
  'requests with a flag': records(() => ({ flag: 'unusual-node-client' })),
  'unidentified requests': records(() => ({ status: 'unattributed' })),
  'requests with an audit ID': records(({ event }) => ({ auditId: event.auditID })),
  'the answer to an audit ID': { path: '/whois', of: ({ event }) => ({ auditId: textAt(event, 'auditID') ?? '' }) },
  'what belongs to an audit ID': { path: '/related', of: ({ event }) => ({ auditId: textAt(event, 'auditID') ?? '' }) },
  'what belongs to an audit ID and time': {
    path: '/related',
    of: ({ event }) => ({
      auditId: textAt(event, 'auditID') ?? '',
      at: textAt(event, 'requestReceivedTimestamp') ?? '',
    }),
  },
  'unidentified sessions': { path: '/sessions', of: () => ({ limit }) },
  ...Object.fromEntries(
    ['actor', 'role', 'cluster', 'namespace'].map((kind): [string, List] => [
      `known names: ${kind}`,
      { path: '/known', of: () => ({ kind, limit }) },
    ]),
  ),
  'changes of clusters': { path: '/changes', of: () => ({ limit }) },
  'changes of a cluster': { path: '/changes', of: ({ cluster }) => ({ limit, cluster: arnOf(cluster) }) },
  fleet: { path: '/fleet', of: () => ({}) },
  ...Object.fromEntries(
    ['status', 'actor', 'cluster', 'namespace', 'flag'].map((by): [string, List] => [
      `counts of a cluster by ${by}`,
      {
        path: '/summary',
        of: ({ cluster }) => ({ cluster: arnOf(cluster), by, from: TIMES.from, to: utc('14:00:00') }),
      },
    ]),
  ),
};

/** Returns the names of the lists, and their parameters for a request. */
export function listsAbout(request: HonestRequest): readonly AskedList[] {
  return Object.entries(LISTS).flatMap(([kind, { path, of }]) => {
    const parameters = of(request);
    return parameters === undefined ? [] : [{ kind, path, parameters }];
  });
}

export interface AskedList {
  readonly kind: string;
  readonly path: string;
  readonly parameters: Parameters;
}

/** Returns the rows that a list has about the account of the honest, on all of its pages. */
export async function honestRows(service: AskedService, { path, parameters }: AskedList): Promise<readonly string[]> {
  const pages = await service.get(path, parameters);
  return pages.flatMap((page) => Object.values(page).flatMap(rowsOf));
}

/** Returns the requests of the account of the honest that the report of an incident lists. */
export async function honestLines(service: AskedService, { event }: HonestRequest): Promise<readonly string[]> {
  const text = JSON.stringify(await service.report(textAt(event, 'auditID') ?? ''));
  return linesOf(text === undefined ? undefined : JSON.parse(text));
}

function linesOf(report: unknown): readonly string[] {
  if (Array.isArray(report)) return report.flatMap(linesOf);
  if (!isJsonObject(report)) return [];
  const isLine = 'auditId' in report && String(report.cluster).includes(ACCOUNT);
  return isLine ? [JSON.stringify(report)] : Object.values(report).flatMap(linesOf);
}

/** Returns the rows of all lists in an answer, each without the lists in it. A record stays whole. */
function rowsOf(answer: unknown): readonly string[] {
  if (Array.isArray(answer))
    return answer.flatMap((each) => (isJsonObject(each) ? [rowText(each), ...rowsWithin(each)] : []));
  return isJsonObject(answer) ? rowsWithin(answer) : [];
}

function rowsWithin(row: JsonObject): readonly string[] {
  return 'attribution' in row ? [] : Object.values(row).flatMap(rowsOf);
}

function rowText(row: JsonObject): string {
  if ('attribution' in row) return JSON.stringify(row);
  const isRows = (value: unknown) => isJsonObject(value) || (Array.isArray(value) && value.some(isJsonObject));
  const own = Object.entries(row).filter(([name, value]) => !isRows(value) && !isOfAllAccounts(row, name));
  return JSON.stringify(Object.fromEntries(own));
}

/**
 * Returns whether a field is about the records of all accounts: when a person or a role was first and last seen. Those of each account are
 * in `seenBy` (CONTRACT, 13.54).
 */
function isOfAllAccounts({ kind }: JsonObject, field: string): boolean {
  return (kind === 'actor' || kind === 'role') && (field === 'first' || field === 'last');
}
