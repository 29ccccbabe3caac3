import { createHash } from 'node:crypto';
import type { ErrorCode } from '../../error-code.ts';
import { isJsonObject, parseJson, textAt } from '../../json.ts';
import { signerOf } from '../aws/signer.ts';

/** A message that a queue did not take. */
export class QueueError extends Error {
  readonly code = 'queue' satisfies ErrorCode;
}

/** A queue to send to: its URL, and the Region that it lies in. */
export interface Queue {
  readonly url: string;
  readonly region: string;
}

/** In milliseconds; whoever waits longer had better be run again. */
const LONGEST_WAIT = 10_000;

/**
 * Puts one message into a queue, by SQS's JSON protocol (SQS Developer Guide, "Making requests using AWS JSON protocol"):
 * one call does not need the whole client.
 * @throws QueueError where the queue refuses it, or took another text than was sent.
 */
export async function send({ url, region }: Queue, text: string): Promise<void> {
  const body = JSON.stringify({ QueueUrl: url, MessageBody: text });
  const { protocol, host, hostname, port } = new URL(url);
  const { headers } = await signerOf('sqs', region).sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: '/',
    headers: { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
    body,
  });
  const signal = AbortSignal.timeout(LONGEST_WAIT);
  const answer = await fetch(`${protocol}//${host}/`, { method: 'POST', headers, body, signal });
  checkTaken(text, answer.status, await answer.text());
}

function checkTaken(text: string, status: number, answer: string): void {
  const parsed = parseJson(answer);
  const said = parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
  if (status !== 200)
    throw new QueueError(`The queue did not take a message: ${status} ${textAt(said, '__type') ?? ''}`.trim());
  if (textAt(said, 'MD5OfMessageBody') !== createHash('md5').update(text).digest('hex'))
    throw new QueueError('The queue took another text than was sent.');
}
