import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { plainTemplate } from '../../infra/plain/template.ts';
import { eventPatternTakes } from '../../lib/doctor/event-pattern.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, parseJson, textAt } from '../../lib/json.ts';
import { metricsOfAlarm } from './reading.ts';
import { deploymentOf, ownTemplate, type StackName } from './stacks.ts';

const HUB: StackName = 'a hub that other accounts forward to';
const SPOKE: StackName = 'an ingest-only stack';

/** An event as CloudWatch sends it (CloudWatch User Guide, "Alarm events and EventBridge", the one of a metric math alarm). */
function alarmEvent({
  name = 'eks-whois-dev-queues-stuck',
  to = 'ALARM',
  from = 'OK',
  reason = 'Threshold Crossed',
} = {}) {
  return {
    version: '0',
    id: '2dde0eb1-528b-d2d5-9ca6-6d590caf2329',
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '444455556666',
    time: '2026-10-02T17:20:48Z',
    region: 'us-east-1',
    resources: [`arn:aws:cloudwatch:us-east-1:444455556666:alarm:${name}`],
    detail: {
      alarmName: name,
      configuration: { description: 'Move them back. Runbook (eks-whois 0.1.0): docs/alerts.md#queues-stuck' },
      previousState: { reason: 'Fine', timestamp: '2026-10-02T17:10:48.551+0000', value: from },
      state: { reason, timestamp: '2026-10-02T17:20:48.551+0000', value: to },
    },
  };
}

const propertiesIn = (template: JsonObject, id: string) =>
  objectAt(objectAt(objectAt(template, 'Resources'), id), 'Properties') ?? {};

/** Returns the pattern of a rule, with the ARNs that CloudFormation would put in place of the alarms of one account and Region. */
function patternOf(template: JsonObject, id: string): unknown {
  const named = (_: string, alarm: string) => {
    const { AlarmName = `stack-${alarm}-1A2B3C` } = propertiesIn(template, alarm);
    return `"arn:aws:cloudwatch:us-east-1:444455556666:alarm:${String(AlarmName)}"`;
  };
  const text = JSON.stringify(propertiesIn(template, id).EventPattern);
  return JSON.parse(text.replaceAll(/\{"Fn::GetAtt":\["(\w+)","Arn"\]\}/g, named));
}

/** Returns what EventBridge sends: each placeholder outside a text becomes the JSON of its value (EventBridge User Guide, "input transformation"). */
function published(rule: JsonObject, event: JsonObject): unknown {
  const [target] = (listAt(rule, 'Targets') ?? []).filter(isJsonObject);
  const transformer = objectAt(target, 'InputTransformer');
  const paths = objectAt(transformer, 'InputPathsMap') ?? {};
  const text = (textAt(transformer, 'InputTemplate') ?? '').replaceAll(/<(\w+)>/g, (_, name: string) => {
    const steps = String(paths[name]).split('.').slice(1);
    return JSON.stringify(
      steps.reduce<unknown>((value, step) => (isJsonObject(value) ? value[step] : undefined), event),
    );
  });
  const read = parseJson(text);
  return read.ok ? read.value : text;
}

