import type { AuditRecord } from '../../attribution/record.ts';
import { clusterText } from '../../identity/cluster.ts';
import type { PodUse } from './report.ts';

/** Limits the pods that are listed. */
const MOST_PODS = 10;

/** Counts requests by the pod that their token states. Any number of them takes limited memory. */
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
