import { gzipSync } from 'node:zlib';
import middy from '@middy/core';
import type { CloudWatchLogsEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { putEvent } from '../lib/adapters/eventbridge/bus.ts';
import { inflatePayload } from '../lib/adapters/files/inflate.ts';
import { readHandOver } from '../lib/config.ts';
import { isJsonObject, listAt, objectAt, parseJson, textAt } from '../lib/json.ts';
import { HAND_OVER } from '../lib/usecases/ingest/deliveries.ts';
import { eachMessage, failedInvocationOf, isFromQueue, reportRetries } from './wiring/messages.ts';
import { logger, telemetry } from './wiring/telemetry.ts';

const { bus, region } = readHandOver();

/** A bus event can have 1 MB including its envelope (FACTS), as can a message of the queue behind it. */
const LONGEST_DATA = 1_000_000;

/**
 * Sends a payload to the hub, with the Region of its log group. Splits a payload that is too long for one event. The
 * hub's ingest decides what it is.
 */
async function handOver(payload: unknown): Promise<void> {
  const data = textAt(objectAt(isJsonObject(payload) ? payload : undefined, 'awslogs'), 'data') ?? '';
  const parts = splitPayload(data, LONGEST_DATA);
  for (const data of parts)
    await putEvent(bus, { ...HAND_OVER, detail: JSON.stringify({ region, awslogs: { data } }) });
  logger.info('handed over', { bus: bus.arn, parts: parts.length });
}

/**
 * Handles the deliveries of an ingest-only stack. It passes the payloads of its clusters' subscriptions to the hub,
 * since only the hub writes tables.
 */
async function handle(event: CloudWatchLogsEvent | SQSEvent): Promise<SQSBatchResponse | undefined> {
  if (isFromQueue(event)) {
    reportRetries(event);
    return eachMessage(event, (message) => handOver(failedInvocationOf(message)));
  }
  await handOver(event);
  return undefined;
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));

/**
 * Splits a subscription's payload (`awslogs.data`) into payloads of at most the given length, each with some of the log
 * events. Returns a payload that cannot be split unchanged: one with a single event, or one that cannot be parsed.
 * @param longest in characters.
 */
function splitPayload(data: string, longest: number): readonly string[] {
  if (data.length <= longest) return [data];
  const inflated = inflatePayload(data);
  const parsed = inflated.ok ? parseJson(inflated.text) : inflated;
  const payload = parsed.ok && 'value' in parsed && isJsonObject(parsed.value) ? parsed.value : undefined;
  const events = listAt(payload, 'logEvents') ?? [];
  if (events.length < 2) return [data];
  const half = Math.ceil(events.length / 2);
  const parts = [events.slice(0, half), events.slice(half)];
  return parts.flatMap((logEvents) => splitPayload(packed({ ...payload, logEvents }), longest));
}

function packed(payload: object): string {
  return gzipSync(JSON.stringify(payload)).toString('base64');
}
