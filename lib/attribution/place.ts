import type { AuditRecord } from './record.ts';

/** The namespace of cluster-wide requests, such as those for nodes. No namespace can have this name (DNS label, RFC 1123). */
export const NO_NAMESPACE = '-';

/** The place of a request. The cluster is empty if it is not known. */
export interface Place {
  readonly cluster: string;
  /** The namespace as the client wrote it. It may not exist. */
  readonly namespace: string;
}

/** Returns where the record's request was made. */
export function placeOf({ cluster, request }: Pick<AuditRecord, 'cluster' | 'request'>): Place {
  return { cluster: cluster ?? '', namespace: request?.namespace ?? NO_NAMESPACE };
}
