import { quoted } from '../shell.ts';
import { command, type Finding, finding } from './finding.ts';
import { type Trail, trailFindings, uncoveredRegions, validationFindings } from './trail.ts';

/** The account that deploys to an organization, as far as it was read. */
export interface Deployer {
  readonly accountId: string;
  /**
   * The state of trusted access for StackSets: `ENABLED`, `DISABLED` or `DISABLED_PERMANENTLY`. Undefined if it could
   * not be read.
   */
  readonly access?: string | undefined;
  readonly managementAccountId?: string | undefined;
  /** The delegated administrators of StackSets. Undefined if they could not be read. */
  readonly administrators?: readonly string[] | undefined;
}

/** An account that gets a spoke. Fields are undefined if they could not be read. */
export interface MemberAccount {
  readonly accountId: string;
  /** Whether a policy of the boundary's name exists. */
  readonly hasBoundary?: boolean | undefined;
  readonly enabledRegions?: readonly string[] | undefined;
  /** The concurrent executions of Lambda, by Region. */
  readonly concurrency: Readonly<Record<string, number>>;
  /** Whether it has clusters, by Region. */
  readonly hasClusters: Readonly<Record<string, boolean>>;
  /** The actions that policies of the organization deny, by Region. */
  readonly denied: Readonly<Record<string, readonly string[]>>;
  /**
   * The trails that CloudTrail lists there, including those of the organization. Undefined if they could not be listed.
   */
  readonly trails?: readonly Trail[] | undefined;
}

/**
 * The service principal with which an account is a delegated administrator of StackSets. Source: CloudFormation User
 * Guide, "Register a delegated administrator".
 */
export const STACK_SETS = 'member.org.stacksets.cloudformation.amazonaws.com';

/**
 * One action of each service that the stack of a spoke uses. If a policy of the organization denies one, the deployment
 * fails.
 */
export const SPOKE_ACTIONS = [
  'cloudformation:CreateStack',
  'cloudwatch:PutMetricAlarm',
  'events:PutEvents',
  'events:PutRule',
  'iam:CreateRole',
  'iam:PassRole',
  'lambda:CreateFunction',
  'logs:PutSubscriptionFilter',
  'logs:TagResource',
  'sns:CreateTopic',
  'sqs:CreateQueue',
] as const;

/**
 * The lowest number of concurrent executions with which a spoke with clusters keeps up. It is enough for its functions
 * and a burst. New accounts have 10 (FACTS).
 */
export const FEWEST = 50;

/** Returns findings that keep this account from deploying to the organization. */
export function deployerFindings({
  accountId,
  access,
  managementAccountId,
  administrators,
}: Deployer): readonly Finding[] {
  const off = finding('organization-access-off', {
    subject: 'the organization',
    evidence: `cloudformation:DescribeOrganizationsAccess: ${access}.`,
    mend: `In the management account: ${command('aws cloudformation activate-organizations-access')}`,
  });
  const other = finding('organization-not-administrator', {
    subject: `account ${accountId}`,
    evidence: `The management account is ${managementAccountId}, and ${list(administrators ?? [], 'no account')} may deploy in its place.`,
    mend: `Deploy from the management account, or run there: ${command(`aws organizations register-delegated-administrator --service-principal ${STACK_SETS} --account-id ${accountId}`)}`,
  });
  const mayDeploy = accountId === managementAccountId || administrators?.includes(accountId) !== false;
  return [
    ...(access === undefined || access === 'ENABLED' ? [] : [off]),
    ...(managementAccountId === undefined || mayDeploy ? [] : [other]),
  ];
}

/** Returns findings on trails of the organization that do not have every grant in these Regions. */
export function organizationTrailFindings(trails: readonly Trail[], regions: readonly string[]): readonly Finding[] {
  return [...trailFindings(trails, regions), ...validationFindings(trails)];
}

/** Returns the finding that the organization has no trail, for a check that does not look into the accounts. */
export function noOrganizationTrail(regions: readonly string[]): Finding {
  return finding('trail-missing', {
    subject: 'the organization',
    evidence: `cloudtrail:DescribeTrails lists no trail of the organization in ${regions.join(', ')}. Accounts may have their own: --member-role looks into each.`,
    mend: CREATE_TRAIL,
  });
}

const CREATE_TRAIL = `In the management account, with a bucket that CloudTrail may write to for the organization: ${command('aws organizations enable-aws-service-access --service-principal cloudtrail.amazonaws.com && aws cloudtrail create-trail --name organization --s3-bucket-name <bucket> --is-organization-trail --is-multi-region-trail --enable-log-file-validation && aws cloudtrail start-logging --name organization')}`;

/** Returns findings that keep spokes from being deployed to these accounts and Regions, or from keeping up. */
export function memberFindings(
  accounts: readonly MemberAccount[],
  { regions, boundary }: { readonly regions: readonly string[]; readonly boundary: string | undefined },
): readonly Finding[] {
  return [
    ...(boundary === undefined ? [] : boundaryFindings(accounts, boundary)),
    ...regions.flatMap(findingsInRegion),
  ];

  function findingsInRegion(region: string): readonly Finding[] {
    return [
      ...regionFindings(accounts, region),
      ...quotaFindings(accounts, region),
      ...deniedFindings(accounts, region),
      ...untrailedFindings(accounts, region),
    ];
  }
}

