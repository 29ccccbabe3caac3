import type { AuditRecord } from './record.ts';

/** The stages in the order of time (Kubernetes, audit.k8s.io/v1, "Stage"). Stages that are not in the list sort before all others. */
const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** Sorts the stages of a request, the latest first. */
export function latestStageFirst(a: Pick<AuditRecord, 'stage'>, b: Pick<AuditRecord, 'stage'>): number {
  return STAGES.indexOf(b.stage ?? '') - STAGES.indexOf(a.stage ?? '');
}
