import { ROLL_OUT } from '../lib/heartbeats/roll-out.ts';
import { REPORT } from '../lib/usecases/heartbeats/reports.ts';
import { HAND_OVER } from '../lib/usecases/ingest/deliveries.ts';
import { arnOf, type Resource, type Resources, ref, type Substitution, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';
import { signInEventPattern, stsEventPattern, WITH_READ_ONLY_EVENTS } from './sts-events.ts';

/** The name of the rule and of the bus. */
export const SPOKE_RULE = 'spokes';

/**
 * Returns the bus to which spokes send their deliveries. EventBridge states the account of each delivery
 * (docs/decisions/0034). One rule leads to the queue of `ingest`, which accepts messages only from this rule.
 */
export function spokeBusResources(of: Deployment): Resources {
  if (of.stack !== 'hub') return {};
  const name = `${of.prefix}-${SPOKE_RULE}`;
  return {
    SpokeBus: { Type: 'AWS::Events::EventBus', Properties: { Name: name } },
    SpokeRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: name,
        EventBusName: ref('SpokeBus'),
        EventPattern: {
          source: [HAND_OVER.source],
          'detail-type': [HAND_OVER, REPORT, ROLL_OUT].map(({ detailType }) => detailType),
        },
        Targets: [{ Id: 'ingest', Arn: arnOf('SpokeBatches'), DeadLetterConfig: { Arn: arnOf('SpokeBatchesDead') } }],
      },
    },
    ...Object.fromEntries(admissionsOf(of).map((each) => [`SpokeBusOf${each.sid}Policy`, spokePolicy(of, each)])),
    ...rollOutPolicy(of),
    SpokeBatchesPolicy: queuePolicy('SpokeBatches', arnOf('SpokeRule')),
  };
}

/**
 * The events in which CloudWatch says that an alarm changed its state. Nobody else can put events with this source on a
 * bus (FACTS).
 */
export const ALARM_EVENTS = {
  source: ['aws.cloudwatch'],
  'detail-type': ['CloudWatch Alarm State Change'],
} as const;

/** The name of the rule and the role with which a spoke forwards its alarms, without the prefix. */
export const ALARM_ROLE = 'alarms';

/** The rules of a hub that publish alarms of other accounts and Regions, by logical ID. */
const ALARM_RULES = { SpokeAlarmsRule: 'spoke-alarms', ForwardedAlarmsRule: 'forwarded-alarms' } as const;
export type AlarmRuleId = keyof typeof ALARM_RULES;

/** Returns the rules that publish alarms: those of spokes, and those of stacks that only forward grants. */
export function alarmRulesOf(of: Deployment): readonly { readonly id: AlarmRuleId; readonly name: string }[] {
  if (of.stack !== 'hub') return [];
  const ids = ['SpokeAlarmsRule', ...(takesEvents(of) ? (['ForwardedAlarmsRule'] as const) : [])] as const;
  return ids.map((id) => ({ id, name: ALARM_RULES[id] }));
}

/**
 * Returns the policy that lets the spokes of other accounts send deliveries and alarms. Spokes in the hub's own account
 * are allowed by their role's policy.
 */
function spokePolicy(of: Deployment, admitted: Admission): Resource {
  const statement = admitted.sid === 'Organization' ? 'spokes-of-organization' : 'spokes-of-accounts';
  return busPolicy('SpokeBus', statement, admitted, {
    StringEquals: { 'events:source': [HAND_OVER.source, ...ALARM_EVENTS.source] },
    ArnLike: {
      'aws:PrincipalArn': ['ingest', 'subscribe', ALARM_ROLE, ROLL_OUT_NAME].map((name) => rolesAnywhere(of, name)),
    },
  });
}

/** The name of the function and the role that report the roll-out of an organization's spokes, without the prefix. */
export const ROLL_OUT_NAME = 'roll-out';

/**
 * Returns the policy that lets the account that deploys the spokes report them. That account may be in none of the
 * organizational units.
 */
function rollOutPolicy(of: Deployment): Resources {
  if (of.organization === undefined || of.organizationPaths.length === 0) return {};
  const anywhere = organizationAdmission({ ...of, organizationPaths: [] }, of.organization);
  const further = {
    StringEquals: { 'events:source': ROLL_OUT.source, 'events:detail-type': ROLL_OUT.detailType },
    ArnLike: { 'aws:PrincipalArn': rolesAnywhere(of, ROLL_OUT_NAME) },
  };
  return { SpokeBusOfRollOutPolicy: busPolicy('SpokeBus', 'roll-out', anywhere, further) };
}

