import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { functionName, functionsOf } from '../../infra/deployment.ts';
import { environmentOf } from '../../infra/environment.ts';
import type { FunctionName } from '../../infra/parameters.ts';
import { policyOf } from '../../infra/policies.ts';
import { subscriptionsOf } from '../../infra/subscriptions.ts';
import { TABLE_IDS } from '../../infra/tables.ts';
import { TABLES, tableName } from '../../lib/adapters/dynamodb/tables.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { readConfig } from '../../lib/config.ts';
import { eventPatternTakes } from '../../lib/doctor/event-pattern.ts';
import { parseFilterPattern } from '../../lib/doctor/filter-pattern.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../../lib/json.ts';
import { METRICS, METRICS_NAMESPACE, type Metric } from '../../lib/metrics.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { piecesOf } from '../builders/pieces.ts';
import { busEvent, deployed, environment } from '../functions/deployed.ts';
import { CORPORA, recordsIn } from './corpus.ts';
import { parseLogFilterPattern } from './log-filter-pattern.ts';
import { type Package, packaged, propertiesOf, resourcesOf } from './packaged.ts';
import { AWS_METRICS_BY_NAMESPACE, metricsOf, metricsOfAlarm, statementsOf } from './reading.ts';
import { deploymentOf, ownTemplate, queueOf, queuesAround, STACK_NAMES, STACKS, type StackName } from './stacks.ts';
import { envelope, isGrant, isSignIn, isTokenUse, isWanted, ONLY_PEOPLE } from './wanted.ts';

/** The stacks that osls packages in this test: both ways in which grants arrive, and both kinds of stacks. */
const PACKAGED = ['a hub with everything', 'a hub that other accounts forward to', 'an ingest-only stack'] as const;
type PackagedStack = (typeof PACKAGED)[number];

const packages = new Map<string, Package>();

function packageOf(stack: PackagedStack): Package {
  const found = packages.get(stack);
  if (found === undefined) throw new Error(`${stack} was not packaged`);
  return found;
}

/** Returns the template as osls packaged it, or else the one that `infra` gives osls. */
function templateOf(stack: StackName): JsonObject {
  return packages.get(stack)?.template ?? ownTemplate(deploymentOf(stack));
}

beforeAll(async () => {
  for (const stack of PACKAGED) packages.set(stack, await packaged(STACKS[stack])); // osls clears its folder each time.
});

afterAll(async () => {
  for (const each of packages.values()) await each.remove();
});

