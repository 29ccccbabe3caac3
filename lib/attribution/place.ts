import { type ClusterKey, clusterKeyOf } from '../identity/cluster.ts';
import type { AuditRecord } from './record.ts';

/** The namespace of cluster-wide requests, such as those for nodes. No namespace can have this name (DNS label, RFC 1123). */
export const NO_NAMESPACE = '-';

/** The place of a request. */
export interface Place {
  readonly clusterKey: ClusterKey;
  /** The namespace as the client wrote it. It may not exist. */
  readonly namespace: string;
}

/** Returns where the record's request was made. */
export function placeOf(
  record: Pick<AuditRecord, 'cluster' | 'clusterArn' | 'accountId' | 'origin' | 'request'>,
): Place {
  return { clusterKey: clusterKeyOf(record), namespace: record.request?.namespace ?? NO_NAMESPACE };
}
