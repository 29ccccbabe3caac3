import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';

/** A queue of SQS, and how many messages it has. SQS counts approximately. */
export interface Queue {
  readonly arn: string;
  /** The number of messages that wait. Messages that a consumer holds do not count. */
  readonly waiting: number;
}

/** A move of the messages of a dead-letter queue. SQS does it by itself. */
export interface MessageMove {
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED' | 'UNKNOWN';
  /** When it started, in epoch milliseconds. This distinguishes the moves of a queue. */
  readonly startedAt: number;
  /** The number of messages that were moved so far, approximately. */
  readonly moved: number;
  /** Why the move failed, as SQS writes it. Absent if it did not fail. */
  readonly reason?: string | undefined;
}

/**
 * Returns the settings of a client. Requests go to the configured endpoint, such as that of a VPC, and not to the
 * host in a queue's URL.
 */
function sqsSettings(settings: AwsSettings) {
  return { ...clientSettings(settings), useQueueUrlAsEndpoint: false };
}

/** The names of the error for a queue that does not exist: the SDK's, and that in the response's header. */
const NO_QUEUE: ReadonlySet<string> = new Set(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']);

/** Returns the queue of this name in the caller's account and Region. Undefined if it does not exist. */
export async function findQueue(settings: AwsSettings, name: string): Promise<Queue | undefined> {
  const { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const QueueUrl = await callAws('sqs:GetQueueUrl', settings, new SQSClient(sqsSettings(settings)), (client) =>
    client.send(new GetQueueUrlCommand({ QueueName: name })).then(
      (answer) => answer.QueueUrl,
      (error: unknown) => {
        if (error instanceof Error && NO_QUEUE.has(error.name)) return undefined;
        throw error;
      },
    ),
  );
  if (QueueUrl === undefined) return undefined;
  return callAws('sqs:GetQueueAttributes', settings, new SQSClient(sqsSettings(settings)), async (client) => {
    const command = new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'],
    });
    const { Attributes: { QueueArn, ApproximateNumberOfMessages } = {} } = await client.send(command);
    return QueueArn === undefined ? undefined : { arn: QueueArn, waiting: Number(ApproximateNumberOfMessages ?? 0) };
  });
}

/**
 * Starts to move all messages from a dead-letter queue to another queue. SQS goes on by itself. Without a destination,
 * it would move each message to the queue that it came from. Messages of EventBridge came from none.
 * @throws AwsError, for example if a permission is missing, or if another move of that queue is running.
 */
export async function startMove(settings: AwsSettings, from: Queue, to: Queue): Promise<void> {
  const { SQSClient, StartMessageMoveTaskCommand } = await import('@aws-sdk/client-sqs');
  const input = { SourceArn: from.arn, DestinationArn: to.arn };
  await callAws('sqs:StartMessageMoveTask', settings, new SQSClient(sqsSettings(settings)), (client) =>
    client.send(new StartMessageMoveTaskCommand(input)),
  );
}

/** The settings for a function's own role and Region. */
const OWN: AwsSettings = { profile: undefined, region: undefined, credentials: undefined };
/** The longest cause in characters. It counts towards the size of the message. */
const LONGEST_CAUSE = 256;

/**
 * Puts a message of a queue into its dead-letter queue, with the cause as an attribute.
 * @throws AwsError, for example if the message with the cause is too long.
 */
export async function putDeadLetter(
  queueArn: string,
  { body, cause }: { readonly body: string; readonly cause: string },
): Promise<void> {
  const { GetQueueUrlCommand, SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const QueueName = `${queueArn.split(':').at(-1)}-dead`;
  const StringValue = cause.replace(/[^\t\n\r\x20-\x7e]/g, '?').slice(0, LONGEST_CAUSE) || '?';
  await callAws('sqs:SendMessage', OWN, new SQSClient(sqsSettings(OWN)), async (client) => {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
    const MessageAttributes = { cause: { DataType: 'String', StringValue } };
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
  });
}

const STATUSES = ['RUNNING', 'COMPLETED', 'CANCELLING', 'CANCELLED', 'FAILED'] as const;

/** Returns the latest move of a dead-letter queue. Undefined if there was none. */
export async function latestMove(settings: AwsSettings, { arn }: Queue): Promise<MessageMove | undefined> {
  const { ListMessageMoveTasksCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  return callAws('sqs:ListMessageMoveTasks', settings, new SQSClient(sqsSettings(settings)), async (client) => {
    const { Results: [latest] = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: arn }));
    if (latest === undefined) return undefined;
    const { Status, StartedTimestamp: startedAt = 0, ApproximateNumberOfMessagesMoved: moved = 0 } = latest;
    const status = STATUSES.find((each) => each === Status) ?? 'UNKNOWN';
    return { status, startedAt, moved, reason: latest.FailureReason };
  });
}

/** Returns whether the move is still going on. */
export function isMoving(move: MessageMove | undefined): boolean {
  return move?.status === 'RUNNING' || move?.status === 'CANCELLING';
}
