import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { present } from '../../lib/json.ts';
import type { EpochMillis } from '../../lib/time.ts';
import { awsSettings } from '../options/aws-options.ts';
import type { RuleOptions } from '../options/rule-options.ts';

/** The options of `eks-whois backfill`, as commander hands them over. */
export interface BackfillOptions extends RuleOptions {
  readonly table: string;
  readonly cloudtrail?: readonly string[];
  readonly lookup?: boolean;
  readonly region?: readonly string[];
  readonly requestsPerSecond: number;
  readonly audit?: readonly string[];
  readonly clusterName?: string;
  readonly clusterArn?: string;
  /** Log groups to read, and `NAME=kind` for log groups to trust in files. */
  readonly logGroup?: readonly string[];
  readonly logStream: string;
  readonly nodeTraffic?: boolean;
  readonly from?: EpochMillis;
  readonly to?: EpochMillis;
  readonly profile?: string;
  readonly readProfile?: string;
  readonly readRegion?: string;
  readonly requestPayer?: boolean;
  readonly record: string;
  readonly keepDays: number;
  readonly settleMinutes: number;
  readonly state: string;
  readonly rejects?: string;
}

export function isInS3({ cloudtrail = [], audit = [] }: BackfillOptions): boolean {
  return [...cloudtrail, ...audit].some(isS3Path);
}

/**
 * Returns whether `--region` names the Region of the tables and the log group. If another option reads from Regions,
 * `--region` names those instead.
 */
export function isOfTables(options: BackfillOptions): boolean {
  return options.lookup !== true && !isInS3(options);
}

/** Returns the Region and the sign-in for the tables and the log group. */
export function tablesSettings(options: BackfillOptions): AwsSettings {
  const region = isOfTables(options) ? options.region?.[0] : undefined;
  return awsSettings(present<{ profile?: string; region?: string }>({ profile: options.profile, region }));
}

/**
 * Returns the Region and the sign-in for the log group. Undefined if it is in the same account and Region as the
 * tables.
 */
export function elsewhereSettings(options: BackfillOptions): AwsSettings | undefined {
  const { profile, readProfile, readRegion } = options;
  if (readProfile === undefined && readRegion === undefined) return undefined;
  const region = readRegion ?? (isOfTables(options) ? options.region?.[0] : undefined);
  return awsSettings(present<{ profile?: string; region?: string }>({ profile: readProfile ?? profile, region }));
}

/** Returns the options with the sign-in for what is read. */
export function readingOptions<T extends BackfillOptions>(options: T): T {
  return options.readProfile === undefined ? options : { ...options, profile: options.readProfile };
}
