import { placeOf } from '../../attribution/place.ts';
import { WORKLOAD_KINDS } from '../../audit/created-object.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant } from '../../time.ts';
import { requestsFrom } from '../activity/request-source.ts';
import { timeOf } from '../activity/requests.ts';
import type { RecordFilter } from '../query/filter.ts';
import type { RelatedSource } from './related-source.ts';
import { resourceOf } from './workload-names.ts';

/** By which somebody, or something of his, gets into a pod that runs (Kubernetes API, core/v1, Pod subresources). */
export const ENTRANCES = ['exec', 'attach', 'portforward', 'ephemeralcontainers'] as const;

/** All that is looked for in the namespace of a pod, read in one go. */
export const RESOURCES: readonly string[] = [
  ...ENTRANCES.map((subresource) => `pods/${subresource}`),
  'pods/eviction',
  'serviceaccounts/token',
  ...WORKLOAD_KINDS.map(resourceOf),
];

/** Records of a namespace that are looked through, to either side of the request: some tens of megabytes at most. */
const MOST_EXAMINED = 10_000;
/** After the request: when the pod was deleted, and who came later. */
const AFTER = DAY;

export interface NamespaceAsked {
  readonly cluster: string | undefined;
  readonly namespace: string;
  /** Of the pod, its service account, and of what the pod can have come from. */
  readonly names: readonly string[];
  readonly at: EpochMillis;
  /** Nothing before it matters; undefined: as far back as there are records. */
  readonly from: EpochMillis | undefined;
}

export interface NamespaceRead {
  /** Each request once, the newest first. */
  readonly requests: readonly KeptRecord[];
  readonly notKnown: readonly string[];
}

/** What was done in the namespace to these objects: newest first from the request back, then from a day later back to it. */
export async function readNamespace(asked: NamespaceAsked, source: RelatedSource): Promise<NamespaceRead> {
  const { at, from } = asked;
  const filter = filterOf(asked);
  const before = await requestsFrom(source, { filter, range: { from, to: at } }, MOST_EXAMINED);
  const range = { from: epochMillis(at + 0.001), to: epochMillis(at + AFTER) };
  const after = await requestsFrom(source, { filter, range }, MOST_EXAMINED);
  const inCluster = [...after.records, ...before.records].filter(
    (record) => placeOf(record).cluster === (asked.cluster ?? ''),
  );
  const notKnown = [
    ...(before.isWhole ? [] : [cutShort(before.records, asked.namespace)]),
    ...(after.isWhole ? [] : [`What was done in ${asked.namespace} after the request was not looked through wholly.`]),
  ];
  return { requests: inCluster, notKnown };
}

function filterOf({ cluster, namespace, names }: NamespaceAsked): RecordFilter {
  return {
    ...(cluster !== undefined && { cluster: { any: [cluster] } }),
    namespace: { any: [namespace] },
    resource: { any: RESOURCES },
    object: { any: [...new Set(names)] },
  };
}

function cutShort(records: readonly KeptRecord[], namespace: string): string {
  const times = records.flatMap((record) => timeOf(record) ?? []);
  const back =
    times.length === 0 ? '' : `, the earliest of what was found at ${formatInstant(epochMillis(Math.min(...times)))}`;
  return `There is too much of ${namespace} to look through all of it: what was done long before the request is not told${back}.`;
}
