import type { AuditRecord } from '../../../attribution/record.ts';
import { type ClusterFields, isSameCluster } from '../../../identity/cluster.ts';
import { serviceAccountOf } from '../../../identity/service-account.ts';
import type { TimeRange } from '../../../ports/paging.ts';
import { LONGEST_REQUEST } from '../../../recognize/kubernetes-events.ts';
import { quoted } from '../../../shell.ts';
import { epochMillis, MINUTE } from '../../../time.ts';
import { canBePersons, latestStages, timeOf, wasDone } from '../../activity/requests.ts';
import { kindOf, type NamedWorkload, resourceOf, workloadsByPodName } from '../../related/origin.ts';
import { isInRange } from '../question.ts';
import { APART, asksForCreation, type DescribedRequest } from './described-request.ts';
import type { Informant } from './informant.ts';
import { groupsText, shownRequests } from './listed-requests.ts';
import { joinSentences } from './outcomes.ts';

/**
 * What the log shows of a pod that a controller created. A controller states only the beginning of the name
 * (`generateName`), and the log has neither that nor the name that the API server chose. So nothing here is proven.
 */
export interface PodOrigin {
  /**
   * The requests that can have led to the pod, newest first: those that created pods without a name shortly before, and
   * those that created or changed a workload whose name fits.
   */
  readonly records: readonly AuditRecord[];
  /** Sentences that say this, and how to list such requests. */
  readonly note: string;
}

/**
 * The longest time, in milliseconds, between the creation of a pod and its binding to a node. An estimate: a pod waits
 * while the cluster starts a node.
 */
const UNTIL_BOUND = 5 * MINUTE;

/** When and where a pod was created, as far as the text or the log shows it. */
interface Birth extends ClusterFields {
  readonly namespace: string | undefined;
  readonly from: number;
  readonly to: number;
}

/**
 * Returns what the log shows of the creation of a pod by a controller. Undefined if the text does not ask who created a
 * pod, if no controller gives pods such a name, or if somebody else created a pod of this name, as one of the matching
 * `requests` shows.
 */
export async function podOrigin(
  described: DescribedRequest,
  requests: readonly AuditRecord[],
  informant: Informant,
): Promise<PodOrigin | undefined> {
  const pod = podIn(described);
  const workloads = workloadsByPodName(pod?.name ?? '').filter(({ kind }) => kind !== 'Pod');
  const isOfOther = requests.some((record) => record.request?.verb === 'create' && !isOfCluster(record));
  if (pod === undefined || workloads.length === 0 || isOfOther) return undefined;
  const found = await relatedRequests(described, { ...pod, workloads }, informant);
  const bindings = found.records.filter((record) => isBindingOf(record, pod.name));
  if (!pod.isStated && bindings.length === 0) return undefined;
  const births = [...birthInText(described), ...bindings.map(birthBefore)];
  const isNamed = requests.some(({ request }) => request?.verb === 'create') || workloads.every(isStatefulSet);
  const creations = await namelessCreations(isNamed ? [] : births, informant);
  const changes = found.records.filter(
    (record) =>
      isChangeOf(record, workloads) &&
      (births.length === 0 || births.some((birth) => isIn(record, birth) && isInRange(record, rangeUntil(birth)))),
  );
  const isComplete = found.isComplete && creations.isComplete;
  const records = [...creations.records, ...changes].toSorted((a, b) => (timeOf(b) ?? 0) - (timeOf(a) ?? 0));
  const note = joinSentences(
    isNamed ? undefined : creationsText(creations.records, births, pod.namespace),
    changesText(changes, workloads),
    isComplete ? undefined : 'Not all such requests were searched.',
  );
  return { records, note: note ?? '' };
}

/** Returns whether the controller of the workload names its pods itself. */
function isStatefulSet({ kind }: NamedWorkload): boolean {
  return kind === 'StatefulSet';
}

interface SoughtPod {
  readonly name: string;
  readonly namespace: string | undefined;
  /** Whether the text says that the object is a pod. */
  readonly isStated: boolean;
}

/** Returns the pod that the text asks about. Undefined if it does not ask who created a pod. */
function podIn(described: DescribedRequest): SoughtPod | undefined {
  const { resource, subresource, uri, name, namespace } = described.circumstances.request ?? {};
  const isOfPod = (resource ?? 'pods') === 'pods' && (subresource ?? uri) === undefined;
  if (!described.isTrace || !isOfPod || !asksForCreation(described) || name === undefined) return undefined;
  return { name, namespace, isStated: resource !== undefined };
}

/** Reads the bindings of the pod, and the requests that created or changed one of the workloads. */
async function relatedRequests(
  { circumstances, range: { to } }: DescribedRequest,
  { name, namespace, workloads }: SoughtPod & { readonly workloads: readonly NamedWorkload[] },
  informant: Informant,
) {
  const isThere = (record: AuditRecord) =>
    isSameCluster(circumstances, record) !== false && (namespace ?? record.request?.namespace) === namespaceOf(record);
  const isRelated = (record: AuditRecord) => isBindingOf(record, name) || isChangeOf(record, workloads);
  const read = await informant.readBeside({
    values: [
      ...WRITES.map((value) => ({ name: 'verb', value }) as const),
      ...new Set([name, ...workloads.map((each) => each.name)])
        .values()
        .map((value) => ({ name: 'object', value }) as const),
      ...(namespace === undefined ? [] : [{ name: 'namespace', value: namespace } as const]),
    ],
    isMatch: (record) => isThere(record) && isRelated(record) && isInRange(record, { to }),
    range: { to },
  });
  return { records: latestStages(read?.records ?? []), isComplete: read?.isComplete === true };
}

