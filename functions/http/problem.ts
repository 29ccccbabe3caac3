import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { isTransient, kindOf } from '../../lib/adapters/aws/error-kinds.ts';
import { LookupError } from '../../lib/adapters/cloudtrail/lookup-error.ts';
import { ContentionError } from '../../lib/adapters/dynamodb/change-item.ts';
import { RequestBudgetError } from '../../lib/ports/budget.ts';
import { PositionError } from '../../lib/ports/paging.ts';
import { CursorError } from '../../lib/usecases/query/cursor.ts';
import { QuestionError } from '../../lib/usecases/query/question.ts';
import { NotVisibleError, type VisibleClusters } from '../../lib/usecases/query/visible-tables.ts';
import { WhoisQuestionError } from '../../lib/usecases/query/whois-question.ts';

/** An error answer to a question (RFC 9457). It reveals no internals. */
export interface Problem {
  readonly status: 400 | 403 | 404 | 413 | 415 | 500 | 503;
  readonly detail: string;
  /** The query parameter or the field of the body that is wrong. */
  readonly parameter?: string;
  /** Additional members (RFC 9457, 3.2). */
  readonly also?: object;
}

const TITLES = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;
/** Seconds after which throttling of DynamoDB and CloudTrail is usually over. */
const RETRY_AFTER = '5';

export function problemAnswer({ status, detail, parameter, also }: Problem): APIGatewayProxyStructuredResultV2 {
  const retry = status === 503 ? { 'retry-after': RETRY_AFTER } : {};
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...retry },
    body: JSON.stringify({ type: 'about:blank', title: TITLES[status], status, detail, parameter, ...also }),
  };
}

export function jsonAnswer(body: object, statusCode: 200 | 201 = 200): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}

/** Adds a header with the clusters that the user may see, for the page to show. Adds none if they may see all. */
export function limitedAnswer(
  answer: APIGatewayProxyStructuredResultV2,
  clusters: VisibleClusters,
): APIGatewayProxyStructuredResultV2 {
  if (clusters === 'all') return answer;
  const named = clusters
    .map((text) => encodeURIComponent(text.toWellFormed()))
    .join(', ')
    .slice(0, LONGEST_HEADER);
  return { ...answer, headers: { ...answer.headers, [CLUSTERS_HEADER]: named } };
}

/** The header that names the clusters that the user may see. */
const CLUSTERS_HEADER = 'eks-whois-clusters';
const LONGEST_HEADER = 4_000;

/** Returns the error as the user may see it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof WhoisQuestionError) return { status: 400, detail: error.message, parameter: error.parameter };
  if (error instanceof QuestionError) return { status: 400, detail: error.message, parameter: error.parameter };
  if (error instanceof NotVisibleError) return { status: 403, detail: error.message };
  if (error instanceof RequestBudgetError) return { status: 400, detail: error.message };
  if (error instanceof CursorError) return { status: 400, detail: error.message, parameter: 'cursor' };
  if (error instanceof LookupError || isTimeUp(error)) {
    return { status: 503, detail: 'CloudTrail did not answer in time. What it returned is stored. Try again.' };
  }
  if (isForgedCursor(error))
    return {
      status: 400,
      detail: 'This cursor was not issued by the service. Start again without a cursor.',
      parameter: 'cursor',
    };
  if (isOutOfReach(error)) return { status: 503, detail: 'The service cannot reach its tables. Try again.' };
  return { status: 500, detail: 'The service could not answer. The log of its function shows why.' };
}

function isTimeUp(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError') && !('$metadata' in error)
  );
}

/**
 * Returns whether the error comes from a forged cursor. All other parts of a request are built from checked parameters,
 * so DynamoDB can find only the cursor invalid.
 */
function isForgedCursor(error: unknown): boolean {
  return error instanceof PositionError || kindOf(error) === 'invalid';
}

/** Returns whether the error is temporary. A missing table or permission needs a person, so a retry does not help. */
function isOutOfReach(error: unknown): boolean {
  return error instanceof ContentionError || isTransient(kindOf(error));
}
