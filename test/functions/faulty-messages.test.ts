import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { eachMessage, reportRetries } from '../../functions/wiring/messages.ts';
import { deadLetterName } from '../../infra/queue-names.ts';
import { NOW } from '../contract/now.ts';
import { type QueuesServer, startQueues } from '../stand-ins/aws/queues.ts';
import { MemoryAttempts } from '../stand-ins/memory/memory-attempts.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
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

describe('a message on which the function breaks off', () => {
  const never = () => new Promise<never>(() => undefined);
  const ids = (count: number) => Array.from({ length: count }, (_, at) => at);
  /** Several messages that were all received before. */
  const several = (times: number) => {
    const { Records } = queueEvent(['poison', 'one', 'other'], QUEUE);
    return {
      Records: Records.map(
        (message) => ({ ...message, attributes: received(times).Records[0]?.attributes }) as SQSRecord,
      ),
    };
  };

  /** Handles messages until the function stands still on one of them, and returns which were handled. */
  async function brokenOff(event: { readonly Records: SQSRecord[] }, attempts: MemoryAttempts) {
    const handled: string[] = [];
    await new Promise<void>((resolve) => {
      const handle = async ({ body }: SQSRecord) => {
        handled.push(body);
        if (body !== '"poison"') return;
        resolve();
        await never();
      };
      void messages.eachMessage(event, handle, attempts);
    });
    return handled;
  }

  it('is tried 20 times besides the first, then becomes a dead letter, and holds back no other of its batch', async () => {
    const attempts = new MemoryAttempts(calmWorld(() => NOW));
    const before = queues.sent.length;
    expect(await brokenOff(several(1), attempts)).toEqual(['"poison"']);
    expect(await brokenOff(several(2), attempts)).toEqual(['"poison"']);
    for (const at of ids(19))
      expect(await brokenOff(several(3 + at), attempts)).toEqual(['"one"', '"other"', '"poison"']);
    expect(queues.sent.length).toBe(before);
    expect(await messages.eachMessage(several(22), () => Promise.resolve(), attempts)).toEqual(TAKEN);
    expect(queues.sent.slice(before)).toEqual([
      { name: DEAD, body: '"poison"', cause: 'The function broke off on the message 20 times in a row.' },
    ]);
  });

  it('begins again once an attempt ends, even if the message only waits', async () => {
    const attempts = new MemoryAttempts(calmWorld(() => NOW));
    const before = queues.sent.length;
    const one = (times: number) => ({ Records: several(times).Records.slice(0, 1) });
    for (const round of [0, 1]) {
      for (const at of ids(19)) await brokenOff(one(2 + round * 20 + at), attempts);
      expect(await messages.eachMessage(one(21 + round * 20), named('ThrottlingException'), attempts)).toEqual(LEFT);
    }
    expect(queues.sent.length).toBe(before);
    expect(await attempts.noted('message message-0')).toBeUndefined();
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
