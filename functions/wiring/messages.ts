import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isJsonObject, type JsonObject, objectAt, parseJson } from '../../lib/json.ts';
import { logger } from './telemetry.ts';

/** Whether Lambda's poller brings messages of a queue; a subscription brings `awslogs`. */
export function isFromQueue(event: object): event is SQSEvent {
  return 'Records' in event;
}

/** Handles each message by itself: those that fail stay in the queue, and only those. */
export async function eachMessage(
  { Records }: SQSEvent,
  handle: (message: SQSRecord) => Promise<unknown>,
): Promise<SQSBatchResponse> {
  const failed: string[] = [];
  for (const message of Records) {
    try {
      await handle(message);
    } catch (error) {
      failed.push(message.messageId);
      logger.error('message failed', {
        messageId: message.messageId,
        cause: error instanceof Error ? error : String(error),
      });
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Whether the message lay in the queue behind the hub's event bus, which ingest-only stacks fill (infra/queues.ts names it). */
export function isHandedOver({ eventSourceARN }: SQSRecord): boolean {
  return eventSourceARN?.endsWith('-spoke-batches') === true;
}

/** A message's body as JSON; where it is none, the text itself, which is then rejected with its reason. */
export function bodyOf({ body }: SQSRecord): unknown {
  const parsed = parseJson(body);
  return parsed.ok ? parsed.value : body;
}

/**
 * The invocation that failed, out of what Lambda puts into an on-failure queue (Lambda Developer Guide, "Capturing
 * records of Lambda asynchronous invocations"); any other message's body as it is, EventBridge's envelopes among them.
 */
export function failedInvocationOf(message: SQSRecord): unknown {
  const body = bodyOf(message);
  return isJsonObject(body) ? (requestPayloadOf(body) ?? body) : body;
}

function requestPayloadOf(body: JsonObject): JsonObject | undefined {
  return objectAt(body, 'requestPayload');
}
