import type { Moment } from '../../attribution/moment.ts';
import type { Question } from '../../attribution/questions.ts';
import { isRole } from '../../attribution/role-of-record.ts';
import { LISTED_STATUSES, type ListedStatus } from '../../claims/claim.ts';
import { isDigested, isLong, isNamelessSession } from '../../claims/identity.ts';
import type { KnownEntry, KnownKind } from '../../claims/known.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { isAccessKeyId } from '../../identity/access-key.ts';
import { auditIdOf } from '../../identity/audit-id.ts';
import { principalSessionKey } from '../../identity/session-key.ts';
import { parseSessionPrincipal } from '../../identity/session-name.ts';
import type { Directory } from '../../ports/directory.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { RecordsWhere } from '../../ports/records.ts';
import { DAY, startOfDay } from '../../time.ts';
import type { FieldName, RecordFilter } from './filter.ts';
import { QuestionError, type RecordsQuestion } from './question.ts';
import type { QueryService } from './records-request.ts';

export interface PlacesIn {
  readonly by: 'places';
  readonly places: readonly RecordsWhere[];
  readonly met: readonly FieldName[];
}

/** The cheapest way to the records of a question: places to be merged, or lists of claims to be gone through. */
export type WayIn = PlacesIn | { readonly by: 'statuses'; readonly statuses: readonly ListedStatus[] };

/** So many places are merged for one answer. */
export const MOST_PLACES = 400;
/**
 * … and so many partitions of the store: a busy namespace has four, a session one as a rule, and some thousands at most. A
 * page that is too large to be answered with is asked again within the same budget.
 */
export const MOST_PARTITIONS = 2 * MOST_PLACES;

/**
 * The way in. `met` are the fields whose wanted values every record there has, so that nobody needs to look at them again.
 * @throws QuestionError where the directory has more namespaces than can be gone through, or a username is all that is said.
 */
export async function wayIn({ filter, range }: RecordsQuestion, service: QueryService): Promise<WayIn> {
  const { auditId, session, key, actor, role } = filter;
  if (auditId?.any !== undefined) return at(auditId.any.map(ofAuditId), 'auditId');
  if (session?.any !== undefined || key?.any !== undefined) return ofSessions(filter, service);
  if (actor?.any !== undefined) return at(actor.any.map(ofActor), 'actor');
  const statuses = listedStatuses(filter);
  if (statuses !== undefined) return { by: 'statuses', statuses };
  if (role?.any === undefined) {
    checkUsername(filter, range);
    return ofNamespaces(filter, range, service);
  }
  const found = await placesOfRoles(role.any, range, service);
  return found === undefined ? ofNamespaces(filter, range, service) : at(found);
}

/** A program's requests lie wherever it made them: without a place or a time each page would look through everything. */
function checkUsername({ username, cluster, namespace }: RecordFilter, { from, to }: TimeRange): void {
  if (username?.any === undefined) return;
  if ([cluster?.any, namespace?.any, from, to].some((narrows) => narrows !== undefined)) return;
  throw new QuestionError(
    'username',
    'Searching by username needs one more filter: a namespace, a cluster or a time range.',
  );
}

function at(places: readonly RecordsWhere[], ...met: readonly FieldName[]): PlacesIn {
  return { by: 'places', places, met };
}

function ofAuditId(value: string): RecordsWhere {
  return { by: 'audit-id', auditId: auditIdOf(value) };
}

function ofActor(actor: string): RecordsWhere {
  return { by: 'actor', actor };
}

/**
 * A session and a key given both ask for what lies under both: those of which fewer are given lead in. What callers
 * without a name in their session are asked for by is the store's matter alone, since texts in records are cut.
 */
async function ofSessions({ session, key }: RecordFilter, service: QueryService): Promise<PlacesIn> {
  const [sessions, keys] = [session?.any, key?.any];
  const isBySession = sessions !== undefined && (keys === undefined || sessions.length <= keys.length);
  const asked = (isBySession ? sessions : keys) ?? [];
  const found = await mapConcurrently(asked, (each) => sessionKeysOf(each, service));
  const met: readonly FieldName[] = isBySession && asked.every(isNamelessSession) ? ['session'] : [];
  const places = [...new Set(found.flat())].sort().map((each) => ({ by: 'session', session: each }) as const);
  return at(places, ...met);
}

