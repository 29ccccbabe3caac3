import middy from '@middy/core';
import type { CloudWatchLogsEvent, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sha256 } from '../lib/adapters/digest.ts';
import { readConfig } from '../lib/config.ts';
import { isReport, takeReport } from '../lib/usecases/heartbeats/reports.ts';
import { readBatch } from '../lib/usecases/ingest/batch.ts';
import { takeEvents, takeHandedOver } from '../lib/usecases/ingest/deliveries.ts';
import {
  bodyOf,
  eachMessage,
  failedInvocationOf,
  isFromQueue,
  isHandedOver,
  isRetried,
  reportRetries,
} from './wiring/messages.ts';
import { readingOf, takingService } from './wiring/taking.ts';
import { logger, telemetry, warnOtherOrigin } from './wiring/telemetry.ts';

const config = readConfig();
const service = takingService(config);

const reading = readingOf(config);

/**
 * Stores a payload. A payload that is delivered again, or that comes from the on-failure queue, counts as the same
 * delivery.
 */
async function ingestPayload(payload: unknown): Promise<void> {
  const id = sha256(JSON.stringify(payload));
  const batch = readBatch(payload, `delivery ${id}`, reading);
  const outcome = await takeEvents(batch, { id, isLive: true }, service);
  warnOtherOrigin(batch, id);
  logger.info('ingested', { delivery: id, ...outcome });
}

/**
 * Stores a payload of an ingest-only stack. It arrives through the hub's event bus, which states the stack's account,
 * and a queue.
 */
async function ingestHandedOver(message: SQSRecord): Promise<void> {
  const body = bodyOf(message);
  if (isReport(body)) {
    if (!(await takeReport(body, service))) logger.warn('report not taken', { messageId: message.messageId });
    return;
  }
  const outcome = await takeHandedOver(body, reading, service, isRetried(message));
  warnOtherOrigin(outcome, outcome.delivery);
  if (outcome.isLeftOut === true) logger.warn('left out', { ...outcome });
  else if (outcome.refused === undefined) logger.info('ingested', { ...outcome });
  else logger.warn('refused', { ...outcome });
}

async function handle(event: CloudWatchLogsEvent | SQSEvent): Promise<SQSBatchResponse | undefined> {
  if (isFromQueue(event)) {
    reportRetries(event);
    return eachMessage(
      event,
      (message) => (isHandedOver(message) ? ingestHandedOver(message) : ingestPayload(failedInvocationOf(message))),
      service.attempts,
    );
  }
  await ingestPayload(event);
  return undefined;
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
