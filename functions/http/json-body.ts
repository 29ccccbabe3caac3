import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Problem } from './problem.ts';

/** In bytes: the longest note is a few thousand. */
const MOST_BYTES = 16_384;

/**
 * The body of a request that says it is JSON, or what is wrong. No form and no plain request of a page can say so without
 * being asked first (Fetch standard, "CORS-safelisted request-header"), and nothing here ever agrees.
 */
export function jsonBody({
  headers,
  body = '',
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, 'headers' | 'body' | 'isBase64Encoded'>): string | Problem {
  const [type = ''] = (headers?.['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json')
    return { status: 415, detail: 'Send it as content-type: application/json.' };
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : Buffer.from(body);
  if (bytes.length > MOST_BYTES) return { status: 413, detail: `Send ${MOST_BYTES} bytes at most.` };
  return bytes.toString();
}
