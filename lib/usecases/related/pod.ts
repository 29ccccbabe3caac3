import { recordIdentity } from '../../attribution/copies.ts';
import { WORKLOAD_KINDS } from '../../audit/created-object.ts';
import { type KeptRecord, shortenRecord } from '../../claims/kept-record.ts';
import { type ClusterKey, clusterKeyOf } from '../../identity/cluster.ts';
import { type ServiceAccount, serviceAccountOf, serviceAccountText } from '../../identity/service-account.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant, MINUTE } from '../../time.ts';
import { requestsFrom } from '../activity/request-source.ts';
import { canBePersons, timeOf, wasDone } from '../activity/requests.ts';
import type { RecordFilter } from '../query/filter.ts';
import {
  changesOf,
  isCreateOf,
  kindOf,
  namesToLookFor,
  type OriginByUid,
  originByName,
  originByUid,
  resourceOf,
} from './origin.ts';
import type { PodEntry, PodOfRequest, ServiceAccountTokens, TokenIssue } from './related-answer.ts';
import type { RelatedSource } from './related-source.ts';

/** The pod of a caller that is a service account, and the tokens that were issued for the account. */
interface PodAndTokens {
  readonly pod: PodOfRequest | undefined;
  readonly serviceAccount: ServiceAccountTokens;
  readonly notKnown: readonly string[];
  readonly isComplete: boolean;
}

const NO_ORIGIN: OriginByUid = { links: [], open: undefined, begun: undefined };

/** Returns the pod, and the tokens of its service account. Undefined if the caller is not a service account. */
export async function podAndTokens(
  record: KeptRecord,
  at: EpochMillis,
  source: RelatedSource,
): Promise<PodAndTokens | undefined> {
  const { caller, cluster } = record;
  const clusterKey = clusterKeyOf(record);
  const account = caller.kind === 'kubernetes-service-account' ? serviceAccountOf(caller.username) : undefined;
  if (account === undefined) return undefined;
  const { namespace } = account;
  const { name, uid } = caller.pod ?? {};
  const byUid =
    uid === undefined ? NO_ORIGIN : await originByUid({ kind: 'Pod', uid, name }, { clusterKey, namespace }, source);
  const { begun } = byUid;
  const read = await readNamespace(
    { clusterKey, namespace, at, from: undefined, names: namesOf(account, name, byUid) },
    source,
  );
  const { requests, isComplete } = read;
  const life = podLife(name, begun, requests, at);
  const meanwhile = requests.filter(within(life));
  const earlier = requests.filter((each) => (timeOf(each) ?? at) <= (begun ?? at));
  const serviceAccount = await tokensOf(account, record, meanwhile, source);
  if (caller.pod === undefined) return { pod: undefined, serviceAccount, notKnown: read.notKnown, isComplete };
  const origin = [...byUid.links, ...originByName(name, byUid, earlier)];
  const entries = entriesOf(name, meanwhile, life, at);
  const changes = changesOf(origin, namesToLookFor(name, byUid), earlier);
  const pod: PodOfRequest = {
    ...caller.pod,
    namespace,
    cluster,
    ...life.times,
    origin,
    changes: changes.map(shortenRecord),
    entries,
  };
  return { pod, serviceAccount, notKnown: [...read.notKnown, ...originNotKnown(name, byUid, origin)], isComplete };
}

/** Returns all names to search for, so that the namespace is read only once. */
function namesOf(account: ServiceAccount, pod: string | undefined, byUid: OriginByUid): readonly string[] {
  const ofOrigin = byUid.links.flatMap(({ name }) => name ?? []);
  const byName = namesToLookFor(pod, byUid).map(({ name }) => name);
  return [account.name, ...(pod === undefined ? [] : [pod]), ...ofOrigin, ...byName];
}

