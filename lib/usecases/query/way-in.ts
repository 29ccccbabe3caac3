import { isRole } from '../../attribution/role-of-record.ts';
import { LISTED_STATUSES, type ListedStatus } from '../../claims/claim.ts';
import type { KnownEntry } from '../../claims/known.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { auditIdOf } from '../../identity/audit-id.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { RecordsWhere } from '../../ports/records.ts';
import { DAY } from '../../time.ts';
import { allKnown } from './all-known.ts';
import type { RecordFilter } from './filter.ts';
import { QuestionError, type RecordsQuestion } from './question.ts';
import type { QueryService } from './records-request.ts';
import { sessionKeysOf } from './session-keys.ts';

/** The cheapest way to the records of a question: places to be merged, or lists of claims to be gone through. */
export type WayIn =
  | { readonly by: 'places'; readonly name: WayName; readonly places: readonly RecordsWhere[] }
  /** Under the keys of these sessions, of which some may be there for a time only. */
  | { readonly by: 'sessions'; readonly keys: readonly string[] }
  | { readonly by: 'statuses'; readonly statuses: readonly ListedStatus[] };

/** What led in: for whoever wants to know what a question costs. */
export type WayName = 'auditId' | 'actor' | 'role' | 'namespace' | 'cluster' | 'time';

/** So many places are merged for one answer. A namespace of a cluster has four partitions, a session one as a rule. */
const MOST_PLACES = 400;

/** @throws QuestionError where the records of the question lie in more places than can be merged. */
export async function wayIn({ filter, range }: RecordsQuestion, service: QueryService): Promise<WayIn> {
  const auditIds = filter.auditId?.any;
  if (auditIds !== undefined)
    return places(
      'auditId',
      auditIds.map((auditId) => ({ by: 'audit-id', auditId: auditIdOf(auditId) })),
    );
  const sessions = [...(filter.session?.any ?? []), ...(filter.key?.any ?? [])];
  if (sessions.length > 0) return ofSessions(filter, service);
  const actors = filter.actor?.any;
  if (actors !== undefined)
    return places(
      'actor',
      actors.map((actor) => ({ by: 'actor', actor })),
    );
  const statuses = listedStatuses(filter);
  if (statuses !== undefined) return { by: 'statuses', statuses };
  if (filter.role?.any !== undefined) {
    const found = await placesOfRoles(filter.role.any, range, service);
    if (found !== undefined) return places('role', found);
  }
  return ofPlaces(filter, range, service);
}

function places(name: WayName, found: readonly RecordsWhere[]): WayIn {
  return { by: 'places', name, places: found };
}

/** A session and a key given both are one question of what lies under both: the fewer values lead in. */
async function ofSessions({ session, key }: RecordFilter, service: QueryService): Promise<WayIn> {
  const asked = session?.any ?? key?.any ?? [];
  const keys = await mapConcurrently(asked, (each) => sessionKeysOf(each, service));
  return { by: 'sessions', keys: [...new Set(keys.flat())] };
}

/** Records of these statuses open their claim, so that its list leads to them; whoever can be meant is in none but one. */
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
    roles.some((role) => isRole({ roleId: id, arns: arn ? [arn] : [] }, role)),
  );
  if (meant?.every(({ id }) => id !== undefined) !== true) return undefined;
  const sessions = await mapConcurrently(meant, ({ id = '' }) => directory.sessionsOfRole(id, range, MOST_PLACES));
  const found = sessions.flat();
  return found.length > MOST_PLACES ? undefined : found.map((session) => ({ by: 'session', session }));
}

/** Every namespace of the clusters in which there was anything in that time. */
async function ofPlaces(filter: RecordFilter, range: TimeRange, service: QueryService): Promise<WayIn> {
  const clusters = filter.cluster?.any;
  const namespaces = filter.namespace?.any;
  if (clusters !== undefined && namespaces !== undefined)
    return places(
      'namespace',
      clusters.flatMap((cluster) => namespaces.map((namespace) => ({ by: 'namespace', cluster, namespace }))),
    );
  const name = clusters !== undefined ? 'cluster' : namespaces !== undefined ? 'namespace' : 'time';
  const known = await allKnown('namespace', service.directory);
  const meant = known?.filter((entry) => isMeant(entry, clusters, namespaces) && wasSeenIn(entry, range));
  if (meant !== undefined && meant.length <= MOST_PLACES)
    return places(
      name,
      meant.map(({ cluster = '', name: namespace }) => ({ by: 'namespace', cluster, namespace })),
    );
  throw new QuestionError(
    clusters === undefined ? 'cluster' : 'namespace',
    `There are records in ${meant?.length ?? 'too many'} namespaces, more than the ${MOST_PLACES} that are read at once: ask for one, or for a shorter time.`,
  );
}

function isMeant(
  { cluster = '', name }: KnownEntry,
  clusters: readonly string[] | undefined,
  namespaces: readonly string[] | undefined,
): boolean {
  return clusters?.includes(cluster) !== false && namespaces?.includes(name) !== false;
}

/** An entry's times are exact to the day. */
function wasSeenIn({ first, last }: KnownEntry, { from, to }: TimeRange): boolean {
  const isLater = from !== undefined && startOfDay(last) + DAY <= from;
  const isEarlier = to !== undefined && startOfDay(first) > to;
  return !isLater && !isEarlier;
}

function startOfDay(at: number): number {
  return Math.floor(at / DAY) * DAY;
}
