import { arnOf, type Resource, type Resources } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';
import { takesEvents } from './event-buses.ts';
import type { FunctionName } from './parameters.ts';
import { deadLetterName, type QueueTitle, queueName } from './queue-names.ts';

/** A queue that feeds a function, and the dead-letter queue behind it. */
export interface FeedingQueue {
  readonly logicalId: string;
  readonly deadLetterId: string;
  readonly name: string;
  /** The name without the prefix. Alarms are named after it, so each source of grants has its own alarms. */
  readonly title: QueueTitle;
  readonly to: 'ingest' | 'grants';
  /**
   * The sender. `lambda`: failed batches after two more attempts, for the function to retry later. `eventbridge`: STS
   * events. `spokes`: the deliveries of spokes on the hub's bus.
   */
  readonly from: 'lambda' | 'eventbridge' | 'spokes';
}

/** Returns the queues of a deployment. */
export function queuesOf(of: Deployment): readonly FeedingQueue[] {
  const batches = queue(of, { logicalId: 'FailedBatches', title: 'failed-batches', to: 'ingest', from: 'lambda' });
  return [batches, ...(of.stack === 'hub' ? [spokeQueue(of)] : []), ...queuesOfGrants(of)];
}

/** Returns the queue of the spokes' deliveries. No role outside the hub writes to the tables. */
function spokeQueue(of: Deployment): FeedingQueue {
  return queue(of, { logicalId: 'SpokeBatches', title: 'spoke-batches', to: 'ingest', from: 'spokes' });
}

/**
 * Returns the queue of grants. For EventBridge, it is the queue that feeds the function. For a log group's
 * subscription, it is the queue for failed batches.
 */
function queuesOfGrants(of: Deployment): FeedingQueue[] {
  if (!functionsOf(of).includes('grants')) return [];
  return takesEvents(of)
    ? [queue(of, { logicalId: 'StsEvents', title: 'sts-events', to: 'grants', from: 'eventbridge' })]
    : [queue(of, { logicalId: 'FailedGrantBatches', title: 'failed-grant-batches', to: 'grants', from: 'lambda' })];
}

function queue(of: Deployment, given: Omit<FeedingQueue, 'deadLetterId' | 'name'>): FeedingQueue {
  return { ...given, deadLetterId: `${given.logicalId}Dead`, name: queueName(of.prefix, given.title) };
}

/** Returns the queue for the function's failed batches, or undefined if nothing invokes it asynchronously. */
export function onFailureQueueOf(of: Deployment, name: FunctionName): FeedingQueue | undefined {
  return queuesOf(of).find(({ to, from }) => to === name && from === 'lambda');
}

/** The retention in seconds: 14 days, the maximum of SQS. It leaves time to fix the cause. */
const FOURTEEN_DAYS = 14 * 24 * 3_600;
/**
 * The visibility time-out in seconds: six times the longest time-out of a function that reads a queue. Source: Lambda
 * Developer Guide, "Using Lambda with Amazon SQS".
 */
export const VISIBILITY_SECONDS = 6 * 60;
/**
 * How often a message is received before SQS itself makes it a dead letter. It is the maximum of SQS, which takes some
 * four days. A message that waits, because a function or a table is throttled, is received again and again. If the
 * function fails on a message, it moves the message itself (functions/wiring/messages.ts).
 */
export const RECEIVES_BEFORE_DEAD = 1_000;

export function queueResources(of: Deployment): Resources {
  const resources: Record<string, Resource> = {};
  for (const queue of queuesOf(of)) {
    resources[queue.deadLetterId] = {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: deadLetterName(queue.name),
        MessageRetentionPeriod: FOURTEEN_DAYS,
        ...encryption(of, queue),
      },
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
  return resources;
}

/**
 * Returns the encryption of a queue. Failed batches use the customer's key, because Lambda writes them with the
 * function's role. Queues of EventBridge use SQS's own encryption. EventBridge cannot use a customer's key unless the
 * key's policy names it, and would silently lose events.
 */
function encryption(of: Deployment, queue: FeedingQueue) {
  return of.kmsKeyArn !== undefined && queue.from === 'lambda'
    ? { KmsMasterKeyId: of.kmsKeyArn }
    : { SqsManagedSseEnabled: true };
}
