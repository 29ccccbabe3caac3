import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { auditEvent } from '../builders/audit-event.ts';
import { lakeAudit, lakeFile, lakeTrail } from '../builders/security-lake.ts';
import { grant } from '../builders/trail-records.ts';
import { s3Account } from './running.ts';

const event = (auditID: string, fields = {}) => auditEvent({ auditID, ...fields });
const line = (auditID: string) => JSON.stringify(event(auditID));
const GRANTS = gzipSync(JSON.stringify({ Records: [grant()] }));
const DAY_OF_TRAIL = 'AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/10/';
const KEY_ID = 'arn:aws:kms:eu-west-1:111122223333:key/1234';

/** A trail with one grant, and a bucket for audit events. */
async function withBuckets() {
  const account = await s3Account();
  account.s3.bucket('trail').put(`${DAY_OF_TRAIL}1.json.gz`, GRANTS);
  return { ...account, audit: account.s3.bucket('audit') };
}

describe('objects', () => {
  it('are read like files: gzipped or not, in the order of their keys, folder after folder', async () => {
    const { audit, attribute } = await withBuckets();
    audit.put('in/b/1.jsonl', line('4')).put('in/a.jsonl.gz', gzipSync(`${line('1')}\n${line('2')}`));
    audit.put('in/a/z.jsonl', line('3')).put('in/folder/', '').put('other', line('5'));
    const { records, errors, status } = await attribute('s3://audit/in/', 's3://trail/');
    expect(status).toBe(0);
    expect(records.map(({ auditId }) => auditId)).toEqual(['1', '2', '3', '4']);
    expect(records[0]?.attribution).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
    expect(errors).not.toContain('set aside');
  });

  it('are one for a key, a folder if it exists, else all keys with that prefix', async () => {
    const { audit, attribute, takeRequests } = await withBuckets();
    audit.put('logs', line('1')).put('logs/2', line('2')).put('logs-old', line('3')).put('more/1', line('4'));
    audit.put('more-old/1', line('5')).put('day-1', line('6')).put('day-2/x', line('7'));
    const read = async (path: string) => {
      takeRequests();
      await attribute(path, 's3://trail/');
      return takeRequests().read.filter((key) => !key.startsWith('AWSLogs'));
    };
    expect(await read('s3://audit/logs')).toEqual(['logs']);
    expect(await read('s3://audit/more')).toEqual(['more/1']);
    expect(await read('s3://audit/day-')).toEqual(['day-1', 'day-2/x']);
  });

  it('can be given with files, and are read in the order of the paths', async () => {
    const { audit, folder, run } = await withBuckets();
    audit.put('x', line('2'));
    const [first, last] = [folder.file('1', line('1')), folder.file('3', line('3'))];
    const ran = await run(['attribute', '--audit', first, 's3://audit/x', last, '--cloudtrail', 's3://trail/']);
    expect(ran.output.match(/"auditId":"\d"/g)).toEqual(['"auditId":"1"', '"auditId":"2"', '"auditId":"3"']);
  });

  it('in Parquet are read, small ones whole and large ones in parts', async () => {
    const { s3, audit, attribute } = await withBuckets();
    const pad = { 'requestObject.x': randomBytes(700_000).toString('base64') };
    const large = [event('2'), event('3')]
      .map(lakeAudit)
      .map((row) => [{ ...row, unmapped: { ...Object(row.unmapped), ...pad } }]);
    audit.put('1.parquet', lakeFile([[lakeAudit(event('1'))]])).put('2.parquet', lakeFile(large, 'UNCOMPRESSED'));
    s3.bucket('trail').put(
      'aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=1/eventDay=20260310/1.gz.parquet',
      lakeFile([[lakeTrail(grant())]]),
    );
    const { records, rejects } = await attribute('s3://audit/', 's3://trail/aws/');
    expect(rejects).toEqual([]);
    expect(records.map(({ auditId, attribution }) => [auditId, attribution.status])).toEqual([
      ['1', 'attributed'],
      ['2', 'attributed'],
      ['3', 'attributed'],
    ]);
    expect(s3.requests.filter(({ key, range }) => key === '2.parquet' && range !== undefined).length).toBeGreaterThan(
      2,
    );
  });
});

