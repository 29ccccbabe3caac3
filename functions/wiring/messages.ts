import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { codeOf, kindOf } from '../../lib/adapters/aws/error-kinds.ts';
import { putDeadLetter } from '../../lib/adapters/sqs/dead-letters.ts';
import { mapConcurrently } from '../../lib/concurrency.ts';
import type { ErrorCode } from '../../lib/error-code.ts';
import { isJsonObject, type JsonObject, objectAt, parseJson } from '../../lib/json.ts';
import type { Attempts } from '../../lib/ports/attempts.ts';
import { logger, metrics, reportNow } from './telemetry.ts';

/**
 * Returns whether the event has messages of a queue from Lambda's poller. The event of a subscription has `awslogs`.
 */
export function isFromQueue(event: object): event is SQSEvent {
  return 'Records' in event;
}

/**
 * Reports at once how old the oldest message is that was received before. A message on which the function breaks off
 * leaves no other trace. SQS's own age leaves out messages that were received more than three times (FACTS).
 */
export function reportRetries({ Records }: SQSEvent, now = Date.now()): void {
  const sent = Records.filter(isRetried).map(({ attributes }) => Number(attributes.SentTimestamp));
  if (sent.length > 0) reportNow('RetriedMessageAge', Math.max(0, now - Math.min(...sent)) / 1_000);
}

/** How often a message is received before a fault makes it a dead letter. */
const RECEIVES_BEFORE_DEAD = 5;
/** How many attempts in a row may break off before a message becomes a dead letter: two hours. */
const MOST_BREAK_OFFS = 20;

/** The error for a message on which all recent attempts broke off: by the time-out, the memory or a crash. */
class BrokenOffError extends Error {
  readonly code = 'broken-off' satisfies ErrorCode;
}

/**
 * Handles each message by itself. A message that fails stays in the queue and is tried again. If it fails by a fault
 * and was received several times, it becomes a dead letter, with the reason. A message that only waits, for example for
 * a throttled table, never becomes one.
 * @param attempts the notes of attempts. If they are given, a message on which the function always breaks off also
 * becomes a dead   letter. Such a message is handled after the others of its batch.
 */
export async function eachMessage(
  { Records }: SQSEvent,
  handle: (message: SQSRecord) => Promise<unknown>,
  attempts?: Attempts,
): Promise<SQSBatchResponse> {
  const failed: string[] = [];
  for (const { message, brokenOff } of await withBreakOffs(Records, attempts)) {
    try {
      await attempt(message, brokenOff, handle, attempts);
    } catch (error) {
      if (!(await handleFailure(message, error))) failed.push(message.messageId);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Returns the messages, each with how many of its latest attempts broke off, the fewest first. */
async function withBreakOffs(messages: readonly SQSRecord[], attempts: Attempts | undefined) {
  const all = await mapConcurrently(messages, async (message) => {
    // A note that cannot be read cannot be written either: then the message waits.
    const note = isRetried(message) ? await attempts?.noted(noteOf(message)).catch(() => undefined) : undefined;
    return { message, brokenOff: note?.open ?? 0 };
  });
  return all.toSorted((one, other) => one.brokenOff - other.brokenOff);
}

/**
 * Handles a message. From the second attempt on, a note is written before the work. It is deleted after the work,
 * whether that succeeded or failed. So only attempts that broke off leave a note.
 * @throws BrokenOffError if the latest attempts all broke off.
 */
async function attempt(
  message: SQSRecord,
  brokenOff: number,
  handle: (message: SQSRecord) => Promise<unknown>,
  attempts: Attempts | undefined,
): Promise<void> {
  if (attempts !== undefined && isRetried(message)) {
    if (brokenOff >= MOST_BREAK_OFFS)
      throw new BrokenOffError(`The function broke off on the message ${brokenOff} times in a row.`);
    await attempts.change(noteOf(message), () => ({ slices: 0, open: brokenOff + 1 }));
  }
  try {
    await handle(message);
  } finally {
    if (isRetried(message)) await attempts?.forget(noteOf(message));
  }
}

function noteOf({ messageId }: SQSRecord): string {
  return `message ${messageId}`;
}

/** Returns whether the message was received before. */
export function isRetried(message: SQSRecord): boolean {
  return receivesOf(message) > 1;
}

/**
 * Logs the failure. A message that failed too often by a fault becomes a dead letter. Returns whether it did, so that
 * nothing is left to do.
 */
async function handleFailure(message: SQSRecord, error: unknown): Promise<boolean> {
  const isFaulty = isFault(error);
  metrics.add(isFaulty ? 'MessagesFaulty' : 'MessagesWaiting', 1);
  const { messageId } = message;
  logger.error('message failed', { messageId, isFaulty, cause: error instanceof Error ? error : String(error) });
  return isFaulty && receivesOf(message) >= RECEIVES_BEFORE_DEAD && (await moveToDeadLetters(message, error));
}

/** Returns how often the message was received, including this time. */
function receivesOf({ attributes }: SQSRecord): number {
  return Number(attributes.ApproximateReceiveCount);
}

/**
 * Codes of errors that another attempt can avoid. Others wrote the same item, or the hub's bus throttled or denied the
 * call.
 */
const PASSING_CODES: ReadonlySet<string> = new Set(['item-contention', 'record-contention', 'bus']);

/**
 * Returns whether the message or the code is at fault, so that another attempt fails too. Failures of AWS, of the
 * network and of missing permissions are not faults: they pass, or somebody corrects them.
 */
function isFault(error: unknown): boolean {
  const kind = kindOf(error);
  const code = error instanceof Error ? codeOf(error) : '';
  return (kind === 'failed' || kind === 'invalid') && !PASSING_CODES.has(code);
}

/** Puts the message into the dead-letter queue. Returns false if that failed. The message then stays where it is. */
async function moveToDeadLetters({ eventSourceARN, body, messageId }: SQSRecord, cause: unknown): Promise<boolean> {
  try {
    await putDeadLetter(eventSourceARN, { body, cause: cause instanceof Error ? cause.message : String(cause) });
    return true;
  } catch (error) {
    logger.error('not moved to the dead letters', {
      messageId,
      cause: error instanceof Error ? error : String(error),
    });
    return false;
  }
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
 * Returns the failed invocation in a message that Lambda sent to an on-failure queue. Source: Lambda Developer Guide,
 * "Capturing records of Lambda asynchronous invocations". For any other message, such as EventBridge's envelopes,
 * returns its body.
 */
export function failedInvocationOf(message: SQSRecord): unknown {
  const body = bodyOf(message);
  return isJsonObject(body) ? (requestPayloadOf(body) ?? body) : body;
}

function requestPayloadOf(body: JsonObject): JsonObject | undefined {
  return objectAt(body, 'requestPayload');
}