/** Returns the requests by which people entered the pod. Reading its ephemeral containers does not count. */
function entriesOf(
  name: string | undefined,
  requests: readonly KeptRecord[],
  life: PodLife,
  at: EpochMillis,
): PodEntry[] {
  const isEntry = ({ request }: KeptRecord) =>
    request?.resource === 'pods' &&
    request.name === name &&
    ENTRANCES.some((entrance) => entrance === request.subresource) &&
    !(request.subresource === 'ephemeralcontainers' && request.verb === 'get');
  return requests
    .filter((record) => isEntry(record) && wasDone(record))
    .map((record): PodEntry => {
      const time = timeOf(record) ?? at;
      return {
        record: shortenRecord(record),
        ...(time > at && { afterRequest: true }),
        ...(life.mayBeOfAnother(time) && { mayBeOfAnother: true }),
      };
    });
}

/** Limits the events that report the issue of one token. They are copies of one event, so there are few. */
const MOST_ISSUES = 4;

async function tokensOf(
  account: ServiceAccount,
  record: KeptRecord,
  requests: readonly KeptRecord[],
  source: RelatedSource,
): Promise<ServiceAccountTokens> {
  const { caller } = record;
  const clusterKey = clusterKeyOf(record);
  const name = serviceAccountText(account);
  const issued = caller.credentialId === undefined ? [] : await source.issued(caller.credentialId, clusterKey);
  const own = issued.filter((token) => token.clusterKey === clusterKey && token.serviceAccount === name);
  const isOwn = (record: KeptRecord) =>
    own.some(({ auditId, issuedAt }) => record.auditId === auditId && timeOf(record) === issuedAt);
  const events = own.slice(0, MOST_ISSUES).map(({ auditId, issuedAt }) => ({
    auditId,
    at: issuedAt,
    clusterKey,
    namespace: account.namespace,
  }));
  const used = (await Promise.all(events.map((event) => source.stagesOf(event)))).flat();
  const all = [...requests, ...used].filter(
    ({ request, response }) =>
      request?.resource === 'serviceaccounts' &&
      request.subresource === 'token' &&
      request.verb === 'create' &&
      request.name === account.name &&
      request.namespace === account.namespace &&
      (response === undefined || response.code < 400),
  );
  const distinct = [...new Map(all.map((record) => [recordIdentity(record), record])).values()];
  const tokens = distinct
    .map(
      (record): TokenIssue =>
        isOwn(record) ? { record: shortenRecord(record), used: true } : { record: shortenRecord(record) },
    )
    .toSorted((a, b) => rank(a) - rank(b));
  return { name, tokens };
}

/** Returns the rank of a token in the list. First comes the token that was used, then tokens of people, then others. */
function rank({ used, record }: TokenIssue): number {
  return used ? 0 : canBePersons(record) ? 1 : 2;
}

function originNotKnown(
  name: string | undefined,
  { open, links }: OriginByUid,
  origin: PodOfRequest['origin'],
): string[] {
  if (open === undefined && links.length > 0) return [];
  const what =
    links.length === 0 ? `the pod ${name ?? ''}`.trim() : `the ${open?.kind ?? 'owner'} ${open?.name ?? ''}`.trim();
  const instead = origin.some(({ foundBy }) => foundBy === 'name')
    ? ' What is shown instead is matched by name only.'
    : '';
  return [
    `No create request with the uid of ${what} was found. Usually it is older than this log. There are two other reasons: a service stores controllers' requests only with the parameter serviceAccounts=all, and events from Security Lake lack the response to a create request.${instead}`,
  ];
}

/**
 * The time in which the pod of a request existed, as far as the audit log shows. Pods with the same name can follow
 * each other, and always do in a StatefulSet. Only another create request ends the time that is searched, because the
 * name was free by then. A delete request does not. The pod still exists for its grace period, however long that is. Or
 * the request was for an earlier pod.
 */
interface PodLife {
  /**
   * The pod did not exist before this time. It is the time of its own create request, or of an earlier one with its
   * name.
   */
  readonly from: EpochMillis | undefined;
  /** The pod did not exist after this time. */
  readonly until: EpochMillis | undefined;
  /** The times at which it was created and deleted, and how that is known. */
  readonly times: {
    readonly from?: string | undefined;
    readonly fromReason: string;
    readonly to?: string | undefined;
    readonly toReason?: string | undefined;
  };
  /** Returns whether a request to a pod of this name at that time may have reached another pod. */
  mayBeOfAnother(time: EpochMillis): boolean;
}

