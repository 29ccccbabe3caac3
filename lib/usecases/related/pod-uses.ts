import type { RecordHead } from '../../attribution/record.ts';
import type { WorkloadKind } from '../../audit/created-object.ts';
import { type KeptRecord, shortenRecord } from '../../claims/kept-record.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { clusterKeyOf } from '../../identity/cluster.ts';
import { serviceAccountOf } from '../../identity/service-account.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { requestsFrom } from '../activity/request-source.ts';
import { byTime, requestIdentity, wasDone } from '../activity/requests.ts';
import { isCreateOf, kindOf, originByUid } from './origin.ts';
import type { UsesOfPods } from './related-answer.ts';
import type { RelatedSource } from './related-source.ts';

/** The requests that created pods made, and sentences about what was not searched. */
interface FoundUses {
  readonly podUses: UsesOfPods;
  readonly notKnown: readonly string[];
  readonly isComplete: boolean;
}

/** Limits the records that are searched, among those of the namespace's service accounts. */
const MOST_EXAMINED = 10_000;
/** Limits the pods whose origin is searched. Each takes several questions. */
const MOST_PODS = 20;
/** How much earlier the clock of another API server can be, in milliseconds (CONTRACT, 3.8 and 8.2). */
const MARGIN = MINUTE;
/**
 * The number of characters of a workload's name that the names of its pods always have. Kubernetes shortens longer
 * names.
 */
const KEPT_OF_NAME = 40;

/**
 * Returns requests with tokens of pods that this request created, or that its workload created. The earliest comes
 * first. Anybody in such a pod can have made them. Undefined if the request created neither a pod nor a workload.
 */
export async function usesOfPods(
  record: KeptRecord,
  at: EpochMillis,
  source: RelatedSource,
): Promise<FoundUses | undefined> {
  const kind = createdKind(record);
  const { namespace, name } = record.request ?? {};
  if (kind === undefined || namespace === undefined) return undefined;
  const clusterKey = clusterKeyOf(record);
  const filter = { cluster: { any: [clusterKey] }, username: { any: [`system:serviceaccount:${namespace}:*`] } };
  const range = { from: epochMillis(at - MARGIN) };
  const { records, isComplete } = await requestsFrom(source, { filter, range }, MOST_EXAMINED);
  const ofPods = records
    .filter((use) => isOfNamespace(use, namespace) && clusterKeyOf(use) === clusterKey && canBeOf(use, kind, name))
    .toSorted(byTime);
  const pods = new Map(ofPods.flatMap(({ caller: { pod } }) => (pod?.uid === undefined ? [] : [[pod.uid, pod]])));
  const own = requestIdentity(record);
  const compared = [...pods].slice(0, MOST_PODS);
  const found = await mapConcurrently(compared, async ([uid, pod]): Promise<[string, 'uid' | 'name' | undefined]> => {
    const { links } = await originByUid({ kind: 'Pod', uid, name: pod.name }, { clusterKey, namespace }, source);
    const isOwn = links.some(({ created }) => created !== undefined && requestIdentity(created) === own);
    if (isOwn) return [uid, 'uid'];
    return [uid, links.length === 0 && isNamed(pod.name, kind, name) ? 'name' : undefined];
  });
  const foundBy = new Map(found);
  const requests = ofPods.flatMap((use) => {
    const { name: podName, uid } = use.caller.pod ?? {};
    const by = uid === undefined ? (isNamed(podName, kind, name) ? 'name' : undefined) : foundBy.get(uid);
    return by === undefined ? [] : [{ record: shortenRecord(use), foundBy: by }];
  });
  const isWhole = isComplete && compared.length === pods.size;
  return { podUses: { kind, namespace, name, requests }, notKnown: isWhole ? [] : [CUT], isComplete: isWhole };
}

/** Returns the kind of the pod or workload that the request created. Undefined if it created neither. */
export function createdKind(record: RecordHead): WorkloadKind | undefined {
  const code = record.response?.code ?? 0;
  const hasSucceeded = code >= 200 && code < 300;
  return hasSucceeded && wasDone(record) && isCreateOf(record) ? kindOf(record) : undefined;
}

export function isOfNamespace({ caller }: RecordHead, namespace: string): boolean {
  return caller.pod !== undefined && serviceAccountOf(caller.username)?.namespace === namespace;
}

/**
 * Returns whether the pod of the request can come from an object of this name. If the create request had no name, any
 * pod can.
 */
export function canBeOf({ caller: { pod } }: RecordHead, kind: WorkloadKind, name: string | undefined): boolean {
  if (name === undefined || pod?.name === undefined) return true;
  return kind === 'Pod' ? pod.name === name : pod.name.startsWith(name.slice(0, KEPT_OF_NAME));
}

/**
 * Returns whether the pod has the name in the request that created it. Pods of other workloads only have similar names.
 */
function isNamed(pod: string | undefined, kind: WorkloadKind, name: string | undefined): boolean {
  return kind === 'Pod' && name !== undefined && pod === name;
}

const CUT =
  'There are too many requests by pods of the namespace: not all were searched for those of the pods that this request created.';
