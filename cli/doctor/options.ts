import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import type { ServiceQuestion } from '../access/service-choice.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { checkRegion } from '../options/aws-options.ts';
import type { OutputOptions } from '../options/output-options.ts';
import { checkPaths } from '../options/paths.ts';
import { s3AccessOf } from '../options/s3-options.ts';
import type { DoctorFiles } from './files.ts';

export interface DoctorOptions extends DoctorFiles, ServiceQuestion, Partial<OutputOptions<'text' | 'json'>> {
  readonly offline?: boolean;
  readonly audit?: readonly string[];
  readonly region?: readonly string[];
  readonly cluster?: readonly string[];
  readonly profile?: string;
  readonly connectedAccount?: readonly string[];
  readonly days?: number;
  readonly countEvents?: boolean;
  readonly requestPayer?: boolean;
}

/** Wrong usage is told before anything is asked or read. */
export async function checkOptions(options: DoctorOptions): Promise<void> {
  const { offline, region, connectedAccount, awsAuth, accessEntries, trustPolicies, audit = [] } = options;
  const files = [awsAuth, accessEntries, trustPolicies, ...audit].filter((file) => file !== undefined);
  if (offline === true) checkOffline(options, files);
  if (files.filter((file) => file === '-').length > 1) throw wrongUsage('Only one file can be standard input (-).');
  for (const one of region ?? []) checkRegion(one);
  for (const account of connectedAccount ?? [])
    if (!/^\d{12}$/.test(account)) throw wrongUsage(`${account} is no account: give --connected-account 12 digits.`);
  await checkAudit(options, audit);
}

function checkOffline({ api, table, service, countEvents }: DoctorOptions, files: readonly string[]): void {
  if (files.length === 0)
    throw wrongUsage('Give --aws-auth, --access-entries, --trust-policies or --audit with --offline.');
  if ((api ?? table ?? service) !== undefined)
    throw wrongUsage('--offline asks no service: leave out --api, --table and --service.');
  if (countEvents === true) throw wrongUsage('--count-events asks the account: leave out --offline or --count-events.');
}

async function checkAudit(options: DoctorOptions, audit: readonly string[]): Promise<void> {
  if (options.requestPayer === true && !audit.some(isS3Path))
    throw wrongUsage('--request-payer belongs to --audit s3://bucket/prefix.');
  await checkPaths(audit, s3AccessOf(options));
}
