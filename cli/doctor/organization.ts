import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { callerIdentity } from '../../lib/adapters/aws/caller-identity.ts';
import {
  activeAccounts,
  bucketEncryption,
  delegatedAdministrators,
  deniedByOrganization,
  hasPolicy,
  lambdaConcurrency,
  managementAccount,
  organizationsAccess,
  within,
} from '../../lib/adapters/doctor/organization.ts';
import { listClusterNames } from '../../lib/adapters/eks/clusters.ts';
import { enabledRegions } from '../../lib/adapters/eks/network.ts';
import { mapConcurrently } from '../../lib/concurrency.ts';
import {
  bucketFindings,
  deployerFindings,
  FEWEST,
  type MemberAccount,
  memberFindings,
  SPOKE_ACTIONS,
  STACK_SETS,
} from '../../lib/doctor/organization.ts';
import { Gathering } from './gathering.ts';
import type { DoctorProgress } from './progress.ts';
import type { Diagnosis } from './report.ts';

/** The deployment to an organization that is checked. */
export interface OrganizationQuestion {
  readonly settings: AwsSettings;
  /** The Regions of the spokes. */
  readonly regions: readonly string[];
  /** The name of a role to assume in each account, in order to look into it. */
  readonly memberRole: string | undefined;
  /** The name of the permissions boundary. */
  readonly boundary: string | undefined;
  /** The beginning of the names of the buckets with the code. */
  readonly codeBucket: string | undefined;
}

/**
 * Checks what a deployment to an organization needs, before it is deployed. Changes nothing.
 * @throws AwsError if there are no valid credentials.
 */
export async function examineOrganization(
  question: OrganizationQuestion,
  progress: DoctorProgress,
): Promise<Pick<Diagnosis, 'findings' | 'unchecked'>> {
  const { settings, regions, boundary, memberRole } = question;
  const { accountId, arn } = await callerIdentity(settings);
  const to = new Gathering(progress);
  const managementAccountId = await to.try('the management account', 'organizations:DescribeOrganization', () =>
    managementAccount(settings),
  );
  const isManagement = managementAccountId === undefined || managementAccountId === accountId;
  const access = await to.try('trusted access of StackSets', 'cloudformation:DescribeOrganizationsAccess', () =>
    organizationsAccess(settings, isManagement),
  );
  const administrators = isManagement
    ? undefined
    : await to.try('delegated administrators', 'organizations:ListDelegatedAdministrators', () =>
        delegatedAdministrators(settings, STACK_SETS),
      );
  to.findings.push(...deployerFindings({ accountId, access, managementAccountId, administrators }));
  await checkBuckets(question, to);
  if (memberRole === undefined) to.unchecked.push(NO_MEMBERS);
  else {
    const [, partition = 'aws'] = arn.split(':');
    const listed = await to.try('the accounts', 'organizations:ListAccounts', () => activeAccounts(settings));
    const others = (listed ?? []).filter((each) => each !== managementAccountId);
    const members = await mapConcurrently(others, (id) => memberOf(id, partition, { ...question, memberRole }, to));
    to.findings.push(
      ...memberFindings(
        members.filter((each) => each !== undefined),
        { regions, boundary },
      ),
    );
  }
  return { findings: to.findings, unchecked: to.unchecked };
}

const NO_MEMBERS = {
  check: "each account's quota of Lambda, Regions, permissions boundary and service control policies",
  reason: 'they are in the accounts: give a role that you may assume there with --member-role',
  failed: false,
};

async function checkBuckets({ settings, regions, codeBucket }: OrganizationQuestion, to: Gathering): Promise<void> {
  if (codeBucket === undefined) return;
  for (const region of regions) {
    const name = `${codeBucket}-${region}`;
    const bucket = await to.try(`the encryption of bucket ${name}`, 's3:GetEncryptionConfiguration', () =>
      bucketEncryption({ ...settings, region }, name),
    );
    to.findings.push(...bucketFindings(bucket === undefined ? [] : [bucket]));
  }
}

/** Looks into one account. Returns undefined if the role cannot be assumed there. */
async function memberOf(
  accountId: string,
  partition: string,
  { settings, regions, memberRole, boundary }: OrganizationQuestion & { readonly memberRole: string },
  to: Gathering,
): Promise<MemberAccount | undefined> {
  const iam = `arn:${partition}:iam::${accountId}`;
  const role = `${iam}:role/${memberRole}`;
  const there = await to.try(`account ${accountId}`, 'sts:AssumeRole', () => within(settings, role));
  if (there === undefined) return undefined;
  const concurrency: Record<string, number> = {};
  const hasClusters: Record<string, boolean> = {};
  const denied: Record<string, readonly string[]> = {};
  const enabled = await to.try(`Regions of ${accountId}`, 'ec2:DescribeRegions', () => enabledRegions(there));
  for (const region of regions.filter((each) => enabled?.includes(each) !== false)) {
    const where = `${accountId} in ${region}`;
    const number = await to.try(`quota of Lambda of ${where}`, 'lambda:GetAccountSettings', () =>
      lambdaConcurrency({ ...there, region }),
    );
    if (number !== undefined) concurrency[region] = number;
    const hasSome =
      number !== undefined && number < FEWEST
        ? await to.try(`clusters of ${where}`, 'eks:ListClusters', () => hasAny({ ...there, region }))
        : undefined;
    if (hasSome !== undefined) hasClusters[region] = hasSome;
    const refused = await to.try(`service control policies of ${where}`, 'iam:SimulatePrincipalPolicy', () =>
      deniedByOrganization(there, { role, region, actions: SPOKE_ACTIONS }),
    );
    if (refused !== undefined) denied[region] = refused;
  }
  const hasBoundary =
    boundary === undefined
      ? undefined
      : await to.try(`permissions boundary of ${accountId}`, 'iam:GetPolicy', () =>
          hasPolicy(there, `${iam}:policy/${boundary}`),
        );
  return { accountId, hasBoundary, enabledRegions: enabled, concurrency, hasClusters, denied };
}

async function hasAny(settings: AwsSettings): Promise<boolean> {
  return (await listClusterNames(settings)).length > 0;
}
