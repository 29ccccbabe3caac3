import { arnOf, type Resource, type Resources, ref, sub } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';
import { stsEventPattern, WITH_READ_ONLY_EVENTS } from './sts-events.ts';

/** The rules by logical id, with their names. */
export const STS_RULES = { StsRule: 'sts', ForwardedStsRule: 'forwarded-sts' } as const;

/**
 * STS's records of this account and Region, and those that other Regions and accounts forward (`infra/forwarding.yml`)
 * to a bus of the service's own, both into the queue of `grants`.
 */
export function stsRuleResources(of: Deployment): Resources {
  if (!takesEvents(of)) return {};
  return {
    StsRule: rule(of, 'StsRule', {}),
    ForwardedStsRule: rule(of, 'ForwardedStsRule', { EventBusName: ref('StsBus') }),
    StsBus: { Type: 'AWS::Events::EventBus', Properties: { Name: `${of.prefix}-sts` } },
    ...(of.accounts.length === 0 ? {} : { StsBusPolicy: busPolicy(of) }),
    StsEventsPolicy: queuePolicy(),
  };
}

export function takesEvents(of: Deployment): boolean {
  return of.trail === 'eventbridge' && functionsOf(of).includes('grants');
}

function rule(
  of: Deployment,
  id: keyof typeof STS_RULES,
  bus: { readonly EventBusName?: ReturnType<typeof ref> },
): Resource {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: `${of.prefix}-${STS_RULES[id]}`,
      State: WITH_READ_ONLY_EVENTS,
      EventPattern: stsEventPattern(of),
      Targets: [{ Id: 'grants', Arn: arnOf('StsEvents'), DeadLetterConfig: { Arn: arnOf('StsEventsDead') } }],
      ...bus,
    },
  };
}

/** The other accounts may forward; EventBridge itself takes no `aws.` source from anybody's PutEvents. */
function busPolicy(of: Deployment): Resource {
  return {
    Type: 'AWS::Events::EventBusPolicy',
    Properties: {
      EventBusName: ref('StsBus'),
      StatementId: 'forwarding-accounts',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: of.accounts.map((account) => sub(`arn:\${AWS::Partition}:iam::${account}:root`)) },
        Action: 'events:PutEvents',
        Resource: arnOf('StsBus'),
        Condition: { StringEquals: { 'events:source': 'aws.sts' } },
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
    Condition: { ArnEquals: { 'aws:SourceArn': [arnOf('StsRule'), arnOf('ForwardedStsRule')] } },
  });
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref('StsEvents'), ref('StsEventsDead')],
      PolicyDocument: { Version: '2012-10-17', Statement: [send('StsEvents'), send('StsEventsDead')] },
    },
  };
}
