import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { text as streamed } from 'node:stream/consumers';
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
 * one call does not need the whole client, nor `fetch`, which takes Node.js a quarter of a cold start to load.
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
  const asked = (protocol === 'http:' ? http : https).request(`${protocol}//${host}/`, {
    method: 'POST',
    headers,
    signal: AbortSignal.timeout(LONGEST_WAIT),
  });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [http.IncomingMessage]; // what a request's `response` gives
  checkTaken(text, answer.statusCode, await streamed(answer));
}

function checkTaken(text: string, status: number | undefined, answer: string): void {
  const parsed = parseJson(answer);
  const said = parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
  if (status !== 200)
    throw new QueueError(`The queue did not take a message: ${status} ${textAt(said, '__type') ?? ''}`.trim());
  if (textAt(said, 'MD5OfMessageBody') !== createHash('md5').update(text).digest('hex'))
    throw new QueueError('The queue took another text than was sent.');
}