describe('an object that cannot be read', () => {
  it.each([
    ['that was deleted after it was listed', { status: 404, code: 'NoSuchKey' }, 'missing-object', /deleted/],
    [
      'that is denied',
      { status: 403, code: 'AccessDenied', message: 'Access Denied' },
      'denied-object',
      /AWS denied s3:GetObject.*--request-payer/,
    ],
    [
      'whose key of KMS is denied',
      {
        status: 403,
        code: 'AccessDenied',
        message: `User: arn:aws:iam::1:user/x is not authorized to perform: kms:Decrypt on resource: ${KEY_ID} because no policy allows it`,
      },
      'denied-kms-key',
      new RegExp(`encrypted with ${KEY_ID}, which needs kms:Decrypt`),
    ],
    [
      'whose key of KMS is disabled',
      { status: 400, code: 'KMS.DisabledException', message: `${KEY_ID} is disabled.` },
      'denied-kms-key',
      /is disabled/,
    ],
    ['that is archived', { status: 403, code: 'InvalidObjectState' }, 'archived-object', /restore/],
  ] as const)('%s is reported by name, and the rest is read', async (_, failure, reason, sample) => {
    const { audit, attribute } = await withBuckets();
    audit.put('1', line('1')).put('2', line('2')).put('3', line('3')).fail('2', failure);
    const { records, rejects, errors, status } = await attribute('s3://audit/', 's3://trail/');
    expect(status).toBe(0);
    expect(records.map(({ auditId }) => auditId)).toEqual(['1', '3']);
    expect(rejects).toMatchObject([{ file: 's3://audit/2', place: 'object', reason }]);
    expect(rejects[0]?.sample).toMatch(sample);
    expect(errors).toMatch(new RegExp(`answer includes it: 1 ${reason}`));
  });

  it('because its gzip data is cut is read as far as possible', async () => {
    const { audit, attribute } = await withBuckets();
    const whole = gzipSync(Array.from({ length: 3_000 }, () => line(randomBytes(40).toString('hex'))).join('\n'));
    audit.put('1.gz', whole.subarray(0, whole.length - 4_000)).put('2', line('last'));
    const { records, rejects } = await attribute('s3://audit/', 's3://trail/');
    expect(records.length).toBeGreaterThan(2_000);
    expect(records.at(-1)?.auditId).toBe('last');
    expect(rejects.map(({ file, reason }) => [file, reason])).toContainEqual(['s3://audit/1.gz', 'cut-file']);
  });

  it('past some byte, after all tries, is read up to that byte', async () => {
    const { audit, attribute, s3 } = await withBuckets();
    audit
      .put('1', `${line('1')}\n${line('2')}\n${line('3')}`)
      .put('2', line('4'))
      .cut('1', line('1').length + 20);
    const { records, rejects } = await attribute('s3://audit/', 's3://trail/');
    expect(records.map(({ auditId }) => auditId)).toEqual(['1', '4']);
    expect(rejects).toContainEqual(
      expect.objectContaining({
        file: 's3://audit/1',
        reason: 'cut-file',
        sample: expect.stringContaining(`ends after ${line('1').length + 20} of its`),
      }),
    );
    expect(s3.requests.filter(({ key }) => key === '1').length).toBeLessThan(20);
  });
});

