import type { Moment } from '../../attribution/moment.ts';
import type { Question } from '../../attribution/questions.ts';
import { isRole } from '../../attribution/role-of-record.ts';
import { LISTED_STATUSES, type ListedStatus } from '../../claims/claim.ts';
import { isDigested, isLong, isNamelessSession, isSessionNameAlone } from '../../claims/identity.ts';
import { clusterOfKnown, type KnownEntry, type KnownKind } from '../../claims/known.ts';
import { parseWaiter, waitIds } from '../../claims/waits.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { type AccessKeyId, isAccessKeyId } from '../../identity/access-key.ts';
import { auditIdOf } from '../../identity/audit-id.ts';
import {
  accountOfKey,
  type ClusterKey,
  clusterKeyOf,
  clusterText,
  fieldsOfKey,
  isClusterKey,
  isWantedCluster,
} from '../../identity/cluster.ts';
import { principalSessionKey } from '../../identity/session-key.ts';
import { parseSessionPrincipal } from '../../identity/session-name.ts';
import type { Directory, NameDirectory } from '../../ports/directory.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { RecordsWhere } from '../../ports/records.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import { DAY, startOfDay } from '../../time.ts';
import { fewerInTurns } from '../../turns.ts';
import { hasWildcard, wildcardMatcher } from '../../wildcard.ts';
import type { Condition, FieldName, RecordFilter } from './filter.ts';
import { QuestionError, type RecordsQuestion } from './question.ts';
import type { QueryService } from './records-request.ts';

export interface SearchPlaces {
  readonly by: 'places';
  readonly places: readonly RecordsWhere[];
  readonly met: readonly FieldName[];
}

/** The cheapest way to find the records of a question: by places whose records are merged, or by lists of claims. */
export type SearchPlan = SearchPlaces | { readonly by: 'statuses'; readonly statuses: readonly ListedStatus[] };

/** The maximum number of places that are merged for one answer. */
export const MOST_PLACES = 400;
/**
 * The maximum number of the store's partitions that are merged. A busy namespace has four. A session usually has one,
 * but can have some thousands. A page that is too large for a response is read again within the same budget.
 */
export const MOST_PARTITIONS = 2 * MOST_PLACES;

/**
 * Returns how to find the records of a question.
 * @returns the places or lists. `met` has the fields whose conditions all records in these places meet, so that they
 *   need no check.
 * @throws QuestionError if the directory has too many namespaces, or if a username is the only filter.
 */
export async function planSearch({ filter, range }: RecordsQuestion, service: QueryService): Promise<SearchPlan> {
  const { auditId, key, actor, role } = filter;
  const session = indexed(filter.session);
  if (auditId?.any !== undefined) return at(auditId.any.map(placeOfAuditId), 'auditId');
  if (session?.any !== undefined || key?.any !== undefined) return placesOfSessions({ filter, range }, service);
  if (actor?.any !== undefined) return at(actor.any.map(placeOfActor), 'actor');
  const statuses = listedStatuses(filter);
  if (statuses !== undefined) return { by: 'statuses', statuses };
  if (role?.any === undefined) {
    checkUsername(filter, range);
    return placesOfNamespaces(filter, range, service);
  }
  const found = await placesOfRoles(role.any, range, service);
  return found === undefined ? placesOfNamespaces(filter, range, service) : at(found);
}

/** Returns the condition on sessions if an index can find them. Undefined if it has a session name without its role. */
function indexed(session: Condition | undefined): Condition | undefined {
  return session?.any?.some(isSessionNameAlone) === true ? undefined : session;
}

/**
 * Refuses a username without a cluster, a namespace or a time. A caller's requests can be anywhere, so each page would
 * search everything.
 */
function checkUsername({ username, cluster, namespace }: RecordFilter, { from, to }: TimeRange): void {
  if (username?.any === undefined) return;
  if ([cluster?.any, namespace?.any, from, to].some((narrows) => narrows !== undefined)) return;
  throw new QuestionError(
    'username',
    'Searching by username needs one more filter: a namespace, a cluster or a time range.',
  );
}

function at(places: readonly RecordsWhere[], ...met: readonly FieldName[]): SearchPlaces {
  return { by: 'places', places, met };
}

function placeOfAuditId(value: string): RecordsWhere {
  return { by: 'audit-id', auditId: auditIdOf(value) };
}

