import { afterEach, describe, expect, test } from 'vitest';
import { AUDIT_SAMPLES } from '../../lib/doctor/audit-samples.ts';
import { auditFilterPattern, DEFAULT_CHOICE } from '../../lib/identity/audit-filter.ts';
import { runCommand } from '../builders/command.ts';
import { startAnswering } from '../configure/asking.ts';
import { ONE_SENTENCE, type ProcessResult, person, shown } from '../kubeconfig/running.ts';
import type { Account } from '../stand-ins/aws/account.ts';
import { startAccount } from '../stand-ins/aws/account.ts';
import type { Fault, World } from '../stand-ins/aws/eks.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((end) => end()));
});

async function signedIn(world: Partial<World>, account: Partial<Account>) {
  const { eksWhois, aws, keep } = await person(world);
  const services = await startAccount(account);
  running.push(services.close);
  const endpoints = {
    AWS_ENDPOINT_URL_CLOUDTRAIL: services.url,
    AWS_ENDPOINT_URL_CLOUDWATCH: services.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: services.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: services.url,
    AWS_ENDPOINT_URL_IAM: services.url,
  };
  const inside =
    (environment: Readonly<Record<string, string | undefined>>) =>
    (...args: readonly string[]) =>
      eksWhois(['doctor', ...args], { ...endpoints, ...environment });
  const doctor = Object.assign(inside({}), { in: inside });
  return { doctor, aws, services, keep };
}

/** Times of today's run, which would change the golden files. */
function timeless(ended: ProcessResult): string {
  return shown(ended).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>');
}

const ROLE = 'arn:aws:iam::111122223333:role/people/dev';
const GONE = 'arn:aws:iam::111122223333:role/gone';
const ALLOW = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::444455556666:root' }, Action: 'sts:AssumeRole' };
const HOUR_AGO = Math.floor(Date.now() / 3_600_000 - 1) * 3_600_000;
const SUBSCRIPTION = {
  filterName: 'eks-whois-prod-audit',
  filterPattern: auditFilterPattern(DEFAULT_CHOICE),
  destinationArn: 'arn:aws:lambda:eu-west-1:111122223333:function:eks-whois-prod-ingest',
};
const SIEM = {
  filterName: 'siem',
  filterPattern: '',
  destinationArn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/siem',
};
const LOG_GROUP = '/aws/eks/prod/cluster';
const FAILED = { logGroup: LOG_GROUP, filter: SUBSCRIPTION.filterName, hour: HOUR_AGO };
/** The hours of more than a week, to the one before this, which is not over. */
const HOURS = Array.from({ length: 200 }, (_, back) => HOUR_AGO - back * 3_600_000);

/** Bytes and log events of each hour. */
function volumesOf(cluster: string, bytes: number, events: number) {
  const of = { region: 'eu-west-1', logGroup: `/aws/eks/${cluster}/cluster` };
  return HOURS.flatMap((hour) => [
    { ...of, hour, metric: 'IncomingBytes' as const, count: bytes },
    { ...of, hour, metric: 'IncomingLogEvents' as const, count: events },
  ]);
}

