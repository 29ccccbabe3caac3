import type { AuditEvent } from './audit-event.ts';

/** The part of an event, or of its record, that shows which client used a node's credentials. */
interface NodeRequest {
  readonly caller: Pick<AuditEvent['caller'], 'kind'>;
  readonly userAgent?: string | undefined;
}

/** Clients that act as the node itself (FACTS, "Nodes"). On Windows their names end with `.exe`. */
const OF_NODES = /^(?:kubelet|kube-proxy|coredns)(?:\.exe)?\//;

/**
 * Returns whether a node's credentials were used by a client that nodes do not use. The client chooses its user agent. So this can
 * show that somebody else has the credentials, but its absence proves nothing: anyone can write `kubelet/…`, or nothing.
 */
export function isUnusualNodeClient({ caller, userAgent }: NodeRequest): boolean {
  return caller.kind === 'kubernetes-node' && userAgent !== undefined && !OF_NODES.test(userAgent);
}
