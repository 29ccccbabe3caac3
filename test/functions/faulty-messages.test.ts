import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { eachMessage, reportRetries } from '../../functions/wiring/messages.ts';
import { deadLetterName } from '../../infra/queue-names.ts';
import { type QueuesServer, startQueues } from '../stand-ins/aws/queues.ts';
import { queueEvent } from './deployed.ts';
import { enterLambda, leaveLambda } from './within-lambda.ts';

const QUEUE = 'eks-whois-dev-spoke-batches';
const DEAD = deadLetterName(QUEUE);
let queues: QueuesServer;
let logged: string[] = [];
let messages: { readonly eachMessage: typeof eachMessage; readonly reportRetries: typeof reportRetries };

beforeAll(async () => {
  queues = await startQueues({ messages: { [DEAD]: 0 } });
  const own = {
    AWS_ENDPOINT_URL_SQS: queues.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDLOCAL',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_METRICS_DISABLED: 'false',
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_SERVICE_NAME: 'eks-whois-dev',
  };
  enterLambda(own, (line) => void logged.push(String(line)));
  messages = await import('../../functions/wiring/messages.ts');
});

beforeEach(() => {
  logged = [];
});

afterAll(async () => {
  await queues.close();
  leaveLambda();
});

/** Returns the event of one message that was received so many times. */
function received(times: number, queue = QUEUE) {
  const { Records } = queueEvent([{ some: 'body' }], queue);
  const attributes = { ApproximateReceiveCount: String(times), SentTimestamp: '1000' };
  return { Records: Records.map((message) => ({ ...message, attributes }) as SQSRecord) };
}

const fault = () => Promise.reject(new TypeError('cannot read \u2028 it'));
const named = (name: string) => () => Promise.reject(Object.assign(new Error('later'), { name }));
const coded = (code: string) => () => Promise.reject(Object.assign(new Error('later'), { code }));
const LEFT = { batchItemFailures: [{ itemIdentifier: 'message-0' }] };
const TAKEN = { batchItemFailures: [] };

describe('a message on which a function fails', () => {
  it('is tried four more times, and then becomes a dead letter with its cause', async () => {
    for (const times of [1, 2, 3, 4])
      expect(await messages.eachMessage(received(times), fault), String(times)).toEqual(LEFT);
    expect(queues.sent).toEqual([]);
    expect(await messages.eachMessage(received(5), fault)).toEqual(TAKEN);
    expect(queues.sent).toEqual([{ name: DEAD, body: '{"some":"body"}', cause: 'cannot read ? it' }]);
    expect(logged.join()).toContain('message failed');
  });

  it('stays in its queue if it cannot be moved', async () => {
    expect(await messages.eachMessage(received(5, 'another'), fault)).toEqual(LEFT);
    expect(logged.join()).toContain('not moved to the dead letters');
  });
});

describe('a message that waits', () => {
  it('never becomes a dead letter by the function, however often it was received', async () => {
    const before = queues.sent.length;
    const later = [
      ...['ThrottlingException', 'ProvisionedThroughputExceededException', 'TimeoutError', 'AccessDeniedException'].map(
        named,
      ),
      ...['ECONNRESET', 'unprocessed-items', 'item-contention', 'record-contention', 'bus'].map(coded),
    ];
    for (const handle of later) expect(await messages.eachMessage(received(900), handle)).toEqual(LEFT);
    expect(queues.sent.length).toBe(before);
  });

  it('is reported with its age before it is handled, from the second time on', () => {
    const ages = () => logged.flatMap((line) => /"RetriedMessageAge":(\d+)/.exec(line)?.[1] ?? []).map(Number);
    messages.reportRetries(received(1), 601_000);
    expect(ages()).toEqual([]);
    messages.reportRetries(received(2), 601_000);
    expect(ages()).toEqual([600]);
    expect(logged.join()).toContain('"service":"eks-whois-dev"');
  });
});