/** Returns the metric of events that the service's subscription forwards, with this count in each hour. */
function forwardedOf(count: number) {
  const of = { region: 'eu-west-1', logGroup: LOG_GROUP, filter: SUBSCRIPTION.filterName };
  return HOURS.map((hour) => ({ ...of, hour, metric: 'ForwardedLogEvents' as const, count }));
}
const SICK: [Partial<World>, Partial<Account>] = [
  {
    clusters: [
      {
        name: 'prod',
        region: 'eu-west-1',
        accessEntries: { [ROLE]: 'dev', [GONE]: 'dev', 'arn:aws:iam::444455556666:role/far': undefined },
      },
      { name: 'qa', region: 'eu-west-1', authenticationMode: 'API' },
      { name: 'tools', region: 'eu-west-1', authenticationMode: 'CONFIG_MAP' },
      { name: 'staging', region: 'eu-central-1', auditLog: false },
    ],
  },
  {
    filters: {
      [LOG_GROUP]: [{ ...SUBSCRIPTION, filterPattern: '{ $.user.uid = "aws-iam-authenticator:*" }' }],
      '/aws/eks/qa/cluster': [SIEM, { ...SIEM, filterName: "o'clock" }],
      '/aws/eks/tools/cluster': [],
    },
    cutEntries: [
      { stream: 'kube-apiserver-audit-0123456789abcdef', hour: '2026-03-09 14:00:00.000', cut: 2 },
      { stream: 'kube-apiserver-audit-0123456789abcdef', hour: '2026-03-09 16:00:00.000', cut: 1 },
    ],
    impersonations: [
      {
        'user.username': 'system:serviceaccount:tailscale:operator',
        'user.uid': 'b7140a45-50bf-4dc3-ad64-e64d211e4e6e',
        events: '41',
        names: '3',
        name: 'alice@example.com',
        mark0: '0',
        mark1: '0',
        mark2: '0',
      },
    ],
    deliveries: [
      { ...FAILED, metric: 'DeliveryErrors', count: 17 },
      { ...FAILED, metric: 'DeliveryThrottling', count: 4 },
    ],
    volumes: [...forwardedOf(900), ...volumesOf('prod', 250e6, 10_000), ...volumesOf('qa', 50e6, 2_000)],
    trails: [{ name: 'audit', homeRegion: 'eu-west-1', multiRegion: false, readWriteType: 'WriteOnly' }],
    rules: [
      {
        region: 'eu-west-1',
        name: 'sts',
        state: 'ENABLED',
        pattern: { source: ['aws.sts'] },
        description: "the team's",
      },
    ],
    roles: { [ROLE]: { Statement: [ALLOW] } },
    records: ['alice', 'EKSGetTokenAuth'].map((roleSessionName, n) => ({
      eventID: `event-${n}`,
      eventName: 'AssumeRole',
      awsRegion: 'us-east-1',
      userIdentity: { type: 'AWSAccount', accountId: '444455556666' },
      requestParameters: { roleArn: ROLE, roleSessionName },
    })),
  },
];
const WELL: [Partial<World>, Partial<Account>] = [
  { clusters: [{ name: 'prod', region: 'eu-west-1', accessEntries: { [ROLE]: undefined } }], pageSize: 1 },
  {
    filters: { [LOG_GROUP]: [SUBSCRIPTION, SIEM] },
    volumes: [...forwardedOf(60), ...volumesOf('prod', 40e6, 1_000)],
    trails: [{ name: 'all', homeRegion: 'eu-west-1', multiRegion: true, logGroup: 'trail' }],
    roles: { [ROLE]: { Statement: [{ ...ALLOW, Condition: { Null: { 'sts:SourceIdentity': 'false' } } }] } },
  },
];

test('an account in which everything is wrong', async () => {
  const { doctor, services, keep } = await signedIn(...SICK);
  await keep('.aws/config', '[profile ops]\nregion = eu-west-1\n');
  await keep('.aws/credentials', '[ops]\naws_access_key_id = AKIAALICE00000000001\naws_secret_access_key = secret\n');
  const ended = await doctor('--profile', 'ops');
  await expect(timeless(ended)).toMatchFileSnapshot('../golden/doctor-account.txt');
  expect(ended.status).toBe(3);
  const operations = services.requests.map((request) => request.split(' ')[0] ?? '');
  expect(operations.filter((operation) => !/^(?:Describe|Get|List|Lookup|StartQuery|Test)/.test(operation))).toEqual(
    [],
  );
});

test('an account in which all is well', async () => {
  const { doctor, keep } = await signedIn(...WELL);
  await keep('aws-auth.yaml', 'data: {mapRoles: ""}');
  const ended = await doctor('--aws-auth', 'aws-auth.yaml', '--region', 'eu-west-1');
  await expect(shown(ended)).toMatchFileSnapshot('../golden/doctor-account-well.txt');
  expect(ended.status).toBe(0);
});

