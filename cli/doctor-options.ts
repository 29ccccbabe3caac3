import { checkRegion } from './aws-options.ts';
import type { DoctorFiles } from './doctor-files.ts';
import { wrongUsage } from './failure.ts';
import { checkPaths } from './paths.ts';
import type { ServiceOptions } from './service-access.ts';

export interface DoctorOptions extends DoctorFiles, Pick<ServiceOptions, 'api' | 'table'> {
  readonly offline?: boolean;
  readonly audit?: readonly string[];
  readonly region?: readonly string[];
  readonly cluster?: readonly string[];
  readonly profile?: string;
  readonly connectedAccount?: readonly string[];
  readonly days?: number;
  readonly output?: 'text' | 'json';
}

/** Wrong usage is told before anything is asked or read. */
export async function checkOptions(options: DoctorOptions): Promise<void> {
  const { offline, region, connectedAccount, awsAuth, accessEntries, trustPolicies, audit = [], api, table } = options;
  const files = [awsAuth, accessEntries, trustPolicies, ...audit].filter((file) => file !== undefined);
  if (offline === true && files.length === 0)
    throw wrongUsage('Give --aws-auth, --access-entries, --trust-policies or --audit with --offline.');
  if (offline === true && (api ?? table) !== undefined)
    throw wrongUsage('--offline asks no service: leave out --api and --table.');
  if (files.filter((file) => file === '-').length > 1) throw wrongUsage('Only one file can be standard input (-).');
  for (const one of region ?? []) checkRegion(one);
  for (const account of connectedAccount ?? [])
    if (!/^\d{12}$/.test(account)) throw wrongUsage(`${account} is no account: give --connected-account 12 digits.`);
  await checkPaths(audit);
}