describe('the subscription filter, as deployed', () => {
  const patternOf = (variant: StackName) => {
    const filters = propertiesOf(templateOf(variant), 'AWS::Logs::SubscriptionFilter');
    const audit = filters.filter(({ LogGroupName }) => String(LogGroupName).startsWith('/aws/eks/'));
    const patterns = new Set(audit.map(({ FilterPattern }) => String(FilterPattern)));
    expect(patterns.size).toBe(1);
    return parseLogFilterPattern([...patterns][0] ?? '');
  };

  for (const { name, audit, skip } of CORPORA) {
    describe.skipIf(skip)(name, () => {
      it('passes everybody with an AWS identity, of another authenticator or from outside AWS, and of Kubernetes itself only callers that act for a person', async () => {
        const events = (await recordsIn(audit)).audit;
        expect(events.length).toBeGreaterThan(20);
        const pattern = patternOf('a hub with the defaults');
        for (const event of events) expectVerdict(pattern, event, isWanted(event, ONLY_PEOPLE));
      });

      it.each([
        ['a hub with everything', { nodes: true, serviceAccounts: 'all', controlPlane: 'all' }],
        ['a hub that other accounts forward to', { ...ONLY_PEOPLE, serviceAccounts: 'tokens' }],
      ] as const)('lets nodes and service accounts pass if they are configured: %s', async (stack, wanted) => {
        const pattern = patternOf(stack);
        for (const event of (await recordsIn(audit)).audit) expectVerdict(pattern, event, isWanted(event, wanted));
      });
    });
  }

  const [PEOPLE, TOKENS, ALL] = [
    'a hub with the defaults',
    'a hub that other accounts forward to',
    'a hub with everything',
  ] as const;

  it('passes a person who uses a node role, unless they use a kubelet’s name', () => {
    const uid = 'aws-iam-authenticator:111122223333:AROAEXAMPLE1234567890';
    const user = { uid, username: 'system:node:ip-10-0-0-1.ec2.internal' };
    const by = (userAgent?: string) => auditEvent({ user, userAgent });
    for (const agent of ['kubectl/v1.33.2 (linux/amd64)', 'curl/8', 'kube', undefined])
      expectVerdict(patternOf(PEOPLE), by(agent), true);
    for (const kubelet of ['kubelet/v1.33.1-eks-595af52 (linux/amd64)', 'kubelet.exe/v1.33.1 (windows/amd64)']) {
      expectVerdict(patternOf(PEOPLE), by(kubelet), false);
      expectVerdict(patternOf(ALL), by(kubelet), true);
    }
  });

  it('passes Kubernetes’ own callers that act for a person, but not those that act for another part of it', () => {
    const user = { username: 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation-u-abc' };
    const as = (username: string) => auditEvent({ user, impersonatedUser: { username } });
    expectVerdict(patternOf(PEOPLE), as('alice'), true);
    expectVerdict(patternOf(PEOPLE), as('system:serviceaccount:argocd:deployer'), false);
  });

  it('passes AWS’s own staff, who have no uid', () => {
    expectVerdict(patternOf(PEOPLE), auditEvent({ user: { username: 'eks:support-engineer' } }), true);
    const ofEks = auditEvent({ user: { username: 'eks:node-manager' } });
    expectVerdict(patternOf(PEOPLE), ofEks, false);
    expectVerdict(patternOf(ALL), ofEks, true);
  });

  it('passes whoever requests a token of a service account, with every configuration', () => {
    const objectRef = { resource: 'serviceaccounts', subresource: 'token', namespace: 'ci', name: 'deployer' };
    expectVerdict(patternOf(PEOPLE), auditEvent({ objectRef, verb: 'create' }), true);
    const byKubelet = { user: { username: 'system:node:ip-10-0-0-1' }, userAgent: 'kubelet/v1.33.1' };
    expectVerdict(patternOf(TOKENS), auditEvent({ ...byKubelet, objectRef, verb: 'create' }), false);
  });

  it('passes the use of tokens outside kube-system, the requests that issue tokens, or everything by service accounts', () => {
    const by = (namespace: string, extra?: object, fields = {}) =>
      auditEvent({ user: { username: `system:serviceaccount:${namespace}:x`, extra }, ...fields });
    const withToken = { 'authentication.kubernetes.io/credential-id': ['JTI=0c0ffee0-0000-4000-8000-000000000000'] };
    const issues = { verb: 'create', objectRef: { resource: 'serviceaccounts', subresource: 'token' } };
    const passing = (stack: StackName) =>
      [by('ci', withToken), by('kube-system', withToken), by('ci'), by('kube-system', withToken, issues)].map((event) =>
        patternOf(stack).matches(JSON.stringify(event), true),
      );
    expect(passing(PEOPLE)).toEqual([false, false, false, false]);
    expect(passing(TOKENS)).toEqual([true, false, false, true]);
    expect(passing(ALL)).toEqual([true, true, true, true]);
  });

  it('adds the account and Region that wrote each event first', () => {
    for (const stack of [PEOPLE, TOKENS, ALL]) {
      const filters = propertiesOf(templateOf(stack), 'AWS::Logs::SubscriptionFilter');
      expect(filters.length).toBeGreaterThan(0);
      for (const { EmitSystemFields } of filters) expect(EmitSystemFields).toEqual(['@aws.account', '@aws.region']);
    }
  });

  it('is no longer than CloudWatch Logs accepts, and doctor reads it the same way', async () => {
    for (const stack of [PEOPLE, TOKENS, ALL]) {
      const filters = propertiesOf(templateOf(stack), 'AWS::Logs::SubscriptionFilter');
      for (const { FilterPattern } of filters) expect(String(FilterPattern).length).toBeLessThanOrEqual(1_024);
      const doctors = parseFilterPattern(String(filters[0]?.FilterPattern));
      for (const { audit } of CORPORA)
        for (const event of (await recordsIn(audit)).audit)
          expect(doctors?.(JSON.stringify(event))).toBe(patternOf(stack).matches(JSON.stringify(event), true));
    }
  });

  it('leaves out the other streams of the log group', () => {
    const text = 'time="2026-03-10T08:15:07Z" level=info msg="access granted" uid="aws-iam-authenticator:1:AROA"';
    expect(patternOf('a hub with the defaults').matches(text, true)).toBe(false);
  });
});

function expectVerdict(pattern: ReturnType<typeof parseLogFilterPattern>, event: JsonObject, wanted: boolean): void {
  const message = JSON.stringify(event);
  for (const absentIsUnequal of [true, false]) {
    expect(pattern.matches(message, absentIsUnequal), message.slice(0, 2_000)).toBe(wanted);
  }
}

describe('the rules for STS records, as deployed', () => {
  const rulesOf = (variant: StackName) => {
    const rules = propertiesOf(templateOf(variant), 'AWS::Events::Rule').filter(({ EventPattern }) => EventPattern);
    return new Map(rules.map((rule) => [String(rule.Name), rule]));
  };
  const eventPatternOf = (variant: StackName) => rulesOf(variant).get('eks-whois-dev-sts')?.EventPattern;
  const signInPatternOf = (variant: StackName) => rulesOf(variant).get('eks-whois-dev-sign-ins')?.EventPattern;
  const trailPatternOf = (variant: StackName) => {
    const [filter] = propertiesOf(templateOf(variant), 'AWS::Logs::SubscriptionFilter').filter(
      ({ LogGroupName }) => LogGroupName === 'aws-cloudtrail-logs',
    );
    return parseLogFilterPattern(textAt(filter, 'FilterPattern') ?? '');
  };

  for (const { name, trail, skip } of CORPORA) {
    describe.skipIf(skip)(name, () => {
      it('pass from EventBridge exactly the successful grants', async () => {
        const records = (await recordsIn(trail)).trail;
        expect(records.filter(isGrant).length).toBeGreaterThan(5);
        const pattern = eventPatternOf('a hub with the defaults');
        for (const record of records) expect(eventPatternTakes(pattern, envelope(record))).toBe(isGrant(record));
      });

      it('pass from EventBridge GetCallerIdentity too if uses are configured', async () => {
        const pattern = eventPatternOf('a hub that other accounts forward to');
        for (const record of (await recordsIn(trail)).trail) {
          expect(eventPatternTakes(pattern, envelope(record))).toBe(isGrant(record) || isTokenUse(record));
        }
      });

      it('pass the same from a trail’s log group', async () => {
        const pattern = trailPatternOf('a hub with everything');
        for (const record of (await recordsIn(trail)).trail) {
          const wanted = isGrant(record) || isTokenUse(record) || isSignIn(record);
          expect(pattern.matches(JSON.stringify(record), false)).toBe(wanted);
        }
      });

      it('pass sign-ins by a rule of their own', async () => {
        const pattern = signInPatternOf('a hub with the defaults');
        for (const record of (await recordsIn(trail)).trail)
          expect(eventPatternTakes(pattern, envelope(record))).toBe(isSignIn(record));
      });

      it('leave out no grant that the rules of attribution know', async () => {
        const pattern = eventPatternOf('a hub with the defaults');
        for (const record of (await recordsIn(trail)).trail) {
          const facts = parseTrailRecord(record);
          const holdsGrant = typeof facts !== 'string' && facts.grant !== undefined;
          if (holdsGrant) expect(eventPatternTakes(pattern, envelope(record))).toBe(true);
        }
      });
    });
  }

  it('have room for further events in the 1,024 characters of a log group’s filter', () => {
    const [filter] = propertiesOf(templateOf('a hub with everything'), 'AWS::Logs::SubscriptionFilter').filter(
      ({ LogGroupName }) => LogGroupName === 'aws-cloudtrail-logs',
    );
    expect(textAt(filter, 'FilterPattern')?.length).toBeLessThanOrEqual(960);
  });

  it.each([
    ['sts.amazonaws.com', 'AssumeRoot', true],
    ['sts.amazonaws.com', 'AssumeRoleWithWebIdentity', true],
    ['eks-auth.amazonaws.com', 'AssumeRoleForPodIdentity', false],
    ['sts.amazonaws.com', 'DecodeAuthorizationMessage', false],
  ])('pass what %s reports of %s from a log group: %s', (eventSource, eventName, isPassed) => {
    const record = { eventSource, eventName, eventType: 'AwsApiCall', readOnly: true };
    expect(trailPatternOf('a hub with everything').matches(JSON.stringify(record), false)).toBe(isPassed);
  });

  it('pass nothing that others put on the bus', () => {
    const pattern = eventPatternOf('a hub with the defaults');
    const detail = { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' };
    const real = { source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', detail };
    expect(eventPatternTakes(pattern, real)).toBe(true);
    expect(eventPatternTakes(pattern, { ...real, source: 'my.sts' })).toBe(false);
    expect(eventPatternTakes(pattern, { ...real, 'detail-type': 'Something else' })).toBe(false);
  });

  it.each([
    ['signin.amazonaws.com', 'ConsoleLogin', 'AwsConsoleSignIn'],
    ['signin.amazonaws.com', 'CreateOAuth2Token', 'AwsApiCall'],
    ['signin.amazonaws.com', 'AuthorizeOAuth2Access', 'AwsApiCall'],
    ['sso.amazonaws.com', 'GetRoleCredentials', 'AwsServiceEvent'],
    ['sso.amazonaws.com', 'CreateToken', 'AwsServiceEvent'],
    ['iam.amazonaws.com', 'UpdateSAMLProvider', 'AwsApiCall'],
    ['eks.amazonaws.com', 'CreateAccessEntry', 'AwsApiCall'],
    ['eks.amazonaws.com', 'UpdateClusterConfig', 'AwsApiCall'],
    ['aws-mcp.amazonaws.com', 'CallReadWriteTool', 'AwsMcpEvent'],
  ])('pass what %s reports of %s (%s), from a bus and from a log group', (eventSource, eventName, eventType) => {
    const record = { eventSource, eventName, eventType, readOnly: false };
    const pattern = signInPatternOf('a hub with the defaults');
    expect(eventPatternTakes(pattern, envelope(record))).toBe(true);
    expect(eventPatternTakes(pattern, { ...envelope(record), source: 'my.signin' })).toBe(false);
    expect(eventPatternTakes(pattern, envelope({ ...record, errorCode: 'AccessDenied' }))).toBe(false);
    expect(eventPatternTakes(pattern, envelope({ ...record, eventName: 'Other' }))).toBe(false);
    expect(trailPatternOf('a hub with everything').matches(JSON.stringify(record), false)).toBe(true);
  });

  it('pass changes of subscription filters of clusters, and of no other log group', () => {
    const changed = (eventName: string, logGroupName: string) => {
      return { eventSource: 'logs.amazonaws.com', eventName, readOnly: false, requestParameters: { logGroupName } };
    };
    const pattern = signInPatternOf('a hub with the defaults');
    const isTaken = (record: JsonObject) => [
      eventPatternTakes(pattern, envelope(record)),
      trailPatternOf('a hub with everything').matches(JSON.stringify(record), false),
    ];
    for (const name of ['PutSubscriptionFilter', 'DeleteSubscriptionFilter'])
      expect(isTaken(changed(name, '/aws/eks/prod-1/cluster')), name).toEqual([true, true]);
    expect(isTaken(changed('DescribeSubscriptionFilters', '/aws/eks/prod-1/cluster'))).toEqual([false, false]);
    expect(isTaken(changed('PutSubscriptionFilter', '/aws/lambda/shop'))[0]).toBe(false);
  });

  it('deliver to the grants function: STS’s events with the envelope, the others as the record alone', () => {
    const grantsRead = (rule: JsonObject | undefined, event: JsonObject) => {
      const [target] = (listAt(rule, 'Targets') ?? []).filter(isJsonObject);
      return piecesOf(target?.InputPath === '$.detail' ? event.detail : event);
    };
    const sts = { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', userIdentity: {} };
    const sso = { eventSource: 'sso.amazonaws.com', eventName: 'GetRoleCredentials', eventType: 'AwsServiceEvent' };
    for (const forwarded of ['', 'forwarded-']) {
      const ruleOf = (name: string) => rulesOf('a hub with the defaults').get(`eks-whois-dev-${forwarded}${name}`);
      expect(grantsRead(ruleOf('sts'), envelope(sts))).toMatchObject({ trail: [sts], rejected: [] });
      expect(grantsRead(ruleOf('sts'), { ...envelope(sts), source: 'my.sts' }).trail).toEqual([]);
      expect(grantsRead(ruleOf('sign-ins'), envelope(sso))).toMatchObject({ trail: [sso], rejected: [] });
    }
  });

  it('match read-only management events, of this Region and forwarded ones', () => {
    const rules = [...rulesOf('a hub with the defaults').values()].filter(
      ({ Name }) => !/-(?:spokes|alarms)$/.test(String(Name)),
    );
    expect(rules.map(({ State }) => State)).toEqual(rules.map(() => 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'));
    expect(rules.map(({ EventBusName }) => EventBusName !== undefined)).toEqual([false, true, false, true]);
  });

  it('are the same in the template for other accounts', () => {
    const forwarding: unknown = parse(readFileSync(join(import.meta.dirname, '../../infra/forwarding.yml'), 'utf8'), {
      logLevel: 'error',
    });
    const resources = objectAt(forwarding as JsonObject, 'Resources');
    const ruleOf = (id: string) => objectAt(objectAt(resources, id), 'Properties');
    const stack = 'a hub that other accounts forward to';
    const namesOf = (pattern: unknown) => [objectAt(objectAt({ pattern }, 'pattern'), 'detail')?.eventName].flat();
    const forwarded = ['ForwardStsEvents', 'ForwardUses'].map((id) => namesOf(ruleOf(id)?.EventPattern));
    expect(forwarded.flat().sort()).toEqual(namesOf(eventPatternOf(stack)).sort());
    expect(forwarded[0]?.toSorted()).toEqual(namesOf(eventPatternOf('a hub with the defaults')).sort());
    expect(objectAt(resources, 'ForwardUses')?.Condition).toBe('HasUses');
    expect(ruleOf('ForwardStsEvents')?.EventPattern).toMatchObject({ source: ['aws.sts'] });
    expect(ruleOf('ForwardSignIns')?.EventPattern).toEqual(signInPatternOf(stack));
    for (const id of ['ForwardStsEvents', 'ForwardUses', 'ForwardSignIns']) {
      expect(ruleOf(id)?.State).toBe('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
      expect(listAt(ruleOf(id), 'Targets')).toMatchObject([{ DeadLetterConfig: { Arn: 'Undelivered.Arn' } }]);
    }
    expect(objectAt(objectAt(resources, 'UndeliveredAlarm'), 'Properties')).toMatchObject({ AlarmActions: ['Alarms'] });
  });
});

const VPC = 'Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC"';

/** Actions for which AWS has no resource, with the document that says so. */
const WITHOUT_RESOURCE = new Map([
  ['eks:ListClusters', 'Service Authorization Reference, "Amazon Elastic Kubernetes Service"'],
  ['cloudtrail:LookupEvents', 'Service Authorization Reference, "AWS CloudTrail"'],
  ...['Create', 'Describe', 'Delete'].map(
    (verb) => [`ec2:${verb}NetworkInterface${verb === 'Describe' ? 's' : ''}`, VPC] as const,
  ),
  ...['ec2:DescribeSubnets', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'].map(
    (action) => [action, VPC] as const,
  ),
  ['xray:PutTraceSegments', 'Service Authorization Reference, "AWS X-Ray"'],
  ['xray:PutTelemetryRecords', 'Service Authorization Reference, "AWS X-Ray"'],
]);

describe.each(STACK_NAMES)('%s', (variant) => {
  it('lets no role do everything, and limits actions to resources wherever AWS has resources', () => {
    for (const { Action, Resource } of statementsOf(templateOf(variant))) {
      for (const action of [Action].flat()) {
        expect(action).not.toMatch(/\*/);
        if (JSON.stringify(Resource) === '"*"') expect(WITHOUT_RESOURCE.has(String(action)), String(action)).toBe(true);
      }
    }
  });

  it('has no queue that nothing fills or nothing reads', () => {
    const template = templateOf(variant);
    const feeding = resourcesOf(template, 'AWS::SQS::Queue').filter(([id]) => !id.endsWith('Dead'));
    const around = queuesAround(deploymentOf(variant));
    const rules = propertiesOf(template, 'AWS::Events::Rule').filter(({ EventPattern }) => EventPattern);
    // The rules about alarms lead to a topic and to the hub's bus (test/infra/fleet-alarms.test.ts).
    const targets = rules
      .filter(({ EventPattern }) => !JSON.stringify(EventPattern).includes('CloudWatch Alarm State Change'))
      .flatMap((rule) => listAt(rule, 'Targets') ?? []);
    const led = targets.filter(isJsonObject).map(({ Arn }) => queueOf(Arn));
    const byRules = led.filter((id) => !id.endsWith('LambdaFunction'));
    const ids = feeding.map(([id]) => id).sort();
    expect([...new Set([...byRules, ...around.flatMap(({ keeps }) => keeps)])].sort()).toEqual(ids);
    expect(around.flatMap(({ reads }) => reads).sort()).toEqual(ids);
    for (const [id, { Properties }] of feeding) {
      const deadLetters = { 'Fn::GetAtt': [`${id}Dead`, 'Arn'] };
      expect(Properties).toMatchObject({ RedrivePolicy: { maxReceiveCount: 1_000, deadLetterTargetArn: deadLetters } });
    }
  });

  it('keeps an event on which a function fails that a log group invokes, because nothing else would', () => {
    const invoked = new Set(subscriptionsOf(deploymentOf(variant)).map(({ to }) => to));
    const around = queuesAround(deploymentOf(variant));
    const keeping = around.filter(({ keeps }) => keeps.length > 0);
    expect(keeping.map((each) => each.function)).toEqual(expect.arrayContaining([...invoked]));
    for (const { reads, keeps } of keeping) expect(reads).toEqual(expect.arrayContaining(keeps));
  });

  it('lets each role read and fill only the queues around its function', () => {
    const template = templateOf(variant);
    for (const { function: name, reads, keeps } of queuesAround(deploymentOf(variant))) {
      const [, role] = resourcesOf(template, 'AWS::IAM::Role').find(([id]) => id.toLowerCase() === `${name}role`) ?? [];
      const statements = statementsOf({ Resources: { role: role ?? {} } });
      const queuesBy = (action: string) =>
        statements
          .filter(({ Action, Sid }) => [Action].flat().includes(action) && Sid !== 'HandOver')
          .map(({ Resource }) => queueOf(Resource));
      expect(queuesBy('sqs:ReceiveMessage')).toEqual(reads);
      const dead = reads.map((id) => `${id}Dead`);
      expect(queuesBy('sqs:SendMessage').sort()).toEqual([...keeps, ...dead].sort());
      expect(queuesBy('sqs:GetQueueUrl')).toEqual(dead);
    }
  });

  it('has an alarm for each dead-letter queue, and for failed batches that could not be kept', () => {
    const of = deploymentOf(variant);
    const alarms = propertiesOf(templateOf(variant), 'AWS::CloudWatch::Alarm');
    const valuesOf = (metric: string) =>
      alarms
        .flatMap(metricsOfAlarm)
        .filter(({ MetricName }) => MetricName === metric)
        .flatMap((alarm) => (listAt(alarm, 'Dimensions') ?? []).filter(isJsonObject).map(({ Value }) => Value))
        .sort();
    const dead = propertiesOf(templateOf(variant), 'AWS::SQS::Queue')
      .map(({ QueueName }) => String(QueueName))
      .filter((name) => name.endsWith('-dead'));
    expect(valuesOf('ApproximateNumberOfMessagesVisible')).toEqual(dead.sort());
    const keeping = queuesAround(of).filter(({ keeps }) => keeps.length > 0);
    expect(valuesOf('DestinationDeliveryFailures')).toEqual(
      keeping.map((each) => `${of.prefix}-${each.function}`).sort(),
    );
  });

  it('encrypts failed events with the configured key, and allows its use', () => {
    const of = deploymentOf(variant);
    if (of.kmsKeyArn === undefined) return;
    for (const { function: name, keeps } of queuesAround(of)) {
      for (const id of keeps) {
        const [, queue] = resourcesOf(templateOf(variant), 'AWS::SQS::Queue').find(([each]) => each === id) ?? [];
        expect(queue?.Properties).toMatchObject({ KmsMasterKeyId: of.kmsKeyArn });
        const write = policyOf(of, name as FunctionName).find(({ Sid }) => Sid === 'WriteUnderKey');
        expect(write).toMatchObject({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: of.kmsKeyArn });
      }
    }
  });
});

describe.each(PACKAGED)('%s, as osls packages it', (stack) => {
  const template = () => packageOf(stack).template;

  it('gives each function a role of its own', () => {
    const roles = propertiesOf(template(), 'AWS::Lambda::Function').map(({ Role }) => JSON.stringify(Role));
    expect(new Set(roles).size).toBe(roles.length);
    expect(roles.length).toBeGreaterThan(0);
  });

  it('runs on arm64 and Node.js 24, traced unless a schedule alone starts it, with names that begin with the stage', () => {
    for (const each of propertiesOf(template(), 'AWS::Lambda::Function')) {
      expect(each).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: String(each.FunctionName).endsWith('-subscribe') ? 'PassThrough' : 'Active' },
      });
      expect(each.FunctionName).toMatch(/^eks-whois-dev-/);
    }
  });

  it('has every resource that infra gives osls, and each queue invokes its function', () => {
    const of = deploymentOf(stack);
    const own = objectAt(ownTemplate(of), 'Resources') ?? {};
    expect(objectAt(template(), 'Resources')).toMatchObject(own);
    const around = queuesAround(of);
    const sources = propertiesOf(template(), 'AWS::Lambda::EventSourceMapping');
    expect(sources.map(({ EventSourceArn }) => queueOf(EventSourceArn)).sort()).toEqual(
      around.flatMap(({ reads }) => reads).sort(),
    );
    const destinations = propertiesOf(template(), 'AWS::Lambda::EventInvokeConfig').map((config) =>
      objectAt(objectAt(config, 'DestinationConfig'), 'OnFailure'),
    );
    expect(destinations.flatMap((each) => (each ? [queueOf(each.Destination)] : [])).sort()).toEqual(
      around.flatMap(({ keeps }) => keeps).sort(),
    );
  });

  it('stays within CloudFormation’s limits', () => {
    expect(JSON.stringify(template()).length).toBeLessThan(1_000_000);
    expect(Object.keys(objectAt(template(), 'Resources') ?? {}).length).toBeLessThan(500);
  });
});

/** The path of cfn-lint, which `.ci/run` installs. Another version on the machine would prove nothing. */
const { CFN_LINT } = process.env;

it.skipIf(CFN_LINT === undefined)('has no findings of cfn-lint', async () => {
  const own = ['forwarding.yml', 'lookup-role.yml'].map((name) => join(import.meta.dirname, '../../infra', name));
  const files = [...PACKAGED.map((stack) => packageOf(stack).file), ...own];
  const { stdout } = await promisify(execFile)(CFN_LINT ?? '', files).catch((error) => error);
  expect(stdout).toBe('');
});

describe('tables', () => {
  it('outlive the stack, can be restored, and delete expired items by themselves', () => {
    const tables = resourcesOf(templateOf('a hub with everything'), 'AWS::DynamoDB::Table');
    expect(tables.map(([, { Properties }]) => textAt(Properties as JsonObject, 'TableName'))).toEqual([
      'eks-whois-dev-sessions',
      'eks-whois-dev-claims',
      'eks-whois-dev-records',
    ]);
    for (const [, table] of tables) {
      expect(table).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
      expect(table.Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { Enabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      });
    }
  });

  it('are not created if those of an earlier deployment are used, nor in an ingest-only stack', () => {
    for (const variant of ['a hub without a cluster or a trail', 'an ingest-only stack'] as const) {
      expect(resourcesOf(templateOf(variant), 'AWS::DynamoDB::Table')).toEqual([]);
    }
  });
});

describe('a spoke', () => {
  it.each(['an ingest-only stack', "an ingest-only stack of a hub on a trail's log group"] as const)(
    'has a right to the hub’s event bus and to no table: %s',
    (stack) => {
      const statements = statementsOf(templateOf(stack));
      const actions = statements.flatMap(({ Action }) => [Action].flat().map(String));
      expect(actions.filter((action) => action.startsWith('dynamodb:'))).toEqual([]);
      expect(statements.filter(({ Sid }) => Sid === 'HandOver')).toMatchObject([
        {
          Action: ['events:PutEvents'],
          Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:events:eu-west-1:111122223333:event-bus/eks-whois-dev-spokes' },
        },
      ]);
    },
  );

  it('has its hub’s event bus, and no tables or rules', () => {
    const of = deployed({
      stack: 'ingest-only',
      clusters: 'prod-us',
      hubAccount: '111122223333',
      hubRegion: 'eu-west-1',
      logGroups: '/audit/a=audit',
      usernameTemplates: 'a:{{SessionName}}',
    });
    const { POWERTOOLS_SERVICE_NAME, POWERTOOLS_LOG_LEVEL, ...own } = environmentOf(of, 'ingest');
    expect([POWERTOOLS_SERVICE_NAME, POWERTOOLS_LOG_LEVEL]).toEqual(['eks-whois-dev', 'INFO']);
    expect(own).toEqual({
      HUB_EVENTS_URL: { 'Fn::Sub': 'https://events.eu-west-1.${AWS::URLSuffix}' },
      HUB_BUS_ARN: { 'Fn::Sub': 'arn:${AWS::Partition}:events:eu-west-1:111122223333:event-bus/eks-whois-dev-spokes' },
      HUB_REGION: 'eu-west-1',
    });
  });

  it('keeps the function that its subscriptions invoke, by name and logical ID', () => {
    const [[id, ingest] = []] = resourcesOf(templateOf('an ingest-only stack'), 'AWS::Lambda::Function');
    expect(id).toBe('IngestLambdaFunction');
    expect(objectAt(ingest, 'Properties')).toMatchObject({
      FunctionName: 'eks-whois-dev-ingest',
      Handler: 'functions/hand-over.handler',
    });
  });

  it('is accepted by a hub of its organization, or of some of its units, instead', () => {
    const organization = 'o-exampleorg1';
    const organizationPaths = `${organization}/r-ab12/ou-ab12-11111111/*`;
    const template = ownTemplate(deployed({ clusters: 'a', organization, organizationPaths }));
    const conditions = propertiesOf(template, 'AWS::Events::EventBusPolicy').flatMap(({ Statement: statement }) =>
      isJsonObject(statement) && statement.Principal === '*' ? [statement.Condition] : [],
    );
    const ofUnits = conditions.filter((each) => JSON.stringify(each).includes('aws:PrincipalOrgPaths'));
    expect(ofUnits).toHaveLength(2);
    for (const condition of ofUnits)
      expect(condition).toMatchObject({
        StringEquals: { 'aws:PrincipalOrgID': organization },
        'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': [organizationPaths] },
      });
    // Whoever deploys the spokes may be in none of the units. Only the role of that function may put only its report.
    expect(conditions.filter((each) => !ofUnits.includes(each))).toEqual([
      {
        StringEquals: {
          'aws:PrincipalOrgID': organization,
          'events:source': 'eks-whois.spoke',
          'events:detail-type': 'Roll-out report',
        },
        ArnLike: { 'aws:PrincipalArn': { 'Fn::Sub': 'arn:${AWS::Partition}:iam::*:role/eks-whois-dev-roll-out-*' } },
      },
    ]);
  });

  it('is accepted on the bus of a hub that lists its account, and only with a spoke’s role; tables have no policy', () => {
    const template = templateOf('a hub that other accounts forward to');
    const policies = propertiesOf(template, 'AWS::Events::EventBusPolicy');
    expect(policies.filter(({ EventBusName }) => JSON.stringify(EventBusName) === '{"Ref":"SpokeBus"}')).toMatchObject([
      {
        Statement: {
          Principal: { AWS: ['444455556666'] },
          Action: 'events:PutEvents',
          Condition: {
            StringEquals: { 'events:source': ['eks-whois.spoke', 'aws.cloudwatch'] },
            ArnLike: {
              'aws:PrincipalArn': ['ingest', 'subscribe', 'alarms', 'roll-out'].map((name) => ({
                'Fn::Sub': `arn:\${AWS::Partition}:iam::*:role/eks-whois-dev-${name}-*`,
              })),
            },
          },
        },
      },
    ]);
    for (const stack of STACK_NAMES)
      for (const each of propertiesOf(templateOf(stack), 'AWS::DynamoDB::Table'))
        expect(each).not.toHaveProperty('ResourcePolicy');
    const own = ownTemplate(deployed({ clusters: 'a' }));
    expect(propertiesOf(own, 'AWS::Events::EventBusPolicy')).toEqual([]);
  });

  it('reaches the queue behind the bus only by the bus’s rule, which passes only what a spoke puts on it', () => {
    const template = ownTemplate(deployed({ clusters: 'a', accounts: '444455556666' }));
    const policies = propertiesOf(template, 'AWS::SQS::QueuePolicy').filter((each) =>
      JSON.stringify(each.Queues).includes('SpokeBatches'),
    );
    const statements = policies.flatMap((each) => listAt(objectAt(each, 'PolicyDocument'), 'Statement') ?? []);
    const byRule = {
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['SpokeRule', 'Arn'] } } },
    };
    expect(statements).toMatchObject([byRule, byRule]);
    const [rule] = propertiesOf(template, 'AWS::Events::Rule').filter(({ Name }) => Name === 'eks-whois-dev-spokes');
    expect(rule).toMatchObject({ EventBusName: { Ref: 'SpokeBus' } });
    const takes = (event: JsonObject) => eventPatternTakes(objectAt(rule, 'EventPattern') ?? {}, event);
    expect(takes(busEvent({ awslogs: { data: 'H4sI' } }))).toBe(true);
    expect(takes({ ...busEvent({}), source: 'aws.sts' })).toBe(false);
  });
});