describe('the cost of the service', () => {
  const REGION = ['--region', 'eu-west-1', '--output', 'json'];
  const clusters = ['prod', 'qa', 'new'].map((name) => ({ name, region: 'eu-west-1' }));
  const filters = { [LOG_GROUP]: [SUBSCRIPTION], '/aws/eks/qa/cluster': [], '/aws/eks/new/cluster': [] };
  const volumes = [...forwardedOf(60), ...volumesOf('prod', 40e6, 1_000), ...volumesOf('qa', 8e6, 500)];
  interface DoctorReport {
    readonly cost: {
      readonly month: { readonly own: number; readonly auditLog: number };
      readonly services: Readonly<Record<string, number>>;
      readonly command: string;
      readonly clusters: readonly { readonly cluster: string; readonly passingBy: string; passingPerDay: number }[];
    };
    readonly unchecked: readonly { readonly check: string; readonly permission?: string; readonly failed: boolean }[];
  }
  const reportOf = ({ stdout }: ProcessResult) => JSON.parse(stdout) as DoctorReport;

  test('comes from the metrics of all log groups of a Region in one call, and the named command shows the same', async () => {
    const { doctor, services } = await signedIn({ clusters }, { ...WELL[1], filters, volumes });
    const { cost, unchecked } = reportOf(await doctor(...REGION));
    expect(cost.clusters.map(({ cluster, passingBy }) => [cluster, passingBy])).toEqual([
      ['prod', 'forwarded'],
      ['qa', 'assumed'],
    ]);
    expect(unchecked.map(({ check }) => check)).toContain('what the service would cost for cluster new (eu-west-1)');
    const deliveries = 1;
    expect(services.requests.filter((each) => each === 'GetMetricData eu-west-1')).toHaveLength(deliveries + 1);
    const [, ...command] = cost.command.split(' ');
    const { output } = await runCommand([...command, '-o', 'json']);
    expect(JSON.parse(output)).toMatchObject({ month: cost.month });
    expect(Object.values(cost.services).reduce((sum, each) => sum + each)).toBeCloseTo(cost.month.own, 1);
  });

  test('is counted by Logs Insights only if requested, and only if no subscription shows it', async () => {
    const { doctor, services } = await signedIn({ clusters }, { ...WELL[1], filters, volumes, passing: 321 });
    const queries = () => services.requests.filter((each) => each.startsWith('StartQuery')).length;
    await doctor(...REGION);
    const before = queries();
    const { cost } = reportOf(await doctor(...REGION, '--count-events'));
    expect(queries()).toBe(2 * before + 1);
    expect(cost.clusters[1]).toMatchObject({ cluster: 'qa', passingBy: 'counted', passingPerDay: 321 });
  });

  test('is left out if CloudWatch denies it, with a note, and no check fails because of it', async () => {
    const { doctor } = await signedIn(
      { clusters: [{ name: 'qa', region: 'eu-west-1' }] },
      { ...WELL[1], filters: { '/aws/eks/qa/cluster': [SIEM] }, volumes, denied: ['GetMetricData'] },
    );
    const { cost, unchecked } = reportOf(await doctor(...REGION));
    expect(cost).toBeUndefined();
    const check = 'what the service would cost for the clusters of eu-west-1';
    const permission = 'cloudwatch:GetMetricData';
    expect(unchecked).toContainEqual(expect.objectContaining({ check, permission, failed: false }));
  });
});

test('a caller that impersonates people is no finding, and is not trusted because of it', async () => {
  const { doctor, keep } = await signedIn(WELL[0], { ...WELL[1], impersonations: SICK[1].impersonations ?? [] });
  await keep('audit.jsonl', '{"auditID":"1","user":{"username":"bob"},"impersonatedUser":{"username":"alice"}}');
  const ended = await doctor('--region', 'eu-west-1', '--audit', 'audit.jsonl', '--output', 'json');
  expect(JSON.parse(ended.stdout)).toMatchObject({
    findings: [],
    trustedProxies: ['system:serviceaccount:tailscale:operator'],
    impersonators: [
      { tool: "Tailscale's operator", clusters: ['prod'] },
      { caller: 'bob', proposed: false },
    ],
  });
  expect(ended.status).toBe(0);
});

test('a denied check is reported with the permission, and is no finding', async () => {
  const denied = [
    'DescribeSubscriptionFilters',
    'StartQuery',
    'DescribeTrails',
    'ListRules',
    'GetRole',
    'LookupEvents',
  ];
  const { doctor, aws } = await signedIn(WELL[0], { ...WELL[1], denied });
  aws.addFault({ operation: 'DescribeRegions', kind: 'denied' });
  const ended = await doctor('--region', 'eu-west-1');
  await expect(shown(ended)).toMatchFileSnapshot('../golden/doctor-account-denied.txt');
  expect(ended.status).toBe(1);
});

/** The permission of each call that can be denied by itself, with the account's other calls as they should be. */
const PERMISSIONS: readonly [string, string][] = [
  ['DescribeSubscriptionFilters', 'logs:DescribeSubscriptionFilters'],
  ['TestMetricFilter', 'logs:TestMetricFilter'],
  ['GetMetricData', 'cloudwatch:GetMetricData'],
  ['StartQuery', 'logs:StartQuery, logs:GetQueryResults'],
  ['GetQueryResults', 'logs:StartQuery, logs:GetQueryResults'],
  ['DescribeTrails', 'cloudtrail:DescribeTrails'],
  ['GetTrailStatus', 'cloudtrail:GetTrailStatus'],
  ['GetEventSelectors', 'cloudtrail:GetEventSelectors'],
  ['ListRules', 'events:ListRules'],
  ['GetRole', 'iam:GetRole'],
  ['LookupEvents', 'cloudtrail:LookupEvents'],
];

