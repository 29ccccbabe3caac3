import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';

/** A queue of SQS, with how many messages it has. SQS counts approximately. */
export interface Queue {
  readonly arn: string;
  /** Messages that wait. Messages that a consumer holds are not counted. */
  readonly waiting: number;
}

/** A move of the messages of a dead-letter queue, which SQS does by itself. */
export interface MessageMove {
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED' | 'UNKNOWN';
  /** The time at which it started, in epoch milliseconds. It distinguishes the moves of a queue. */
  readonly startedAt: number;
  /** Messages moved so far, approximately. */
  readonly moved: number;
  /** Reason of a failed move, as SQS writes it. */
  readonly reason?: string | undefined;
}

/** Returns the settings of a client. Requests go to the endpoint that is set, such as that of a VPC, not to the host of a queue's URL. */
function sqsSettings(settings: AwsSettings) {
  return { ...clientSettings(settings), useQueueUrlAsEndpoint: false };
}

/** Names of the error for a queue that does not exist: the SDK's, and the one in the header of the response. */
const NO_QUEUE: ReadonlySet<string> = new Set(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']);

/** Returns the queue of this name in the caller's account and Region; undefined if it does not exist. */
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
 * Starts to move all messages from a dead-letter queue to another queue. SQS continues by itself. Without a destination it
 * would move each message to the queue that it came from, and messages of EventBridge came from none.
 * @throws AwsError, for example if a permission is missing or if a move of that queue is running.
 */
export async function startMove(settings: AwsSettings, from: Queue, to: Queue): Promise<void> {
  const { SQSClient, StartMessageMoveTaskCommand } = await import('@aws-sdk/client-sqs');
  const input = { SourceArn: from.arn, DestinationArn: to.arn };
  await callAws('sqs:StartMessageMoveTask', settings, new SQSClient(sqsSettings(settings)), (client) =>
    client.send(new StartMessageMoveTaskCommand(input)),
  );
}

/** Settings of a function: its role, and its Region. */
const OWN: AwsSettings = { profile: undefined, region: undefined, credentials: undefined };
/** The longest cause in characters. It counts to the size of the message. */
const LONGEST_CAUSE = 256;

/**
 * Puts a message of a queue into the dead-letter queue behind it, with the cause as an attribute.
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

/** Returns the latest move of a dead-letter queue; undefined if there was none. */
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

/** Returns whether the move continues. */
export function isMoving(move: MessageMove | undefined): boolean {
  return move?.status === 'RUNNING' || move?.status === 'CANCELLING';
}
