import type { AuditEvent } from './audit-event.ts';

/** The part of an event, or of its record, that shows which client used a node's credentials. */
interface NodeRequest {
  readonly caller: Pick<AuditEvent['caller'], 'kind'>;
  readonly userAgent?: string | undefined;
}

/** Matches clients that act as the node itself (FACTS, "Nodes"). On Windows, their names end in `.exe`. */
const OF_NODES = /^(?:kubelet|kube-proxy|coredns)(?:\.exe)?\//;

/**
 * Returns whether a client that nodes do not use had a node's credentials. This suggests that somebody else has them.
 * Its absence proves nothing, because clients choose their user agent. Anybody can write `kubelet/…`, or nothing.
 */
export function isUnusualNodeClient({ caller, userAgent }: NodeRequest): boolean {
  return caller.kind === 'kubernetes-node' && userAgent !== undefined && !OF_NODES.test(userAgent);
}
