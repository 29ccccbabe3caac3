import { NO_NAMESPACE } from '../../lib/attribution/place.ts';
import type { Status } from '../../lib/attribution/reasons.ts';
import { isRole } from '../../lib/attribution/role-of-record.ts';
import { builtInResource, builtInResources } from '../../lib/audit/resource-words.ts';
import { VERBS } from '../../lib/audit/verbs.ts';
import type { ListedStatus } from '../../lib/claims/claim.ts';
import { isOutsideDirectory, type KnownKind, namesOfKnown } from '../../lib/claims/known.ts';
import { isAccessKeyId, isTemporaryKey } from '../../lib/identity/access-key.ts';
import { type JsonObject, objectAt, textAt } from '../../lib/json.ts';
import { nearest } from '../../lib/nearness.ts';
import { type FieldName, fieldOf } from '../../lib/usecases/query/filter.ts';
import type { KnownRow } from '../../lib/usecases/query/known-row.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { hasWildcard } from '../../lib/wildcard.ts';
import type { RecordsAccess } from '../access/files-access.ts';
import { CommandError } from '../failures/command-error.ts';
import { lookupCommand } from '../options/lookup-command.ts';
import { optionOf } from '../options/option-name.ts';
import { ownCommand } from '../options/own-command.ts';
import { type Places, placeWords, withoutCluster } from '../options/place-words.ts';
import { questionText } from '../options/question-options.ts';

/** A question whose answer has no records. */
interface EmptyAnswer {
  readonly question: RecordsQuestion;
  readonly service: RecordsAccess;
  /** Where the question was asked: the commands in the sentences ask the same place. */
  readonly options: Places;
}

/**
 * Returns sentences about which filter has no records, and similar values. It costs about ten requests at most. They
 * read the newest record, each list of names, a page of unattributed sessions, and what is not recorded.
 */
export async function emptyWords({ question, service, options }: EmptyAnswer): Promise<readonly string[]> {
  try {
    return [
      ...(await wordsOfEmpty({ question, service, options })),
      ...usualWords(question),
      ...(await unrecordedWords(question, service)),
    ];
  } catch (error) {
    if (error instanceof CommandError) return []; // the answer stands without this help
    throw error;
  }
}

/** Returns a note if the question could match reads that the service does not store. */
async function unrecordedWords({ filter }: RecordsQuestion, service: RecordsAccess): Promise<readonly string[]> {
  const verbs = filter.verb?.any ?? READS;
  if (!READS.some((verb) => verbs.includes(verb))) return [];
  const omits = await service.unrecorded();
  return omits.length === 0
    ? []
    : [
        `The service does not record reads of ${omits.join(', ')} (parameter record). Only the audit log itself has them.`,
      ];
}

/**
 * Returns the usual words that are similar to an unusual verb or resource. No list has the verbs and resources that
 * occur in records.
 */
function usualWords({ filter: { verb, resource } }: RecordsQuestion): readonly string[] {
  const verbs = verb?.any?.map((each) => nearestOther(each, VERBS)) ?? [];
  const resources =
    resource?.any?.map((each) => (builtInResource(each) === undefined ? nearestResource(each) : undefined)) ?? [];
  return [
    ...verbs.flatMap((near) => (near === undefined ? [] : `Did you mean --verb ${near}?`)),
    ...resources.flatMap((near) => (near === undefined ? [] : `Did you mean --resource ${near}?`)),
  ];
}

/** Returns the similar built-in resource, with the group and the subresource that were given. */
function nearestResource(given: string): string | undefined {
  const [, name = '', rest = ''] = /^([^./]+)(.*)$/.exec(given) ?? [];
  const near = nearestOther(name, builtInResources());
  return near && near + rest;
}

function nearestOther(given: string, known: Iterable<string>): string | undefined {
  const [near] = hasWildcard(given) ? [] : nearest(given, known);
  return near === given ? undefined : near;
}

const READS: readonly string[] = ['get', 'list', 'watch'];

