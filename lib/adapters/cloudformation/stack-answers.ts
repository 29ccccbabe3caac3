import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { ErrorCode } from '../../error-code.ts';

/** Says that CloudFormation's bucket did not accept an answer. */
class StackAnswerError extends Error {
  readonly code = 'stack-answer' satisfies ErrorCode;
}

/** The timeout of one attempt, in milliseconds. */
const LONGEST_WAIT = 5_000;
/** The pauses before each attempt, in milliseconds. */
const PAUSES = [0, 200, 1_000];

/**
 * Puts the answer of a custom resource at the presigned URL of S3 that CloudFormation gave. The signature requires an
 * empty content type.
 * @throws StackAnswerError if S3 accepted no attempt. The message contains no part of the URL, because the URL is a
 *   credential.
 */
export async function putStackAnswer(url: string, body: string): Promise<void> {
  let why = '';
  for (const pause of PAUSES) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    try {
      const status = await put(checkedUrl(url), body);
      if (status === 200) return;
      why = `HTTP ${status}`;
    } catch (error) {
      why = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : String(error);
    }
  }
  throw new StackAnswerError(
    `CloudFormation's response URL could not be reached (${why}). If the function runs in a VPC, let it reach S3.`,
  );
}

/** Parses the URL, and refuses to send anything without TLS, except to this machine. */
function checkedUrl(text: string): URL {
  const url = new URL(text);
  if (url.protocol === 'https:' || url.hostname === '127.0.0.1') return url;
  throw new StackAnswerError('The response URL does not begin with https.');
}

async function put(url: URL, body: string): Promise<number> {
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'PUT',
    headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) },
    signal: AbortSignal.timeout(LONGEST_WAIT),
  });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage]; // A request's `response` event has this type.
  answer.resume();
  return answer.statusCode ?? 0;
}
