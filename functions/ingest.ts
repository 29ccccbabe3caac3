import middy from '@middy/core';
import type { CloudWatchLogsEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { sha256 } from '../lib/adapters/digest.ts';
import { inflatePayload } from '../lib/adapters/files/inflate.ts';
import { readConfig } from '../lib/config.ts';
import { readBatch } from '../lib/usecases/ingest/batch.ts';
import { takeEvents, takeHandedOver } from '../lib/usecases/ingest/deliveries.ts';
import { eachMessage, failedInvocationOf, isFromQueue, isHandedOver } from './wiring/messages.ts';
import { takingService } from './wiring/taking.ts';
import { logger, telemetry, tellOtherOrigin } from './wiring/telemetry.ts';

const config = readConfig();
const service = takingService(config);

/**
 * The same payload, delivered again or taken back from the on-failure queue, is the same delivery. Ingest-only stacks hand
 * theirs over by a queue of their own: they are believed about audit events, which are inserted and overwrite nothing, and
 * never about grants.
 */
async function ingestPayload(payload: unknown, take = takeEvents): Promise<void> {
  const id = sha256(JSON.stringify(payload));
  const batch = readBatch(payload, `delivery ${id}`, inflatePayload, config.countedGroups, sha256);
  const outcome = await take(batch, { id, live: true }, service);
  tellOtherOrigin(batch, id);
  logger.info('ingested', { delivery: id, ...outcome });
}

async function handle(event: CloudWatchLogsEvent | SQSEvent): Promise<SQSBatchResponse | undefined> {
  if (isFromQueue(event)) {
    return eachMessage(event, (message) =>
      ingestPayload(failedInvocationOf(message), isHandedOver(message) ? takeHandedOver : takeEvents),
    );
  }
  await ingestPayload(event);
  return undefined;
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
