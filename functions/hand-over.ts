import middy from '@middy/core';
import type { CloudWatchLogsEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { send } from '../lib/adapters/sqs/queue.ts';
import { readHubQueue } from '../lib/config.ts';
import { eachMessage, failedInvocationOf, isFromQueue } from './wiring/messages.ts';
import { logger, metrics, telemetry } from './wiring/telemetry.ts';

const queue = readHubQueue();

/** As it came: what it is, the hub's ingest decides. */
async function handOver(payload: unknown): Promise<void> {
  await send(queue, JSON.stringify(payload));
  metrics.add('BatchesHandedOver', 1);
  logger.info('handed over', { queue: queue.url });
}

/** Of an ingest-only stack: hands what the subscriptions of its clusters bring to the hub, which alone writes tables. */
async function handle(event: CloudWatchLogsEvent | SQSEvent): Promise<SQSBatchResponse | undefined> {
  if (isFromQueue(event)) return eachMessage(event, (message) => handOver(failedInvocationOf(message)));
  await handOver(event);
  return undefined;
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