/** The times at which pods with one name were created and deleted. */
interface NameUse {
  readonly creates: readonly EpochMillis[];
  /** The times of deletes and evictions that were not refused. */
  readonly ends: readonly EpochMillis[];
}

/**
 * How long a deleted pod's token may still be accepted, and a create request may still run, in milliseconds. The API
 * server accepts such a token for a minute (kubernetes/kubernetes, pkg/serviceaccount/claims.go), and caches the result
 * for ten seconds. A request times out after a minute (kube-apiserver, `--request-timeout`).
 */
const LEEWAY = 2 * MINUTE;

/**
 * Returns the time in which the pod existed.
 * @param statedBegin the time of the create request whose response has the pod's uid, if known.
 * @param requests the requests in the pod's namespace, each once.
 * @param at the time of the request that the pod made.
 */
function podLife(
  name: string | undefined,
  statedBegin: EpochMillis | undefined,
  requests: readonly KeptRecord[],
  at: EpochMillis,
): PodLife {
  const begun = statedBegin !== undefined && statedBegin <= at ? statedBegin : undefined; // a later time is wrong: the pod already made the request
  const { creates, ends } = useOf(name, requests);
  const from = begun ?? latest(creates.filter((time) => time < at - LEEWAY));
  const successor = earliest(creates.filter((time) => time > at));
  const ended = earliest(ends.filter((time) => time > at));
  const isEnding = ends.filter((time) => time <= at && time >= (from ?? time));
  return {
    from,
    until: successor && epochMillis(successor + LEEWAY),
    times: {
      from: from && formatInstant(from),
      fromReason: fromReason(begun, from, latest(isEnding)),
      ...endTimes(ended, successor),
    },
    mayBeOfAnother: (time) => {
      const changes = [...creates, ...ends].filter((each) => each !== begun);
      if (time > at) return isEnding.length > 0 || changes.some((each) => each > at && each <= time);
      return begun === undefined && changes.some((each) => each >= time && each <= at);
    },
  };
}

function useOf(name: string | undefined, requests: readonly KeptRecord[]): NameUse {
  const ofName = requests.filter((each) => name !== undefined && each.request?.name === name && wasDone(each));
  const timesOf = (isMatch: (record: KeptRecord) => boolean) =>
    ofName.filter(isMatch).flatMap((record) => timeOf(record) ?? []);
  return {
    creates: timesOf((record) => kindOf(record) === 'Pod' && isCreateOf(record) && hasSucceeded(record)),
    ends: timesOf((record) => (kindOf(record) === 'Pod' && record.request?.verb === 'delete') || isEviction(record)),
  };
}

/** Returns whether the create request succeeded. Without a response, this is not known and counts as no. */
function hasSucceeded({ response }: KeptRecord): boolean {
  return response !== undefined && response.code >= 200 && response.code < 300;
}

/** Returns whether the request evicts the pod. A granted eviction deletes it (Kubernetes, "API-initiated Eviction"). */
function isEviction({ request }: KeptRecord): boolean {
  return request?.resource === 'pods' && request.subresource === 'eviction' && request.verb === 'create';
}

function fromReason(
  begun: EpochMillis | undefined,
  from: EpochMillis | undefined,
  ended: EpochMillis | undefined,
): string {
  if (begun !== undefined) return 'Created then: the response to its create request has this uid.';
  const before =
    from === undefined
      ? 'No create request for it, or for another pod with its name, was found before the request.'
      : 'Not earlier: a pod with its name was created then, this one or an earlier one.';
  if (ended === undefined) return before;
  return `${before} A pod with its name was deleted at ${formatInstant(ended)}: this one, which then ran on for its grace period, or an earlier one.`;
}