describe('temporary trouble', () => {
  it('of a connection that is lost within a body is resumed from there', async () => {
    const { audit, attribute, s3 } = await withBuckets();
    audit.put('1', `${line('1')}\n${line('2')}`).cut('1', 100, 2);
    const { records, rejects } = await attribute('s3://audit/', 's3://trail/');
    expect(records.map(({ auditId }) => auditId)).toEqual(['1', '2']);
    expect(rejects).toEqual([]);
    expect(s3.requests.flatMap(({ key, range }) => (key === '1' ? [range] : []))).toEqual([
      undefined,
      'bytes=100-',
      'bytes=100-',
    ]);
  });

  it('of SlowDown is retried, for objects and listings', async () => {
    const { audit, attribute, takeRequests } = await withBuckets();
    const slow = { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
    audit.put('in/1', line('1')).fail('in/1', slow, 2).fail('in/', slow, 2);
    const { records, rejects } = await attribute('s3://audit/in/', 's3://trail/');
    expect([records.length, rejects]).toEqual([1, []]);
    expect(takeRequests().read.filter((key) => key === 'in/1')).toHaveLength(3);
  });

  it('does not include a bucket of another Region, which is queried there', async () => {
    const { s3, attribute } = await withBuckets();
    s3.bucket('far', { region: 'ap-southeast-2' }).put('1', line('1'));
    const { records, rejects } = await attribute('s3://far/', 's3://trail/');
    expect([records.length, rejects]).toEqual([1, []]);
  });

  it('does not include a bucket whose requester pays, which is read with the option and refused without', async () => {
    const { s3, attribute, run } = await withBuckets();
    s3.bucket('paid', { requesterPays: true }).put('1', line('1'));
    const { records } = await attribute('s3://paid/', 's3://trail/', ['--request-payer']);
    expect(records).toHaveLength(1);
    const refused = await run(['attribute', '--audit', 's3://paid/', '--cloudtrail', 's3://trail/']);
    expect(refused).toMatchObject({ status: 1, output: '' });
    expect(refused.errors).toMatch(/AWS denied s3:ListBucket of s3:\/\/paid\//);
  });
});

describe('wrong usage', () => {
  it.each([
    [
      'a bucket that does not exist',
      ['--audit', 's3://nowhere/x'],
      1,
      's3://nowhere/x names a bucket that does not exist',
    ],
    ['a prefix without objects', ['--audit', 's3://audit/x'], 1, 's3://audit/x contains no object'],
    [
      'an address without a bucket',
      ['--audit', 's3:///x'],
      2,
      's3:///x has no valid bucket name. Give s3://bucket/prefix.',
    ],
    [
      'a range that ends before it begins',
      ['--audit', 's3://audit/', '--from', '2026-03-10', '--to', '2026-03-09'],
      2,
      'ends before it begins',
    ],
    ['no Region', ['--audit', 's3://audit/', '--region', 'Europe'], 2, 'Europe is not an AWS Region'],
  ])('%s is reported before any reading', async (_, args, status, sentence) => {
    const { audit, run, takeRequests } = await withBuckets();
    audit.put('1', line('1'));
    const ran = await run(['attribute', ...args, '--cloudtrail', 's3://trail/']);
    expect(ran).toMatchObject({ status, output: '' });
    expect(ran.errors).toContain(sentence);
    expect(takeRequests().read).toEqual([]);
  });

  it('is an option of S3 without an S3 path', async () => {
    const { folder, run } = await withBuckets();
    const file = folder.file('x', line('1'));
    const files = await run(['attribute', '--audit', file, '--cloudtrail', file, '--profile', 'prod']);
    expect([files.status, files.errors]).toEqual([
      2,
      expect.stringContaining('--profile is for s3:// paths, and none is given'),
    ]);
  });

  it('is not a lack of credentials, which ends the command with one sentence', async () => {
    const { audit, run } = await withBuckets();
    audit.put('1', line('1'));
    const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const ran = await run(['attribute', '--audit', 's3://audit/', '--cloudtrail', 's3://trail/'], none);
    expect([ran.status, ran.errors]).toEqual([1, expect.stringContaining('No AWS credentials were found')]);
  });
});
