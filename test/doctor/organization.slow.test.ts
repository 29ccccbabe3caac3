import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LoopbackServer } from '../../local/loopback/guard.ts';
import { runCommand } from '../builders/command.ts';
import { type AwsAnswer, type AwsRequest, json, refused, startAws, xml } from '../stand-ins/aws/server.ts';

const MANAGEMENT = '999999999999';
const [ONE, TWO] = ['444455556666', '777788889999'];

/** An organization as its services show it to whoever asks: credentials say the account. */
interface Organization {
  caller: string;
  access: string;
  administrators: readonly string[];
  /** The accounts in which the role cannot be assumed. */
  closed: readonly string[];
  concurrency: Record<string, number>;
  /** The accounts that have no cluster. */
  withoutClusters: readonly string[];
  regions: Record<string, readonly string[]>;
  boundaries: readonly string[];
  /** The actions that a service control policy denies in a Region, by account. */
  denied: Record<string, readonly string[]>;
  bucket: { algorithm: string; key?: string } | undefined;
  /** The trails that CloudTrail lists in an account: the organization's in each, and those of its own. */
  trails: Record<string, readonly TrailState[]>;
  /** The states of the spokes' rules for STS's records, by account. */
  rules: Record<string, string>;
  refusals: readonly string[];
}

interface TrailState {
  name: string;
  isOrganizations?: boolean;
  isMultiRegion?: boolean;
  isLogging?: boolean;
  isValidated?: boolean;
  takes?: 'All' | 'WriteOnly';
}

const OF_ALL: TrailState = { name: 'all', isOrganizations: true };

const GOOD: Organization = {
  caller: MANAGEMENT,
  access: 'ENABLED',
  administrators: [],
  closed: [],
  concurrency: { [ONE]: 1_000, [TWO]: 400 },
  withoutClusters: [],
  regions: { [ONE]: ['eu-west-1', 'us-east-1', 'eu-south-1'], [TWO]: ['eu-west-1', 'us-east-1', 'eu-south-1'] },
  boundaries: [ONE, TWO],
  denied: {},
  bucket: { algorithm: 'AES256' },
  trails: { [MANAGEMENT]: [OF_ALL], [ONE]: [OF_ALL], [TWO]: [OF_ALL] },
  rules: {},
  refusals: [],
};

let world: Organization;
let server: LoopbackServer;
const requests: string[] = [];

beforeAll(async () => {
  server = await startAws(answer);
});
beforeEach(() => {
  world = GOOD;
  requests.length = 0;
});
afterAll(async () => {
  await server?.close();
});

/** Answers all services by their own protocols: JSON, queries and REST. */
function answer(request: AwsRequest): AwsAnswer {
  const { service, operation } = request;
  const account = /^ASIA(\d{12})/.exec(request.accessKeyId)?.[1] ?? world.caller;
  requests.push(`${account} ${service} ${request.region} ${operation}`);
  if (world.refusals.includes(operation)) {
    if (['organizations', 'cloudtrail', 'events'].includes(service))
      return refused('AccessDeniedException', 'not authorized');
    return queryError('AccessDenied', 'not authorized');
  }
  if (service === 'organizations') return organizations(request);
  if (service === 'lambda') return json({ AccountLimit: { ConcurrentExecutions: world.concurrency[account] } });
  if (service === 'eks') return json({ clusters: world.withoutClusters.includes(account) ? [] : ['prod'] });
  if (service === 's3') return bucket();
  if (service === 'cloudtrail') return cloudTrail(request, account);
  if (service === 'events') return json({ Rules: rulesOf(request, account) });
  return queries(request, account);
}