/** Records of these statuses open their claim, so that its list leads to them; only ambiguous ones have candidates. */
function listedStatuses({ status, candidate }: RecordFilter): readonly ListedStatus[] | undefined {
  if (candidate?.any !== undefined) return ['ambiguous'];
  const asked = status?.any;
  const listed = LISTED_STATUSES.filter((each) => asked?.includes(each));
  return asked !== undefined && asked.length === listed.length ? listed : undefined;
}

/** Undefined where a role has more sessions in that time than can be merged, or is known by its name alone. */
async function placesOfRoles(
  roles: readonly string[],
  range: TimeRange,
  { directory }: QueryService,
): Promise<readonly RecordsWhere[] | undefined> {
  const known = await allKnown('role', directory);
  const meant = known?.filter(({ id, arn }) =>
    roles.some((role) => isRole({ roleId: id, arns: arn === undefined ? [] : [arn] }, role)),
  );
  const ids = new Set(meant?.map(({ id }) => id));
  if (meant === undefined || ids.has(undefined)) return undefined;
  const sessions = await mapConcurrently([...ids], (id = '') => directory.sessionsOfRole(id, range, MOST_PLACES));
  const found = [...new Set(sessions.flat())];
  return found.length > MOST_PLACES ? undefined : found.map((session) => ({ by: 'session', session }));
}

/**
 * The namespaces that are asked for, as far as the question says which; else those in which there was anything in that time,
 * and those that have no place of their own.
 */
export async function ofNamespaces(
  filter: RecordFilter,
  range: TimeRange,
  { directory }: QueryService,
): Promise<PlacesIn> {
  const [clusters, namespaces] = [filter.cluster?.any, filter.namespace?.any];
  const asked = clusters?.flatMap((cluster) => namespaces?.map((namespace) => ({ cluster, namespace })) ?? []) ?? [];
  if (asked.length > 0 && asked.length <= MOST_PLACES)
    return at(
      asked.map((place) => ({ by: 'namespace', ...place })),
      'cluster',
      'namespace',
    );
  const known = await knownNamespaces(filter, range, directory);
  if (known === undefined) throw tooManyNamespaces(filter);
  const others = [...known.clusters].map((cluster) => ({ by: 'other-namespaces', cluster }) as const);
  const places = [...known.places.map((place) => ({ by: 'own-place', ...place }) as const), ...others];
  return namespaces === undefined ? at(places, 'cluster', 'namespace') : at(places, 'cluster');
}

function tooManyNamespaces({ cluster }: RecordFilter): QuestionError {
  return new QuestionError(
    cluster?.any === undefined ? 'cluster' : 'namespace',
    'There are too many namespaces to search in one query. Give one namespace or a shorter time range.',
  );
}

/** Those that are meant, and all clusters that are. */
async function knownNamespaces(filter: RecordFilter, range: TimeRange, directory: QueryService['directory']) {
  const clusters = new Set<string>();
  const inTime = (entry: KnownEntry) => {
    if (isMeantCluster(entry.cluster, filter)) clusters.add(entry.cluster ?? '');
    return isMeant(entry, filter) && wasSeenIn(entry, range);
  };
  const known = await allKnown('namespace', directory, inTime);
  return known && { places: known.map(({ cluster = '', name: namespace }) => ({ cluster, namespace })), clusters };
}

/** What is not meant need not be read either. */
function isMeant({ cluster, name }: KnownEntry, filter: RecordFilter): boolean {
  const { namespace: namespaces } = filter;
  const isWanted = namespaces?.any?.includes(name) !== false && namespaces?.not?.includes(name) !== true;
  return isWanted && isMeantCluster(cluster, filter);
}

