import { LISTED_STATUSES } from '../../../claims/claim.ts';
import type { SessionsRequest } from '../sessions-query.ts';
import { Parameters, pairsOf } from './parameters.ts';

const DEFAULT_LIMIT = 100;
const MOST = 1_000;

/** @throws QuestionError naming the parameter. */
export function sessionsRequest(query: string): SessionsRequest {
  const given = new Parameters(pairsOf(query), ['status', 'limit', 'cursor', 'notes']);
  return {
    status: given.oneOf('status', LISTED_STATUSES),
    limit: given.whole('limit', DEFAULT_LIMIT, MOST),
    cursor: given.text('cursor'),
    hasNotes: given.isTrue('notes'),
  };
}