/** Returns the address of the hub's bus. A spoke has it in its parameters; for the hub, it is the stack's own. */
export function hubBus({ stack, hubRegion = '', hubAccount = '', prefix }: Deployment): {
  readonly endpoint: Substitution;
  readonly arn: Substitution;
  readonly region: Value;
} {
  const isHub = stack === 'hub';
  const [region, account] = isHub ? ['${AWS::Region}', '${AWS::AccountId}'] : [hubRegion, hubAccount];
  return {
    endpoint: sub(`https://events.${region}.\${AWS::URLSuffix}`),
    arn: sub(`arn:\${AWS::Partition}:events:${region}:${account}:event-bus/${prefix}-${SPOKE_RULE}`),
    region: isHub ? ref('AWS::Region') : hubRegion,
  };
}

/** Returns a policy that lets these principals put events on a bus, under an additional condition. */
function busPolicy(
  bus: string,
  StatementId: string,
  { Principal, Condition }: Admission,
  further: Admission['Condition'],
): Resource {
  return {
    Type: 'AWS::Events::EventBusPolicy',
    Properties: {
      EventBusName: ref(bus),
      StatementId,
      Statement: {
        Effect: 'Allow',
        Principal,
        Action: 'events:PutEvents',
        Resource: arnOf(bus),
        Condition: {
          ...Condition,
          ...further,
          ...(further.StringEquals && { StringEquals: { ...Condition.StringEquals, ...further.StringEquals } }),
        },
      },
    },
  };
}

/**
 * Returns a policy that lets rules send to a queue. Its dead-letter queue gets what EventBridge itself could not
 * deliver within a day.
 */
function queuePolicy(queue: string, rules: Value): Resource {
  const queues = [queue, `${queue}Dead`];
  const statements = queues.map((each) => ({
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arnOf(each),
    Condition: { ArnEquals: { 'aws:SourceArn': rules } },
  }));
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: { Queues: queues.map(ref), PolicyDocument: { Version: '2012-10-17', Statement: statements } },
  };
}

/** Principals of other accounts that may send events, as a policy statement names them. */
interface Admission {
  readonly sid: string;
  readonly Principal: Value;
  readonly Condition: Readonly<Record<string, Readonly<Record<string, Value>>>>;
}

/**
 * Returns the principals of the listed accounts, and those of an organization or of its units. An account ID as
 * principal means the same as the ARN of its root. Source: IAM User Guide, "AWS global condition context keys"
 * (`aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`).
 */
function admissionsOf(of: Deployment): readonly Admission[] {
  const listed = of.accounts.length === 0 ? [] : [listedAccounts(of)];
  return of.organization === undefined ? listed : [...listed, organizationAdmission(of, of.organization)];
}

function listedAccounts(of: Deployment): Admission {
  return { sid: 'OtherAccounts', Principal: { AWS: of.accounts }, Condition: {} };
}

function organizationAdmission({ organizationPaths }: Deployment, organization: string): Admission {
  return {
    sid: 'Organization',
    Principal: '*',
    Condition: {
      StringEquals: { 'aws:PrincipalOrgID': organization },
      ...(organizationPaths.length > 0 && {
        'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': organizationPaths },
      }),
    },
  };
}

/** Returns the ARN pattern of a function's roles in any account. Spokes give these roles the same names. */
function rolesAnywhere(of: Deployment, functionName: string): Value {
  const { rolePath, roleNamePrefix = '', prefix } = of;
  return sub(`arn:\${AWS::Partition}:iam::*:role${rolePath}${roleNamePrefix}${prefix}-${functionName}-*`);
}

/** The names of the rules, by logical ID. */
const STS_RULES = {
  StsRule: 'sts',
  ForwardedStsRule: 'forwarded-sts',
  SignInRule: 'sign-ins',
  ForwardedSignInRule: 'forwarded-sign-ins',
} as const;
type RuleId = keyof typeof STS_RULES;
const RULE_IDS = Object.keys(STS_RULES).filter((id): id is RuleId => id in STS_RULES);

