import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { lakeAudit, lakeFile } from '../builders/security-lake.ts';
import { type S3Server, startS3 } from '../stand-ins/s3/server.ts';
import { account, eventOf, grantOf, jsonLines, minute } from './running.ts';

const running: S3Server[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((s3) => s3.stop()));
});

async function withS3() {
  const s3 = await startS3();
  running.push(s3);
  const { backfill, ...rest } = await account();
  const run = (args: readonly string[]) => backfill(args, { AWS_ENDPOINT_URL_S3: s3.url });
  return { s3, run, ...rest };
}

const read = ({ requests }: S3Server) =>
  requests.splice(0).flatMap(({ operation, key }) => (operation === 'GetObject' ? [key] : []));

test('objects in S3 fill the tables like files, whatever one of them is', async () => {
  const { s3, run, folder, records, state } = await withS3();
  s3.bucket('trail').put('AWSLogs/1.json.gz', gzipSync(JSON.stringify({ Records: [grantOf(1), grantOf(2)] })));
  const audit = s3
    .bucket('audit')
    .put('a/1.jsonl', jsonLines([eventOf(1)]))
    .put('a/2.jsonl', 'x');
  audit.put('b/1.parquet', lakeFile([[lakeAudit(eventOf(2))]])).fail('a/2.jsonl', { status: 404, code: 'NoSuchKey' });
  const paths = ['--cloudtrail', 's3://trail/', '--audit', 's3://audit/'];
  const { status, stdout, stderr } = await run([...paths, '--rejects', 'rejects.jsonl']);
  expect(stderr).toBe('');
  expect(stdout).toContain('Audit events: 2 recorded, 0 there already (2 attributed)\n');
  expect(stdout).toMatch(/Could not be read: .*missing-object/);
  expect(status).toBe(0);
  expect(JSON.parse(folder.read('rejects.jsonl'))).toMatchObject({
    file: 's3://audit/a/2.jsonl',
    reason: 'missing-object',
  });
  expect(await records(['--actor', 'alice'])).toHaveLength(2);
  expect(state()).toBeUndefined();
});

test('after a stop, finished folders are not read again, unless they have new objects', async () => {
  const { s3, run, state } = await withS3();
  const audit = s3
    .bucket('audit')
    .put('a/1', jsonLines([eventOf(1)]))
    .put('b/1', jsonLines([eventOf(2)]));
  audit.put('c/1', jsonLines([eventOf(3)])).fail('c/1', { status: 400, code: 'ExpiredToken' }, 1);
  const stopped = await run(['--audit', 's3://audit/']);
  expect(stopped.status).toBe(1);
  expect(stopped.stderr).toContain('have expired: sign in again');
  expect(read(s3)).toEqual(['a/1', 'b/1', 'c/1']);
  expect(state()).toBeDefined();
  audit.put('b/2', jsonLines([eventOf(4)]));
  const { stdout, status } = await run(['--audit', 's3://audit/']);
  expect(stdout).toContain('Audit events: 2 recorded, 1 there already');
  expect(status).toBe(0);
  expect(read(s3)).toEqual(['b/1', 'b/2', 'c/1']);
});

test('--from and --to limit what is loaded from S3, and files are loaded whole', async () => {
  const { s3, run, folder } = await withS3();
  const second = eventOf(2);
  const first = { ...eventOf(1), requestReceivedTimestamp: minute(9) };
  s3.bucket('audit').put('1', jsonLines([first, second]));
  const from = String(second.requestReceivedTimestamp);
  const { stdout } = await run(['--audit', 's3://audit/', '--from', from]);
  expect(stdout).toContain('Audit events: 1 recorded');
  expect(stdout).toContain('outside the time range');
  const files = await run(['--audit', folder.file('x', jsonLines([first])), '--from', from]);
  expect([files.status, files.stderr]).toEqual([2, expect.stringContaining('files are loaded completely')]);
});