function endTimes(
  ended: EpochMillis | undefined,
  successor: EpochMillis | undefined,
): Pick<PodLife['times'], 'to' | 'toReason'> {
  if (ended !== undefined && ended <= (successor ?? ended))
    return {
      to: formatInstant(ended),
      toReason: 'A pod with its name was deleted then. It may have run on for its grace period.',
    };
  if (successor === undefined) return {};
  return { to: formatInstant(successor), toReason: 'It was gone by then: another pod with its name was created.' };
}

function latest(times: readonly EpochMillis[]): EpochMillis | undefined {
  return times.toSorted((a, b) => b - a)[0];
}

function earliest(times: readonly EpochMillis[]): EpochMillis | undefined {
  return times.toSorted((a, b) => a - b)[0];
}

/** Returns a filter for records within the life of the pod, including both ends. */
function within({ from, until }: PodLife): (record: KeptRecord) => boolean {
  return (record) => {
    const time = timeOf(record);
    return time !== undefined && time >= (from ?? time) && time <= (until ?? time);
  };
}

/** Subresources by which somebody can enter a running pod, or change it (Kubernetes API, core/v1, Pod subresources). */
const ENTRANCES = ['exec', 'attach', 'portforward', 'ephemeralcontainers'] as const;

/** The resources that are searched in the namespace of a pod, all in one query. */
export const RESOURCES: readonly string[] = [
  ...ENTRANCES.map((subresource) => `pods/${subresource}`),
  'pods/eviction',
  'serviceaccounts/token',
  ...WORKLOAD_KINDS.map(resourceOf),
];

/**
 * Limits the records of a namespace that are searched, before the request and again after it. They have some tens of
 * megabytes.
 */
const MOST_EXAMINED = 10_000;
/** How long after the request the pod's deletion and later entries are searched for, in milliseconds. */
const AFTER = DAY;

interface NamespaceQuery {
  readonly clusterKey: ClusterKey;
  readonly namespace: string;
  /** The names of the pod, of its service account, and of its possible origin. */
  readonly names: readonly string[];
  readonly at: EpochMillis;
  /** The earliest time that matters. Undefined if all records matter. */
  readonly from: EpochMillis | undefined;
}

interface NamespaceRead {
  /** The requests, each once, the newest first. */
  readonly requests: readonly KeptRecord[];
  readonly notKnown: readonly string[];
  readonly isComplete: boolean;
}

/**
 * Reads the requests for these objects in the namespace. It reads twice: back from the request, and back from a day
 * later to the request.
 */
async function readNamespace(query: NamespaceQuery, source: RelatedSource): Promise<NamespaceRead> {
  const { at, from } = query;
  const filter = filterOf(query);
  const before = await requestsFrom(source, { filter, range: { from, to: at } }, MOST_EXAMINED);
  const range = { from: epochMillis(at + 0.001), to: epochMillis(at + AFTER) };
  const after = await requestsFrom(source, { filter, range }, MOST_EXAMINED);
  const inCluster = [...after.records, ...before.records].filter((record) => clusterKeyOf(record) === query.clusterKey);
  const notKnown = [
    ...(before.isComplete ? [] : [cutShort(before.records, query.namespace)]),
    ...(after.isComplete
      ? []
      : [`Not all requests in the namespace ${query.namespace} after this request were searched.`]),
  ];
  return { requests: inCluster, notKnown, isComplete: before.isComplete && after.isComplete };
}

function filterOf({ clusterKey, namespace, names }: NamespaceQuery): RecordFilter {
  return {
    cluster: { any: [clusterKey] },
    namespace: { any: [namespace] },
    resource: { any: RESOURCES },
    object: { any: [...new Set(names)] },
  };
}

function cutShort(records: readonly KeptRecord[], namespace: string): string {
  const times = records.flatMap((record) => timeOf(record) ?? []);
  const back =
    times.length === 0 ? '' : ` The earliest one found is from ${formatInstant(epochMillis(Math.min(...times)))}.`;
  return `The namespace ${namespace} has too many requests to search all of them. Requests long before this one are missing.${back}`;
}
