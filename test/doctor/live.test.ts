import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { type Account, startAccount } from '../../local/account/server.ts';
import type { World } from '../../local/eks/server.ts';
import { ONE_SENTENCE, person, shown } from '../kubeconfig/running.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((end) => end()));
});

async function signedIn(world: Partial<World>, account: Partial<Account>) {
  const { eksWhois, aws, keep } = await person(world);
  const services = await startAccount(account);
  running.push(services.close);
  const endpoints = {
    AWS_ENDPOINT_URL_CLOUDTRAIL: services.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: services.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: services.url,
    AWS_ENDPOINT_URL_IAM: services.url,
  };
  const doctor = (...args: readonly string[]) => eksWhois(['doctor', ...args], endpoints);
  return { doctor, aws, services, keep };
}

const ROLE = 'arn:aws:iam::111122223333:role/people/dev';
const ALLOW = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::444455556666:root' }, Action: 'sts:AssumeRole' };
const SICK: [Partial<World>, Partial<Account>] = [
  {
    clusters: [
      {
        name: 'prod',
        region: 'eu-west-1',
        accessEntries: { [ROLE]: 'dev', 'arn:aws:iam::444455556666:role/far': undefined },
      },
      { name: 'staging', region: 'eu-central-1', auditLog: false },
    ],
  },
  {
    filters: { '/aws/eks/prod/cluster': [] },
    cutEntries: 2,
    trails: [{ name: 'audit', homeRegion: 'eu-west-1', multiRegion: false, readWriteType: 'WriteOnly' }],
    rules: [{ region: 'eu-west-1', name: 'sts', state: 'ENABLED', pattern: { source: ['aws.sts'] } }],
    roles: { [ROLE]: { Statement: [ALLOW] } },
    records: ['alice', 'EKSGetTokenAuth'].map((roleSessionName, n) => ({
      eventID: `event-${n}`,
      eventName: 'AssumeRole',
      awsRegion: 'us-east-1',
      userIdentity: { type: 'AWSAccount', accountId: '444455556666' },
      requestParameters: { roleArn: ROLE, roleSessionName },
    })),
  },
];
const WELL: [Partial<World>, Partial<Account>] = [
  { clusters: [{ name: 'prod', region: 'eu-west-1', accessEntries: { [ROLE]: undefined } }], pageSize: 1 },
  {
    filters: { '/aws/eks/prod/cluster': ['eks-whois'] },
    trails: [{ name: 'all', homeRegion: 'eu-west-1', multiRegion: true, logGroup: 'trail' }],
    roles: { [ROLE]: { Statement: [{ ...ALLOW, Condition: { Null: { 'sts:SourceIdentity': 'false' } } }] } },
  },
];

test('an account in which everything is wrong', async () => {
  const { doctor, services } = await signedIn(...SICK);
  const ended = await doctor();
  await expect(shown(ended)).toMatchFileSnapshot('../golden/doctor-account.txt');
  expect(ended.status).toBe(3);
  const operations = services.requests.map((request) => request.split(' ')[0] ?? '');
  expect(operations.filter((operation) => !/^(?:Describe|Get|List|Lookup|StartQuery)/.test(operation))).toEqual([]);
});

test('an account in which all is well', async () => {
  const { doctor, keep } = await signedIn(...WELL);
  await keep('aws-auth.yaml', 'data: {mapRoles: ""}');
  const ended = await doctor('--aws-auth', 'aws-auth.yaml', '--region', 'eu-west-1');
  await expect(shown(ended)).toMatchFileSnapshot('../golden/doctor-account-well.txt');
  expect(ended.status).toBe(0);
});

test('what is denied is said, with the permission, and is no finding', async () => {
  const denied = [
    'DescribeSubscriptionFilters',
    'StartQuery',
    'DescribeTrails',
    'ListRules',
    'GetRole',
    'LookupEvents',
  ];
  const { doctor, aws } = await signedIn(WELL[0], { ...WELL[1], denied });
  aws.addFault({ operation: 'DescribeRegions', kind: 'denied' });
  const ended = await doctor('--region', 'eu-west-1');
  await expect(shown(ended)).toMatchFileSnapshot('../golden/doctor-account-denied.txt');
  expect(ended.status).toBe(1);
});

test('access entries that may not be read keep nothing from the rest', async () => {
  const { doctor, aws } = await signedIn(...SICK);
  aws.addFault({ operation: 'ListAccessEntries', kind: 'denied' });
  const { stdout } = await doctor('--region', 'eu-west-1', '--output', 'json');
  const answer: unknown = JSON.parse(stdout);
  expect(answer).toMatchObject({
    unchecked: expect.arrayContaining([
      expect.objectContaining({ permission: 'eks:ListAccessEntries, eks:DescribeAccessEntry' }),
    ]),
    findings: expect.arrayContaining([expect.objectContaining({ id: 'trail-write-only' })]),
  });
});

test('the service is asked for the sessions that it could not attribute', async () => {
  const row = { reasons: ['no-matching-grant'], last: new Date().toISOString(), caller: { username: 'dev' } };
  const service = createServer((_, response) => response.end(JSON.stringify({ sessions: [row] })));
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  running.push(async () => service.close());
  const address = service.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { doctor } = await signedIn(...WELL);
  const { stdout, status } = await doctor('--region', 'eu-west-1', '--api', `http://127.0.0.1:${port}`);
  expect(stdout).toContain('sessions-unnamed  no-matching-grant\n  seen: 1 session of the last 7 days: dev.');
  expect(status).toBe(3);
});

test.each([
  ['expired credentials', 'expired', [], 1, /have expired/],
  ['what is not AWS', 'garbage', [], 1, /was not AWS/],
  ['no Region', undefined, ['--region', 'europe'], 2, /europe is no Region/],
] as const)('%s end it with one sentence', async (_, kind, args, status, reason) => {
  const { doctor, aws } = await signedIn(...WELL);
  if (kind !== undefined) aws.addFault({ kind });
  const ended = await doctor(...args);
  expect(ended).toMatchObject({ stdout: '', status });
  expect(ended.stderr).toMatch(ONE_SENTENCE);
  expect(ended.stderr).toMatch(reason);
});