function placeOfActor(actor: string): RecordsWhere {
  return { by: 'actor', actor };
}

/**
 * Returns the places of sessions or access keys. If the question has both, the smaller set is used, and its records are
 * filtered by the other. If too many claims wait for one of them, returns the namespaces instead. For a caller without
 * a session name, the store decides which records are theirs, because records shorten such texts.
 */
async function placesOfSessions({ filter, range }: RecordsQuestion, service: QueryService): Promise<SearchPlaces> {
  const { key } = filter;
  const session = indexed(filter.session);
  const [sessions, keys] = [session?.any, key?.any];
  const isBySession = sessions !== undefined && (keys === undefined || sessions.length <= keys.length);
  const wanted = (isBySession ? sessions : keys) ?? [];
  const found = await mapConcurrently(wanted, (each) => sessionKeysOf(each, service));
  if (found.includes(undefined)) return placesOfNamespaces(filter, range, service);
  const met: readonly FieldName[] = isBySession && wanted.every(isNamelessSession) ? ['session'] : [];
  const places = [...new Set(found.flatMap((each) => each ?? []))]
    .sort()
    .map((each) => ({ by: 'session', session: each }) as const);
  return at(places, ...met);
}

/**
 * Returns the statuses whose lists of claims have all records of the question. Undefined if there are none. Every
 * record with a listed status opens its claim. Candidates exist only in ambiguous records.
 */
function listedStatuses({ status, candidate }: RecordFilter): readonly ListedStatus[] | undefined {
  if (candidate?.any !== undefined) return ['ambiguous'];
  const wanted = status?.any;
  const listed = LISTED_STATUSES.filter((each) => wanted?.includes(each));
  return wanted !== undefined && wanted.length === listed.length ? listed : undefined;
}

/**
 * Returns the sessions of the roles as places. Undefined if they had more sessions in that time than can be merged, if
 * a role's ID is not known, or if the directory has no roles.
 */
async function placesOfRoles(
  roles: readonly string[],
  range: TimeRange,
  { directory }: QueryService,
): Promise<readonly RecordsWhere[] | undefined> {
  if (directory.hasPeople === false) return undefined;
  const known = await allKnown('role', directory);
  const matching = known?.filter(({ id, arn }) =>
    roles.some((role) => isRole({ roleId: id, arns: arn === undefined ? [] : [arn] }, role)),
  );
  const ids = new Set(matching?.map(({ id }) => id));
  if (matching === undefined || ids.has(undefined)) return undefined;
  const sessions = await mapConcurrently([...ids], (id = '') => directory.sessionsOfRole(id, range, MOST_PLACES));
  const found = [...new Set(sessions.flat())];
  return found.length > MOST_PLACES ? undefined : found.map((session) => ({ by: 'session', session }));
}

/**
 * Returns the namespaces that the question names. If it names none, returns the namespaces that have records in that
 * time, and the places of records without a namespace of their own.
 */
export async function placesOfNamespaces(
  filter: RecordFilter,
  range: TimeRange,
  { directory }: QueryService,
): Promise<SearchPlaces> {
  const [clusters, namespaces] = [filter.cluster?.any, filter.namespace?.any];
  const keys =
    clusters === undefined || clusters.some(hasWildcard) ? undefined : await clusterKeysNamed(clusters, directory);
  const isNamed = namespaces !== undefined && !namespaces.some(hasWildcard);
  const wanted = isNamed
    ? (keys?.flatMap((clusterKey) => namespaces.map((namespace) => ({ clusterKey, namespace }))) ?? [])
    : [];
  if (wanted.length > 0 && wanted.length <= MOST_PLACES)
    return at(
      wanted.map((place) => ({ by: 'namespace', ...place })),
      'cluster',
      'namespace',
    );
  const known = await knownNamespaces(filter, range, directory);
  if (known === undefined) throw tooManyNamespaces(filter);
  const accounts = keys === undefined ? 'all' : [...new Set(keys.map(accountOfKey))];
  const others = { by: 'other-namespaces', accounts, clusters: filter.cluster } as const;
  const places = [...known.map((place) => ({ by: 'own-place', ...place }) as const), others];
  return namespaces === undefined ? at(places, 'cluster', 'namespace') : at(places, 'cluster');
}

