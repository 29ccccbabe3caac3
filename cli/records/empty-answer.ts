import { isJsonObject, type JsonObject, objectAt, textAt, textsAt } from '../../lib/json.ts';
import { nearest } from '../../lib/nearness.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { CommandError } from '../failures/command-error.ts';
import type { AskedRange } from '../options/time-range.ts';
import { counted } from '../terminal/text-table.ts';
import { filterText, type RecordFilter } from './filter.ts';
import { pageOf, pagesOf } from './pages.ts';
import { type QuestionOptions, queryOf, questionText } from './question.ts';
import type { ReadRecords } from './read.ts';

/** An answer without records, and what was asked. */
export interface Emptiness {
  readonly question: QuestionOptions;
  readonly filter: RecordFilter;
  readonly range: AskedRange;
  readonly read: ReadRecords;
  readonly service: ServiceAccess;
}

/**
 * Which part of the question nothing is known of, and what is near it. It costs some eight requests at most: one for the
 * newest record, four for the sessions that are not attributed, the rest for names that are near.
 */
export async function emptyWords(empty: Emptiness): Promise<readonly string[]> {
  if (empty.read.count > 0) return filteredOut(empty);
  try {
    return await unknownWords(empty);
  } catch (error) {
    if (error instanceof CommandError) return []; // what was asked is answered; this only helps
    throw error;
  }
}

function filteredOut({ question, filter, read }: Emptiness): readonly string[] {
  const words = [`${counted(read.count, 'record')} ${questionText(question)}: none${filterText(filter)}.`];
  for (const [what, name, known] of [
    ['cluster', filter.cluster, read.clusters],
    ['namespace', filter.namespace, read.namespaces],
    ['object', filter.object, read.objects],
  ] as const)
    if (name !== undefined && !known.has(name)) words.push(notAmong(what, name, known));
  return words;
}

const MOST_LISTED = 8;

function notAmong(what: string, name: string, known: ReadonlySet<string>): string {
  const near = nearest(name, known);
  if (near.length > 0) return `No ${what} ${name} is among them; near it: ${near.join(', ')}.`;
  const listed = [...known].sort().slice(0, MOST_LISTED);
  const more = known.size > listed.length ? ` and ${known.size - listed.length} more` : '';
  return `No ${what} ${name} is among them${listed.length === 0 ? '' : `, but ${listed.join(', ')}${more}`}.`;
}

async function unknownWords(empty: Emptiness): Promise<readonly string[]> {
  const { question, range, service } = empty;
  const of = questionText(question);
  const isOfTime = range.from !== undefined || range.to !== undefined;
  const newest = isOfTime ? await newestTime(question, service) : undefined;
  if (newest !== undefined) return [`Nothing ${of} in that time: the newest record is of ${newest}.`];
  if (question.status !== undefined) return [];
  const rows = await unnamedSessions(service);
  return [`Nothing is known ${of}.`, ...(await nearWords(question, rows, service))];
}

/** Undefined where there is no record at all. */
async function newestTime(question: QuestionOptions, service: ServiceAccess): Promise<string | undefined> {
  const { entries } = pageOf(await service.get('/records', queryOf(question, {}, 1)), 'records');
  const [newest] = entries.filter(isJsonObject);
  return newest && (textAt(newest, 'time') ?? 'a time that cannot be read');
}

/** A page of each list. */
async function unnamedSessions(service: ServiceAccess): Promise<readonly JsonObject[]> {
  const query = new URLSearchParams({ limit: '1000' });
  const rows: JsonObject[] = [];
  for await (const { entries } of pagesOf('sessions', query, service, { most: 4 })) {
    rows.push(...entries.filter(isJsonObject));
  }
  return rows;
}

async function nearWords(
  question: QuestionOptions,
  rows: readonly JsonObject[],
  service: ServiceAccess,
): Promise<readonly string[]> {
  const { cluster, namespace, actor, session } = question;
  if (cluster !== undefined && namespace !== undefined) return nearPlaces({ cluster, namespace }, rows, service);
  if (actor !== undefined) return nearActors(actor, rows, service);
  if (session !== undefined) return nearNames('Sessions', session, rows.map(sessionOf));
  return [];
}

interface Place {
  readonly cluster: string;
  readonly namespace: string;
}

/** Names that are written in small letters, and those that sessions without a name were seen in. */
async function nearPlaces(
  { cluster, namespace }: Place,
  rows: readonly JsonObject[],
  service: ServiceAccess,
): Promise<readonly string[]> {
  const clusters = new Set(rows.flatMap((row) => textsAt(row, 'clusters') ?? []));
  const namespaces = new Set(rows.flatMap((row) => textsAt(row, 'namespaces') ?? []));
  const near: readonly Place[] = [
    { cluster: cluster.toLowerCase(), namespace: namespace.toLowerCase() },
    ...nearest(cluster, clusters).map((one) => ({ cluster: one, namespace })),
    ...nearest(namespace, namespaces).map((one) => ({ cluster, namespace: one })),
  ];
  const others = near.filter((place) => place.cluster !== cluster || place.namespace !== namespace);
  for (const place of others.slice(0, 3)) {
    const time = await newestTime(place, service);
    if (time !== undefined) return [`${placeText(place)} is known, the newest record there is of ${time}.`];
  }
  if (clusters.has(cluster) || clusters.size === 0) return [];
  return [`Sessions that are not attributed were seen in ${[...clusters].sort().slice(0, MOST_LISTED).join(', ')}.`];
}

function placeText({ cluster, namespace }: Place): string {
  return `Cluster ${cluster}, namespace ${namespace},`;
}

/** An actor is found by the whole name, and by nothing that a session calls itself. */
async function nearActors(
  actor: string,
  rows: readonly JsonObject[],
  service: ServiceAccess,
): Promise<readonly string[]> {
  const small = actor.toLowerCase();
  const others = [small, actor.trim(), small.split('@')[0] ?? ''].filter((name) => name !== '' && name !== actor);
  for (const name of new Set(others)) {
    const time = await newestTime({ actor: name }, service);
    if (time !== undefined) return [`${name} is known, with the newest record of ${time}.`];
  }
  if (/^(?:AROA[A-Z0-9]+:|ASIA[A-Z0-9]|AKIA[A-Z0-9])/.test(actor)) return ['Ask for a session or a key by --session.'];
  return nearNames('Give the whole name, ARN or principal id. Sessions', actor, rows.map(sessionOf));
}

function sessionOf(row: JsonObject): string {
  const caller = objectAt(row, 'caller');
  return textAt(caller, 'sessionName') ?? textAt(caller, 'username') ?? '';
}

function nearNames(what: string, name: string, known: readonly string[]): readonly string[] {
  const near = nearest(
    name.replace(/^AROA[A-Z0-9]+:/, ''),
    known.filter((each) => each !== ''),
  );
  return near.length === 0
    ? []
    : [`${what} that are not attributed call themselves ${near.join(', ')}: see eks-whois sessions.`];
}
