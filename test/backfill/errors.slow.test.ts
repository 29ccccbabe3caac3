import { describe, expect, test } from 'vitest';
import { sentenceOf } from '../../cli/backfill/errors.ts';
import type { BackfillOptions } from '../../cli/backfill/options.ts';
import { ContentionError } from '../../lib/adapters/dynamodb/change-item.ts';
import { UnprocessedError } from '../../lib/adapters/dynamodb/database.ts';
import { RecordContentionError } from '../../lib/usecases/ingest/store-records.ts';
import { account, eventOf, grantOf, jsonLines, minute, ONE_SENTENCE } from './running.ts';

const GROUP = '/aws/eks/prod/cluster';
const HOUR_OF_IT = ['--from', minute(0), '--to', minute(60)];

describe('wrong usage ends with status 2', () => {
  test.each([
    [[], /There is nothing to load\. Give --cloudtrail/],
    [['--lookup'], /its start is missing\. Give --from/],
    [['--audit', '.', '--from', minute(0)], /files are loaded completely/],
    [['--lookup', '--from', minute(60), '--to', minute(0)], /before --to/],
    [['--lookup', '--from', minute(0), '--region', 'europe'], /not an AWS Region/],
    [
      ['--audit', '.', '--region', 'eu-west-1', 'us-east-1'],
      /the tables and the log group are in one\. Give one, or add --lookup or s3/,
    ],
    [['--audit', '.', '--state', 'here.json', '--rejects', './here.json'], /--state and --rejects name the same file/],
    [['--audit', '.', '--node-traffic'], /is for --log-group, and none is given/],
    [['--audit', '.', '--read-profile', 'shop'], /is for --log-group, --lookup and s3/],
    [['--audit', '.', '--read-region', 'us-east-1'], /is for --log-group, and none is given/],
  ])('%j', async (args, why) => {
    const { backfill } = await account();
    const { status, stderr } = await backfill(args);
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(status).toBe(2);
  });
});

test('--rejects into an input file is wrong usage, and the input is not changed', async () => {
  const { backfill, folder } = await account();
  const audit = folder.file('audit.jsonl', jsonLines([eventOf(1)]));
  const { status, stderr } = await backfill(['--audit', audit, '--rejects', audit]);
  expect(stderr).toMatch(/is part of the input/);
  expect(status).toBe(2);
  expect(folder.read('audit.jsonl')).toBe(jsonLines([eventOf(1)]));
});

describe('temporary trouble of the tables', () => {
  test.each([
    new UnprocessedError('DynamoDB is throttling and left some items unprocessed. Try again later.'),
    new ContentionError('Claim x was changed by other processes 9 times. Deliver the batch again.'),
    new RecordContentionError('3 records were changed by others. Deliver the batch again.'),
  ])('is retried by the same command: %s', (fault) => {
    const sentence = sentenceOf(fault, { table: 'eks-whois-test' } as BackfillOptions);
    expect(sentence).toMatch(/\. Run the same command again\.$/);
    expect(sentence).not.toMatch(/batch|later/);
  });
});

