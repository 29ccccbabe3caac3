import { type AuditId, auditIdOf } from '../../lib/identity/audit-id.ts';
import { Parameters, pairsOf } from './parameters.ts';
import { InputError } from './problem.ts';

/** @throws InputError naming the parameter. */
export function relatedRequest(query: string): AuditId {
  const auditId = new Parameters(pairsOf(query), ['auditId']).text('auditId');
  if (auditId === undefined) throw new InputError('auditId', 'Give the audit id of the request.');
  return auditIdOf(auditId);
}