describe('a queue', () => {
  it.each(STACK_NAMES)('has a limit to the executions that it can cause: %s', (stack) => {
    const of = deploymentOf(stack);
    const mappings = propertiesOf(ownTemplate(of), 'AWS::Lambda::EventSourceMapping');
    expect(mappings.length).toBeGreaterThan(0);
    for (const { EventSourceArn, ScalingConfig } of mappings) {
      const isFailed = queueOf(EventSourceArn).startsWith('Failed');
      expect(ScalingConfig).toEqual({ MaximumConcurrency: isFailed ? 2 : of.queueConcurrency });
    }
    expect(of.queueConcurrency).toBeGreaterThanOrEqual(2);
  });
});

describe('the API', () => {
  const jwt = { authorizer: 'jwt', jwtIssuer: 'https://login.example.com', jwtAudience: 'eks-whois' };
  const routesOf = (stack: PackagedStack) => propertiesOf(packageOf(stack).template, 'AWS::ApiGatewayV2::Route');

  it('accepts callers with one of the scopes, which API Gateway checks', () => {
    const questions = (stack: PackagedStack) => routesOf(stack).filter(({ RouteKey }) => !isOfPage(RouteKey));
    const scopes = questions('a hub with everything').map(({ AuthorizationScopes }) => AuthorizationScopes);
    expect(scopes).toEqual(scopes.map(() => ['whois:read']));
    const types = questions('a hub that other accounts forward to').map(({ AuthorizationType }) => AuthorizationType);
    expect(types).toEqual(scopes.map(() => 'AWS_IAM'));
  });

  it('lets everybody load the page, but only the page: its function may read no table', () => {
    const open = routesOf('a hub with everything').filter(({ RouteKey }) => isOfPage(RouteKey));
    expect(open.map(({ RouteKey }) => RouteKey)).toEqual(['GET /', 'GET /console/{file}']);
    const policy = policyOf(deployed({ clusters: 'prod' }), 'console');
    expect(policy.flatMap(({ Action }) => Action).filter((action) => !/^(?:logs|xray):/.test(action))).toEqual([]);
  });

  function isOfPage(route: unknown): boolean {
    return /^GET \/(?:console\/|$)/.test(String(route));
  }

  it('accepts callers in one of the groups, which the function checks', () => {
    const of = deployed({ ...jwt, jwtGroups: 'security,site admins', jwtGroupClaim: 'cognito:groups' });
    expect(readConfig(environment(of, 'api')).jwtGroups).toEqual({
      claim: 'cognito:groups',
      anyOf: ['security', 'site admins'],
    });
    expect(readConfig(environment(deployed(jwt), 'api')).jwtGroups.anyOf).toEqual([]);
  });
});