function boundaryFindings(accounts: readonly MemberAccount[], boundary: string): readonly Finding[] {
  const without = accounts.filter(({ hasBoundary }) => hasBoundary === false);
  return foundIn(without, 'account-boundary-missing', (subject, [first = '']) => ({
    subject,
    evidence: `iam:GetPolicy finds no policy ${boundary} in ${subject}.`,
    mend: `Create the policy in each account before you deploy with PermissionsBoundary=${boundary}: ${command(`aws iam create-policy --policy-name ${quoted(boundary.split('/').at(-1) ?? boundary)} --policy-document <document>`)}. The first account is ${first}.`,
  }));
}

function regionFindings(accounts: readonly MemberAccount[], region: string): readonly Finding[] {
  const off = accounts.filter(({ enabledRegions }) => enabledRegions?.includes(region) === false);
  return foundIn(off, 'account-region-off', (subject) => ({
    subject: `${subject}, in ${region}`,
    evidence: `ec2:DescribeRegions: ${region} is not enabled in ${subject}.`,
    mend: `Enable the Region in each account (AWS Console, Account, AWS Regions), or leave ${region} out of SpokeRegions.`,
  }));
}

function quotaFindings(accounts: readonly MemberAccount[], region: string): readonly Finding[] {
  const low = accounts.filter(
    // Without clusters, only `subscribe` runs, every ten minutes.
    ({ concurrency, hasClusters }) => (concurrency[region] ?? FEWEST) < FEWEST && hasClusters[region] !== false,
  );
  const fewest = Math.min(...low.map(({ concurrency }) => concurrency[region] ?? FEWEST));
  return foundIn(low, 'account-quota-low', (subject) => ({
    subject: `${subject}, in ${region}`,
    evidence: `lambda:GetAccountSettings: Lambda runs ${fewest} functions at once there, and a spoke needs ${FEWEST}.`,
    mend: `Request a higher quota "Concurrent executions" of Lambda in each account (Service Quotas, ${region}). AWS raises it within days.`,
  }));
}

/**
 * Returns the finding about accounts without a trail that has grants. An organization's trail without grants is another
 * finding, once for all accounts.
 */
function untrailedFindings(accounts: readonly MemberAccount[], region: string): readonly Finding[] {
  const without = accounts.filter(
    ({ trails, enabledRegions }) =>
      trails !== undefined &&
      enabledRegions?.includes(region) !== false &&
      !trails.some(({ ofOrganization }) => ofOrganization) &&
      uncoveredRegions(trails, [region]).length > 0,
  );
  return foundIn(without, 'trail-missing', (subject) => ({
    subject: `${subject}, in ${region}`,
    evidence: `cloudtrail:DescribeTrails, GetTrailStatus and GetEventSelectors: no trail of ${subject} logs read-only management events in ${region}.`,
    mend: CREATE_TRAIL,
  }));
}

function deniedFindings(accounts: readonly MemberAccount[], region: string): readonly Finding[] {
  const refusing = accounts.filter(({ denied }) => (denied[region] ?? []).length > 0);
  const actions = [...new Set(refusing.flatMap(({ denied }) => denied[region] ?? []))].toSorted();
  return foundIn(refusing, 'account-denied-by-organization', (subject) => ({
    subject: `${subject}, in ${region}`,
    evidence: `iam:SimulatePrincipalPolicy: policies of the organization deny ${actions.join(', ')}.`,
    mend: `Exempt the roles stacksets-exec-* and the spokes' own roles in the service control policy, or leave the unit or ${region} out.`,
  }));
}

/** A bucket with the code of the spokes, and its encryption if that could be read. */
export interface CodeBucket {
  readonly name: string;
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. `none` if there is no such bucket. */
  readonly encryption: string;
  readonly key?: string | undefined;
}

/**
 * Returns findings that keep other accounts from reading the code. If a bucket does not exist yet, the deployment
 * creates it.
 */
export function bucketFindings(buckets: readonly CodeBucket[]): readonly Finding[] {
  return buckets
    .filter(({ encryption }) => encryption.startsWith('aws:kms'))
    .map(({ name, encryption, key }) =>
      finding('code-bucket-encrypted', {
        subject: `bucket ${name}`,
        evidence: `s3:GetEncryptionConfiguration: ${encryption} with ${key ?? "AWS's own key aws/s3"}.`,
        mend:
          key === undefined
            ? 'Encrypt the bucket with SSE-S3, and upload the release again: no other account can use that key.'
            : `Let the organization use the key (kms:Decrypt, with the condition aws:PrincipalOrgID), or encrypt the bucket with SSE-S3 and upload the release again.`,
      }),
    );
}

type FindingDetails = Parameters<typeof finding>[1];

/** Returns one finding about all these accounts. Empty if there are no accounts. */
function foundIn(
  accounts: readonly MemberAccount[],
  id: Parameters<typeof finding>[0],
  about: (subject: string, ids: readonly string[]) => FindingDetails,
): readonly Finding[] {
  const ids = accounts.map(({ accountId }) => accountId);
  return ids.length === 0 ? [] : [finding(id, about(list(ids, ''), ids))];
}

const MOST_SHOWN = 5;

function list(ids: readonly string[], none: string): string {
  if (ids.length === 0) return none;
  const more = ids.length > MOST_SHOWN ? ` and ${ids.length - MOST_SHOWN} more` : '';
  return `account${ids.length === 1 ? '' : 's'} ${ids.slice(0, MOST_SHOWN).join(', ')}${more}`;
}