function tooManyNamespaces({ cluster }: RecordFilter): QuestionError {
  return new QuestionError(
    cluster?.any === undefined ? 'cluster' : 'namespace',
    'There are too many namespaces to search in one query. Give one namespace or a shorter time range.',
  );
}

/** Returns those namespaces in the directory that match the question. */
async function knownNamespaces(filter: RecordFilter, range: TimeRange, directory: QueryService['directory']) {
  const known = await allKnown('namespace', directory, (entry) => isWanted(entry, filter) && wasSeenIn(entry, range));
  return known?.map((entry) => ({ clusterKey: clusterKeyOf(entry), namespace: entry.name }));
}

/** Returns whether the filter can match records in this namespace. */
function isWanted(entry: KnownEntry, filter: RecordFilter): boolean {
  const { name } = entry;
  const { namespace: namespaces } = filter;
  const isMatch = (text: string) => wildcardMatcher(text)(name);
  const isName = namespaces?.any?.some(isMatch) !== false && namespaces?.not?.some(isMatch) !== true;
  return isName && isWantedCluster(clusterKeyOf(entry), filter.cluster);
}

/** The number of clusters with one name that are read in one page, and the maximum number that an answer lists. */
const NAMESAKES = 100;
/**
 * The maximum number of clusters with one name that are read. The owner of an account can invent any number of them.
 */
const MOST_NAMESAKES = 1_000;

/**
 * Returns the keys of the clusters that these names, ARNs and keys mean. A name means every cluster of that name in the
 * directory, and also the cluster key without an account. Undefined if a name means too many.
 */
export async function clusterKeysNamed(
  texts: readonly string[],
  directory: Directory,
): Promise<readonly ClusterKey[] | undefined> {
  const keys = await mapConcurrently(texts, async (text) => {
    if (isClusterKey(text)) return [text];
    const named = await clustersNamed(text, directory);
    return named.length > MOST_NAMESAKES ? undefined : [clusterKeyOf({ cluster: text }), ...named];
  });
  return keys.includes(undefined) ? undefined : [...new Set(keys.flatMap((each) => each ?? []))].sort();
}

/** The clusters that one name can mean. */
interface ClustersAlike {
  readonly clusters: readonly string[];
  /** A sentence about those that are not listed. Absent if all are listed. */
  readonly note?: string;
}

/**
 * Returns the clusters that the texts mean, as `clusterText` writes them, if a name means several. The user may have
 * meant only one of them. Empty if every text means one cluster. If there are too many, the accounts take turns.
 */
export async function clustersAlike(texts: readonly string[], directory: NameDirectory): Promise<ClustersAlike> {
  const names = texts.filter((text) => !isClusterKey(text));
  const alike = await mapConcurrently(names, async (name) => {
    const keys = await clustersNamed(name, directory);
    return keys.length > 1 ? keys : [];
  });
  const all = [...new Set(alike.flat())];
  const listed = fewerInTurns(all, (key) => [accountOfKey(key)], NAMESAKES);
  return {
    clusters: listed.map((key) => clusterText(fieldsOfKey(key))).sort(),
    ...(listed.length < all.length && { note: MORE_CLUSTERS }),
  };
}

const MORE_CLUSTERS = 'More clusters than these have this name. To ask about one of them, give its ARN.';

/**
 * Returns the clusters with this name in the directory. If there are more than `MOST_NAMESAKES`, returns one more than
 * that. The directory lists equal names one after another.
 */
async function clustersNamed(name: string, directory: NameDirectory): Promise<readonly ClusterKey[]> {
  const keys: ClusterKey[] = [];
  let position: string | undefined;
  do {
    const page = await directory.known('cluster', name, { limit: NAMESAKES, position });
    const same = page.entries.filter((entry) => entry.name === name);
    keys.push(...same.map((entry) => clusterKeyOf(clusterOfKnown(entry))));
    position = same.length === page.entries.length ? page.position : undefined;
  } while (position !== undefined && keys.length <= MOST_NAMESAKES);
  return keys;
}

/** Returns whether the entry can have records in the time range. The entry's times are exact to the day. */
function wasSeenIn({ first, last }: KnownEntry, { from, to }: TimeRange): boolean {
  const isLater = from !== undefined && startOfDay(last) + DAY <= from;
  const isEarlier = to !== undefined && startOfDay(first) > to;
  return !isLater && !isEarlier;
}