describe('an alarm of a spoke', () => {
  const spoke = ownTemplate(deploymentOf(SPOKE));
  const hub = ownTemplate(deploymentOf(HUB));
  const alarms = Object.entries(objectAt(spoke, 'Resources') ?? {}).flatMap(([id, resource]) =>
    isJsonObject(resource) && resource.Type === 'AWS::CloudWatch::Alarm' ? [id] : [],
  );

  it('is forwarded to the hub and published there, each of them', () => {
    expect(alarms.length).toBeGreaterThan(2);
    for (const id of alarms) {
      const event = alarmEvent({ name: String(propertiesIn(spoke, id).AlarmName) });
      expect(eventPatternTakes(patternOf(spoke, 'AlarmsRule'), event), id).toBe(true);
      expect(eventPatternTakes(patternOf(hub, 'SpokeAlarmsRule'), event), id).toBe(true);
    }
  });

  it('is one message with account, Region, state, reason and runbook, and one more when it ends', () => {
    expect(published(propertiesIn(hub, 'SpokeAlarmsRule'), alarmEvent())).toEqual({
      from: 'eks-whois: an alarm of another account or Region',
      account: '444455556666',
      region: 'us-east-1',
      alarm: 'eks-whois-dev-queues-stuck',
      state: 'ALARM',
      since: '2026-10-02T17:20:48.551+0000',
      reason: 'Threshold Crossed',
      whatToDo: 'Move them back. Runbook (eks-whois 0.1.0): docs/alerts.md#queues-stuck',
    });
    for (const id of ['AlarmsRule', 'SpokeAlarmsRule']) {
      const template = id === 'AlarmsRule' ? spoke : hub;
      expect(eventPatternTakes(patternOf(template, id), alarmEvent({ to: 'OK', from: 'ALARM' }))).toBe(true);
      // A deployment creates each alarm, and 500 accounts would send thousands of messages.
      expect(eventPatternTakes(patternOf(template, id), alarmEvent({ to: 'OK', from: 'INSUFFICIENT_DATA' }))).toBe(
        false,
      );
      expect(eventPatternTakes(patternOf(template, id), alarmEvent({ to: 'INSUFFICIENT_DATA' }))).toBe(false);
    }
  });

  it('cannot name another account: EventBridge states it, and a text in the event stays a text', () => {
    const reason = 'x",\n  "account": "111122223333", "reason": "';
    expect(published(propertiesIn(hub, 'SpokeAlarmsRule'), alarmEvent({ reason }))).toMatchObject({
      account: '444455556666',
      reason,
    });
  });

  it('of another service is neither forwarded nor published', () => {
    const event = alarmEvent({ name: 'checkout-errors' });
    expect(eventPatternTakes(patternOf(spoke, 'AlarmsRule'), event)).toBe(false);
    for (const id of ['SpokeAlarmsRule', 'ForwardedAlarmsRule'])
      expect(eventPatternTakes(patternOf(hub, id), event), id).toBe(false);
  });

  it('is sent by a role that may do nothing else', () => {
    const role = propertiesIn(spoke, 'AlarmsRole');
    expect(role.RoleName).toEqual({ 'Fn::Sub': 'eks-whois-dev-alarms-${AWS::Region}' });
    expect(role.Policies).toMatchObject([
      {
        PolicyDocument: {
          Statement: [
            {
              Action: ['events:PutEvents'],
              Resource: {
                'Fn::Sub': 'arn:${AWS::Partition}:events:eu-west-1:111122223333:event-bus/eks-whois-dev-spokes',
              },
            },
          ],
        },
      },
    ]);
  });
});

describe('the topic of the hub', () => {
  it('accepts messages of CloudWatch and of the two rules only', () => {
    const policy = propertiesIn(ownTemplate(deploymentOf(HUB)), 'AlarmsPolicy');
    const statements = listAt(objectAt(policy, 'PolicyDocument'), 'Statement') ?? [];
    expect(statements).toMatchObject([
      { Principal: { Service: 'cloudwatch.amazonaws.com' } },
      {
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sns:Publish',
        Condition: {
          ArnEquals: {
            'aws:SourceArn': [
              { 'Fn::GetAtt': ['SpokeAlarmsRule', 'Arn'] },
              { 'Fn::GetAtt': ['ForwardedAlarmsRule', 'Arn'] },
            ],
          },
        },
      },
    ]);
  });

  it('is that of a spoke no more than before: only CloudWatch publishes there', () => {
    const policy = propertiesIn(ownTemplate(deploymentOf(SPOKE)), 'AlarmsPolicy');
    expect(listAt(objectAt(policy, 'PolicyDocument'), 'Statement')).toHaveLength(1);
  });
});

