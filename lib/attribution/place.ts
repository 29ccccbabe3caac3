import { type ClusterKey, clusterKeyOf } from '../identity/cluster.ts';
import type { AuditRecord } from './record.ts';

/** Stands for the namespace of cluster-wide requests. A real namespace cannot have this name (DNS label, RFC 1123). */
export const NO_NAMESPACE = '-';

/** The place of a request: its cluster and namespace. */
export interface Place {
  readonly clusterKey: ClusterKey;
  /** The namespace as the client wrote it. It need not exist. */
  readonly namespace: string;
}

/** Returns where the record's request was made. */
export function placeOf(
  record: Pick<AuditRecord, 'cluster' | 'clusterArn' | 'accountId' | 'origin' | 'request'>,
): Place {
  return { clusterKey: clusterKeyOf(record), namespace: record.request?.namespace ?? NO_NAMESPACE };
}
