import { createHash } from 'node:crypto';
import { filledTextAt, objectAt } from '../../../lib/json.ts';
import { type AwsAnswer, type AwsRequest, json, refused, startAws, textsAt } from './server.ts';

/** A move that the stand-in lists: one entry for each time that it is asked, the last one from then on. */
type ListedMove = Readonly<Record<string, string | number>>;

interface QueuesOptions {
  /** Number of messages by the queue's name. A queue that is not listed does not exist. */
  readonly messages: Readonly<Record<string, number>>;
  /** The moves that ListMessageMoveTasks lists after a start, by the source's name. Without it, a move completes at once. */
  readonly moves?: Readonly<Record<string, readonly ListedMove[]>>;
  /** A move of this queue that is running from the beginning. */
  readonly running?: string;
  /** Operations that are denied. */
  readonly denied?: readonly string[];
}

/** A message, the queue that it was sent to, and its attribute `cause`. */
interface SentMessage {
  readonly name: string;
  readonly body: string;
  readonly cause: string;
}

export interface QueuesServer {
  readonly url: string;
  /** Number of messages by the queue's name, now. */
  readonly messages: Map<string, number>;
  /** `<source> -> <destination>` of each move that was started. */
  readonly started: readonly string[];
  /** The messages that were sent. */
  readonly sent: readonly SentMessage[];
  close(): Promise<void>;
}

const ARN = 'arn:aws:sqs:eu-west-1:111122223333:';
const NO_QUEUE = refused('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.');

/** Starts the stand-in for SQS: its JSON protocol, as far as `redrive` and the functions use it (SQS API Reference). */
export async function startQueues(options: QueuesOptions): Promise<QueuesServer> {
  const messages = new Map(Object.entries(options.messages));
  const started: string[] = [];
  const sent: SentMessage[] = [];
  const listed = new Map<string, ListedMove[]>();
  if (options.running !== undefined) listed.set(options.running, movesOf(options.running));

  function movesOf(source: string): ListedMove[] {
    return [...(options.moves?.[source] ?? [completed(messages.get(source) ?? 0)])];
  }

  function start(source: string, destination: string): AwsAnswer {
    if (!messages.has(source) || !messages.has(destination)) return refused('ResourceNotFoundException');
    started.push(`${source} -> ${destination}`);
    listed.set(source, movesOf(source));
    return json({ TaskHandle: 'handle' });
  }

  function latest(source: string): AwsAnswer {
    const moves = listed.get(source) ?? [];
    const move = moves.length > 1 ? moves.shift() : moves[0];
    return json({ Results: move === undefined ? [] : [{ SourceArn: ARN + source, ...move }] });
  }

  const answers: Readonly<Record<string, (input: AwsRequest['input']) => AwsAnswer>> = {
    GetQueueUrl(input) {
      const [name = ''] = textsAt(input, 'QueueName');
      return messages.has(name)
        ? json({ QueueUrl: `https://sqs.eu-west-1.amazonaws.com/111122223333/${name}` })
        : NO_QUEUE;
    },
    GetQueueAttributes(input) {
      const name = textsAt(input, 'QueueUrl')[0]?.split('/').at(-1) ?? '';
      const count = String(messages.get(name) ?? 0);
      return json({ Attributes: { QueueArn: ARN + name, ApproximateNumberOfMessages: count } });
    },
    SendMessage(input) {
      const [body = '', url = ''] = textsAt(input, 'MessageBody', 'QueueUrl');
      const cause = objectAt(objectAt(objectAt({ input }, 'input'), 'MessageAttributes'), 'cause');
      const name = url.split('/').at(-1) ?? '';
      messages.set(name, (messages.get(name) ?? 0) + 1);
      sent.push({ name, body, cause: filledTextAt(cause, 'StringValue') ?? '' });
      return json({ MessageId: 'sent', MD5OfMessageBody: createHash('md5').update(body).digest('hex') });
    },
    StartMessageMoveTask(input) {
      const [source = '', destination = ''] = textsAt(input, 'SourceArn', 'DestinationArn');
      return start(source.slice(ARN.length), destination.slice(ARN.length));
    },
    ListMessageMoveTasks: (input) => latest((textsAt(input, 'SourceArn')[0] ?? '').slice(ARN.length)),
  };
  const server = await startAws(({ operation, input }) => {
    if (options.denied?.includes(operation) === true)
      return refused(
        'AccessDeniedException',
        `User alice is not authorized to perform: sqs:${operation.toLowerCase()}`,
      );
    return answers[operation]?.(input) ?? refused('InvalidAction');
  });
  return { ...server, messages, started, sent };
}

export function completed(moved: number, startedAt = 2): ListedMove {
  return { Status: 'COMPLETED', StartedTimestamp: startedAt, ApproximateNumberOfMessagesMoved: moved };
}
