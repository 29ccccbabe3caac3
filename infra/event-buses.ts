import { HAND_OVER } from '../lib/usecases/ingest/deliveries.ts';
import { arnOf, type Resource, type Resources, ref, type Substitution, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';
import { signInEventPattern, stsEventPattern, WITH_READ_ONLY_EVENTS } from './sts-events.ts';

/** The name of the rule, which the bus has too. */
export const SPOKE_RULE = 'spokes';

/**
 * Where ingest-only stacks put their deliveries: EventBridge states the account of each (docs/decisions/0034). One rule leads
 * to the queue of `ingest`, which takes messages from this rule alone.
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
        EventPattern: { source: [HAND_OVER.source], 'detail-type': [HAND_OVER.detailType] },
        Targets: [{ Id: 'ingest', Arn: arnOf('SpokeBatches'), DeadLetterConfig: { Arn: arnOf('SpokeBatchesDead') } }],
      },
    },
    ...Object.fromEntries(admissionsOf(of).map((each) => [`SpokeBusOf${each.sid}Policy`, handingOver(of, each)])),
    SpokeBatchesPolicy: queuePolicy('SpokeBatches', arnOf('SpokeRule')),
  };
}

/** The functions of ingest-only stacks of other accounts put deliveries; those of the hub's own account their role's policy lets. */
function handingOver(of: Deployment, admitted: Admission): Resource {
  const statement = admitted.sid === 'Organization' ? 'spokes-of-organization' : 'spokes-of-accounts';
  return busPolicy('SpokeBus', statement, admitted, {
    StringEquals: { 'events:source': HAND_OVER.source },
    ArnLike: { 'aws:PrincipalArn': rolesAnywhere(of, 'ingest') },
  });
}

/** The hub's, as an ingest-only stack addresses it. */
export function hubBus({ hubRegion, hubAccount, prefix }: Deployment): {
  readonly endpoint: Substitution;
  readonly arn: Substitution;
} {
  return {
    endpoint: sub(`https://events.${hubRegion}.\${AWS::URLSuffix}`),
    arn: sub(`arn:\${AWS::Partition}:events:${hubRegion}:${hubAccount}:event-bus/${prefix}-${SPOKE_RULE}`),
  };
}

/** Lets others of these accounts put events on a bus, under a condition besides. */
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

/** Lets rules send to a queue. Its dead-letter queue takes what EventBridge itself could not deliver, after a day of trying. */
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

/** Principals of other accounts that are let in, as a statement names them. */
interface Admission {
  readonly sid: string;
  readonly Principal: Value;
  readonly Condition: Readonly<Record<string, Readonly<Record<string, Value>>>>;
}

/**
 * Those of listed accounts, and all of an organization or of its units (IAM User Guide, "AWS global condition context keys":
 * `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`). An account is named by its id, which means the same as its root's ARN.
 */
function admissionsOf(of: Deployment): readonly Admission[] {
  const listed = of.accounts.length === 0 ? [] : [listedAccounts(of)];
  return of.organization === undefined ? listed : [...listed, ofOrganization(of, of.organization)];
}

function listedAccounts(of: Deployment): Admission {
  return { sid: 'OtherAccounts', Principal: { AWS: of.accounts }, Condition: {} };
}

function ofOrganization({ organizationPaths }: Deployment, organization: string): Admission {
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

/** The roles of a function in any account, by the names that its stack gives them. */
function rolesAnywhere(of: Deployment, functionName: string): Value {
  const { rolePath, roleNamePrefix = '', prefix } = of;
  return sub(`arn:\${AWS::Partition}:iam::*:role${rolePath}${roleNamePrefix}${prefix}-${functionName}-*`);
}

/** The rules by logical id, with their names. */
export const STS_RULES = {
  StsRule: 'sts',
  ForwardedStsRule: 'forwarded-sts',
  SignInRule: 'sign-ins',
  ForwardedSignInRule: 'forwarded-sign-ins',
} as const;
type RuleId = keyof typeof STS_RULES;
const RULE_IDS = Object.keys(STS_RULES).filter((id): id is RuleId => id in STS_RULES);

/**
 * Records of this account and Region, and those that other Regions and accounts forward (`infra/forwarding.yml`) to a bus
 * of the service's own, both into the queue of `grants`.
 */
export function stsRuleResources(of: Deployment): Resources {
  if (!takesEvents(of)) return {};
  return {
    ...Object.fromEntries(RULE_IDS.map((id) => [id, rule(of, id)])),
    StsBus: { Type: 'AWS::Events::EventBus', Properties: { Name: `${of.prefix}-sts` } },
    ...Object.fromEntries(admissionsOf(of).map((each) => [BUS_POLICIES[each.sid] ?? '', forwarding(each)])),
    StsEventsPolicy: queuePolicy('StsEvents', RULE_IDS.map(arnOf)),
  };
}

export function takesEvents(of: Deployment): boolean {
  return of.trail === 'eventbridge' && functionsOf(of).includes('grants');
}

function rule(of: Deployment, id: RuleId): Resource {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: `${of.prefix}-${STS_RULES[id]}`,
      State: WITH_READ_ONLY_EVENTS,
      ...matter(of, id),
      ...(id.startsWith('Forwarded') ? { EventBusName: ref('StsBus') } : {}),
    },
  };
}

/**
 * STS's records go with their envelope, by which `grants` knows them for AWS's word. Of the others the rule itself has
 * made sure, and `grants` takes envelopes of API calls only (CONTRACT, rule 3): they go as the record alone.
 */
function matter(of: Deployment, id: RuleId) {
  const target = { Id: 'grants', Arn: arnOf('StsEvents'), DeadLetterConfig: { Arn: arnOf('StsEventsDead') } };
  return id.endsWith('StsRule')
    ? { EventPattern: stsEventPattern(of), Targets: [target] }
    : { EventPattern: signInEventPattern(of), Targets: [{ ...target, InputPath: '$.detail' }] };
}

/** Logical ids, the first of which is as old as the service. */
const BUS_POLICIES: Readonly<Record<string, string>> = {
  OtherAccounts: 'StsBusPolicy',
  Organization: 'StsBusOrganizationPolicy',
};

/** The other accounts may forward; EventBridge itself takes no `aws.` source from anybody's PutEvents. */
function forwarding(admitted: Admission): Resource {
  const statement = admitted.sid === 'Organization' ? 'forwarding-organization' : 'forwarding-accounts';
  return busPolicy('StsBus', statement, admitted, { StringLike: { 'events:source': 'aws.*' } });
}