describe('subscriptions', () => {
  it('keep their logical IDs when another cluster leaves the list, because a replaced one loses logs', () => {
    const hub = deployed({ clusters: ['prod-1', 'staging_eu'] });
    const [, second] = subscriptionsOf(hub);
    expect(subscriptionsOf({ ...hub, clusters: ['staging_eu'] })).toEqual([second]);
  });

  it('distinguish clusters whose names differ only in punctuation', () => {
    const ids = subscriptionsOf(deployed({ clusters: ['a-b', 'a_b', 'ab'] })).map(({ logicalId }) => logicalId);
    expect(new Set(ids).size).toBe(3);
  });
});

it('the name of the dashboard of a hub contains its Region, because dashboards are global; a spoke has none', () => {
  for (const stack of STACK_NAMES) {
    const dashboards = propertiesOf(templateOf(stack), 'AWS::CloudWatch::Dashboard');
    const names = dashboards.map(({ DashboardName }) => DashboardName);
    const expected = deploymentOf(stack).stack === 'hub' ? [{ 'Fn::Sub': 'eks-whois-dev-${AWS::Region}' }] : [];
    expect(names).toEqual(expected);
    const output = objectAt(objectAt(templateOf(stack), 'Outputs'), 'DashboardName');
    expect(output === undefined ? [] : [output.Value]).toEqual(expected);
  }
});