const WRITES: readonly string[] = ['create', 'update', 'patch'];

function namespaceOf({ request }: AuditRecord): string | undefined {
  return request?.namespace;
}

/** Returns whether the scheduler, or whoever acted in its place, bound the pod to a node. */
function isBindingOf({ request = {} }: AuditRecord, pod: string): boolean {
  return request.resource === 'pods' && request.subresource === 'binding' && request.name === pod;
}

/** Returns whether the request created or changed one of the workloads, or its number of pods. The cluster's own requests do not count. */
function isChangeOf(record: AuditRecord, workloads: readonly NamedWorkload[]): boolean {
  const { request = {} } = record;
  const kind = kindOf(
    request.subresource === 'scale' ? { ...record, request: { ...request, subresource: undefined } } : record,
  );
  const isOfWorkload = workloads.some((each) => each.kind === kind && each.name === request.name);
  return isOfWorkload && WRITES.includes(request.verb ?? '') && wasDone(record) && !isOfCluster(record);
}

/** Returns whether a part of Kubernetes made the request. A service account outside of kube-system, for example of a deployment tool, is none. */
function isOfCluster(record: AuditRecord): boolean {
  const account = serviceAccountOf(record.caller.username ?? '');
  return !canBePersons(record) && (account === undefined || account.namespace === 'kube-system');
}

/** Returns when the pod was created, if it was pasted as an object: it then has the time of its creation. */
function birthInText({ circumstances }: DescribedRequest): readonly Birth[] {
  const { since, request, cluster, clusterArn } = circumstances;
  if (request?.verb !== 'write' || since === undefined) return [];
  return [{ cluster, clusterArn, namespace: request.namespace, from: since, to: since + LONGEST_REQUEST + APART }];
}

/** Returns when the pod was created, if it was bound to a node by this request. */
function birthBefore(binding: AuditRecord): Birth {
  const { cluster, clusterArn, accountId, origin } = binding;
  const to = timeOf(binding) ?? 0;
  return { cluster, clusterArn, accountId, origin, namespace: namespaceOf(binding), from: to - UNTIL_BOUND, to };
}

function isIn(record: AuditRecord, birth: Birth): boolean {
  return isSameCluster(birth, record) !== false && namespaceOf(record) === birth.namespace;
}

function rangeUntil({ to }: Pick<Birth, 'to'>): TimeRange {
  return { to: epochMillis(to) };
}

/** Reads the requests that created pods without a name where and when the pod was created. */
async function namelessCreations(births: readonly Birth[], informant: Informant) {
  if (births.length === 0) return { records: [], isComplete: true };
  const range = {
    from: epochMillis(Math.min(...births.map(({ from }) => from))),
    to: epochMillis(Math.max(...births.map(({ to }) => to))),
  };
  const isNameless = ({ request = {} }: AuditRecord) =>
    request.verb === 'create' && request.resource === 'pods' && (request.subresource ?? request.name) === undefined;
  const isAtBirth = (record: AuditRecord) =>
    births.some(
      (birth) => isIn(record, birth) && isInRange(record, { from: epochMillis(birth.from), ...rangeUntil(birth) }),
    );
  const namespaces = new Set(births.flatMap(({ namespace }) => namespace ?? []));
  const read = await informant.readBeside({
    values: [
      { name: 'verb', value: 'create' },
      { name: 'resource', value: 'pods' },
      ...[...namespaces].map((value) => ({ name: 'namespace', value }) as const),
    ],
    isMatch: (record) => isNameless(record) && wasDone(record) && isAtBirth(record),
    range,
  });
  return { records: latestStages(read?.records ?? []), isComplete: read?.isComplete === true };
}

function creationsText(
  creations: readonly AuditRecord[],
  births: readonly Birth[],
  namespace: string | undefined,
): string | undefined {
  const place = namespace === undefined ? '' : ` --namespace ${quoted(namespace)}`;
  const found = creations.length === 0 ? 'none' : groupsText(shownRequests(creations));
  return joinSentences(
    'A controller creates pods without stating their names.',
    births.length === 0 ? undefined : `Such creations shortly before this pod was there: ${found}.`,
    creations.length > 0
      ? undefined
      : `To list the creations of pods: eks-whois records --verb create --resource pods${place}.`,
  );
}

function changesText(changes: readonly AuditRecord[], workloads: readonly NamedWorkload[]): string {
  const all = workloads.map(({ kind, name }) => `${resourceOf(kind)}/${name}`).join(', ');
  const [last] = changes.toSorted((a, b) => (timeOf(b) ?? 0) - (timeOf(a) ?? 0));
  if (last === undefined)
    return `No change of a workload that can have created it was found. By the pod's name, this can be: ${all}.`;
  return `Changes of workloads that can have created it, by the pod's name: ${groupsText(shownRequests(changes))}. The last was at ${last.time}: ${last.request?.verb} ${last.request?.resource}/${last.request?.name}.`;
}