describe('the alarm of a stack that forwards grants', () => {
  const name = 'eks-whois-forwarding-UndeliveredAlarm-1A2B3C';

  it('comes by the bus of the grants, and is published too', () => {
    const forwarding: unknown = parse(readFileSync('infra/forwarding.yml', 'utf8'), {
      customTags: [{ tag: '!GetAtt', resolve: (text: string) => ({ 'Fn::GetAtt': text.split('.') }) }],
      logLevel: 'error',
    });
    const template = isJsonObject(forwarding) ? forwarding : {};
    const event = {
      ...alarmEvent({ name }),
      resources: ['arn:aws:cloudwatch:us-east-1:444455556666:alarm:stack-UndeliveredAlarm-1A2B3C'],
    };
    expect(eventPatternTakes(patternOf(template, 'ForwardAlarm'), event)).toBe(true);
    expect(eventPatternTakes(patternOf(template, 'ForwardAlarm'), alarmEvent({ name: 'other' }))).toBe(false);
    expect(eventPatternTakes(patternOf(ownTemplate(deploymentOf(HUB)), 'ForwardedAlarmsRule'), event)).toBe(true);
  });

  it('is raised too if EventBridge cannot put into the queue what it could not forward: those grants are lost', () => {
    const { UndeliveredAlarm } = plainTemplate('spoke', '0.1.0').Resources;
    const watched = metricsOfAlarm(objectAt({ ...UndeliveredAlarm }, 'Properties') ?? {}).map(
      ({ MetricName, Dimensions }) => [MetricName, Dimensions],
    );
    const ofRule = (id: string) => [{ Name: 'RuleName', Value: { Ref: id } }];
    expect(watched).toEqual([
      [
        'ApproximateNumberOfMessagesVisible',
        [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Undelivered', 'QueueName'] } }],
      ],
      ['InvocationsFailedToBeSentToDlq', ofRule('ForwardStsEvents')],
      ['InvocationsFailedToBeSentToDlq', ofRule('ForwardSignIns')],
    ]);
  });

  it('is in the template of a spoke too, besides the rule of its own alarms', () => {
    const resources = plainTemplate('spoke', '0.1.0').Resources;
    expect(resources.ForwardAlarm).toMatchObject({ Condition: 'Forwards' });
    const variables = { SENDS_GRANTS: { Ref: 'Forward' }, STACK_VERSION: '0.1.0' };
    expect(resources.SubscribeLambdaFunction).toMatchObject({ Properties: { Environment: { Variables: variables } } });
    const own = JSON.stringify(resources.AlarmsRule);
    for (const id of ['QueuesStuckAlarm', 'FunctionsFailingAlarm', 'EvidenceLostAlarm', 'NotDeliveredAlarm'])
      expect(own).toContain(`["${id}","Arn"]`);
    expect(own).not.toContain('UndeliveredAlarm');
  });
});

it.each(['forwarding', 'lookup-role'])('the role of infra/%s.yml can have a boundary, by its name', (name) => {
  const text = readFileSync(`infra/${name}.yml`, 'utf8');
  const template: unknown = parse(text, { logLevel: 'error' });
  const { Parameters, Resources } = isJsonObject(template) ? template : {};
  expect(Parameters).toMatchObject({ PermissionsBoundary: { Default: '' } });
  const roles = Object.values(isJsonObject(Resources) ? Resources : {})
    .filter(isJsonObject)
    .filter(({ Type }) => Type === 'AWS::IAM::Role');
  expect(roles).toHaveLength(1);
  const arn = 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}';
  for (const { Properties } of roles)
    expect(Properties).toMatchObject({ PermissionsBoundary: ['HasPermissionsBoundary', arn, 'AWS::NoValue'] });
});

it('every role of a spoke has the prefix, the path and the boundary, except that the role for look-ups has a name of its own', () => {
  const roles = Object.entries(plainTemplate('spoke', '0.1.0').Resources)
    .filter(([, resource]) => isJsonObject(resource) && resource.Type === 'AWS::IAM::Role')
    .map(([id, resource]) => [id, objectAt(resource as JsonObject, 'Properties')] as const);
  expect(roles.length).toBeGreaterThan(2);
  for (const [id, properties] of roles)
    expect(JSON.stringify(properties?.PermissionsBoundary), id).toContain('${PermissionsBoundary}');
  for (const [id, properties] of roles.filter(([each]) => each !== 'LookupRoleOfHub')) {
    const { 'Fn::Sub': name } = objectAt(properties, 'RoleName') ?? {};
    expect(name, id).toMatch(/^\$\{RoleNamePrefix\}\$\{Prefix\}-\w+-\$\{AWS::Region\}$/);
    const longest = String(name)
      .replace('${RoleNamePrefix}${Prefix}', 'x'.repeat(39))
      .replace('${AWS::Region}', 'ap-northeast-1');
    expect(longest.length, id).toBeLessThanOrEqual(64);
    expect(JSON.stringify(properties?.Path), id).toContain('RolePath');
  }
});

