import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DAY, type EpochMillis, formatInstant, parseInstant } from '../../lib/time.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { KEY, ROLE_ID } from '../builders/company.ts';
import { lakeAudit, lakeFile } from '../builders/security-lake.ts';
import { grant } from '../builders/trail-records.ts';
import type { Bucket } from '../stand-ins/s3/server.ts';
import { s3Account } from './running.ts';

const ACCOUNTS = ['111122223333', '444455556666'];
const REGIONS = ['eu-west-1', 'us-east-1'];
/** In each of a year's 365 days, two accounts and two Regions. */
const OBJECTS_A_DAY = 69;

const EMPTY = gzipSync('{"Records":[]}');
const trailFolder = (account: string, region: string, day: string) =>
  `AWSLogs/${account}/CloudTrail/${region}/${day.replaceAll('-', '/')}/`;

/** A trail of a year with 100,740 objects. One of them holds the grant. */
function yearOfTrail(bucket: Bucket): void {
  const start = parseInstant('2025-07-01T00:00:00Z') ?? Number.NaN;
  for (let at = 0; at < 365; at += 1) {
    const day = formatInstant((start + at * DAY) as EpochMillis).slice(0, 10);
    for (const account of ACCOUNTS)
      for (const region of REGIONS)
        for (let file = 0; file < OBJECTS_A_DAY; file += 1)
          bucket.put(`${trailFolder(account, region, day)}${String(file).padStart(3, '0')}.json.gz`, EMPTY);
  }
  const records = gzipSync(JSON.stringify({ Records: [grant()] }));
  bucket.put(`${trailFolder('111122223333', 'eu-west-1', '2026-03-10')}000.json.gz`, records);
}

const lakeFolder = (day: string) =>
  `aws/EKS_AUDIT/2.0/region=eu-west-1/accountId=111122223333/eventDay=${day.replaceAll('-', '')}/`;

function monthOfLake(bucket: Bucket): void {
  bucket.put('aws/EKS_AUDIT/2.0/metadata/v1.metadata.json', '{}');
  for (let day = 1; day <= 31; day += 1) {
    const date = `2026-03-${String(day).padStart(2, '0')}`;
    const events = ['10:59:59.999999', '11:00:00.000000', '12:30:00.000000', '13:00:00.000001'].map((time) =>
      auditEvent({ auditID: `${date} ${time}`, requestReceivedTimestamp: `${date}T${time}Z` }),
    );
    bucket.put(`${lakeFolder(date)}1.gz.parquet`, lakeFile([events.map(lakeAudit)]));
  }
}

const TWO_HOURS = ['--from', '2026-03-10T11:00:00Z', '--to', '2026-03-10T13:00:00Z'];

describe('a question of two hours', () => {
  it('lists and reads only that day of a year of 100,740 objects, and for grants the two days before', async () => {
    const { s3, attribute, takeRequests } = await s3Account();
    yearOfTrail(s3.bucket('trail'));
    monthOfLake(s3.bucket('lake'));
    const { records, errors } = await attribute('s3://lake/', 's3://trail/', [...TWO_HOURS, '--region', 'eu-west-1']);
    expect(records.map(({ time }) => time?.slice(11))).toEqual(['11:00:00.000000Z', '12:30:00.000000Z']);
    expect(records[1]?.attribution).toMatchObject({ status: 'attributed', method: 'access-key' });
    expect(errors).toMatch(/2 of 4 records match /);
    const { read, listed } = takeRequests();
    const days = ['2026-03-08', '2026-03-09', '2026-03-10'];
    const folders = ACCOUNTS.flatMap((account) => days.map((day) => trailFolder(account, 'eu-west-1', day)));
    const folderOf = (key: string) => key.slice(0, key.lastIndexOf('/') + 1);
    expect([...new Set(read.map(folderOf))].sort()).toEqual([...folders, lakeFolder('2026-03-10')].sort());
    expect(read).toHaveLength(folders.length * OBJECTS_A_DAY + 1);
    expect(listed.filter((prefix) => folders.includes(prefix))).toHaveLength(folders.length);
    expect(listed.length).toBeLessThan(30);
  });

  it('without an end reads up to now, and without a beginning from the first object', async () => {
    const { s3, attribute, takeRequests } = await s3Account();
    monthOfLake(s3.bucket('lake'));
    s3.bucket('trail').put(`${trailFolder('111122223333', 'eu-west-1', '2026-03-10')}1`, JSON.stringify(grant()));
    await attribute('s3://lake/aws/', 's3://trail/', ['--from', '2026-03-30']);
    expect(takeRequests().read.filter((key) => key.startsWith('aws/'))).toHaveLength(2);
    await attribute('s3://lake/aws/', 's3://trail/', ['--to', '2026-03-02T12:00:00Z']);
    expect(takeRequests().read.filter((key) => key.startsWith('aws/'))).toHaveLength(2);
    await attribute('s3://lake/aws/', 's3://trail/');
    expect(takeRequests().read.filter((key) => key.startsWith('aws/'))).toHaveLength(31);
  });
});

describe('whois', () => {
  it('reads from a trail in S3 what can match at that time', async () => {
    const { s3, run, takeRequests } = await s3Account();
    yearOfTrail(s3.bucket('trail'));
    const whom = ['--principal', `${ROLE_ID}:alice-session`, '--access-key-id', KEY, '--at', '2026-03-10T12:10:00Z'];
    const ran = await run(['whois', ...whom, '--cloudtrail', 's3://trail/', '--region', 'eu-west-1', '-o', 'json']);
    expect(JSON.parse(ran.output)).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
    expect(takeRequests().read).toHaveLength(2 * 3 * OBJECTS_A_DAY);
  });
});

describe('doctor', () => {
  it('reads audit events of the last days from S3', async () => {
    const { s3, run, takeRequests } = await s3Account();
    const bucket = s3.bucket('lake');
    const day = (back: number) => formatInstant((Date.now() - back * DAY) as EpochMillis).slice(0, 10);
    for (const back of [0, 1, 20])
      bucket.put(`${lakeFolder(day(back))}1.parquet`, lakeFile([[lakeAudit(auditEvent())]]));
    const ran = await run(['doctor', '--offline', '--audit', 's3://lake/', '--days', '3']);
    expect(ran.errors).toBe('');
    expect(takeRequests().read).toEqual([1, 0].map((back) => `${lakeFolder(day(back))}1.parquet`));
  });
});
