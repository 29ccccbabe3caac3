import { arnOf, type Resource, type Resources, ref, type Substitution, sub } from './cloudformation.ts';
import { type Deployment, type FunctionName, functionsOf } from './deployment.ts';
import { admissionsOf, rolesAnywhere } from './other-accounts.ts';
import { takesEvents } from './sts-rules.ts';

/** A queue that feeds a function, and the dead-letter queue behind it. */
export interface FeedingQueue {
  readonly logicalId: string;
  readonly deadLetterId: string;
  readonly name: string;
  /** The name without the stage's prefix: alarms are named after it, so that another way of getting grants has others. */
  readonly title: string;
  readonly to: 'ingest' | 'grants';
  /**
   * Lambda puts in what the function failed on twice more, for it to take back later; EventBridge STS's events;
   * ingest-only stacks their batches.
   */
  readonly from: 'lambda' | 'eventbridge' | 'spokes';
}

export function queuesOf(of: Deployment): readonly FeedingQueue[] {
  const batches = queue(of, { logicalId: 'FailedBatches', title: 'failed-batches', to: 'ingest', from: 'lambda' });
  return [batches, ...(of.stack === 'hub' ? [spokeQueue(of)] : []), ...queuesOfGrants(of)];
}

/** Where ingest-only stacks put their batches: no role outside the hub writes its tables. */
function spokeQueue(of: Deployment): FeedingQueue {
  return queue(of, { logicalId: 'SpokeBatches', title: 'spoke-batches', to: 'ingest', from: 'spokes' });
}

/** The hub's, as an ingest-only stack addresses it. */
export function hubQueue(of: Deployment): { readonly url: Substitution; readonly arn: Substitution } {
  const { hubRegion, hubAccount } = of;
  const name = spokeQueue(of).name;
  return {
    url: sub(`https://sqs.${hubRegion}.\${AWS::URLSuffix}/${hubAccount}/${name}`),
    arn: sub(`arn:\${AWS::Partition}:sqs:${hubRegion}:${hubAccount}:${name}`),
  };
}

/** By the way in which grants come: EventBridge needs a queue before the function, a log group's subscription one behind it. */
function queuesOfGrants(of: Deployment): FeedingQueue[] {
  if (!functionsOf(of).includes('grants')) return [];
  return takesEvents(of)
    ? [queue(of, { logicalId: 'StsEvents', title: 'sts-events', to: 'grants', from: 'eventbridge' })]
    : [queue(of, { logicalId: 'FailedGrantBatches', title: 'failed-grant-batches', to: 'grants', from: 'lambda' })];
}

function queue(of: Deployment, given: Omit<FeedingQueue, 'deadLetterId' | 'name'>): FeedingQueue {
  return { ...given, deadLetterId: `${given.logicalId}Dead`, name: `${of.prefix}-${given.title}` };
}

/** Where Lambda keeps what the function failed on; none where nothing invokes it without waiting for its answer. */
export function onFailureQueueOf(of: Deployment, name: FunctionName): FeedingQueue | undefined {
  return queuesOf(of).find(({ to, from }) => to === name && from === 'lambda');
}

/** SQS drops a message after at most 14 days: time to mend what kept it from being read. */
const FOURTEEN_DAYS = 14 * 24 * 3_600;
/** Six times the longest time-out of a function that reads it (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export const VISIBILITY_SECONDS = 6 * 60;
export const RECEIVES_BEFORE_DEAD = 5;

export function queueResources(of: Deployment): Resources {
  const resources: Record<string, Resource> = {};
  for (const queue of queuesOf(of)) {
    resources[queue.deadLetterId] = {
      Type: 'AWS::SQS::Queue',
      Properties: { QueueName: deadLetterName(queue), MessageRetentionPeriod: FOURTEEN_DAYS, ...encryption(of, queue) },
    };
    resources[queue.logicalId] = {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: queue.name,
        MessageRetentionPeriod: FOURTEEN_DAYS,
        VisibilityTimeout: VISIBILITY_SECONDS,
        RedrivePolicy: { deadLetterTargetArn: arnOf(queue.deadLetterId), maxReceiveCount: RECEIVES_BEFORE_DEAD },
        ...encryption(of, queue),
      },
    };
  }
  return of.stack === 'hub' && admissionsOf(of).length > 0
    ? { ...resources, SpokeBatchesPolicy: spokePolicy(of) }
    : resources;
}

/** Lets ingest-only stacks of other accounts put batches in; those of the hub's own account their role's policy lets. */
function spokePolicy(of: Deployment): Resource {
  const statements = admissionsOf(of).map(({ sid, Principal, Condition }) => ({
    Sid: `SpokesOf${sid}`,
    Effect: 'Allow',
    Principal,
    Action: 'sqs:SendMessage',
    Resource: arnOf('SpokeBatches'),
    Condition: { ...Condition, ArnLike: { 'aws:PrincipalArn': rolesAnywhere(of, 'ingest') } },
  }));
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: { Queues: [ref('SpokeBatches')], PolicyDocument: { Version: '2012-10-17', Statement: statements } },
  };
}

export function deadLetterName(queue: FeedingQueue): string {
  return `${queue.name}-dead`;
}

/**
 * The key of choice for what functions failed on, which Lambda writes in the function's role, and for what ingest-only
 * stacks hand over, which theirs write. STS's events keep SQS's own
 * encryption: EventBridge can't write under a customer's key unless that key's policy names it, and would lose events
 * without a word.
 */
function encryption(of: Deployment, queue: FeedingQueue) {
  return of.kmsKeyArn !== undefined && queue.from !== 'eventbridge'
    ? { KmsMasterKeyId: of.kmsKeyArn }
    : { SqsManagedSseEnabled: true };
}