describe('the events that a pattern passes', () => {
  const REGION = ['--region', 'eu-west-1', '--output', 'json'];
  const RIGHT = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  const rule = (pattern: object, state = 'ENABLED') => ({ region: 'eu-west-1', name: 'sts', state, pattern });
  const found = ({ stdout }: ProcessResult) =>
    (JSON.parse(stdout) as { findings: { id: string }[] }).findings.map(({ id }) => id);

  test('are those that CloudWatch Logs reports, even if doctor would read the pattern differently', async () => {
    const { doctor, services } = await signedIn(WELL[0], { ...WELL[1], letsThrough: () => false });
    const ended = await doctor(...REGION);
    expect(found(ended)).toEqual(['subscription-too-narrow']);
    expect(ended.stdout).toContain('drops these typical requests: all of them');
    expect(services.requests.filter((request) => request.startsWith('Test'))).toEqual(['TestMetricFilter eu-west-1']);
  });

  test('are those that CloudWatch Logs reports, even if doctor cannot read the pattern', async () => {
    const filters = { [LOG_GROUP]: [{ ...SUBSCRIPTION, filterPattern: '%Event%' }] };
    const well = await signedIn(WELL[0], { ...WELL[1], filters, letsThrough: (pattern) => pattern === '%Event%' });
    const ended = await well.doctor(...REGION);
    expect(found(ended)).toEqual([]);
    expect(ended.stdout).not.toContain('cannot test it');
    expect(ended.status).toBe(0);
    const verbs = await signedIn(WELL[0], {
      ...WELL[1],
      filters,
      letsThrough: (_, message) => !message.includes('"verb":"watch"'),
    });
    expect((await verbs.doctor(...REGION)).stdout).toContain('from role sessions: watch; from IAM users: watch');
  });

  test('are judged by doctor if CloudWatch Logs denies it, with a note', async () => {
    const filters = SICK[1].filters ?? {};
    const { doctor } = await signedIn(WELL[0], { ...WELL[1], filters, denied: ['TestMetricFilter'] });
    const ended = await doctor(...REGION);
    expect(found(ended)).toContain('subscription-too-narrow');
    expect(JSON.parse(ended.stdout)).toMatchObject({
      unchecked: expect.arrayContaining([
        expect.objectContaining({
          permission: 'logs:TestMetricFilter',
          failed: true,
          reason: expect.stringContaining('Its pattern is judged as doctor itself reads it.'),
        }),
      ]),
    });
  });

  test('are not judged, and CloudWatch Logs is not asked, if more than the pattern decides', async () => {
    const filters = { [LOG_GROUP]: [{ ...SUBSCRIPTION, fieldSelectionCriteria: '@aws.region = "eu-west-1"' }] };
    const { doctor, services } = await signedIn(WELL[0], { ...WELL[1], filters });
    const ended = await doctor(...REGION);
    expect(ended.stdout).toContain('doctor cannot test it');
    expect(services.requests).not.toContain('TestMetricFilter eu-west-1');
  });

  test('are unknown if the response does not match the request', async () => {
    const { doctor } = await signedIn(WELL[0], { ...WELL[1], garbage: ['TestMetricFilter'] });
    const ended = await doctor(...REGION);
    expect(found(ended)).toEqual([]);
    expect(ended.stdout).toContain('did not come from AWS');
    expect(ended.status).toBe(1);
  });

  const UNKNOWN_OPERATOR = { source: [{ 'operator-of-tomorrow': 'aws.sts' }] };

  test('of a rule are those that EventBridge reports, even with an operator that doctor does not know', async () => {
    const rules = [rule(UNKNOWN_OPERATOR)];
    const taking = await signedIn(WELL[0], {
      ...WELL[1],
      rules,
      takesEvent: (_, event) => JSON.stringify(event).includes('"eventName":"AssumeRole"'),
    });
    expect(found(await taking.doctor(...REGION))).toEqual(['rule-wrong-state']);
    const other = await signedIn(WELL[0], { ...WELL[1], rules, takesEvent: () => false });
    const ended = await other.doctor(...REGION);
    expect(found(ended)).toEqual([]);
    expect(ended.status).toBe(0);
  });

  test('of a rule are those that EventBridge reports, even if doctor would read the rule differently', async () => {
    const trails = WELL[1].trails?.map(({ logGroup: _, ...trail }) => trail) ?? [];
    const rules = ['eu-west-1', 'us-east-1'].map((region) => ({ ...rule({ source: ['aws.sts'] }, RIGHT), region }));
    const well = await signedIn(WELL[0], { ...WELL[1], trails, rules });
    expect(found(await well.doctor(...REGION))).toEqual([]);
    const not = await signedIn(WELL[0], { ...WELL[1], trails, rules, takesEvent: () => false });
    expect(found(await not.doctor(...REGION))).toEqual(['rule-missing']);
  });

  test('of a rule are unknown if they depend on the caller, whatever EventBridge reports for one call', async () => {
    const trails = WELL[1].trails?.map(({ logGroup: _, ...trail }) => trail) ?? [];
    const rules = [rule({ source: ['aws.sts'], detail: { userIdentity: { type: ['AssumedRole'] } } })];
    for (const answer of [true, false]) {
      const { doctor } = await signedIn(WELL[0], { ...WELL[1], trails, rules, takesEvent: () => answer });
      expect((await doctor(...REGION)).stdout).toContain('doctor cannot evaluate its pattern');
    }
  });

  test('of rules are judged by doctor if EventBridge denies it, with a note', async () => {
    const rules = [rule({ source: ['aws.sts'] })];
    const { doctor } = await signedIn(WELL[0], { ...WELL[1], rules, denied: ['TestEventPattern'] });
    const ended = await doctor(...REGION);
    expect(found(ended)).toEqual(['rule-wrong-state']);
    expect(ended.stdout).toContain('Their patterns are judged as doctor itself reads them.');
    expect(ended.stdout).toContain('"permission": "events:TestEventPattern"');
  });
});