async function wordsOfEmpty({ question, service, options }: EmptyAnswer): Promise<readonly string[]> {
  const of = questionText(question);
  const nobody = NOBODY.filter((status) => question.filter.status?.any?.includes(status));
  if (question.filter.actor?.any !== undefined && nobody.length > 0)
    return [
      `Records with the status ${nobody.join(' or ')} have no actor. Use --actor or --status alone, or add --candidates.`,
    ];
  const unknown = await unknownNames({ question, service, options });
  if (unknown.length > 0) return unknown;
  const { from, to } = question.range;
  const isOfTime = from !== undefined || to !== undefined;
  const newest = isOfTime && Object.keys(question.filter).length > 0 ? await newestTime(question, service) : undefined;
  if (newest !== undefined) return [`No records ${of} in this time range. The newest one is from ${newest}.`];
  const keys = question.filter.key?.any?.filter((key) => isAccessKeyId(key) && !isTemporaryKey(key)) ?? [];
  return [
    `No records ${of}${isOfTime ? ' in this time range' : ''}.`,
    ...(keys.length === 0 ? await singleWords(question, service) : keys.map((key) => longTermWords(key, options))),
  ];
}

/** Says how to find the requests that were made with a long-term key: the audit log mostly has only keys of sessions. */
function longTermWords(key: string, options: Places): string {
  return `${key} is a long-term key. To list the sessions whose credentials were obtained with it: ${lookupCommand(ownCommand(), key, placeWords(withoutCluster(options)))}.`;
}

const NOBODY = ['unattributed', 'pending', 'system'] as const satisfies readonly Status[];

/** Returns the time of the newest matching record at any time. Undefined if one request finds none. */
async function newestTime({ filter }: RecordsQuestion, service: RecordsAccess): Promise<string | undefined> {
  const { records } = await service.records({ question: { filter, range: {} }, limit: 1 });
  const [newest] = records;
  return newest && (newest.time ?? 'an unreadable time');
}

/** The fields with a list of names, in the order in which they are checked. */
const LISTED = ['cluster', 'namespace', 'actor', 'role'] as const satisfies readonly FieldName[];
/** The maximum number of names that are read to find similar ones. */
const MOST_READ = 1_000;

async function unknownNames({ question: { filter }, ...place }: EmptyAnswer): Promise<readonly string[]> {
  const words: string[] = [];
  for (const field of LISTED) {
    const kind = fieldOf(field).known;
    const names = filter[field]?.any;
    if (names !== undefined && kind !== undefined) words.push(...(await unknownOf(names, field, kind, place)));
  }
  return words;
}

async function unknownOf(
  names: readonly string[],
  field: FieldName,
  kind: KnownKind,
  { service, options }: Omit<EmptyAnswer, 'question'>,
): Promise<readonly string[]> {
  const words: string[] = [];
  const { known, cursor } = await service.known({ kind, limit: MOST_READ });
  for (const name of names.filter((each) => !known.some((row) => isOf(row, each)))) {
    if ((field === 'actor' && isOutsideDirectory(name)) || hasWildcard(name)) continue;
    if (cursor !== undefined && (await isKnown(kind, name, service))) continue;
    words.push(
      unknownWords(
        field,
        name,
        known.map((row) => row.name),
      ),
      ...(field === 'actor' ? await nearSessions(name, service, options) : []),
      ...(isOfNamelessFiles(field, known, service) ? [NAMELESS] : []),
    );
  }
  return words;
}

/** Some events of files name no cluster, so that a filter by cluster leaves them out. */
const NAMELESS = 'Some records in the files name no cluster. Name it with --cluster-name.';

function isOfNamelessFiles(field: FieldName, known: readonly KnownRow[], { isFiles }: RecordsAccess): boolean {
  return isFiles === true && field === 'cluster' && known.some(({ name }) => name === '');
}

async function isKnown(kind: KnownKind, name: string, service: RecordsAccess): Promise<boolean> {
  const { known } = await service.known({ kind, prefix: name, limit: 10 });
  return known.some((row) => isOf(row, name));
}

