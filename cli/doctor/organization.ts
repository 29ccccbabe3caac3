import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { callerIdentity } from '../../lib/adapters/aws/caller-identity.ts';
import { eventRules, type ListedTrail, listTrails } from '../../lib/adapters/doctor/access.ts';
import {
  activeAccounts,
  activeAccountsOfUnits,
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
import { ruleFindings } from '../../lib/doctor/event-rule.ts';
import {
  bucketFindings,
  deployerFindings,
  FEWEST,
  type MemberAccount,
  memberFindings,
  noOrganizationTrail,
  organizationTrailFindings,
  SPOKE_ACTIONS,
  STACK_SETS,
} from '../../lib/doctor/organization.ts';
import type { Trail } from '../../lib/doctor/trail.ts';
import { FindingCollector } from './finding-collector.ts';
import { GLOBAL_STS, readTrail } from './live.ts';
import type { DoctorProgress } from './progress.ts';
import type { Diagnosis } from './report.ts';

/** The deployment to an organization that is checked. */
export interface OrganizationQuestion {
  readonly settings: AwsSettings;
  /** The Regions of the spokes. */
  readonly regions: readonly string[];
  /** The name of a role to assume in each account, in order to look into it. */
  readonly memberRole: string | undefined;
  /** The units whose accounts get a spoke; undefined for all. */
  readonly units: readonly string[] | undefined;
  /** The name of the permissions boundary. */
  readonly boundary: string | undefined;
  /** The beginning of the names of the buckets with the code. */
  readonly codeBucket: string | undefined;
  /** Whether the spokes forward grants, which needs trails. */
  readonly forwards: boolean;
}

/**
 * Checks what a deployment to an organization needs, before it is deployed. Changes nothing.
 * @throws AwsError if there are no valid credentials.
 */
export async function examineOrganization(
  question: OrganizationQuestion,
  progress: DoctorProgress,
): Promise<Pick<Diagnosis, 'findings' | 'unchecked'>> {
  const { settings, regions, boundary, memberRole, forwards } = question;
  const { accountId, arn } = await callerIdentity(settings);
  const [, partition = 'aws'] = arn.split(':');
  const to = new FindingCollector(progress);
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
  const trailRegions = [...new Set([...regions, ...(partition === 'aws' ? [GLOBAL_STS] : [])])];
  const readTrails: TrailReader = forwards ? trailReader(trailRegions, to) : async () => undefined;
  await checkOrganizationTrails({ ...question, regions: trailRegions }, readTrails, to);
  if (memberRole === undefined) to.unchecked.push(NO_MEMBERS);
  else {
    const listed = await listAccounts(question, to);
    const others = (listed ?? []).filter((each) => each !== managementAccountId);
    const members = await mapConcurrently(others, (id) =>
      memberOf(id, partition, { ...question, memberRole, readTrails }, to),
    );
    to.findings.push(
      ...memberFindings(
        members.filter((each) => each !== undefined),
        { regions, boundary },
      ),
    );
  }
  return { findings: to.findings, unchecked: to.unchecked };
}

function listAccounts({ settings, units }: OrganizationQuestion, to: FindingCollector) {
  if (units === undefined) return to.try('the accounts', 'organizations:ListAccounts', () => activeAccounts(settings));
  return to.try('the accounts', 'organizations:ListAccountsForParent', () => activeAccountsOfUnits(settings, units));
}

const NO_MEMBERS = {
  check: "each account's quota of Lambda, Regions, permissions boundary, service control policies, trails and rules",
  reason: 'they are in the accounts: give a role that you may assume there with --member-role',
  failed: false,
};

/**
 * Reads the trails that CloudTrail lists for these credentials. In a given account, reads only its enabled Regions.
 * Returns undefined if a Region did not answer.
 */
type TrailReader = (
  settings: AwsSettings,
  account?: { readonly id: string; readonly enabledRegions: readonly string[] | undefined },
) => Promise<readonly Trail[] | undefined>;

/** Returns a reader of trails. A trail of the organization is listed in each of its accounts, and is read once. */
function trailReader(regions: readonly string[], to: FindingCollector): TrailReader {
  const known = new Map<string, Promise<Trail>>();
  return async (settings, account) => {
    const listed = new Map<string, ListedTrail>();
    for (const region of regions.filter((each) => account?.enabledRegions?.includes(each) !== false)) {
      const where = account === undefined ? region : `${account.id} in ${region}`;
      const found = await to.try(`trails of ${where}`, 'cloudtrail:DescribeTrails', () =>
        listTrails({ ...settings, region }),
      );
      if (found === undefined) return undefined;
      for (const trail of found) listed.set(trail.arn, trail);
    }
    return Promise.all([...listed.values()].map((trail) => readOnce(settings, trail)));
  };

  function readOnce(settings: AwsSettings, trail: ListedTrail): Promise<Trail> {
    const reading = known.get(trail.arn) ?? readTrail(settings, trail, to);
    known.set(trail.arn, reading);
    return reading;
  }
}

async function checkOrganizationTrails(
  { settings, memberRole, regions }: OrganizationQuestion,
  readTrails: TrailReader,
  to: FindingCollector,
): Promise<void> {
  const trails = await readTrails(settings);
  const ofAll = trails?.filter(({ ofOrganization }) => ofOrganization);
  if (ofAll === undefined) return;
  if (ofAll.length > 0) to.findings.push(...organizationTrailFindings(ofAll, regions));
  else if (memberRole === undefined) to.findings.push(noOrganizationTrail(regions));
}

/**
 * Checks the rules of a spoke, which it recognizes by their descriptions. Other rules may leave out read-only events on
 * purpose.
 */
async function checkSpokeRules(
  settings: AwsSettings & { readonly region: string },
  { accountId, forwards }: { readonly accountId: string } & Pick<OrganizationQuestion, 'forwards'>,
  to: FindingCollector,
): Promise<void> {
  if (!forwards) return;
  const { region } = settings;
  const rules = await to.try(`rules of ${accountId} in ${region}`, 'events:ListRules', () =>
    eventRules(settings, region),
  );
  const own = rules?.filter(({ description }) => description?.endsWith(' for eks-whois') === true) ?? [];
  for (const each of ruleFindings(own))
    to.findings.push({ ...each, subject: `${each.subject} of account ${accountId}` });
}

async function checkBuckets(
  { settings, regions, codeBucket }: OrganizationQuestion,
  to: FindingCollector,
): Promise<void> {
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
  {
    settings,
    regions,
    memberRole,
    boundary,
    forwards,
    readTrails,
  }: OrganizationQuestion & { readonly memberRole: string; readonly readTrails: TrailReader },
  to: FindingCollector,
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
    await checkSpokeRules({ ...there, region }, { accountId, forwards }, to);
  }
  const trails = await readTrails(there, { id: accountId, enabledRegions: enabled });
  const hasBoundary =
    boundary === undefined
      ? undefined
      : await to.try(`permissions boundary of ${accountId}`, 'iam:GetPolicy', () =>
          hasPolicy(there, `${iam}:policy/${boundary}`),
        );
  return { accountId, hasBoundary, enabledRegions: enabled, concurrency, hasClusters, denied, trails };
}

async function hasAny(settings: AwsSettings): Promise<boolean> {
  return (await listClusterNames(settings)).length > 0;
}