test('the typical audit events are as many as CloudWatch Logs tests at a time, and no two are equal', () => {
  expect(AUDIT_SAMPLES.length).toBeLessThanOrEqual(50);
  expect(new Set(AUDIT_SAMPLES.map(({ message }) => message)).size).toBe(AUDIT_SAMPLES.length);
});

describe('no findings, but a check failed', () => {
  test.each(PERMISSIONS)('%s denied: exit status 1, and the permission is named', async (operation, permission) => {
    const { doctor } = await signedIn(WELL[0], { ...WELL[1], denied: [operation] });
    const ended = await doctor('--region', 'eu-west-1', '--output', 'json');
    expect(ended.stderr).toMatch(ONE_SENTENCE);
    expect(ended.stderr).toContain(`Get these permissions and run it again: ${permission}.`);
    expect(ended.status).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      findings: [],
      unchecked: expect.arrayContaining([expect.objectContaining({ failed: true, permission })]),
    });
  });

  test.each(['ListClusters', 'DescribeCluster', 'ListAccessEntries', 'DescribeAccessEntry'])(
    '%s denied',
    async (operation) => {
      const { doctor, aws } = await signedIn(...WELL);
      aws.addFault({ operation, kind: 'denied' });
      const { status, stderr, stdout } = await doctor('--region', 'eu-west-1');
      expect(stderr).toMatch(ONE_SENTENCE);
      expect(stderr).toContain(`eks:${operation}`);
      expect(stdout).toContain('COULD NOT CHECK');
      expect(status).toBe(1);
    },
  );

  test.each([
    ['denied', ['ec2:DescribeRegions']],
    ['garbage', []],
  ] as const)(
    'if the enabled Regions are not known (%s), those that every account has are checked',
    async (kind, permissions) => {
      const { doctor, aws } = await signedIn(...WELL);
      aws.addFault({ operation: 'DescribeRegions', kind });
      const ended = await doctor('--cluster', 'prod', '--cluster', 'prd', '--output', 'json');
      const check = 'which Regions are enabled, and clusters in others than the 17 that every account has';
      expect(JSON.parse(ended.stdout)).toMatchObject({
        findings: [],
        clusters: [{ cluster: 'prod' }],
        unchecked: expect.arrayContaining([
          expect.objectContaining({ check, failed: true, ...(permissions[0] && { permission: permissions[0] }) }),
          expect.objectContaining({
            check: 'cluster prd',
            reason: expect.stringContaining('in the Regions that every account has'),
          }),
        ]),
      });
      expect(ended.stderr).toMatch(ONE_SENTENCE);
      for (const permission of permissions) expect(ended.stderr).toContain(`run it again: ${permission}.`);
      expect(ended.status).toBe(1);
    },
  );

  test('a response that is not from AWS is reported', async () => {
    const { doctor } = await signedIn(WELL[0], { ...WELL[1], garbage: ['GetMetricData', 'ListRules'] });
    const { status, stderr, stdout } = await doctor('--region', 'eu-west-1');
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stdout.match(/did not come from AWS/g)).toHaveLength(4);
    expect(stdout + stderr).not.toMatch(/permission|needs/i);
    expect(status).toBe(1);
  });

  test.each<[string, readonly string[], string]>([
    ['a Region without clusters', ['--region', 'us-east-1'], 'clusters: there is none in us-east-1: check --region'],
    ['a cluster that is not there', ['--cluster', 'prd'], 'cluster prd: there is none of that name in any Region'],
    [
      'a cluster of another Region',
      ['--region', 'us-east-1', '--cluster', 'prod'],
      'cluster prod: there is none of that name in us-east-1: check --cluster, --region and --profile',
    ],
  ])('%s is not an account in order', async (_, args, message) => {
    const { doctor } = await signedIn(...WELL);
    const { status, stderr, stdout } = await doctor(...args);
    expect(stdout).toContain(message);
    expect(stderr).toBe('eks-whois: No findings, but 1 check failed, so there may be more to find.\n');
    expect(status).toBe(1);
  });

  test('an account without clusters in any Region is reported, and is in order', async () => {
    const { doctor } = await signedIn({ clusters: [] }, WELL[1]);
    const { status, stdout } = await doctor();
    expect(stdout).toContain('clusters: there is none in any Region that is enabled: check --profile');
    expect(status).toBe(0);
  });

  test('a missing log group is reported, even if the audit log is on', async () => {
    const { doctor } = await signedIn(WELL[0], { ...WELL[1], filters: {} });
    const { status, stdout } = await doctor('--region', 'eu-west-1');
    expect(stdout).toContain('logs:DescribeSubscriptionFilters in eu-west-1 found nothing');
    expect(status).toBe(1);
  });
});

