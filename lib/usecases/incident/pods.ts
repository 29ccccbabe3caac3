import type { AuditRecord } from '../../attribution/record.ts';
import { clusterText } from '../../identity/cluster.ts';
import { operand } from '../../shell.ts';
import type { PodUse, Section, Step } from './report.ts';

/** Limits the pods that are listed. */
const MOST_PODS = 10;
/** Limits the pods that have a step. */
const MOST_STEPS = 5;

/** Counts requests by the pod that their token states. Memory stays limited, however many requests come. */
export class PodsCollector {
  readonly #pods = new Map<string, PodUse>();

  add(record: AuditRecord): void {
    const { caller, auditId } = record;
    if (caller.pod === undefined) return;
    const cluster = clusterText(record);
    const id = JSON.stringify([cluster, caller.pod.uid ?? caller.pod.name]);
    const known = this.#pods.get(id);
    if (known === undefined && this.#pods.size >= MOST_PODS) return;
    this.#pods.set(id, { cluster, ...caller.pod, auditId, ...known, requests: (known?.requests ?? 0) + 1 });
  }

  result(): readonly PodUse[] {
    return [...this.#pods.values()].sort((a, b) => b.requests - a.requests);
  }
}

/**
 * Returns the steps that find who acted through a service account. The log shows who created its pods, and who used
 * exec in them.
 */
export function podSteps({ pods = [] }: Section): readonly Step[] {
  return pods.slice(0, MOST_STEPS).flatMap(({ name, uid, auditId }) => {
    if (auditId === undefined) return [];
    return {
      title: `Find who created the pod ${name ?? uid ?? ''}, or used exec in it`,
      command: `eks-whois related ${operand(auditId)}`,
      effect:
        'Shows who created the pod, who entered it, and who requested tokens for its service account. Give it the same logs.',
      caution:
        'This changes nothing. The token states the pod, but a copy of it can be used elsewhere. It is valid until the pod is deleted, or ' +
        'until it expires. Keep the pod if you need it as evidence.',
      source: 'Kubernetes, "Managing Service Accounts", bound service account tokens',
    };
  });
}
