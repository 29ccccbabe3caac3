import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { Folder, REPOSITORY, runCommand } from '../builders/command.ts';
import { lakeAudit, lakeTrail } from '../builders/security-lake.ts';
import { grant } from '../builders/trail-records.ts';

/** Another S3 than our own stand-in (`.ci/other-aws` starts moto's), and a Python that has pyarrow. */
const { EKS_WHOIS_S3: endpoint = '', EKS_WHOIS_PYARROW: python = '' } = process.env;

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIATEST000000000000', AWS_SECRET_ACCESS_KEY: 'secret' };

async function bucketWith(objects: Readonly<Record<string, Buffer>>): Promise<string> {
  const credentials = { accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID, secretAccessKey: 'secret' };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  const bucket = `eks-whois-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  for (const [Key, Body] of Object.entries(objects))
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  client.destroy();
  return bucket;
}

function byPyarrow(rows: readonly JsonObject[], codec: string): Buffer {
  using folder = new Folder();
  const file = folder.at('x.parquet');
  const script = join(REPOSITORY, 'test/s3/lake.py');
  const ran = spawnSync(python, [script, file, codec, '2'], { input: JSON.stringify(rows), encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return readFileSync(file);
}

const TRAIL = 'AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03';

function attribute(audit: string, cloudtrail: string, more: readonly string[] = []) {
  const environment = { ...CREDENTIALS, AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: 'us-east-1' };
  return runCommand(['attribute', '-v', '--audit', audit, '--cloudtrail', cloudtrail, ...more], undefined, environment);
}

describe.skipIf(endpoint === '')('another implementation of S3', () => {
  it('another S3 is listed page by page and read, and of a trail only the days in question', async () => {
    const objects: Record<string, Buffer> = {};
    for (let at = 0; at < 1_100; at += 1) {
      const event = auditEvent({ auditID: `${at}` });
      objects[`audit/${String(at).padStart(5, '0')}.json.gz`] = gzipSync(JSON.stringify(event));
    }
    objects[`${TRAIL}/10/1.json.gz`] = gzipSync(JSON.stringify({ Records: [grant()] }));
    objects[`${TRAIL}/20/1.json.gz`] = gzipSync('what would be told, were it read');
    const bucket = await bucketWith(objects);
    const range = ['--from', '2026-03-10', '--to', '2026-03-10'];
    const { status, output, errors } = await attribute(`s3://${bucket}/audit/`, `s3://${bucket}/AWSLogs/`, range);
    expect(status).toBe(0);
    expect(errors).toMatch(/^1,100 attributed/m);
    expect(errors).not.toContain('could not be read');
    expect(output.split('\n').map((line) => /"auditId":"(\d+)"/.exec(line)?.[1])).toEqual([
      ...Array.from({ length: 1_100 }, (_, at) => `${at}`),
      undefined,
    ]);
  });

  it('another S3 has a missing bucket reported in the same words', async () => {
    const { status, errors } = await attribute('s3://not-there-at-all/', 's3://not-there-at-all/');
    expect([status, errors]).toEqual([1, expect.stringContaining('names a bucket that does not exist')]);
  });

  it.skipIf(python === '').each(['snappy', 'gzip', 'zstd'])(
    'returns Parquet as pyarrow writes it, with %s',
    async (codec) => {
      const events = [1, 2, 3].map((at) => lakeAudit(auditEvent({ auditID: `${at}` })));
      const bucket = await bucketWith({
        'aws/EKS_AUDIT/2.0/region=eu-west-1/accountId=1/eventDay=20260310/1.gz.parquet': byPyarrow(events, codec),
        'trail.parquet': byPyarrow([lakeTrail(grant())], codec),
      });
      const { output, errors } = await attribute(`s3://${bucket}/aws/`, `s3://${bucket}/trail.parquet`);
      expect(errors).toMatch(/^3 attributed/m);
      expect(output.match(/"time":"2026-03-10T12:10:00.000000Z"/g)).toHaveLength(3);
    },
  );
});
