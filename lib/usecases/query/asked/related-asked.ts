import { type AuditId, auditIdOf } from '../../../identity/audit-id.ts';
import { QuestionError } from '../question.ts';
import { Parameters, pairsOf } from './parameters.ts';

/** @throws QuestionError naming the parameter. */
export function relatedRequest(query: string): AuditId {
  const auditId = new Parameters(pairsOf(query), ['auditId']).text('auditId');
  if (auditId === undefined) throw new QuestionError('auditId', 'Give the audit id of the request.');
  return auditIdOf(auditId);
}
