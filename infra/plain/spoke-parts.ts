import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type Tags, YAMLSeq } from 'yaml';
import { isJsonObject, type JsonObject, objectAt } from '../../lib/json.ts';

/**
 * The parts of a spoke in addition to its clusters. With them, it forwards STS events, and the hub may look up events
 * in this account's CloudTrail. They are the resources of `infra/forwarding.yml` and `infra/lookup-role.yml`, with this
 * template's parameters.
 */
export interface SpokeParts {
  readonly resources: Record<string, JsonObject>;
  readonly conditions: Readonly<Record<string, object>>;
  readonly parameters: Readonly<Record<string, object>>;
}

const ALARM_TOPIC = { 'Fn::If': ['HasAlarmTopicArn', { Ref: 'AlarmTopicArn' }, { Ref: 'Alarms' }] };
const HUB_BUS = { 'Fn::Sub': 'arn:${AWS::Partition}:events:${HubRegion}:${HubAccount}:event-bus/${Prefix}-sts' };

/** The resources that the spoke replaces by its own topic. */
const TOPIC = ['Alarms', 'AlarmsEmail', 'AlarmsPolicy'];

export function spokeParts(): SpokeParts {
  const forwarding = resourcesIn('forwarding.yml').filter(([id]) => !TOPIC.includes(id));
  const lookup = resourcesIn('lookup-role.yml');
  const names = { HubBusArn: HUB_BUS };
  const lookupNames = {
    HubPrefix: '${RoleNamePrefix}${Prefix}',
    HubRolePath: '${RolePath}',
    RoleName: { Ref: 'LookupRole' },
  };
  return {
    resources: Object.fromEntries([
      ...forwarding.map(([id, resource]) => {
        const Condition = resource.Condition === 'HasUses' ? 'ForwardsUses' : 'Forwards';
        return [id, { ...adapt(resource, names), Condition }] as const;
      }),
      // This role keeps its name and the path /, because the hub finds it by them.
      ...lookup.map(
        ([id, resource]) => [`${id}OfHub`, { ...adapt(resource, lookupNames), Condition: 'HasLookupRole' }] as const,
      ),
    ]),
    conditions: {
      Forwards: { 'Fn::Equals': [{ Ref: 'Forward' }, 'true'] },
      ForwardsUses: {
        'Fn::And': [{ Condition: 'Forwards' }, { 'Fn::Equals': [{ Ref: 'ForwardGetCallerIdentity' }, 'true'] }],
      },
      HasLookupRole: {
        'Fn::Or': [
          { 'Fn::Equals': [{ Ref: 'LookupRoleRegion' }, { Ref: 'AWS::Region' }] },
          {
            'Fn::And': [
              { 'Fn::Equals': [{ Ref: 'LookupRoleRegion' }, ''] },
              { 'Fn::Equals': [{ Ref: 'HubRegion' }, { Ref: 'AWS::Region' }] },
            ],
          },
        ],
      },
    },
    parameters: {
      Forward: {
        Type: 'String',
        Description:
          'Whether to forward STS events and sign-ins to the hub. Needs a trail that logs read-only management events',
        Default: 'true',
        AllowedValues: ['true', 'false'],
      },
      ForwardGetCallerIdentity: {
        Type: 'String',
        Description: "Whether to forward GetCallerIdentity too, if the hub's Uses is true. There is one for each token",
        Default: 'false',
        AllowedValues: ['true', 'false'],
      },
      LookupRoleRegion: {
        Type: 'String',
        Description:
          "The Region whose stack creates the account's role for look-ups. Empty for the hub's Region, none for no role",
        Default: '',
      },
    },
  };
}

/**
 * Lets the function `subscribe` report whether this stack forwards grants, so that the hub notices if none ever arrive.
 */
export function withForwarding(resources: Readonly<Record<string, object>>): Record<string, object> {
  const id = 'SubscribeLambdaFunction';
  const reporter: JsonObject = { ...resources[id] };
  const properties = objectAt(reporter, 'Properties');
  const environment = objectAt(properties, 'Environment');
  const Variables = { ...objectAt(environment, 'Variables'), SENDS_GRANTS: { Ref: 'Forward' } };
  return { ...resources, [id]: { ...reporter, Properties: { ...properties, Environment: { Variables } } } };
}

function resourcesIn(file: string): [string, JsonObject][] {
  const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8');
  const template: unknown = parse(text, { customTags: TAGS, logLevel: 'error' }); // Conditions have other tags, but they are not used here.
  const resources = objectAt(isJsonObject(template) ? template : undefined, 'Resources') ?? {};
  return Object.entries(resources).filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1]));
}

/** The parsers of CloudFormation's short forms (User Guide, "Intrinsic function reference"). */
const TAGS: Tags = [
  { tag: '!Ref', resolve: (text: string) => ({ Ref: text }) },
  { tag: '!Sub', resolve: (text: string) => ({ 'Fn::Sub': text }) },
  { tag: '!GetAtt', resolve: (text: string) => ({ 'Fn::GetAtt': text.split('.') }) },
  { tag: '!If', collection: 'seq', resolve: (list) => ({ 'Fn::If': list instanceof YAMLSeq ? list.toJSON() : [] }) },
];

/**
 * The name and path of the role that forwards events. IAM allows 64 characters for the name. The longest prefix of 39,
 * `-forward-` and the longest Region just fit, so the word cannot be longer.
 */
const FORWARDING_NAME = {
  RoleName: { 'Fn::Sub': '${RoleNamePrefix}${Prefix}-forward-${AWS::Region}' },
  Path: { Ref: 'RolePath' },
};

function adapt(resource: JsonObject, names: Readonly<Record<string, unknown>>): JsonObject {
  const renamed = replaceNames(resource, names) as JsonObject;
  const properties = objectAt(renamed, 'Properties') ?? {};
  if (resource.Type === 'AWS::IAM::Role') {
    const named = 'RoleName' in properties ? {} : FORWARDING_NAME;
    return { ...renamed, Properties: { ...named, ...properties } };
  }
  if (resource.Type !== 'AWS::CloudWatch::Alarm') return renamed;
  const AlarmDescription = { 'Fn::Sub': String(properties.AlarmDescription).replace('docs/alerts.md', '${Runbooks}') };
  return {
    ...renamed,
    Properties: { ...properties, AlarmDescription, AlarmActions: [ALARM_TOPIC], OKActions: [ALARM_TOPIC] },
  };
}

function replaceNames(value: unknown, names: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map((each) => replaceNames(each, names));
  if (!isJsonObject(value)) return value;
  if (typeof value.Ref === 'string' && value.Ref in names) return names[value.Ref];
  const text = value['Fn::Sub'];
  if (typeof text === 'string') {
    const put = (found: string, name: string) => (typeof names[name] === 'string' ? names[name] : found);
    return { 'Fn::Sub': text.replace(/\$\{(\w+)\}/g, put) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaceNames(each, names)]));
}
