import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type FunctionName, functionName, functionsOf } from '../../infra/deployment.ts';
import { policyOf } from '../../infra/policies.ts';
import { subscriptionsOf } from '../../infra/subscriptions.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { eventPatternTakes } from '../../lib/doctor/event-pattern.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../../lib/json.ts';
import { METRICS, METRICS_NAMESPACE } from '../../lib/metrics.ts';
import { deployed } from '../functions/deployed.ts';
import { CORPORA, recordsIn } from './corpus.ts';
import { parseLogFilterPattern } from './log-filter-pattern.ts';
import { type Packaged, packaged, propertiesOf, resourcesOf } from './packaged.ts';
import { AWS_METRICS_BY_NAMESPACE, metricsOf, statementsOf } from './reading.ts';
import { deploymentOf, ownTemplate, queueOf, queuesAround, STACK_NAMES, STACKS, type StackName } from './stacks.ts';
import { envelope, isGrant, isTokenUse, isWanted } from './wanted.ts';

/** What osls makes of these is read from its own files: both ways in which grants come, and both stack kinds. */
const PACKAGED = ['a hub with everything', 'a hub that other accounts forward to', 'an ingest-only stack'] as const;
type PackagedStack = (typeof PACKAGED)[number];

const packages = new Map<string, Packaged>();

function packageOf(stack: PackagedStack): Packaged {
  const found = packages.get(stack);
  if (found === undefined) throw new Error(`${stack} was not packaged`);
  return found;
}

/** As osls packaged it, or else what `infra` gives osls. */
function templateOf(stack: StackName): JsonObject {
  return packages.get(stack)?.template ?? ownTemplate(deploymentOf(stack));
}

