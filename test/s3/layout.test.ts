import { describe, expect, it } from 'vitest';
import { judgeFolder, type WantedFolders } from '../../lib/adapters/s3/layout.ts';
import { parseS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { type EpochMillis, parseInstant } from '../../lib/time.ts';

function at(text: string): EpochMillis | undefined {
  return parseInstant(text);
}

const ALL: WantedFolders = { content: 'cloudtrail', regions: [] };
const NIGHT: WantedFolders = {
  content: 'cloudtrail',
  regions: ['eu-west-1'],
  from: at('2026-03-31T22:00:00Z'),
  to: at('2026-04-01T02:00:00Z'),
};
const TRAIL = 'logs/AWSLogs/o-abcdef1234/111122223333/CloudTrail/';
const LAKE = 'aws/CLOUD_TRAIL_MGMT/2.0/';

describe("a trail's folders", () => {
  it.each([
    ['AWSLogs/', ALL, { is: 'enter' }],
    ['AWSLogs/o-abcdef1234/', ALL, { is: 'enter' }],
    ['AWSLogs/111122223333/', ALL, { is: 'narrow', folders: ['AWSLogs/111122223333/CloudTrail/'] }],
    ['AWSLogs/111122223333/Config/', ALL, { is: 'other' }],
    ['AWSLogs/111122223333/CloudTrail-Digest/', NIGHT, { is: 'other' }],
    [TRAIL, ALL, { is: 'whole' }],
    [TRAIL, { ...NIGHT, regions: [] }, { is: 'enter' }],
    [TRAIL, NIGHT, { is: 'narrow', folders: [`${TRAIL}eu-west-1/`] }],
    [`${TRAIL}us-east-1/`, NIGHT, { is: 'outside' }],
    [
      `${TRAIL}eu-west-1/`,
      NIGHT,
      { is: 'narrow', folders: [`${TRAIL}eu-west-1/2026/03/31/`, `${TRAIL}eu-west-1/2026/04/01/`] },
    ],
    [`${TRAIL}eu-west-1/`, { ...ALL, from: at('2025-12-30T00:00:00Z') }, { is: 'enter' }],
    [`${TRAIL}eu-west-1/2025/`, NIGHT, { is: 'outside' }],
    [`${TRAIL}eu-west-1/2026/`, NIGHT, { is: 'enter' }],
    [`${TRAIL}eu-west-1/2026/`, { ...ALL, from: at('2025-12-30T00:00:00Z') }, { is: 'whole' }],
    [`${TRAIL}eu-west-1/2026/05/`, NIGHT, { is: 'outside' }],
    [`${TRAIL}eu-west-1/2026/04/`, NIGHT, { is: 'enter' }],
    [`${TRAIL}eu-west-1/2026/03/30/`, NIGHT, { is: 'outside' }],
    [`${TRAIL}eu-west-1/2026/03/31/`, NIGHT, { is: 'whole' }],
    [`${TRAIL}eu-west-1/2026/04/02/`, NIGHT, { is: 'outside' }],
  ] as const)('%s', (folder, wanted, judged) => {
    expect(judgeFolder(folder, wanted)).toEqual(judged);
  });
});

describe("Security Lake's folders", () => {
  it.each([
    ['aws/', NIGHT, { is: 'enter' }],
    ['aws/VPC_FLOW/', NIGHT, { is: 'other' }],
    ['aws/EKS_AUDIT/', NIGHT, { is: 'other' }],
    ['aws/EKS_AUDIT/', { ...NIGHT, content: 'audit' }, { is: 'enter' }],
    ['aws/CLOUD_TRAIL_MGMT/', NIGHT, { is: 'enter' }],
    [LAKE, NIGHT, { is: 'enter' }],
    [`${LAKE}metadata/`, NIGHT, { is: 'other' }],
    [`${LAKE}region=us-east-1/`, NIGHT, { is: 'outside' }],
    [`${LAKE}region=eu-west-1/`, NIGHT, { is: 'enter' }],
    [`${LAKE}region=eu-west-1/`, ALL, { is: 'whole' }],
    [
      `${LAKE}region=eu-west-1/accountId=1/`,
      NIGHT,
      {
        is: 'narrow',
        folders: [
          `${LAKE}region=eu-west-1/accountId=1/eventDay=20260331/`,
          `${LAKE}region=eu-west-1/accountId=1/eventDay=20260401/`,
        ],
      },
    ],
    [`${LAKE}region=eu-west-1/accountId=1/eventDay=20260330/`, NIGHT, { is: 'outside' }],
    ['ext/okta/1.0/region=eu-west-1/accountId=1/eventDay=20260401/', NIGHT, { is: 'whole' }],
    ['exports/prod/', NIGHT, { is: 'unknown' }],
  ] as const)('%s', (folder, wanted, judged) => {
    expect(judgeFolder(folder, wanted)).toEqual(judged);
  });
});

describe('an address in S3', () => {
  it.each([
    ['s3://bucket', { bucket: 'bucket', prefix: '' }],
    ['s3://my.bucket-1/a/b c/', { bucket: 'my.bucket-1', prefix: 'a/b c/' }],
    [
      's3://arn:aws:s3:eu-west-1:111122223333:accesspoint/logs/AWSLogs/',
      { bucket: 'arn:aws:s3:eu-west-1:111122223333:accesspoint/logs', prefix: 'AWSLogs/' },
    ],
    ['s3://', undefined],
    ['s3:///key', undefined],
    ['s3://Bucket/', undefined],
    ['bucket/key', undefined],
  ])('%s', (path, address) => {
    expect(parseS3Path(path)).toEqual(address);
  });
});
