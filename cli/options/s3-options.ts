import { type Command, Option } from 'commander';
import type { WantedFolders } from '../../lib/adapters/s3/layout.ts';
import type { S3Reading } from '../../lib/adapters/s3/path-source.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import type { S3Access } from '../../lib/adapters/s3/s3-client.ts';
import { DEFAULT_SETTINGS, longestReach } from '../../lib/attribution/settings.ts';
import { present } from '../../lib/json.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis, HOUR } from '../../lib/time.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { GROUPS, type Topic } from '../help/command-help.ts';
import { awsSettings, checkRegion } from './aws-options.ts';
import { readEnvironment } from './environment.ts';

/** The options for paths in S3. */
export interface S3Options {
  readonly profile?: string | undefined;
  /** The Regions whose folders are read. The bucket's own Region is looked up. */
  readonly region?: readonly string[] | undefined;
  readonly requestPayer?: boolean | undefined;
}

/** Returns `--request-payer`, the same for every command that reads `s3://` paths. */
export function requestPayerOption(): Option {
  return new Option('--request-payer', 'pay for requests to an S3 bucket that is "requester pays"').helpGroup(
    GROUPS.s3,
  );
}

/** Adds all options for `s3://` paths, to a command whose `--region` and `--profile` are for these alone. */
export function withS3(command: Command): Command {
  return command
    .addOption(new Option('--region <region...>', 'only read the folders of these Regions').helpGroup(GROUPS.s3))
    .addOption(new Option('--profile <profile>', 'the AWS profile to read S3 with').helpGroup(GROUPS.s3))
    .addOption(requestPayerOption());
}

/** Returns how to sign in to S3, and which Region to try first. */
export function s3AccessOf({ profile, region, requestPayer = false }: S3Options): S3Access {
  const settings = awsSettings(present<{ profile?: string }>({ profile }));
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = readEnvironment();
  // Several Regions mean folders. A single one is usually also the bucket's Region.
  const own = settings.region ?? (region?.length === 1 ? region[0] : undefined);
  return {
    aws: { ...settings, region: own },
    requesterPays: requestPayer,
    byPath: Boolean(AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL),
  };
}

/**
 * How far beyond the end of the range S3 is read, in milliseconds. Trails deliver late. The last stage of a request can
 * come after the day on which the request was received.
 */
const LATE = HOUR;

/**
 * Returns how to read paths in S3 for this time range. For grants, reading begins earlier, by the time that a whole
 * chain of sessions can last.
 */
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

/**
 * Checks that options for S3 have a path in S3.
 * @throws CommandError if an option for S3 is given, but no path is in S3.
 */
export function checkS3Options({ profile, region = [], requestPayer }: S3Options, paths: readonly string[]): void {
  for (const one of region) checkRegion(one);
  if (paths.some(isS3Path)) return;
  const given = { '--profile': profile, '--region': region[0], '--request-payer': requestPayer };
  const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (option !== undefined)
    throw wrongUsage(
      `${option} is for s3:// paths, and none is given. Leave ${option} out: files need no AWS account.`,
    );
}

/** Explains `s3://` paths in the long help. */
export const S3_TOPIC: Topic = {
  heading: 'Paths in Amazon S3:',
  text: `
s3://bucket/prefix is read like files. In a trail's folders (AWSLogs/) and Security Lake's (aws/, ext/), only the days and
Regions of the question are read. Other folders are read completely. It needs s3:ListBucket and s3:GetObject, and kms:Decrypt if a KMS
key is used. The bucket's own Region is looked up. docs/sources.md says what it costs, and what Security Lake leaves out.`,
};
