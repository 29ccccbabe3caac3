import type { WantedFolders } from '../../lib/adapters/s3/layout.ts';
import type { S3Reading } from '../../lib/adapters/s3/path-source.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import type { S3Access } from '../../lib/adapters/s3/s3-client.ts';
import { DEFAULT_SETTINGS, longestReach } from '../../lib/attribution/settings.ts';
import { present } from '../../lib/json.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis, HOUR } from '../../lib/time.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { awsSettings, checkRegion } from './aws-options.ts';
import { readEnvironment } from './environment.ts';

/** What a person says of paths in S3. */
export interface S3Options {
  readonly profile?: string | undefined;
  /** Of which Regions folders are read; that of the bucket is found. */
  readonly region?: readonly string[] | undefined;
  readonly requestPayer?: boolean | undefined;
}

export const REQUEST_PAYER = [
  '--request-payer',
  'of s3://: pay for the requests where the bucket is "requester pays"',
] as const;

/** As whom S3 is asked. */
export function s3AccessOf({ profile, region, requestPayer = false }: S3Options): S3Access {
  const settings = awsSettings(present<{ profile?: string }>({ profile }));
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = readEnvironment();
  // Several Regions are those of folders; the only one is most often the bucket's too.
  const own = settings.region ?? (region?.length === 1 ? region[0] : undefined);
  return {
    aws: { ...settings, region: own },
    requesterPays: requestPayer,
    byPath: Boolean(AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL),
  };
}

/**
 * After the range's end: trails deliver late, and the last stage of a request can come after the day on which it was
 * received. In milliseconds.
 */
const LATE = HOUR;

/** How paths in S3 are read for a question about this range: grants lie up to a chain's length before it. */
export function s3Reading(
  options: S3Options,
  content: WantedFolders['content'],
  range: TimeRange,
  now: EpochMillis,
): S3Reading {
  const before = content === 'cloudtrail' ? longestReach(DEFAULT_SETTINGS) : 0;
  const { from, to = from === undefined ? undefined : now } = range;
  return {
    access: s3AccessOf(options),
    wanted: {
      content,
      regions: [...new Set(options.region ?? [])],
      from: from === undefined ? undefined : epochMillis(from - before),
      to: to === undefined ? undefined : epochMillis(to + LATE),
    },
  };
}

/** Options that say something of S3 alone are wrong usage where no path lies there. */
export function checkS3Options({ profile, region = [], requestPayer }: S3Options, paths: readonly string[]): void {
  for (const one of region) checkRegion(one);
  if (paths.some(isS3Path)) return;
  const given = { '--profile': profile, '--region': region[0], '--request-payer': requestPayer };
  const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (option !== undefined) throw wrongUsage(`${option} belongs to s3:// paths: files need no AWS account.`);
}

/** For `--help`, wherever such paths are taken. */
export const S3_HELP = `
s3://bucket/prefix is read as files are: of a trail's folders (AWSLogs/) and Security Lake's (aws/, ext/) the days and
Regions of the question alone, of anything else all. It needs s3:ListBucket and s3:GetObject, and kms:Decrypt where a key of
KMS is used; the bucket's own Region is found. What it costs, and what Security Lake leaves out: docs/sources.md.`;