function organizations({ operation, input }: AwsRequest): AwsAnswer {
  if (operation === 'DescribeOrganization') return json({ Organization: { MasterAccountId: MANAGEMENT } });
  if (operation === 'ListDelegatedAdministrators') {
    expect(input.ServicePrincipal).toBe('member.org.stacksets.cloudformation.amazonaws.com');
    return json({ DelegatedAdministrators: world.administrators.map((Id) => ({ Id })) });
  }
  const accounts = [MANAGEMENT, ONE, TWO].map((Id) => ({ Id, State: 'ACTIVE' }));
  if (operation === 'ListOrganizationalUnitsForParent')
    return json({ OrganizationalUnits: input.ParentId === 'ou-ab12-work' ? [{ Id: 'ou-ab12-teams' }] : [] });
  if (operation === 'ListAccountsForParent') {
    const closed = { Id: '123412341234', State: 'CLOSED' };
    return json({ Accounts: input.ParentId === 'ou-ab12-teams' ? [accounts[1], closed] : [] });
  }
  const first = [...accounts.slice(0, 2), { Id: '123412341234', State: 'SUSPENDED' }];
  return input.NextToken === undefined
    ? json({ Accounts: first, NextToken: '2' })
    : json({ Accounts: accounts.slice(2) });
}

function cloudTrail({ operation, input }: AwsRequest, account: string): AwsAnswer {
  const trails = world.trails[account] ?? [];
  const arnOf = ({ name, isOrganizations }: TrailState) =>
    `arn:aws:cloudtrail:eu-west-1:${isOrganizations === true ? MANAGEMENT : account}:trail/${name}`;
  if (operation === 'DescribeTrails')
    return json({
      trailList: trails.map((trail) => ({
        TrailARN: arnOf(trail),
        Name: trail.name,
        HomeRegion: 'eu-west-1',
        IsMultiRegionTrail: trail.isMultiRegion ?? true,
        IsOrganizationTrail: trail.isOrganizations ?? false,
        LogFileValidationEnabled: trail.isValidated ?? true,
      })),
    });
  const trail = trails.find((each) => [input.Name, input.TrailName].includes(arnOf(each)));
  if (operation === 'GetTrailStatus') return json({ IsLogging: trail?.isLogging ?? true });
  return json({ EventSelectors: [{ ReadWriteType: trail?.takes ?? 'All', IncludeManagementEvents: true }] });
}

function rulesOf({ region }: AwsRequest, account: string) {
  const EventPattern = JSON.stringify({ source: ['aws.sts'], detail: { eventName: ['AssumeRole'] } });
  const rule = (Name: string, State: string, Description: string) => ({
    Name,
    Arn: `arn:aws:events:${region}:${account}:rule/${Name}`,
    State,
    EventPattern,
    Description,
  });
  const state = world.rules[account];
  return [
    rule('siem', 'ENABLED', 'For somebody else'),
    ...(state === undefined ? [] : [rule('forward', state, "STS's records for eks-whois")]),
  ];
}

function queries({ operation, form }: AwsRequest, account: string): AwsAnswer {
  switch (operation) {
    case 'GetCallerIdentity':
      return result(operation, `<Arn>arn:aws:iam::${account}:user/a</Arn><Account>${account}</Account>`);
    case 'AssumeRole': {
      const [, of = ''] = /::(\d{12}):role\/Member$/.exec(form.get('RoleArn') ?? '') ?? [];
      if (world.closed.includes(of)) return queryError('AccessDenied', 'is not authorized to perform: sts:AssumeRole');
      return result(
        operation,
        `<Credentials><AccessKeyId>ASIA${of}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`,
      );
    }
    case 'DescribeOrganizationsAccess':
      expect(form.get('CallAs')).toBe(account === MANAGEMENT ? 'SELF' : 'DELEGATED_ADMIN');
      return result(operation, `<Status>${world.access}</Status>`);
    case 'DescribeRegions': {
      const items = (world.regions[account] ?? []).map((name) => `<item><regionName>${name}</regionName></item>`);
      return xml(`<DescribeRegionsResponse><regionInfo>${items.join('')}</regionInfo></DescribeRegionsResponse>`);
    }
    case 'GetPolicy':
      return policyOf(form);
    case 'SimulatePrincipalPolicy':
      return simulated(form, account);
    default:
      return queryError('InvalidAction', operation);
  }
}

function policyOf(form: URLSearchParams): AwsAnswer {
  const [, of = '', name] = /::(\d{12}):policy\/(.+)$/.exec(form.get('PolicyArn') ?? '') ?? [];
  if (world.boundaries.includes(of) && name === 'team/limit') return result('GetPolicy', '<Policy/>');
  return queryError('NoSuchEntity', 'Policy not found', 404);
}