describe('a deleted role', () => {
  const GONE_MAPPING = `- {rolearn: ${GONE}, username: admin}`;
  const AWS_AUTH = JSON.stringify({ data: { mapRoles: GONE_MAPPING } });
  const clusters = ['prod', 'qa'].map((name) => ({ name, region: 'eu-west-1', accessEntries: { [GONE]: undefined } }));
  const filters = { [LOG_GROUP]: [SUBSCRIPTION], '/aws/eks/qa/cluster': [SUBSCRIPTION] };

  test('is reported for each of its access entries, with the step that removes it, and for nothing else', async () => {
    const { doctor, services } = await signedIn({ clusters }, { ...WELL[1], filters, roles: {} });
    const { stdout, stderr, status } = await doctor('--region', 'eu-west-1', '--output', 'json');
    const { findings } = JSON.parse(stdout) as { findings: readonly { id: string; mend: string }[] };
    expect(findings.map(({ id }) => id)).toEqual(['mapping-stale', 'mapping-stale']);
    for (const name of ['prod', 'qa']) {
      const step = `aws eks delete-access-entry --region eu-west-1 --cluster-name ${name} --principal-arn ${GONE}`;
      expect(findings.filter(({ mend }) => mend.startsWith(`\`${step}\``))).toHaveLength(1);
    }
    expect(services.requests).not.toContain('LookupEvents eu-west-1');
    expect(stderr).toBe('');
    expect(status).toBe(3);
  });

  test('is reported for its entry in aws-auth, and its username no longer matters', async () => {
    const here = { clusters: [{ name: 'prod', region: 'eu-west-1', authenticationMode: 'CONFIG_MAP' as const }] };
    const { doctor, keep } = await signedIn(here, { ...WELL[1], roles: {} });
    await keep('aws-auth.yaml', AWS_AUTH);
    const { stdout, status } = await doctor('--region', 'eu-west-1', '--aws-auth', 'aws-auth.yaml');
    expect(stdout).toContain('LOW  mapping-stale  arn:aws:iam::111122223333:role/gone');
    expect(stdout).toContain('fix:  `kubectl edit configmap aws-auth -n kube-system`, and remove mapRoles entry 1.');
    expect(stdout).toContain('1 finding: 1 low.');
    expect(status).toBe(3);
  });

  test('is not reported if IAM does not say so', async () => {
    const { doctor } = await signedIn(WELL[0], { ...WELL[1], denied: ['GetRole'] });
    const { stdout, status } = await doctor('--region', 'eu-west-1');
    expect(stdout).not.toContain('mapping-stale');
    expect(status).toBe(1);
  });
});