/**
 * Returns the rules that send STS records and sign-ins to the queue of `grants`. One set is for this account and
 * Region. The other is for what other Regions and accounts forward to the service's own bus (`infra/forwarding.yml`).
 */
export function stsRuleResources(of: Deployment): Resources {
  if (!takesEvents(of)) return {};
  return {
    ...Object.fromEntries(RULE_IDS.map((id) => [id, rule(of, id)])),
    StsBus: { Type: 'AWS::Events::EventBus', Properties: { Name: `${of.prefix}-${STS_BUS}` } },
    ...Object.fromEntries(admissionsOf(of).map((each) => [BUS_POLICIES[each.sid] ?? '', forwardingPolicy(each)])),
    StsEventsPolicy: queuePolicy('StsEvents', RULE_IDS.map(arnOf)),
  };
}

/** A metric of EventBridge that counts what a rule lost. */
interface RuleLoss {
  readonly name: 'FailedInvocations' | 'InvocationsFailedToBeSentToDlq';
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Returns the metrics of what the stack's rules lose. Rules of evidence have a dead-letter queue, whose messages the
 * alarm `queues-stuck` reports. They lose only what EventBridge cannot put there either. A metric with only a rule's
 * name is of the default bus. So a metric of another bus has the bus's name too (EventBridge User Guide, "Monitoring
 * Amazon EventBridge").
 */
export function lossesOfRules(of: Deployment): readonly RuleLoss[] {
  const { prefix, stack } = of;
  const loss = (name: RuleLoss['name'], rule: string, bus?: string) => ({
    name,
    dimensions: { ...(bus === undefined ? {} : { EventBusName: `${prefix}-${bus}` }), RuleName: `${prefix}-${rule}` },
  });
  const kept = 'InvocationsFailedToBeSentToDlq';
  return [
    ...(stack === 'hub' ? [loss(kept, SPOKE_RULE, SPOKE_RULE)] : []),
    ...(takesEvents(of) ? RULE_IDS.map((id) => loss(kept, STS_RULES[id], isForwarded(id) ? STS_BUS : undefined)) : []),
    ...alarmRulesOf(of).map(({ id, name }) => loss('FailedInvocations', name, isForwarded(id) ? STS_BUS : SPOKE_RULE)),
  ];
}

/** The name of the bus of forwarded grants, without the prefix. */
const STS_BUS = 'sts';

function isForwarded(id: RuleId | AlarmRuleId): boolean {
  return id.startsWith('Forwarded');
}

/** Returns whether grants come through EventBridge. */
export function takesEvents(of: Deployment): boolean {
  return of.trail === 'eventbridge' && functionsOf(of).includes('grants');
}

function rule(of: Deployment, id: RuleId): Resource {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: `${of.prefix}-${STS_RULES[id]}`,
      State: WITH_READ_ONLY_EVENTS,
      ...patternAndTarget(of, id),
      ...(isForwarded(id) ? { EventBusName: ref('StsBus') } : {}),
    },
  };
}

/**
 * Returns the rule's pattern and target. STS's records keep their envelope, which proves to `grants` that AWS sent
 * them. For the other records, the rule itself proves that. They are sent without an envelope, because `grants` accepts
 * only envelopes of API calls (CONTRACT, rule 3).
 */
function patternAndTarget(of: Deployment, id: RuleId) {
  const target = { Id: 'grants', Arn: arnOf('StsEvents'), DeadLetterConfig: { Arn: arnOf('StsEventsDead') } };
  return id.endsWith('StsRule')
    ? { EventPattern: stsEventPattern(of), Targets: [target] }
    : { EventPattern: signInEventPattern(of), Targets: [{ ...target, InputPath: '$.detail' }] };
}

/** The logical IDs of the bus policies. They must not change, because a change would replace the policies. */
const BUS_POLICIES: Readonly<Record<string, string>> = {
  OtherAccounts: 'StsBusPolicy',
  Organization: 'StsBusOrganizationPolicy',
};

/**
 * Returns the policy that lets other accounts forward. EventBridge accepts no `aws.` source from PutEvents of
 * customers.
 */
function forwardingPolicy(admitted: Admission): Resource {
  const statement = admitted.sid === 'Organization' ? 'forwarding-organization' : 'forwarding-accounts';
  return busPolicy('StsBus', statement, admitted, { StringLike: { 'events:source': 'aws.*' } });
}
