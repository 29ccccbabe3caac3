import { arnOf, type Resource, type Resources } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';

/** A queue that feeds a function, and the dead-letter queue behind it. */
export interface FeedingQueue {
  readonly logicalId: string;
  readonly deadLetterId: string;
  readonly name: string;
  readonly to: 'ingest' | 'grants';
}

/** What ingest failed on twice more: Lambda's on-failure destination, which ingest takes back later. */
const FAILED_BATCHES = { logicalId: 'FailedBatches', deadLetterId: 'FailedBatchesDead', to: 'ingest' } as const;
const STS_EVENTS = { logicalId: 'StsEvents', deadLetterId: 'StsEventsDead', to: 'grants' } as const;

export function queuesOf(of: Deployment): readonly FeedingQueue[] {
  const failed = { ...FAILED_BATCHES, name: `${of.prefix}-failed-batches` };
  const sts = { ...STS_EVENTS, name: `${of.prefix}-sts-events` };
  return functionsOf(of).includes('grants') ? [failed, sts] : [failed];
}

/** SQS drops a message after at most 14 days: time to mend what kept it from being read. */
const FOURTEEN_DAYS = 14 * 24 * 3_600;
/** Six times the longest time-out of a function that reads it (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
const VISIBILITY_SECONDS = 6 * 60;
const RECEIVES_BEFORE_DEAD = 5;

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
 * The key of choice for audit events. STS's events keep SQS's own encryption: EventBridge can't write under a customer's
 * key unless that key's policy names it, and would lose events without a word.
 */
function encryption(of: Deployment, queue: FeedingQueue) {
  return of.kmsKeyArn !== undefined && queue.to === 'ingest'
    ? { KmsMasterKeyId: of.kmsKeyArn }
    : { SqsManagedSseEnabled: true };
}