beforeAll(async () => {
  for (const stack of PACKAGED) packages.set(stack, await packaged(STACKS[stack])); // osls clears its folder each time
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
      it('lets through everybody with an AWS identity or of another authenticator, and nobody of Kubernetes itself', async () => {
        const events = (await recordsIn(audit)).audit;
        expect(events.length).toBeGreaterThan(20);
        const pattern = patternOf('a hub with the defaults');
        for (const event of events) expectVerdict(pattern, event, isWanted(event, false));
      });

      it('lets nodes through too where node traffic is switched on', async () => {
        const pattern = patternOf('a hub with everything');
        for (const event of (await recordsIn(audit)).audit) expectVerdict(pattern, event, isWanted(event, true));
      });
    });
  }

  it('lets through a person who uses the role of a node, which shows only with node traffic', () => {
    const uid = 'aws-iam-authenticator:111122223333:AROAEXAMPLE1234567890';
    const event = { auditID: 'a', user: { uid, username: 'system:node:ip-10-0-0-1.ec2.internal' } };
    expectVerdict(patternOf('a hub with everything'), event, true);
    expectVerdict(patternOf('a hub with the defaults'), event, false);
  });

  it('leaves out text of the streams that share the log group', () => {
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

describe('what lets STS records in, as deployed', () => {
  const eventPatternOf = (variant: StackName) => {
    const [rule] = propertiesOf(templateOf(variant), 'AWS::Events::Rule').filter(({ EventPattern }) => EventPattern);
    return rule?.EventPattern;
  };
  const trailPatternOf = (variant: StackName) => {
    const [filter] = propertiesOf(templateOf(variant), 'AWS::Logs::SubscriptionFilter').filter(
      ({ LogGroupName }) => LogGroupName === 'aws-cloudtrail-logs',
    );
    return parseLogFilterPattern(textAt(filter, 'FilterPattern') ?? '');
  };

  for (const { name, trail, skip } of CORPORA) {
    describe.skipIf(skip)(name, () => {
      it('is, of EventBridge, exactly the successful grants', async () => {
        const records = (await recordsIn(trail)).trail;
        expect(records.filter(isGrant).length).toBeGreaterThan(5);
        const pattern = eventPatternOf('a hub with the defaults');
        for (const record of records) expect(eventPatternTakes(pattern, envelope(record))).toBe(isGrant(record));
      });

      it('is, of EventBridge, GetCallerIdentity too where uses are asked for', async () => {
        const pattern = eventPatternOf('a hub that other accounts forward to');
        for (const record of (await recordsIn(trail)).trail) {
          expect(eventPatternTakes(pattern, envelope(record))).toBe(isGrant(record) || isTokenUse(record));
        }
      });

      it('is the same of a trail’s log group', async () => {
        const pattern = trailPatternOf('a hub with everything');
        for (const record of (await recordsIn(trail)).trail) {
          expect(pattern.matches(JSON.stringify(record), false)).toBe(isGrant(record) || isTokenUse(record));
        }
      });

      it('leaves no grant out that the rules know', async () => {
        const pattern = eventPatternOf('a hub with the defaults');
        for (const record of (await recordsIn(trail)).trail) {
          const facts = parseTrailRecord(record);
          const holdsGrant = typeof facts !== 'string' && facts.grant !== undefined;
          if (holdsGrant) expect(eventPatternTakes(pattern, envelope(record))).toBe(true);
        }
      });
    });
  }

  it('is nothing that others put on the bus', () => {
    const pattern = eventPatternOf('a hub with the defaults');
    const detail = { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' };
    const real = { source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', detail };
    expect(eventPatternTakes(pattern, real)).toBe(true);
    expect(eventPatternTakes(pattern, { ...real, source: 'my.sts' })).toBe(false);
    expect(eventPatternTakes(pattern, { ...real, 'detail-type': 'Something else' })).toBe(false);
  });

  it('has rules that see read-only management events', () => {
    const rules = propertiesOf(templateOf('a hub with the defaults'), 'AWS::Events::Rule').filter(
      (rule) => rule.EventPattern,
    );
    expect(rules.map(({ State }) => State)).toEqual(rules.map(() => 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'));
    expect(rules).toHaveLength(2);
  });

  it('is forwarded by the template for other accounts with the same pattern', () => {
    const forwarding: unknown = parse(readFileSync(join(import.meta.dirname, '../../infra/forwarding.yml'), 'utf8'), {
      logLevel: 'error',
    });
    const resources = objectAt(forwarding as JsonObject, 'Resources');
    const rule = objectAt(objectAt(resources, 'ForwardStsEvents'), 'Properties');
    expect(rule?.EventPattern).toEqual(eventPatternOf('a hub that other accounts forward to'));
    expect(rule?.State).toBe('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
  });
});

/** Actions that AWS has no resource for, with where it says so. */
const WITHOUT_RESOURCE = new Map([
  ['cloudtrail:LookupEvents', 'Service Authorization Reference, "AWS CloudTrail"'],
  ['xray:PutTraceSegments', 'Service Authorization Reference, "AWS X-Ray"'],
  ['xray:PutTelemetryRecords', 'Service Authorization Reference, "AWS X-Ray"'],
]);

describe.each(STACK_NAMES)('%s', (variant) => {
  it('lets no role do everything, and nothing to everything where AWS has resources', () => {
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
    const targets = rules.flatMap((rule) => listAt(rule, 'Targets') ?? []);
    const byRules = targets.filter(isJsonObject).map(({ Arn }) => queueOf(Arn));
    const ids = feeding.map(([id]) => id).sort();
    expect([...new Set([...byRules, ...around.flatMap(({ keeps }) => keeps)])].sort()).toEqual(ids);
    expect(around.flatMap(({ reads }) => reads).sort()).toEqual(ids);
    for (const [id, { Properties }] of feeding) {
      const deadLetters = { 'Fn::GetAtt': [`${id}Dead`, 'Arn'] };
      expect(Properties).toMatchObject({ RedrivePolicy: { maxReceiveCount: 5, deadLetterTargetArn: deadLetters } });
    }
  });

  it('keeps what a function fails on that a log group invokes: nothing else would', () => {
    const invoked = new Set(subscriptionsOf(deploymentOf(variant)).map(({ to }) => to));
    const around = queuesAround(deploymentOf(variant));
    const keeping = around.filter(({ keeps }) => keeps.length > 0);
    expect(keeping.map((each) => each.function)).toEqual(expect.arrayContaining([...invoked]));
    for (const { reads, keeps } of keeping) expect(reads).toEqual(keeps);
  });

  it('lets each role read and fill the queues around its function, and no other', () => {
    const template = templateOf(variant);
    for (const { function: name, reads, keeps } of queuesAround(deploymentOf(variant))) {
      const [, role] = resourcesOf(template, 'AWS::IAM::Role').find(([id]) => id.toLowerCase() === `${name}role`) ?? [];
      const statements = statementsOf({ Resources: { role: role ?? {} } });
      const queuesBy = (action: string) =>
        statements.filter(({ Action }) => [Action].flat().includes(action)).map(({ Resource }) => queueOf(Resource));
      expect(queuesBy('sqs:ReceiveMessage')).toEqual(reads);
      expect(queuesBy('sqs:SendMessage')).toEqual(keeps);
    }
  });

  it('rings for each dead-letter queue, and where a failed batch could not be kept', () => {
    const of = deploymentOf(variant);
    const alarms = propertiesOf(templateOf(variant), 'AWS::CloudWatch::Alarm');
    const valuesOf = (metric: string) =>
      alarms
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

  it('puts what functions failed on under the key of choice, with the right to use it', () => {
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

  it('runs on arm64 and Node.js 24, traced, with names that begin with the stage', () => {
    for (const each of propertiesOf(template(), 'AWS::Lambda::Function')) {
      expect(each).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      });
      expect(each.FunctionName).toMatch(/^eks-whois-dev-/);
    }
  });

  it('has every resource that infra gives osls, and each queue read by its function', () => {
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

it.skipIf(!hasCfnLint())('leaves cfn-lint nothing to say (skipped where it is not installed)', async () => {
  const files = PACKAGED.map((stack) => packageOf(stack).file);
  const { stdout } = await promisify(execFile)('cfn-lint', files).catch((error) => error);
  expect(stdout).toBe('');
});

function hasCfnLint(): boolean {
  try {
    execFileSync('cfn-lint', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('tables', () => {
  it('outlive the stack, can be restored and forget by themselves', () => {
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

  it('are not made where those of an earlier deployment serve, nor in an ingest-only stack', () => {
    for (const variant of ['a hub without a cluster or a trail', 'an ingest-only stack'] as const) {
      expect(resourcesOf(templateOf(variant), 'AWS::DynamoDB::Table')).toEqual([]);
    }
  });
});

describe('subscriptions', () => {
  it('keep their logical ids when another cluster leaves the list, since a replaced one loses logs', () => {
    const hub = deployed({ clusters: ['prod-1', 'staging_eu'] });
    const [, second] = subscriptionsOf(hub);
    expect(subscriptionsOf({ ...hub, clusters: ['staging_eu'] })).toEqual([second]);
  });

  it('tell clusters apart whose names differ in signs alone', () => {
    const ids = subscriptionsOf(deployed({ clusters: ['a-b', 'a_b', 'ab'] })).map(({ logicalId }) => logicalId);
    expect(new Set(ids).size).toBe(3);
  });
});

describe.each(STACK_NAMES)('alarms and dashboard of %s', (variant) => {
  it('read only metrics that the functions emit, or AWS itself', () => {
    for (const { namespace, name, dimensions } of metricsOf(templateOf(variant))) {
      const isOwn = namespace === METRICS_NAMESPACE;
      const names: readonly string[] = isOwn
        ? Object.keys(METRICS)
        : (AWS_METRICS_BY_NAMESPACE.get(namespace)?.names ?? []);
      expect(names, `${namespace} ${name}`).toContain(name);
      expect(dimensions).toEqual(isOwn ? ['service'] : AWS_METRICS_BY_NAMESPACE.get(namespace)?.dimensions);
    }
  });

  it('look at functions, queues, rules and log groups that are there', () => {
    const of = deploymentOf(variant);
    const functions = functionsOf(of).map((name) => ({ FunctionName: functionName(of, name) }));
    const environment = { POWERTOOLS_SERVICE_NAME: of.prefix };
    const template = JSON.stringify([objectAt(templateOf(variant), 'Resources'), functions, environment]);
    for (const alarm of propertiesOf(templateOf(variant), 'AWS::CloudWatch::Alarm')) {
      for (const { Value } of (listAt(alarm, 'Dimensions') ?? []) as JsonObject[]) {
        expect(template).toMatch(
          new RegExp(
            `"(?:FunctionName|QueueName|Name|LogGroupName|FilterName|POWERTOOLS_SERVICE_NAME)":"${Value}"|"Value":"Lambda"`,
          ),
        );
      }
      expect(alarm.AlarmName).toMatch(/^eks-whois-dev-/);
    }
  });
});
