import { HAND_OVER } from '../lib/usecases/ingest/deliveries.ts';
import { arnOf, type Resource, type Resources, ref, type Substitution, sub } from './cloudformation.ts';
import type { Deployment } from './deployment.ts';
import { type Admission, admissionsOf, rolesAnywhere } from './other-accounts.ts';

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
    ...Object.fromEntries(admissionsOf(of).map((each) => [`SpokeBusOf${each.sid}Policy`, busPolicy(of, each)])),
    SpokeBatchesPolicy: queuePolicy(),
  };
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

/** Lets the functions of ingest-only stacks of other accounts put deliveries; those of the hub's own account their role's policy lets. */
function busPolicy(of: Deployment, { sid, Principal, Condition }: Admission): Resource {
  return {
    Type: 'AWS::Events::EventBusPolicy',
    Properties: {
      EventBusName: ref('SpokeBus'),
      StatementId: sid === 'Organization' ? 'spokes-of-organization' : 'spokes-of-accounts',
      Statement: {
        Effect: 'Allow',
        Principal,
        Action: 'events:PutEvents',
        Resource: arnOf('SpokeBus'),
        Condition: {
          ...Condition,
          StringEquals: { ...Condition.StringEquals, 'events:source': HAND_OVER.source },
          ArnLike: { 'aws:PrincipalArn': rolesAnywhere(of, 'ingest') },
        },
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
    Condition: { ArnEquals: { 'aws:SourceArn': arnOf('SpokeRule') } },
  });
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref('SpokeBatches'), ref('SpokeBatchesDead')],
      PolicyDocument: { Version: '2012-10-17', Statement: [send('SpokeBatches'), send('SpokeBatchesDead')] },
    },
  };
}