describe('the tables', () => {
  test.each([
    ['no credentials', { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }, /No AWS credentials/],
    ['no Region', { AWS_REGION: undefined }, /No Region is known for the tables and the log group: set AWS_REGION/],
    ['nothing listens there', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, /Can't reach AWS/],
  ])('%s', async (_, environment, why) => {
    const { backfill, folder, state } = await account();
    const audit = folder.file('audit.jsonl', jsonLines([eventOf(1)]));
    const { status, stderr, stdout } = await backfill(['--audit', audit], environment);
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(state()).toBeUndefined();
  });

  test('are in the given Region, and only queried there', async () => {
    const { backfill, folder } = await account();
    const audit = folder.file('audit.jsonl', jsonLines([eventOf(1)]));
    const given = ['--audit', audit, '--region', 'eu-west-1'];
    expect((await backfill(given, { AWS_REGION: undefined })).status).toBe(0);
    const elsewhere = await backfill(['--audit', audit, '--table', 'elsewhere', '--region', 'us-east-1']);
    expect(elsewhere.stderr).toMatch(/no tables elsewhere-sessions.*us-east-1/);
    expect(elsewhere.stderr).toMatch(ONE_SENTENCE);
    expect(elsewhere.stderr).not.toContain('--read-profile');
    expect(elsewhere.status).toBe(1);
    const ofSpoke = ['--log-group', '/aws/eks/prod/cluster', '--from', minute(0), '--table', 'elsewhere'];
    expect((await backfill(ofSpoke)).stderr).toMatch(/no tables elsewhere-sessions.*--read-profile.*--read-region/);
  });

  test.each([
    ['sessions', 'dynamodb:BatchGetItem'],
    ['claims', 'dynamodb:PutItem'],
  ])('%s that may not be used are reported, and the same command continues later', async (table, action) => {
    const { backfill, folder, aws } = await account();
    const audit = folder.file('audit.jsonl', jsonLines([eventOf(1)]));
    const args = ['--audit', audit, '--cloudtrail', folder.file('trail.json', jsonLines([grantOf(2)]))];
    const allow = aws.refuse(action, `eks-whois-test-${table}`);
    const refused = await backfill(args);
    allow();
    expect(refused.stderr).toMatch(/denied/);
    expect(refused.stderr).toMatch(ONE_SENTENCE);
    expect(refused.status).toBe(1);
    expect((await backfill(args)).status).toBe(0);
  });
});

test('a file that is no state file is not changed', async () => {
  const { backfill, folder } = await account();
  const audit = folder.file('audit.jsonl', jsonLines([eventOf(1)]));
  folder.file('state.json', 'my notes');
  const { status, stderr } = await backfill(['--audit', audit, '--state', 'state.json']);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(status).toBe(1);
  expect(folder.read('state.json')).toBe('my notes');
});

describe('the log group', () => {
  test('is named if it does not exist', async () => {
    const { backfill } = await account();
    const { status, stderr } = await backfill(['--log-group', GROUP, ...HOUR_OF_IT]);
    expect(stderr).toMatch(/no log group \/aws\/eks\/prod\/cluster in eu-west-1/);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(status).toBe(1);
  });

  test.each([
    ['AccessDeniedException', /denied logs:FilterLogEvents in eu-west-1/],
    ['ExpiredTokenException', /have expired/],
  ])('%s', async (name, why) => {
    const { backfill, logs } = await account({ groups: { [GROUP]: [] } });
    logs.refuse(name);
    const { status, stderr } = await backfill(['--log-group', GROUP, ...HOUR_OF_IT]);
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(status).toBe(1);
  });
});

describe('LookupEvents', () => {
  const lookup = ['--lookup', '--requests-per-second', '2', ...HOUR_OF_IT, '--region'];

  test.each([
    ['access-denied', /cloudtrail:LookupEvents/],
    ['expired-token', /sign in again/],
  ] as const)('%s everywhere ends the run', async (kind, why) => {
    const { backfill, aws } = await account();
    aws.cloudtrail.setFault({ kind });
    const { status, stderr, stdout } = await backfill([...lookup, 'eu-west-1']);
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  test('one Region that does not answer is named; the rest is loaded, and the next run does the remainder', async () => {
    const { backfill, aws } = await account();
    aws.cloudtrail.setFault({ kind: 'access-denied', region: 'us-east-1' });
    const first = await backfill([...lookup, 'eu-west-1', 'us-east-1']);
    expect(first.stderr).toMatch(/Grants of us-east-1 are missing/);
    expect(first.status).toBe(1);
    aws.cloudtrail.clearFaults();
    const requestsBefore = aws.cloudtrail.requests.length;
    const second = await backfill([...lookup, 'eu-west-1', 'us-east-1']);
    expect(second.status).toBe(0);
    const regions = aws.cloudtrail.requests.slice(requestsBefore).map(({ region }) => region);
    expect(new Set(regions)).toEqual(new Set(['us-east-1']));
  });
});
