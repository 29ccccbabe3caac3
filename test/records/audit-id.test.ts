import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { DAY, epochMillis } from '../../lib/time.ts';
import { iamUserOfCluster } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { type DeployedTables, startTables, TABLE } from './deployed-tables.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const HOSTILE = 'mallory\u001b[2J\nthe only record';

let tables: DeployedTables;

beforeAll(async () => {
  tables = await startTables();
  await store([
    recordAt('12:10:00', { auditID: 'one' }),
    recordAt('12:10:00', { auditID: 'stages', stage: 'ResponseStarted' }),
    recordAt('12:10:00', { auditID: 'stages' }),
    recordAt('12:10:00', { auditID: "it's shared" }),
    recordAt('12:09:00', { auditID: "it's shared", user: iamUserOfCluster('AKIAALICE00000000001') }),
    recordAt('12:08:00', { auditID: "it's shared", user: { username: HOSTILE } }),
    recordAt('12:07:00', { auditID: "it's shared", user: { username: HOSTILE } }),
    recordAt('12:10:00', { auditID: 'buried', sourceIPs: ['203.0.113.7'] }),
    ...Array.from({ length: 210 }, (_, at) =>
      recordAt(`13:10:00.${1_000 + at}`, {
        auditID: 'buried',
        sourceIPs: ['198.51.100.9'],
        user: { username: HOSTILE },
      }),
    ),
  ]);
});

afterAll(async () => tables?.stop());

function recordAt(time: string, fields: JsonObject): StoredRecord {
  return storedRecord({ requestReceivedTimestamp: utc(time), ...fields }, [grant()]);
}

async function store(records: readonly StoredRecord[]): Promise<void> {
  const client = new DynamoDBClient({ endpoint: tables.aws.url, region: 'eu-west-1', credentials: CREDENTIALS });
  const names = tableNames(TABLE);
  const clock = () => epochMillis(Date.now());
  const stores = dynamoDbStores({ client, tables: names, clock, keep: { records: DAY, sessions: DAY } });
  await stores.records.insert(records);
  client.destroy();
}

const whois = (auditId: string, ...args: readonly string[]) => tables.run(['whois', '--audit-id', auditId, ...args]);

describe('whois by an audit ID', () => {
  it('shows the caller of the answer', async () => {
    const { status, output, errors } = await whois('one');
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    expect(output).toMatch(/^alice {2}\(IAM user\) {2}attributed, by access key\n/);
    expect(output).toContain('  caller          project-admin, session alice-session, key ASIAALICESESSION0001');
    expect(output).toContain('  certainty       Certain: CloudTrail shows this access key being issued to them.');
    expect(output).not.toContain('have this audit ID');
  });

  it('says that several requests have it, and whose they are, before and after the answer for the latest', async () => {
    const { status, output } = await whois("it's shared");
    expect(status).toBe(0);
    expect(output).toMatch(/^4 requests have this audit ID: the client can choose it\. The latest one:\n\nalice /);
    expect(output).toContain(
      'certainty       About the latest of 4 requests with this audit ID. Certain: CloudTrail shows this access key being issued',
    );
    expect(output).toMatch(/LATEST +REQUESTS +WHO +STATUS +CALLER\n/);
    expect(output).toMatch(/12:10:00Z +1 +alice \(IAM user, 111122223333\) +attributed +project-admin, session alice/);
    expect(output).toMatch(/12:09:00Z +1 .* +attributed +alice, key AKIAALICE/);
    expect(output).toMatch(/12:08:00Z +2 +mallory\\u001b\[2J\\u000athe only record \(Kubernetes user\) +attributed/);
    expect(output).toContain(`eks-whois records --audit-id 'it'\\''s shared' --table ${TABLE}\n`);
  });

  it('counts the stages of one request as one', async () => {
    const { output } = await whois('stages');
    expect(output).toMatch(/^alice {2}\(IAM user\) {2}attributed/);
    expect(output).not.toContain('have this audit ID');
  });

  it('writes only the attribution to standard output as JSON, and the rest to standard error', async () => {
    const shared = await whois("it's shared", '--output', 'json');
    expect(JSON.parse(shared.output)).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
    expect(shared.errors).toMatch(
      /^4 requests have this audit ID: the client can choose it\. The answer is about the latest request\./,
    );
    expect(shared.errors).toMatch(/12:08:00Z +2 +mallory\\u001b/);
    const one = await whois('one', '--output', 'json');
    expect(one.errors).toBe('');
    expect(JSON.parse(one.output)).toMatchObject({ caller: { kind: 'role-session', username: 'project-admin' } });
  });

  it('says where to query the records: in the given Region and with the given profile', async () => {
    const { output } = await whois("it's shared", '--region', 'eu-west-1');
    expect(output).toContain(`  eks-whois records --audit-id 'it'\\''s shared' --table ${TABLE} --region eu-west-1\n`);
  });

  it('says that no record has it', async () => {
    const { status, output, errors } = await whois('none');
    expect({ status, output }).toEqual({ status: 1, output: '' });
    expect(errors).toBe('eks-whois: The service has no record with this audit ID.\n');
  });
});

describe('records --same-ip and --same-role of an audit ID that clients reuse', () => {
  it('match the values of each of the requests, and say that there are several', async () => {
    const { status, errors } = await tables.run(['records', '--same-ip', 'buried', '--limit', '1']);
    expect(status, errors).toBe(0);
    expect(errors).toContain(
      '211 requests have this audit ID: the client can choose it. Using the source IP 198.51.100.9 or 203.0.113.7, from 2026-03-10T10:10:00Z to ',
    );
  });

  it('say nothing about that if there is one', async () => {
    const { errors } = await tables.run(['records', '--same-role', 'one', '--limit', '1']);
    expect(errors).toContain('eks-whois: Using the role AROAPROJECTADMIN00001, from 2026-03-10T10:10:00Z');
  });
});