describe.each(STACK_NAMES)('alarms and dashboard of %s', (variant) => {
  it('read only metrics that the functions emit, or AWS itself', () => {
    for (const { namespace, name, dimensions } of metricsOf(templateOf(variant))) {
      const isOwn = namespace === METRICS_NAMESPACE;
      const names: readonly string[] = isOwn
        ? Object.keys(METRICS)
        : (AWS_METRICS_BY_NAMESPACE.get(namespace)?.names ?? []);
      expect(names, `${namespace} ${name}`).toContain(name);
      const known = AWS_METRICS_BY_NAMESPACE.get(namespace);
      const by = (METRICS as Readonly<Record<string, Metric>>)[name]?.by;
      const own = by === undefined ? ['service'] : ['service', by];
      expect(isOwn ? [own] : [known?.dimensions, known?.ofParts]).toContainEqual(dimensions);
    }
  });

  it('refer only to functions, queues, rules and log groups that exist', () => {
    const of = deploymentOf(variant);
    const functions = functionsOf(of).map((name) => ({ FunctionName: functionName(of, name) }));
    const environment = { POWERTOOLS_SERVICE_NAME: of.prefix };
    const template = JSON.stringify([objectAt(templateOf(variant), 'Resources'), functions, environment]);
    const indexes = TABLE_IDS.flatMap((id) => TABLES[id].indexes.map(({ name }) => name));
    const tables = of.stack === 'hub' ? [...TABLE_IDS.map((id) => tableName(of.prefix, id)), ...indexes] : [];
    for (const alarm of propertiesOf(templateOf(variant), 'AWS::CloudWatch::Alarm')) {
      const values = metricsOfAlarm(alarm)
        .flatMap((metric) => (listAt(metric, 'Dimensions') ?? []) as JsonObject[])
        .flatMap(({ Value }) => Value ?? []);
      for (const value of values.filter(isJsonObject)) expect(value).toEqual({ Ref: 'HttpApi' });
      const names = values.filter((value) => !isJsonObject(value)).map(String);
      for (const name of names.filter((one) => !tables.includes(one)))
        expect(template).toMatch(
          new RegExp(
            `"(?:FunctionName|QueueName|Name|LogGroupName|FilterName|POWERTOOLS_SERVICE_NAME)":"${name}"|"Value":"Lambda"`,
          ),
        );
      expect(alarm.AlarmName).toMatch(/^eks-whois-dev-/);
    }
  });
});

