import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { isAccountId } from '../../lib/identity/arn.ts';
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
  readonly organization?: boolean;
  readonly memberRole?: string;
  readonly unit?: readonly string[];
  readonly permissionsBoundary?: string;
  readonly codeBucket?: string;
  readonly withoutForwarding?: boolean;
}

/**
 * Checks the usage before anything is read or queried.
 * @throws CommandError that names what is wrong.
 */
export async function checkOptions(options: DoctorOptions): Promise<void> {
  const { offline, region, connectedAccount, awsAuth, accessEntries, trustPolicies, audit = [] } = options;
  const files = [awsAuth, accessEntries, trustPolicies, ...audit].filter((file) => file !== undefined);
  if (offline === true) checkOffline(options, files);
  checkOrganization(options, files);
  if (files.filter((file) => file === '-').length > 1)
    throw wrongUsage(
      'Standard input (-) is given to several options, but can be read only once. Give it to one option.',
    );
  for (const one of region ?? []) checkRegion(one);
  for (const account of connectedAccount ?? [])
    if (!isAccountId(account)) throw wrongUsage(`--connected-account ${account} is not an account ID. Give 12 digits.`);
  await checkAudit(options, audit);
}

function checkOffline({ api, table, service, countEvents }: DoctorOptions, files: readonly string[]): void {
  if (files.length === 0)
    throw wrongUsage(
      '--offline checks files, and none is given. Add --aws-auth, --access-entries, --trust-policies or --audit.',
    );
  if ((api ?? table ?? service) !== undefined)
    throw wrongUsage(
      '--offline queries no service, but one is given. Leave out --offline, or leave out --api, --table and --service.',
    );
  if (countEvents === true)
    throw wrongUsage('--count-events queries the account, which --offline forbids. Leave one of them out.');
}

const OF_ORGANIZATION = ['memberRole', 'unit', 'permissionsBoundary', 'codeBucket', 'withoutForwarding'] as const;
const NOT_OF_ORGANIZATION = ['offline', 'cluster', 'api', 'table', 'service', 'countEvents'] as const;

function checkOrganization(options: DoctorOptions, files: readonly string[]): void {
  if (options.organization !== true) {
    if (OF_ORGANIZATION.some((name) => options[name] !== undefined))
      throw wrongUsage(
        '--member-role, --unit, --permissions-boundary, --code-bucket and --without-forwarding are for --organization. Add --organization, or leave them out.',
      );
    return;
  }
  if (files.length > 0 || NOT_OF_ORGANIZATION.some((name) => options[name] !== undefined))
    throw wrongUsage(
      '--organization checks what a deployment needs, not a cluster, a service or files. Leave the other options out.',
    );
  if (options.region === undefined)
    throw wrongUsage('--organization needs the Regions of the spokes. Add --region eu-west-1 us-east-1.');
}

async function checkAudit(options: DoctorOptions, audit: readonly string[]): Promise<void> {
  if (options.requestPayer === true && !audit.some(isS3Path))
    throw wrongUsage('--request-payer is for --audit s3://bucket/prefix, which is not given. Leave it out.');
  await checkPaths(audit, s3AccessOf(options));
}
