import { arnOf, type Resource, type Resources } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';
import { takesEvents } from './event-buses.ts';
import type { FunctionName } from './parameters.ts';

/** A queue that feeds a function, and the dead-letter queue behind it. */
export interface FeedingQueue {
  readonly logicalId: string;
  readonly deadLetterId: string;
  readonly name: string;
  /** The name without the stage's prefix: alarms are named after it, so that another way of getting grants has others. */
  readonly title: string;
  readonly to: 'ingest' | 'grants';
  /**
   * Lambda puts in what the function failed on twice more, for it to take back later; EventBridge STS's events, and what
   * ingest-only stacks put on the hub's bus.
   */
  readonly from: 'lambda' | 'eventbridge' | 'spokes';
}

export function queuesOf(of: Deployment): readonly FeedingQueue[] {
  const batches = queue(of, { logicalId: 'FailedBatches', title: 'failed-batches', to: 'ingest', from: 'lambda' });
  return [batches, ...(of.stack === 'hub' ? [spokeQueue(of)] : []), ...queuesOfGrants(of)];
}

/** What ingest-only stacks put on the hub's event bus: no role outside the hub writes its tables. */
function spokeQueue(of: Deployment): FeedingQueue {
  return queue(of, { logicalId: 'SpokeBatches', title: 'spoke-batches', to: 'ingest', from: 'spokes' });
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
  return resources;
}

export function deadLetterName(queue: FeedingQueue): string {
  return `${queue.name}-dead`;
}

/**
 * The key of choice for what functions failed on, which Lambda writes in the function's role. What EventBridge brings keeps
 * SQS's own encryption: EventBridge can't write under a customer's key unless that key's policy names it, and would lose
 * events without a word.
 */
function encryption(of: Deployment, queue: FeedingQueue) {
  return of.kmsKeyArn !== undefined && queue.from === 'lambda'
    ? { KmsMasterKeyId: of.kmsKeyArn }
    : { SqsManagedSseEnabled: true };
}
