import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** What a question is answered with instead of an answer (RFC 9457). Names no internals. */
export interface Problem {
  readonly status: 400 | 403 | 404 | 413 | 415 | 500 | 503;
  readonly detail: string;
  /** The query parameter, or the field of the body, that is wrong. */
  readonly parameter?: string;
  /** Further members (RFC 9457, 3.2). */
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
/** Seconds: throttling of DynamoDB and CloudTrail passes that soon. */
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