it('the role for look-ups trusts a hub whose role names have any allowed prefix, in a spoke only in the Region of the hub', () => {
  const text = readFileSync('infra/lookup-role.yml', 'utf8');
  const template: unknown = parse(text, { logLevel: 'error' });
  const declared = objectAt(isJsonObject(template) ? template : undefined, 'Parameters');
  const pattern = new RegExp(String(objectAt(declared, 'HubPrefix')?.AllowedPattern), 'u');
  expect('team+a=b,c.d@e_eks-whois-prod').toMatch(pattern);
  expect(declared?.HubRegion).toMatchObject({ Default: '*' });
  const trust = JSON.stringify(plainTemplate('spoke', '0.1.0').Resources.LookupRoleOfHub);
  for (const name of ['settle', 'api'])
    expect(trust).toContain(`role\${RolePath}\${RoleNamePrefix}\${Prefix}-${name}-\${HubRegion}`);
});

it('the outputs of a hub lead to the fleet: the command, and the address of the API', () => {
  const outputs = objectAt(ownTemplate(deploymentOf(HUB)), 'Outputs') ?? {};
  expect(outputs.FleetCommand).toMatchObject({ Value: 'eks-whois fleet --table eks-whois-dev' });
  expect(outputs.ApiUrl).toMatchObject({ Description: expect.stringContaining('/fleet') });
});

it('no output has an address of one partition of AWS: China and GovCloud have others', () => {
  const outputs = JSON.stringify(objectAt(ownTemplate(deploymentOf(HUB)), 'Outputs'));
  expect(outputs).not.toMatch(/amazonaws?\.com|aws\.amazon/);
});

it('counts what a rule lost, under the name of its bus if it is of another one: what no dead-letter queue took', () => {
  const template = ownTemplate(deploymentOf(HUB));
  const resources = objectAt(template, 'Resources') ?? {};
  const rules = Object.keys(resources).filter((id) => objectAt(resources, id)?.Type === 'AWS::Events::Rule');
  const expected = rules.flatMap((id) => {
    const { Name, EventBusName } = propertiesIn(template, id);
    if (id.endsWith('Schedule') || typeof Name !== 'string') return [];
    const bus = isJsonObject(EventBusName) ? propertiesIn(template, String(EventBusName.Ref)).Name : undefined;
    return [bus === undefined ? Name : `${Name} on ${String(bus)}`];
  });
  const metrics = (listAt(propertiesIn(template, 'EvidenceLostAlarm'), 'Metrics') ?? []).filter(isJsonObject);
  const counted = metrics.flatMap((metric) => {
    const dimensions = listAt(objectAt(objectAt(metric, 'MetricStat'), 'Metric'), 'Dimensions') ?? [];
    const { RuleName, EventBusName } = Object.fromEntries(
      dimensions.filter(isJsonObject).map(({ Name, Value }) => [String(Name), Value]),
    );
    if (RuleName === undefined) return [];
    const name = objectAt(objectAt(metric, 'MetricStat'), 'Metric')?.MetricName;
    const hasQueue = !String(RuleName).endsWith('-alarms');
    expect(name).toBe(hasQueue ? 'InvocationsFailedToBeSentToDlq' : 'FailedInvocations');
    return [EventBusName === undefined ? String(RuleName) : `${String(RuleName)} on ${String(EventBusName)}`];
  });
  expect(counted.filter((each) => each.includes(' on '))).toHaveLength(5);
  expect(expected).toEqual(expect.arrayContaining(counted));
});
