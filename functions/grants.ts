import middy from '@middy/core';
import type { CloudWatchLogsEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { sha256 } from '../lib/adapters/digest.ts';
import { readConfig } from '../lib/config.ts';
import { readBatch } from '../lib/usecases/ingest/batch.ts';
import { takeGrants } from '../lib/usecases/ingest/deliveries.ts';
import { eachMessage, failedInvocationOf, isFromQueue, isRetried, reportRetries } from './wiring/messages.ts';
import { readingOf, takingService } from './wiring/taking.ts';
import { telemetry, warnOtherOrigin } from './wiring/telemetry.ts';

const config = readConfig();
const service = takingService(config);
const reading = readingOf(config);

/**
 * Stores grants from EventBridge's envelopes or from the subscription of a trail's log group, directly or from the
 * on-failure queue.
 */
async function store(deliveries: readonly unknown[], from: string): Promise<void> {
  const batch = readBatch(deliveries, from, reading);
  const id = sha256(JSON.stringify(deliveries));
  await takeGrants(batch, { id, isLive: true }, service);
  warnOtherOrigin(batch, id);
}

/** Stores the whole batch. Returns whether that succeeded. */
async function storeWhole({ Records }: SQSEvent): Promise<boolean> {
  try {
    await store(Records.map(failedInvocationOf), 'queue');
    return true;
  } catch {
    return false;
  }
}

/**
 * Stores the grants of a subscription, or those of a queue's batch at once. If that fails, or if a message of the batch
 * was received before, stores message by message. Then one message cannot block the others.
 */
async function handle(event: CloudWatchLogsEvent | SQSEvent): Promise<SQSBatchResponse | undefined> {
  if (!isFromQueue(event)) {
    await store([event], "the trail's log group");
    return undefined;
  }
  reportRetries(event);
  if (!event.Records.some(isRetried) && (await storeWhole(event))) return { batchItemFailures: [] };
  return eachMessage(
    event,
    (message) => store([failedInvocationOf(message)], `message ${message.messageId}`),
    service.attempts,
  );
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
