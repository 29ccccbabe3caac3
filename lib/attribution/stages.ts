import type { AuditRecord } from './record.ts';

/** In their order in time (Kubernetes, audit.k8s.io/v1, "Stage"); what is none of them comes first. */
const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** The order in which the stages of a request are told. */
export function latestStageFirst(a: Pick<AuditRecord, 'stage'>, b: Pick<AuditRecord, 'stage'>): number {
  return STAGES.indexOf(b.stage ?? '') - STAGES.indexOf(a.stage ?? '');
}