describe('aws-auth of a cluster', () => {
  const AWS_AUTH = `data: {mapRoles: "[{rolearn: ${ROLE.replace('people/', '')}, username: admin}]"}`;
  const as = (authenticationMode: 'API' | 'API_AND_CONFIG_MAP' | 'CONFIG_MAP', accessEntries = {}) => ({
    clusters: [{ name: 'prod', region: 'eu-west-1', authenticationMode, accessEntries }],
  });

  test.each([
    ['API', 'only access entries give access; aws-auth is not used', false],
    ['API_AND_CONFIG_MAP', 'access entries give access, and aws-auth for principals without one', true],
    ['CONFIG_MAP', 'only aws-auth gives access', true],
  ] as const)('in the mode %s: %s', async (mode, message, isNeeded) => {
    const { doctor, aws } = await signedIn(as(mode), WELL[1]);
    const { status, stdout } = await doctor('--region', 'eu-west-1');
    expect(stdout).toContain(`CLUSTERS\n  prod (eu-west-1): ${message}`);
    const command = 'kubectl get configmap aws-auth -n kube-system -o yaml | eks-whois doctor --offline --aws-auth -';
    expect(stdout.includes(command)).toBe(isNeeded);
    expect(aws.requests.some(({ operation }) => operation === 'ListAccessEntries')).toBe(mode !== 'CONFIG_MAP');
    expect(status).toBe(0);
  });

  test.each([
    ['counts where no access entry overrules it', as('API_AND_CONFIG_MAP'), ['username-loses-session']],
    ['does not count where an access entry does', as('API_AND_CONFIG_MAP', { [ROLE]: undefined }), []],
    ['counts alone', as('CONFIG_MAP'), ['username-loses-session']],
    ['does not count', as('API'), []],
  ])('that is given %s', async (_, world, ids) => {
    const { doctor, keep } = await signedIn(world, WELL[1]);
    await keep('aws-auth.yaml', AWS_AUTH);
    const { stdout, status } = await doctor('--region', 'eu-west-1', '--aws-auth', 'aws-auth.yaml', '--output', 'json');
    const { findings } = JSON.parse(stdout) as { findings: readonly { id: string }[] };
    expect(findings.map(({ id }) => id)).toEqual(ids);
    expect(status).toBe(ids.length === 0 ? 0 : 3);
  });

  test('provides its templates, in force or not: old events have its usernames', async () => {
    const { doctor, keep } = await signedIn(as('API'), WELL[1]);
    await keep('aws-auth.yaml', AWS_AUTH.replace('username: admin', "username: 'admin:{{SessionNameRaw}}'"));
    const { stdout } = await doctor('--region', 'eu-west-1', '--aws-auth', 'aws-auth.yaml');
    expect(stdout).toContain("usernameTemplates: ['arn:aws:iam::111122223333:role/dev=admin:{{SessionNameRaw}}']");
  });
});

test('the given service is the one that a subscription must invoke', async () => {
  const { doctor } = await signedIn(...WELL);
  const { stdout, status } = await doctor('--region', 'eu-west-1', '--table', 'eks-whois-dev-records');
  expect(stdout).toContain(
    'goes to eks-whois-dev-ingest: eks-whois-prod-audit goes to the function eks-whois-prod-ingest',
  );
  expect(stdout).toContain('npm run deploy -- --stage dev --region eu-west-1');
  expect(stdout).toContain('sessions that are unattributed: The tables eks-whois-dev-… cannot be read');
  expect(status).toBe(3);
});

test('the service is asked for its unattributed sessions', async () => {
  const row = { reasons: ['no-matching-grant'], last: new Date().toISOString(), caller: { username: 'dev' } };
  await using service = await startAnswering(async () => ({ sessions: [row] }));
  const { doctor } = await signedIn(...WELL);
  const { stdout, status } = await doctor('--region', 'eu-west-1', '--api', service.url);
  expect(stdout).toContain('sessions-unnamed  no-matching-grant\n  seen: 1 session of the last 7 days: dev.');
  expect(status).toBe(3);
});

test('a service that does not answer does not prevent the other checks', async () => {
  const { doctor } = await signedIn(...WELL);
  const { stdout, stderr, status } = await doctor('--region', 'eu-west-1', '--api', 'http://127.0.0.1:1');
  expect(stdout).toContain('sessions that are unattributed: http://127.0.0.1:1 cannot be reached');
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(status).toBe(1);
});

const SIGNED_OUT = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
test.each<
  [string, Fault['kind'] | undefined, readonly string[], Readonly<Record<string, string | undefined>>, number, RegExp]