/** Returns whether the row has the name. A role matches by its ARN with or without its path, and by a session's ARN. */
function isOf(row: KnownRow, wanted: string): boolean {
  const { kind, name, arn, id } = row;
  if (kind === 'actor') return namesOfKnown(row).includes(wanted);
  if ([name, arn, id].includes(wanted)) return true;
  return kind === 'role' && isRole({ roleId: undefined, arns: arn === undefined ? [] : [arn] }, wanted);
}

const LISTS_OF_SESSIONS: readonly ListedStatus[] = ['unattributed', 'ambiguous'];

/** Returns a note on unidentified sessions with similar names. Actors are found by AWS's names, not by session names. */
async function nearSessions(actor: string, service: RecordsAccess, options: Places): Promise<readonly string[]> {
  const rows: JsonObject[] = [];
  for (const status of LISTS_OF_SESSIONS) rows.push(...(await service.sessions({ status, limit: MOST_READ })).sessions);
  const near = nearest(
    actor.replace(/^AROA[A-Z0-9]+:/, ''),
    rows.map(sessionOf).filter((name) => name !== ''),
  );
  return near.length === 0
    ? []
    : [
        `Sessions without a known actor have similar names: ${near.join(', ')}. To list them, run ${[ownCommand('sessions'), ...placeWords(options)].join(' ')}.`,
      ];
}

function sessionOf(row: JsonObject): string {
  const caller = objectAt(row, 'caller');
  return textAt(caller, 'sessionName') ?? textAt(caller, 'username') ?? '';
}

/** The maximum number of fields that are each tried alone, to find the one without records. */
const ASKED_ALONE = 4;

/** Returns which single filters have no records, as far as one request for each shows. */
async function singleWords({ filter, range }: RecordsQuestion, service: RecordsAccess): Promise<readonly string[]> {
  const parts = Object.entries(filter).filter(([, condition]) => condition?.any !== undefined);
  if (parts.length < 2) return [];
  const words: string[] = [];
  for (const [name, condition] of parts.slice(0, ASKED_ALONE)) {
    const question = { filter: { [name]: condition }, range };
    const { records, cursor } = await service.records({ question, limit: 1 });
    if (records.length === 0 && cursor === undefined)
      words.push(`${optionOf(name)} ${condition?.any?.join(' or ')} alone has no records either.`);
  }
  return words;
}

const MOST_LISTED = 8;
/** The value of `--namespace` for cluster-wide requests, with its meaning. */
const CLUSTER_WIDE = `${NO_NAMESPACE} (cluster-wide)`;

/** Returns a sentence that no records have this value, with similar values or some of the existing ones. */
export function unknownWords(field: FieldName, name: string, known: Iterable<string>): string {
  const isArn = name.startsWith('arn:');
  const names = [...new Set(known)].filter((each) => each !== '' && each.startsWith('arn:') === isArn);
  const near = nearest(name, names);
  const nothing = `No records ${fieldOf(field).nothing} ${name}`;
  if (near.length > 0) return `${nothing}. Similar: ${near.join(', ')}.`;
  if (field === 'actor') return wordsOfKey(name) ?? `${nothing}. Give the full name, ARN or principal ID.`;
  const joint = fieldOf(field).listed;
  if (joint === undefined || names.length === 0) return `${nothing}.`;
  const shown = names.toSorted().map((each) => (field === 'namespace' && each === NO_NAMESPACE ? CLUSTER_WIDE : each));
  const listed = shown.slice(0, MOST_LISTED);
  const more = names.length > listed.length ? ` and ${names.length - listed.length} more` : '';
  return `${nothing}. There are records ${joint} ${listed.join(', ')}${more}.`;
}

function wordsOfKey(name: string): string | undefined {
  return /^(?:AROA[A-Z0-9]+:|ASIA[A-Z0-9]|AKIA[A-Z0-9])/.test(name)
    ? `${name} is not an actor. Use --session for a session or an access key.`
    : undefined;
}
