import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { isConfirmed } from '../../cli/redrive/action.ts';
import { deadLetterName, QUEUE_TITLES, queueName } from '../../infra/queue-names.ts';
import { runWithin } from '../builders/within.ts';
import { completed, type QueuesServer, startQueues } from '../stand-ins/aws/queues.ts';

const PREFIX = 'eks-whois-prod';
const servers: QueuesServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** The queues of a hub with EventBridge, with this many dead letters, and one dead letter of another deployment. */
function hub(dead: Readonly<Record<string, number>> = {}): Record<string, number> {
  const names = QUEUE_TITLES.filter((title) => title !== 'failed-grant-batches').map((title) =>
    queueName(PREFIX, title),
  );
  const own = names.flatMap((name) => [
    [name, 1],
    [deadLetterName(name), dead[name.slice(PREFIX.length + 1)] ?? 0],
  ]);
  return { ...Object.fromEntries(own), 'eks-whois-prod-2-sts-events-dead': 9, 'eks-whois-prod-2-sts-events': 0 };
}

async function deployed(options: Parameters<typeof startQueues>[0]) {
  const server = await startQueues(options);
  servers.push(server);
  const environment = {
    HOME: '/nowhere',
    AWS_ENDPOINT_URL: server.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAALICE00000000001',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  const redrive = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    runWithin(['redrive', ...args], { environment: { ...environment, ...more } });
  return { server, redrive };
}

const HERE = ['--prefix', PREFIX];
const NAMED = { EKS_WHOIS_TABLE: `${PREFIX}-records` };

describe('redrive', () => {
  it('shows how many dead letters each queue of the deployment has, and with --dry-run moves none', async () => {
    const { server, redrive } = await deployed({ messages: hub({ 'sts-events': 12 }) });
    const { status, output } = await redrive([...HERE, '--dry-run']);
    expect(status).toBe(0);
    expect(output).toBe(
      [
        'QUEUE                          DEAD  WAITING',
        'eks-whois-prod-failed-batches  0     1',
        'eks-whois-prod-sts-events      12    1',
        'eks-whois-prod-spoke-batches   0     1',
        '',
      ].join('\n'),
    );
    expect(server.started).toEqual([]);
  });

  it('moves them to the queue that feeds the function, and reports what was moved', async () => {
    const { server, redrive } = await deployed({ messages: hub({ 'sts-events': 12, 'spoke-batches': 3 }) });
    const { status, output, errors } = await redrive(['--yes'], NAMED);
    expect(errors).toMatch(/The service processes the messages again\./);
    expect(status).toBe(0);
    expect(server.started).toEqual([
      'eks-whois-prod-sts-events-dead -> eks-whois-prod-sts-events',
      'eks-whois-prod-spoke-batches-dead -> eks-whois-prod-spoke-batches',
    ]);
    expect(output).toMatch(/^eks-whois-prod-sts-events +completed +12 +0$/m);
    expect(output).toMatch(/^eks-whois-prod-spoke-batches +completed +3 +0$/m);
  });

  it('moves only the named queues', async () => {
    const { server, redrive } = await deployed({ messages: hub({ 'sts-events': 12, 'spoke-batches': 3 }) });
    expect((await redrive(['spoke-batches', ...HERE, '--yes'])).status).toBe(0);
    expect(server.started).toEqual(['eks-whois-prod-spoke-batches-dead -> eks-whois-prod-spoke-batches']);
  });

  it('waits for the move that it started, not for the one before', async () => {
    const moves = { 'eks-whois-prod-sts-events-dead': [{ Status: 'RUNNING', StartedTimestamp: 2 }, completed(12)] };
    const { redrive } = await deployed({ messages: hub({ 'sts-events': 12 }), moves });
    const { status, output } = await redrive([...HERE, '--yes']);
    expect(status).toBe(0);
    expect(output).toMatch(/^eks-whois-prod-sts-events +completed +12 +0$/m);
  });

  it('does not start a second move of a queue, but waits for the first', async () => {
    const dead = 'eks-whois-prod-sts-events-dead';
    const moves = { [dead]: [{ Status: 'RUNNING', StartedTimestamp: 1 }, completed(12, 1)] };
    const { server, redrive } = await deployed({ messages: hub({ 'sts-events': 12 }), moves, running: dead });
    const { status, errors } = await redrive([...HERE, '--yes']);
    expect(status).toBe(0);
    expect(errors).toMatch(/A move of eks-whois-prod-sts-events-dead is already running\./);
    expect(server.started).toEqual([]);
  });

  it('says that there is nothing to move', async () => {
    const { redrive } = await deployed({ messages: hub() });
    const { status, errors } = await redrive(HERE);
    expect(errors).toBe('eks-whois: There are no dead letters in 3 queues of eks-whois-prod.\n');
    expect(status).toBe(0);
  });

  it('moves nothing without a terminal to ask at, unless --yes is given', async () => {
    const { server, redrive } = await deployed({ messages: hub({ 'sts-events': 1 }) });
    const { status, errors } = await redrive(HERE);
    expect(status).toBe(2);
    expect(errors).toMatch(/there is no terminal to ask at\. Give --yes/);
    expect(server.started).toEqual([]);
  });

  it.each([
    ['GetQueueUrl', 'sqs:GetQueueUrl'],
    ['GetQueueAttributes', 'sqs:GetQueueAttributes'],
    ['ListMessageMoveTasks', 'sqs:ListMessageMoveTasks'],
    ['StartMessageMoveTask', 'sqs:StartMessageMoveTask'],
  ])('names the permission that is missing: %s', async (operation, action) => {
    const { redrive } = await deployed({ messages: hub({ 'sts-events': 1 }), denied: [operation] });
    const { status, errors } = await redrive([...HERE, '--yes']);
    expect(status).toBe(1);
    expect(errors).toMatch(new RegExp(`AWS denied ${action} in eu-west-1: .*Ask for that permission`));
  });

  it('reports a move that failed, with the reason and what is left, and moves the others', async () => {
    const failed = {
      Status: 'FAILED',
      StartedTimestamp: 2,
      ApproximateNumberOfMessagesMoved: 5,
      FailureReason: 'AccessDenied',
    };
    const moves = { 'eks-whois-prod-sts-events-dead': [failed] };
    const { redrive } = await deployed({ messages: hub({ 'sts-events': 12, 'spoke-batches': 3 }), moves });
    const { status, output, errors } = await redrive([...HERE, '--yes']);
    expect(status).toBe(1);
    expect(output).toMatch(/^eks-whois-prod-sts-events +failed +5 +7$/m);
    expect(output).toMatch(/^eks-whois-prod-spoke-batches +completed +3 +0$/m);
    expect(errors).toMatch(/The move of eks-whois-prod-sts-events-dead ended as failed: AccessDenied\. Fix the cause/);
  });

  it.each([
    [
      'a deployment that does not exist',
      ['--prefix', 'eks-whois-test'],
      1,
      /no dead-letter queue of eks-whois-test in eu-west-1/,
    ],
    [
      'a queue that it does not have',
      ['failed-grant-batches', ...HERE],
      1,
      /eks-whois-prod-failed-grant-batches-dead does not exist/,
    ],
    ['a queue that no deployment has', ['sts-event', ...HERE], 2, /sts-event/],
    ['no deployment', [], 2, /Give --prefix/],
    ['a prefix that is none', ['--prefix', 'a b'], 2, /--prefix is not valid/],
    ['a Region that is none', [...HERE, '--region', 'ireland'], 2, /ireland is not an AWS Region/],
  ])('refuses %s', async (_, args, expected, sentence) => {
    const { redrive } = await deployed({ messages: hub({ 'sts-events': 1 }) });
    const { status, errors } = await redrive(args);
    expect(errors).toMatch(sentence);
    expect(status).toBe(expected);
  });
});

describe('the question', () => {
  it.each([
    ['y\n', true],
    ['Yes\n', true],
    ['\n', false],
    ['n\n', false],
    ['yesterday\n', false],
    ['', false],
  ])('is answered by %j', async (typed, expected) => {
    const input = new PassThrough();
    const answer = isConfirmed('Move? ', input, new PassThrough());
    input.end(typed);
    expect(await answer).toBe(expected);
  });
});