>([
  ['expired credentials', 'expired', [], {}, 1, /have expired/],
  ['no credentials', undefined, [], SIGNED_OUT, 1, /No AWS credentials were found/],
  [
    'unknown credentials',
    undefined,
    [],
    { AWS_ACCESS_KEY_ID: 'AKIANOBODY0000000001' },
    1,
    /AWS rejected the credentials/,
  ],
  ['no such profile', undefined, ['--profile', 'nobody'], SIGNED_OUT, 1, /for the profile nobody/],
  ['what is not AWS', 'garbage', [], {}, 1, /did not come from AWS/],
  ['a cut connection', 'reset', [], {}, 1, /Can't reach AWS/],
  ['an empty answer', 'empty', [], {}, 1, /did not return whose credentials/],
  ['what is no Region', undefined, ['--region', 'europe'], {}, 2, /europe is not an AWS Region/],
  ['no Region at all', undefined, [], { AWS_REGION: undefined }, 2, /^eks-whois: No AWS Region is set/],
  [
    'no Region beside a service',
    undefined,
    ['--api', 'http://127.0.0.1:1'],
    { AWS_REGION: undefined },
    2,
    /doctor examines the AWS account too, not only the service\. No AWS Region is set: use --region/,
  ],
  [
    'two services',
    undefined,
    ['--api', 'http://127.0.0.1:1', '--table', 'x'],
    {},
    2,
    /Give --api or --table, not both/,
  ],
  ['what is no address', undefined, ['--api', 'nowhere'], {}, 2, /--api nowhere is not an http or https URL/],
  [
    '1234, no account',
    undefined,
    ['--connected-account', '444455556666', '1234'],
    {},
    2,
    /--connected-account 1234 is not an account ID\. Give 12 digits/,
  ],
  [
    'arn:aws:iam::111122223333:root, no account',
    undefined,
    ['--connected-account', '444455556666', 'arn:aws:iam::111122223333:root'],
    {},
    2,
    /arn:aws:iam::111122223333:root is not an account ID\. Give 12 digits/,
  ],
  [
    'a file that is not there',
    undefined,
    ['--aws-auth', 'none.yaml'],
    {},
    1,
    /none\.yaml does not exist\. Check the path\./,
  ],
])('%s: one sentence', async (_, kind, args, environment, status, reason) => {
  const { doctor, aws, services } = await signedIn(...WELL);
  if (kind !== undefined) aws.addFault({ kind });
  const ended = await doctor.in(environment)(...args);
  expect(ended).toMatchObject({ stdout: '', status });
  expect(ended.stderr).toMatch(ONE_SENTENCE);
  expect(ended.stderr).toMatch(reason);
  expect(services.requests).toEqual([]);
});

test('--region is enough if no other Region is set', async () => {
  const { doctor } = await signedIn(...WELL);
  const given = await doctor('--region', 'eu-west-1');
  expect(await doctor.in({ AWS_REGION: undefined })('--region', 'eu-west-1')).toEqual(given);
});

describe('the current check', () => {
  const ON_A_TERMINAL = { NODE_OPTIONS: '--import=data:text/javascript,process.stderr.isTTY=true' };

  test('is shown on a terminal, on one line, which is removed at the end', async () => {
    const accessEntries = { [ROLE]: undefined, [ROLE.replace('dev', 'ops')]: undefined };
    const { doctor } = await signedIn({ clusters: [{ name: 'prod', region: 'eu-west-1', accessEntries }] }, WELL[1]);
    const { stderr } = await doctor.in(ON_A_TERMINAL)('--region', 'eu-west-1');
    const reported = stderr.split('\r\u001b[K');
    expect(reported).toContain('Looking at access entries of cluster prod (eu-west-1): 2 read');
    expect(reported).toContain('Looking at trails of eu-west-1');
    expect(reported).toContain(`Looking at trust policy of ${ROLE}`);
    expect(reported).toContain('Looking at roles assumed in us-east-1: 1 of 1');
    expect(reported.at(-1)).not.toMatch(/Looking/);
    expect(stderr).not.toMatch(/Looking[^\r]*\n/);
  });
});

test.each(['0', '91', '1.5', 'x', ''])('--days refuses %s', async (days) => {
  const { doctor, aws } = await signedIn(...WELL);
  const { status, stderr } = await doctor('--days', days);
  expect(status).toBe(2);
  expect(stderr).toContain('Give a whole number of days from 1 to 90.');
  expect(aws.requests).toEqual([]);
});
