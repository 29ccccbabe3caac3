import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isJsonObject, type JsonObject, objectAt, parseJson } from '../../lib/json.ts';
import { logger } from './telemetry.ts';

/**
 * Returns whether the event has messages of a queue from Lambda's poller. The event of a subscription has `awslogs`.
 */
export function isFromQueue(event: object): event is SQSEvent {
  return 'Records' in event;
}

/** Handles each message by itself. Only messages that fail stay in the queue. */
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

/**
 * Returns whether the message comes from the queue behind the hub's event bus, which ingest-only stacks fill (named in
 * infra/queues.ts).
 */
export function isHandedOver({ eventSourceARN }: SQSRecord): boolean {
  return eventSourceARN?.endsWith('-spoke-batches') === true;
}

/**
 * Returns a message's body as parsed JSON. If it is not JSON, returns the text, which is then rejected with a reason.
 */
export function bodyOf({ body }: SQSRecord): unknown {
  const parsed = parseJson(body);
  return parsed.ok ? parsed.value : body;
}

/**
 * Returns the failed invocation in a message that Lambda sent to an on-failure queue (Lambda Developer Guide,
 * "Capturing records of Lambda asynchronous invocations"). For any other message, such as EventBridge's envelopes,
 * returns its body.
 */
export function failedInvocationOf(message: SQSRecord): unknown {
  const body = bodyOf(message);
  return isJsonObject(body) ? (requestPayloadOf(body) ?? body) : body;
}

function requestPayloadOf(body: JsonObject): JsonObject | undefined {
  return objectAt(body, 'requestPayload');
}
