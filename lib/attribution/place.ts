import type { AuditRecord } from './record.ts';

/** The namespace of what lies in none, such as nodes: no namespace can be called so (DNS label, RFC 1123). */
export const NO_NAMESPACE = '-';

/** Where a request was made; the cluster is empty where nothing says which. */
export interface Place {
  readonly cluster: string;
  /** As the client wrote it, be there such a namespace or not. */
  readonly namespace: string;
}

export function placeOf({ cluster, request }: Pick<AuditRecord, 'cluster' | 'request'>): Place {
  return { cluster: cluster ?? '', namespace: request?.namespace ?? NO_NAMESPACE };
}