function simulated(form: URLSearchParams, account: string): AwsAnswer {
  const where = form.get('ContextEntries.member.1.ContextKeyValues.member.1');
  const actions = [...form].flatMap(([key, value]) => (key.startsWith('ActionNames.') ? [value] : []));
  const members = actions.map((action) => {
    const isAllowed = where !== 'us-east-1' || world.denied[account]?.includes(action) !== true;
    return `<member><EvalActionName>${action}</EvalActionName><EvalDecision>allowed</EvalDecision><OrganizationsDecisionDetail><AllowedByOrganizations>${isAllowed}</AllowedByOrganizations></OrganizationsDecisionDetail></member>`;
  });
  return result('SimulatePrincipalPolicy', `<EvaluationResults>${members.join('')}</EvaluationResults>`);
}

function bucket(): AwsAnswer {
  if (world.bucket === undefined) return xml('<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>', 404);
  const { algorithm, key } = world.bucket;
  const own = key === undefined ? '' : `<KMSMasterKeyID>${key}</KMSMasterKeyID>`;
  return xml(
    `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>${algorithm}</SSEAlgorithm>${own}</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
  );
}

function result(operation: string, content: string): AwsAnswer {
  return xml(`<${operation}Response><${operation}Result>${content}</${operation}Result></${operation}Response>`);
}

function queryError(code: string, message: string, status = 403): AwsAnswer {
  return xml(`<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`, status);
}

const MEMBERS = ['--member-role', 'Member', '--permissions-boundary', 'team/limit', '--code-bucket', 'code'];

async function doctor(...args: readonly string[]) {
  const environment = {
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: 'AKIACALLER0000000001',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'eu-west-1',
    AWS_PROFILE: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  const ended = await runCommand(['doctor', '--organization', ...args, '-o', 'json'], undefined, environment);
  const found =
    ended.output === '' ? {} : (JSON.parse(ended.output) as Record<string, { id: string; subject: string }[]>);
  return { ...ended, found, ids: (found.findings ?? []).map(({ id, subject }) => `${id}: ${subject}`) };
}

const REGIONS = ['--region', 'eu-west-1', 'us-east-1'];

describe('before a deployment to an organization', () => {
  test('nothing is found where everything is ready: in both Regions of each account, and in none of suspended accounts', async () => {
    const { status, found, ids } = await doctor(...REGIONS, ...MEMBERS);
    expect(ids).toEqual([]);
    expect(found.unchecked).toEqual([]);
    expect(status).toBe(0);
    const quotas = requests.filter((line) => line.includes(' lambda ')).toSorted();
    expect(quotas).toEqual(
      [ONE, TWO].flatMap((account) => ['eu-west-1', 'us-east-1'].map((region) => `${account} lambda ${region} `)),
    );
  });

  test('trusted access that is off is found, and an account that may not deploy', async () => {
    world = { ...GOOD, access: 'DISABLED' };
    expect((await doctor(...REGIONS)).ids).toEqual(['organization-access-off: the organization']);
    world = { ...GOOD, caller: ONE, administrators: [TWO] };
    expect((await doctor(...REGIONS)).ids).toEqual([`organization-not-administrator: account ${ONE}`]);
    world = { ...GOOD, caller: ONE, administrators: [TWO, ONE] };
    expect((await doctor(...REGIONS)).ids).toEqual([]);
  });

  test('what an account lacks is found: quota, Region, boundary, and what the organization denies there', async () => {
    world = {
      ...GOOD,
      concurrency: { [ONE]: 10, [TWO]: 1_000 },
      regions: { ...GOOD.regions, [TWO]: ['eu-west-1'] },
      boundaries: [TWO],
      denied: { [ONE]: ['lambda:CreateFunction', 'sqs:CreateQueue'] },
    };
    const { ids, found, status } = await doctor(...REGIONS, ...MEMBERS);
    expect(ids.toSorted()).toEqual([
      `account-boundary-missing: account ${ONE}`,
      `account-denied-by-organization: account ${ONE}, in us-east-1`,
      `account-quota-low: account ${ONE}, in eu-west-1`,
      `account-quota-low: account ${ONE}, in us-east-1`,
      `account-region-off: account ${TWO}, in us-east-1`,
    ]);
    expect(JSON.stringify(found.findings)).toContain('deny lambda:CreateFunction, sqs:CreateQueue');
    expect(status).toBe(3);
  });

  test('only accounts in the units of the deployment, or in units within them, are checked', async () => {
    world = { ...GOOD, boundaries: [] };
    const { ids } = await doctor(...REGIONS, ...MEMBERS, '--unit', 'ou-ab12-other', 'ou-ab12-work');
    expect(ids).toEqual([`account-boundary-missing: account ${ONE}`]);
    expect(requests.filter((line) => line.startsWith(TWO))).toEqual([]);
  });

  test('a low quota is found only where there are clusters, or where they could not be listed', async () => {
    world = { ...GOOD, concurrency: { [ONE]: 10, [TWO]: 10 }, withoutClusters: [TWO] };
    const { ids, status } = await doctor('--region', 'eu-west-1', ...MEMBERS);
    expect(ids).toEqual([`account-quota-low: account ${ONE}, in eu-west-1`]);
    expect(status).toBe(3);
    world = { ...world, withoutClusters: [ONE, TWO] };
    expect(await doctor('--region', 'eu-west-1', ...MEMBERS)).toMatchObject({ ids: [], status: 0 });
  });

  test('a trail of the organization that has no grants is found, and what mends it', async () => {
    world = { ...GOOD, trails: { [MANAGEMENT]: [{ ...OF_ALL, takes: 'WriteOnly', isLogging: false }] } };
    expect((await doctor(...REGIONS)).ids).toEqual([
      'trail-stopped: trail all (eu-west-1)',
      'trail-write-only: trail all (eu-west-1)',
    ]);
    world = { ...GOOD, trails: { [MANAGEMENT]: [{ ...OF_ALL, isMultiRegion: false }] } };
    const single = await doctor('--region', 'eu-west-1');
    expect(single.ids).toEqual(['trail-misses-regions: us-east-1']);
    expect(JSON.stringify(single.found.findings)).toContain('--is-multi-region-trail');
    world = { ...GOOD, trails: { [MANAGEMENT]: [{ ...OF_ALL, isValidated: false }] } };
    const unproven = await doctor(...REGIONS);
    expect(unproven.ids).toEqual(['trail-not-validated: trail all (eu-west-1)']);
    expect(JSON.stringify(unproven.found.findings)).toContain('--enable-log-file-validation');
  });

  test('if spokes will not forward, neither trails nor rules are checked', async () => {
    world = { ...GOOD, trails: {}, rules: { [ONE]: 'ENABLED' } };
    expect((await doctor(...REGIONS, ...MEMBERS)).status).toBe(3);
    requests.length = 0;
    const { status, ids } = await doctor(...REGIONS, ...MEMBERS, '--without-forwarding');
    expect({ status, ids }).toEqual({ status: 0, ids: [] });
    expect(requests.filter((line) => / (?:cloudtrail|events) /.test(line))).toEqual([]);
  });

  test('without a trail of the organization, each account needs its own in every Region of a spoke', async () => {
    world = { ...GOOD, trails: { [MANAGEMENT]: [{ name: 'mine' }] } };
    const { ids, found } = await doctor(...REGIONS);
    expect(ids).toEqual(['trail-missing: the organization']);
    expect(JSON.stringify(found.findings)).toContain('--is-organization-trail');
    world = { ...GOOD, trails: { [ONE]: [{ name: 'own' }], [TWO]: [{ name: 'own', isMultiRegion: false }] } };
    expect((await doctor(...REGIONS, ...MEMBERS)).ids).toEqual([`trail-missing: account ${TWO}, in us-east-1`]);
    world = { ...GOOD, trails: { [ONE]: [{ name: 'own' }], [TWO]: [{ name: 'own', takes: 'WriteOnly' }] } };
    expect((await doctor(...REGIONS, ...MEMBERS)).ids).toEqual([
      `trail-missing: account ${TWO}, in eu-west-1`,
      `trail-missing: account ${TWO}, in us-east-1`,
    ]);
  });

  test('no trail is looked for in a Region that an account has not enabled', async () => {
    const trails = { ...GOOD.trails, [TWO]: [{ name: 'own', isMultiRegion: false }] };
    world = { ...GOOD, trails, regions: { ...GOOD.regions, [TWO]: ['eu-west-1'] } };
    expect((await doctor(...REGIONS, ...MEMBERS)).ids).toEqual([`account-region-off: account ${TWO}, in us-east-1`]);
    expect(requests).not.toContain(`${TWO} cloudtrail us-east-1 DescribeTrails`);
  });

  test('a trail of the organization is read once, and an account that does not list it is found', async () => {
    world = { ...GOOD, trails: { ...GOOD.trails, [TWO]: [] } };
    expect((await doctor('--region', 'us-east-1', ...MEMBERS)).ids).toEqual([
      `trail-missing: account ${TWO}, in us-east-1`,
    ]);
    expect(requests.filter((line) => line.endsWith('GetEventSelectors'))).toHaveLength(1);
  });

  test("a spoke's rule that gets no grants is found; rules of others are left alone", async () => {
    world = { ...GOOD, rules: { [ONE]: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', [TWO]: 'DISABLED' } };
    const { ids, found } = await doctor('--region', 'eu-west-1', ...MEMBERS);
    expect(ids).toEqual([`rule-wrong-state: rule forward (eu-west-1) of account ${TWO}`]);
    expect(JSON.stringify(found.findings)).toContain('--state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
  });

  test('trails that could not be read are listed, and are no finding', async () => {
    world = { ...GOOD, refusals: ['DescribeTrails'] };
    const { ids, found, status } = await doctor('--region', 'us-east-1');
    expect([ids, status]).toEqual([[], 1]);
    expect(found.unchecked).toMatchObject([
      { check: 'trails of us-east-1', permission: 'cloudtrail:DescribeTrails' },
      { failed: false },
    ]);
  });

  test.each([
    [{ algorithm: 'aws:kms' }, 'no other account can use that key'],
    [{ algorithm: 'aws:kms', key: 'arn:aws:kms:eu-west-1:999999999999:key/1' }, 'aws:PrincipalOrgID'],
  ])('a bucket of the code that other accounts cannot decrypt is found: %j', async (bucket, step) => {
    world = { ...GOOD, bucket };
    const { ids, found } = await doctor('--region', 'eu-west-1', ...MEMBERS);
    expect(ids).toEqual(['code-bucket-encrypted: bucket code-eu-west-1']);
    expect(JSON.stringify(found.findings)).toContain(step);
    world = { ...GOOD, bucket: undefined };
    expect((await doctor('--region', 'eu-west-1', ...MEMBERS)).ids).toEqual([]);
  });

  test('what could not be checked is listed, and the other checks run: no finding does not mean that all is ready', async () => {
    world = { ...GOOD, closed: [ONE], refusals: ['DescribeOrganizationsAccess'], concurrency: { [TWO]: 10 } };
    const { found, ids } = await doctor('--region', 'eu-west-1', ...MEMBERS);
    expect(ids).toEqual([`account-quota-low: account ${TWO}, in eu-west-1`]);
    expect(found.unchecked).toMatchObject([
      { check: 'trusted access of StackSets', permission: 'cloudformation:DescribeOrganizationsAccess' },
      { check: `account ${ONE}`, permission: 'sts:AssumeRole' },
    ]);
    world = { ...GOOD, refusals: ['ListAccounts'] };
    expect((await doctor('--region', 'eu-west-1', ...MEMBERS)).status).toBe(1);
    world = GOOD;
    const { found: alone } = await doctor('--region', 'eu-west-1');
    expect(alone.unchecked).toMatchObject([{ reason: expect.stringContaining('--member-role'), failed: false }]);
  });

  test.each([
    [[], 'Add --region'],
    [['--region', 'eu-west-1', '--cluster', 'prod'], 'Leave the other options out'],
    [['--region', 'eu-west-1', '--offline', '--aws-auth', '-'], 'Leave the other options out'],
  ])('wrong usage is refused: %j', async (args, says) => {
    const { status, errors } = await doctor(...args);
    expect([status, errors]).toEqual([2, expect.stringContaining(says)]);
    expect(requests).toEqual([]);
  });

  test('its options are refused without --organization', async () => {
    const ended = await runCommand(['doctor', '--member-role', 'Member']);
    expect([ended.status, ended.errors]).toEqual([2, expect.stringContaining('Add --organization')]);
  });
});