describe('alarms', () => {
  const alarmsOf = (given: JsonObject) =>
    new Map(propertiesOf(ownTemplate(deployed(given)), 'AWS::CloudWatch::Alarm').map((each) => [each.AlarmName, each]));
  const metricsBy = (given: JsonObject, name: string) =>
    [...alarmsOf(given).values()].flatMap(metricsOfAlarm).filter(({ MetricName }) => MetricName === name);
  const functionsBy = (given: JsonObject, name: string) =>
    metricsBy(given, name).flatMap((metric) =>
      ((listAt(metric, 'Dimensions') ?? []) as JsonObject[]).map(({ Value }) => Value),
    );

  it('watch the errors only of functions whose errors Lambda counts', () => {
    const names = ['eks-whois-dev-ingest', 'eks-whois-dev-settle'];
    expect(functionsBy({ clusters: 'prod' }, 'Errors')).toEqual(names);
    const trail = { clusters: 'prod', trail: 'log-group', trailLogGroup: 'trail' };
    expect(functionsBy(trail, 'Errors')).toEqual([names[0], 'eks-whois-dev-grants', names[1]]);
  });

  it('are raised if a question failed, for any reason', () => {
    expect(metricsBy({}, '5xx')).toMatchObject([{ Dimensions: [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }] }]);
  });

  it('are raised if Lambda or DynamoDB throttles, and if events, answers and queues are late', () => {
    const given = { clusters: 'prod' };
    expect(metricsBy(given, 'Throttles')).toHaveLength(5);
    expect(metricsBy(given, 'ReadThrottleEvents')).toHaveLength(3);
    expect(metricsBy(given, 'WriteThrottleEvents')).toHaveLength(3 + 5); // Each index is counted separately.
    expect(metricsBy(given, 'ApproximateAgeOfOldestMessage')).toHaveLength(3);
    expect(alarmsOf(given).get('eks-whois-dev-late')).toMatchObject({
      Metrics: [{ Expression: 'IF(events > 900 OR claims > 600, 1, 0)' }, { Id: 'events' }, { Id: 'claims' }],
      TreatMissingData: 'breaching',
    });
  });

  it('are raised for the whole fleet, with the name of what is wrong, also without heartbeats of clusters', () => {
    const [fleet] = listAt(alarmsOf({ heartbeatHours: 0 }).get('eks-whois-dev-fleet'), 'Metrics') ?? [];
    expect(fleet).toMatchObject({
      Expression:
        'SELECT SUM(FleetTrouble) FROM SCHEMA("eks-whois", service, trouble) WHERE service = \'eks-whois-dev\' GROUP BY trouble ORDER BY SUM() DESC',
    });
  });
});