/** The number of entries in a page of the directory. An entry has a few hundred bytes. */
const PAGE = 1_000;
/** The maximum number of matching entries. Nobody reads a longer list. */
const MOST = 20_000;
/** The maximum number of entries that are read for one question. They have some ten megabytes. */
const MOST_READ = 100_000;

/**
 * Returns all matching entries of one kind. Undefined if there are too many. Entries that do not match have a higher
 * limit, so that names invented in one cluster cannot block questions about another.
 */
async function allKnown(
  kind: KnownKind,
  directory: Directory,
  isWanted: (entry: KnownEntry) => boolean = () => true,
): Promise<readonly KnownEntry[] | undefined> {
  const entries: KnownEntry[] = [];
  let position: string | undefined;
  let read = 0;
  do {
    const page = await directory.known(kind, '', { limit: PAGE, position });
    entries.push(...page.entries.filter(isWanted));
    read += page.entries.length;
    position = page.position;
  } while (position !== undefined && entries.length <= MOST && read < MOST_READ);
  return position === undefined ? entries : undefined;
}

const ANY: Moment = 'any';

/** The maximum number of claims that are read because they wait for one session or access key. */
const MOST_WAITING = 5_000;

/**
 * Returns the session keys under which the records of a session or an access key can be stored. Undefined if too many
 * claims wait for it, which forged events can cause. A session's records are stored under its own key. Records without
 * a session name are stored under another key. The claims that wait for this session or access key have that key. For a
 * user's own access key, the records state it. Alerts search for that other key itself. Records without a claim are
 * stored under the access key of their caller. A key leads to a record as long as the record exists, so every page of
 * an answer can have it. Facts are kept longer than records, and a claim's wait is never removed (`ClaimWaits`).
 */
async function sessionKeysOf(
  value: string,
  service: Pick<QueryService, 'sessions' | 'claims' | 'waits' | 'records' | 'sessionsOfKey'>,
): Promise<readonly string[] | undefined> {
  if (isNamelessSession(value)) return [value];
  const { sessions, claims, waits, records } = service;
  const { sessionsOfKey = (key: AccessKeyId) => sessionsGranted(sessions, key) } = service;
  const principal = parseSessionPrincipal(value);
  const questions = questionsAbout(value);
  const pages = await mapConcurrently(questions.flatMap(waitIds), (wait) => waits.page(wait, MOST_WAITING));
  if (pages.some(({ after }) => after !== undefined)) return undefined;
  const ids = new Set(pages.flatMap(({ waiters }) => waiters.map((waiter) => parseWaiter(waiter).id)));
  const waiting = [...(await claims.registered([...ids])).values()];
  const filed = await records.sessionsOf(value);
  const granted = isAccessKeyId(value) ? await sessionsOfKey(value) : [];
  const stated = principal === undefined && !isAccessKeyId(value) ? [] : [value];
  const waitingUnder = waiting.flatMap(({ session }) => session ?? []);
  // The claim of a very long session has only a digest of it. The text of the session finds the same records, so the
  // digest is not needed.
  const others = stated.some(isLong) ? waitingUnder.filter((session) => !isDigested(session)) : waitingUnder;
  const keys = new Set([...stated, ...granted, ...filed, ...others]);
  keys.delete('');
  return [...keys].sort();
}

/** Returns the sessions that the grants and uses of an access key state, and the ID of the user whose own key it is. */
export async function sessionsGranted(sessions: SessionStore, accessKeyId: AccessKeyId): Promise<readonly string[]> {
  const facts = await sessions.answer(questionsAbout(accessKeyId), ANY);
  return facts.flatMap(({ grant, use }) => [
    ...(grant?.sessionName === undefined ? [] : [`${grant.roleId ?? grant.accountId}:${grant.sessionName}`]),
    ...(grant?.granted === 'own-user' ? [grant.caller.principalId ?? ''] : []),
    ...(use === undefined ? [] : [use.principalId]),
  ]);
}

/** Returns the questions about an access key ID or a session (`AROA…:NAME`). */
function questionsAbout(value: string): readonly Question[] {
  if (isAccessKeyId(value)) {
    return [
      { kind: 'grants-of-key', accessKeyId: value },
      { kind: 'uses-of-key', accessKeyId: value },
    ];
  }
  const principal = parseSessionPrincipal(value);
  if (principal === undefined) return [];
  return [{ kind: 'grants-of-session', key: principalSessionKey(principal), name: principal.name, guess: false }];
}
