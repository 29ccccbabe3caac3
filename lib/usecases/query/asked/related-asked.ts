import { auditIdOf } from '../../../identity/audit-id.ts';
import type { RelatedAsked } from '../../related/related.ts';
import { QuestionError } from '../question.ts';
import { Parameters, pairsOf } from './parameters.ts';

/** @throws QuestionError naming the parameter. */
export function relatedRequest(query: string): RelatedAsked {
  const given = new Parameters(pairsOf(query), ['auditId', 'at']);
  const auditId = given.text('auditId');
  if (auditId === undefined) throw new QuestionError('auditId', 'Give the audit id of the request.');
  return { auditId: auditIdOf(auditId), at: given.instant('at') };
}
