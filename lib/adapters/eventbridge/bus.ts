import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { text as streamed } from 'node:stream/consumers';
import type { ErrorCode } from '../../error-code.ts';
import { isJsonObject, listAt, parseJson, textAt } from '../../json.ts';
import { signerOf } from '../aws/signer.ts';

/** Says that an event bus did not accept an event. */
class BusError extends Error {
  readonly code = 'bus' satisfies ErrorCode;
}

/** An event bus of any account, which is reached by the endpoint of its Region. */
export interface Bus {
  readonly endpoint: string;
  readonly arn: string;
  readonly region: string;
}

/** An event for PutEvents. `detail` is JSON. */
export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: string;
}

/** The timeout in milliseconds. After this time, another run of the caller is more likely to succeed. */
const LONGEST_WAIT = 10_000;

/**
 * Puts one event on a bus by EventBridge's JSON protocol (API Reference, "PutEvents"). It uses neither the SDK client
 * nor `fetch`. Node.js takes a quarter of a cold start to load `fetch`.
 * @throws BusError if the bus refuses the event. PutEvents returns 200 even if it accepted none of its entries.
 */
export async function putEvent(
  { endpoint, arn, region }: Bus,
  { source, detailType, detail }: BusEvent,
): Promise<void> {
  const entry = { Source: source, DetailType: detailType, Detail: detail, EventBusName: arn };
  const body = JSON.stringify({ Entries: [entry] });
  const { protocol, host, hostname, port } = new URL(endpoint);
  const { headers } = await signerOf('events', region).sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: '/',
    headers: { host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
    body,
  });
  const request = (protocol === 'http:' ? http : https).request(`${protocol}//${host}/`, {
    method: 'POST',
    headers,
    signal: AbortSignal.timeout(LONGEST_WAIT),
  });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage]; // A request's `response` event has this type.
  checkAccepted(answer.statusCode, await streamed(answer));
}

function checkAccepted(status: number | undefined, answer: string): void {
  const parsed = parseJson(answer);
  const parsedAnswer = parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
  const [entry] = listAt(parsedAnswer, 'Entries') ?? [];
  const result = isJsonObject(entry) ? entry : undefined;
  if (status === 200 && parsedAnswer?.FailedEntryCount === 0 && textAt(result, 'EventId') !== undefined) return;
  const why = textAt(parsedAnswer, '__type') ?? textAt(result, 'ErrorCode') ?? '';
  throw new BusError(`The hub's event bus refused a delivery: ${status} ${why}`.trim());
}