function isMeantCluster(cluster = '', { cluster: clusters }: RecordFilter): boolean {
  return clusters?.any?.includes(cluster) !== false && clusters?.not?.includes(cluster) !== true;
}

/** An entry's times are exact to the day. */
function wasSeenIn({ first, last }: KnownEntry, { from, to }: TimeRange): boolean {
  const isLater = from !== undefined && startOfDay(last) + DAY <= from;
  const isEarlier = to !== undefined && startOfDay(first) > to;
  return !isLater && !isEarlier;
}

/** A page of the directory holds some hundred bytes an entry. */
const PAGE = 1_000;
/** More that are meant are no list that anybody reads. */
const MOST = 20_000;
/** More are not gone through for one question: some ten megabytes. */
const MOST_READ = 100_000;

/**
 * Every entry of a kind that is meant; undefined where there are too many to go through for one question. Those that are not
 * meant count for little: whoever invents names in one cluster is not to be in the way of questions about another.
 */
async function allKnown(
  kind: KnownKind,
  directory: Directory,
  isMeant: (entry: KnownEntry) => boolean = () => true,
): Promise<readonly KnownEntry[] | undefined> {
  const entries: KnownEntry[] = [];
  let position: string | undefined;
  let read = 0;
  do {
    const page = await directory.known(kind, '', { limit: PAGE, position });
    entries.push(...page.entries.filter(isMeant));
    read += page.entries.length;
    position = page.position;
  } while (position !== undefined && entries.length <= MOST && read < MOST_READ);
  return position === undefined ? entries : undefined;
}

const ANY: Moment = 'any';

/**
 * Under which keys the records of a session, or of an access key, may lie. A session's lie under its own, those of callers
 * that state no name under another: claims that wait for this session, or this access key, say which, or the records, as for
 * a user's own key. That other key may also be asked for itself, as alerts do.
 *
 * A key that leads to a record does so as long as the record is there, so that every page of an answer finds it: facts and
 * what the records say are kept longer than records, and so is such a wait, which is never taken back (`ClaimWaits`).
 */
async function sessionKeysOf(
  asked: string,
  { sessions, claims, waits, records }: Pick<QueryService, 'sessions' | 'claims' | 'waits' | 'records'>,
): Promise<readonly string[]> {
  if (isNamelessSession(asked)) return [asked];
  const principal = parseSessionPrincipal(asked);
  const questions = questionsAbout(asked);
  const ids = (await mapConcurrently(questions, (question) => waits.claimIdsOf(question))).flat();
  const waiting = [...(await claims.registered([...new Set(ids)])).values()];
  const facts = isAccessKeyId(asked) ? await sessions.answer(questions, ANY) : [];
  const filed = await records.sessionsOf(asked);
  const granted = facts.flatMap(({ grant, use }) => [
    ...(grant?.sessionName === undefined ? [] : [`${grant.roleId ?? grant.accountId}:${grant.sessionName}`]),
    ...(grant?.granted === 'own-user' ? [grant.caller.principalId ?? ''] : []),
    ...(use === undefined ? [] : [use.principalId]),
  ]);
  const stated = principal === undefined ? [] : [asked];
  const waitingUnder = waiting.flatMap(({ session }) => session ?? []);
  // A session so long that its claim has the digest only is asked for by its text: both are one key.
  const others = stated.some(isLong) ? waitingUnder.filter((session) => !isDigested(session)) : waitingUnder;
  const keys = new Set([...stated, ...granted, ...filed, ...others]);
  keys.delete('');
  return [...keys].sort();
}

/** `asked` is an access key id, or `AROA…:NAME`. */
function questionsAbout(asked: string): readonly Question[] {
  if (isAccessKeyId(asked)) {
    return [
      { kind: 'grants-of-key', accessKeyId: asked },
      { kind: 'uses-of-key', accessKeyId: asked },
    ];
  }
  const principal = parseSessionPrincipal(asked);
  if (principal === undefined) return [];
  return [{ kind: 'grants-of-session', key: principalSessionKey(principal), name: principal.name, guess: false }];
}
