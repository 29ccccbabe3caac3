/** The names of all queues that feed a function, without the prefix of the deployment. */
export const QUEUE_TITLES = ['failed-batches', 'failed-grant-batches', 'sts-events', 'spoke-batches'] as const;
export type QueueTitle = (typeof QUEUE_TITLES)[number];

export function queueName(prefix: string, title: QueueTitle): string {
  return `${prefix}-${title}`;
}

/** Returns the name of the dead-letter queue behind the queue of this name. */
export function deadLetterName(name: string): string {
  return `${name}-dead`;
}
