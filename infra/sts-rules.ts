import { arnOf, type Resource, type Resources, ref } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';
import { type Admission, admissionsOf } from './other-accounts.ts';
import { signInEventPattern, stsEventPattern, WITH_READ_ONLY_EVENTS } from './sts-events.ts';

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
    ...Object.fromEntries(admissionsOf(of).map((each) => [BUS_POLICIES[each.sid] ?? '', busPolicy(each)])),
    StsEventsPolicy: queuePolicy(),
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
function busPolicy({ sid, Principal, Condition }: Admission): Resource {
  return {
    Type: 'AWS::Events::EventBusPolicy',
    Properties: {
      EventBusName: ref('StsBus'),
      StatementId: sid === 'Organization' ? 'forwarding-organization' : 'forwarding-accounts',
      Statement: {
        Effect: 'Allow',
        Principal,
        Action: 'events:PutEvents',
        Resource: arnOf('StsBus'),
        Condition: { ...Condition, StringLike: { 'events:source': 'aws.*' } },
      },
    },
  };
}

/** The dead-letter queue takes what EventBridge itself could not deliver, after a day of trying. */
function queuePolicy(): Resource {
  const send = (queue: string) => ({
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arnOf(queue),
    Condition: { ArnEquals: { 'aws:SourceArn': RULE_IDS.map(arnOf) } },
  });
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref('StsEvents'), ref('StsEventsDead')],
      PolicyDocument: { Version: '2012-10-17', Statement: [send('StsEvents'), send('StsEventsDead')] },
    },
  };
}
