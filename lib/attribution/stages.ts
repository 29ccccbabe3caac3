import type { AuditRecord } from './record.ts';

/** The stages in order of time (Kubernetes, audit.k8s.io/v1, "Stage"). Unknown stages come first. */
const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** Orders the stages of a request, the latest first. */
export function latestStageFirst(a: Pick<AuditRecord, 'stage'>, b: Pick<AuditRecord, 'stage'>): number {
  return STAGES.indexOf(b.stage ?? '') - STAGES.indexOf(a.stage ?? '');
}
