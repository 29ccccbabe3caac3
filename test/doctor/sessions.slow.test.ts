import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from 'vitest';
import { dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { DAY, epochMillis } from '../../lib/time.ts';
import { account, eventOf, grantOf, jsonLines } from '../backfill/running.ts';
import { person } from '../kubeconfig/running.ts';
import { startAccount } from '../stand-ins/aws/account.ts';

const KEYS = { accessKeyId: 'AKIAALICE00000000001', secretAccessKey: 'secret' };

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((end) => end()));
});

/** `eks-whois doctor --table …` over the tables of a deployed service, in an account with a trail and no clusters. */
async function doctorOver(dynamodb: string, environment: Readonly<Record<string, string>> = {}) {
  const [{ eksWhois }, services] = await Promise.all([
    person(),
    startAccount({ trails: [{ name: 'all', homeRegion: 'us-east-1', multiRegion: true, logGroup: 'trail' }] }),
  ]);
  running.push(services.close);
  return (...args: readonly string[]) =>
    eksWhois(['doctor', ...args], {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
      AWS_ENDPOINT_URL_CLOUDTRAIL: services.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: services.url,
      ...environment,
    });
}

test('unidentified sessions in the tables are reported by reason, with the question for one of each', async () => {
  const { backfill, folder, aws } = await account();
  const nameless = { ...eventOf(4), user: { username: 'x', uid: 'aws-iam-authenticator:1:what' } };
  const audit = folder.file('audit.jsonl', jsonLines([eventOf(1), eventOf(2), eventOf(3), nameless]));
  const trail = folder.file('trail.json', JSON.stringify({ Records: [grantOf(3)] }));
  expect((await backfill(['--audit', audit, '--cloudtrail', trail])).status).toBe(0);
  const doctor = await doctorOver(aws.url);
  const { status, stdout } = await doctor('--table', 'eks-whois-test', '--output', 'json');
  const { findings } = JSON.parse(stdout) as { findings: readonly Record<string, string>[] };
  expect(findings.map(({ id, subject }) => `${id} ${subject}`).toSorted()).toEqual([
    'sessions-unnamed malformed-identity',
    'sessions-unnamed no-matching-grant',
  ]);
  const found = findings.find(({ subject }) => subject === 'no-matching-grant');
  expect(found?.evidence).toMatch(/^2 sessions of the last 7 days: /);
  expect(found?.mend).toMatch(
    /`eks-whois whois --access-key-id ASIAPERSON000000000[12] --at \S+Z --profile <of 111122223333>`/,
  );
  expect(status).toBe(3);
});

test('a service given by its name is checked like its tables, and its steps use the name', async () => {
  const { backfill, folder, aws } = await account();
  const audit = folder.file(
    'audit.jsonl',
    jsonLines([{ ...eventOf(4), user: { username: 'x', uid: 'aws-iam-authenticator:1:what' } }]),
  );
  expect((await backfill(['--audit', audit])).status).toBe(0);
  const configuration = folder.file('services.yaml', 'services: {prod: {table: eks-whois-test}}\n');
  const doctor = await doctorOver(aws.url, { EKS_WHOIS_CONFIG: configuration });
  const named = await doctor('--service', 'prod');
  expect(named.stdout).toContain('`eks-whois sessions --status unattributed --service prod');
  expect(named.status).toBe(3);
  folder.file('services.yaml', 'services: {prod: {table: eks-whois-test}}\ndefault: prod\n');
  const byDefault = await doctor();
  expect(byDefault.stdout).toContain('`eks-whois sessions --status unattributed --table eks-whois-test');
});

test('tables without such a session, and an account without a finding, are in order', async () => {
  const { backfill, folder, aws } = await account();
  const audit = folder.file('audit.jsonl', jsonLines([eventOf(3)]));
  const trail = folder.file('trail.json', JSON.stringify({ Records: [grantOf(3)] }));
  expect((await backfill(['--audit', audit, '--cloudtrail', trail])).status).toBe(0);
  const doctor = await doctorOver(aws.url);
  expect(await doctor('--table', 'eks-whois-test-claims')).toMatchObject({ status: 0, stderr: '' });
});

test('a service that does not record some reads says for which it cannot identify callers', async () => {
  const { aws } = await account();
  const client = new DynamoDBClient({ endpoint: aws.url, region: 'eu-west-1', credentials: KEYS });
  const clock = () => epochMillis(Date.now());
  const keep = { records: DAY, sessions: DAY };
  const { counts } = dynamoDbStores({ client, tables: tableNames('eks-whois-test'), clock, keep });
  await counts.noteIngest(['leases', 'events']);
  client.destroy();
  const doctor = await doctorOver(aws.url);
  const { status, stdout } = await doctor('--table', 'eks-whois-test');
  expect(stdout).toMatch(/sessions that do nothing but read leases, events: the service does not record these reads/);
  expect(status).toBe(0);
});
