import { howToSwitchOn, logGroupOf } from '../../doctor/audit-log.ts';
import { command } from '../../doctor/finding.ts';
import { FILTERS_PER_LOG_GROUP } from '../../doctor/subscription.ts';
import type { FoundCluster, LogFilter } from '../../ports/cluster-logs.ts';

/** The states of a cluster's subscription after a run. */
export const STANDINGS = [
  /** The filter of its log group was already right. */
  'kept',
  /** The filter was created. */
  'subscribed',
  /** The filter had another pattern and was updated. */
  'changed',
  /** Somebody had the filter removed. It is created again only when somebody asks for it. */
  'unsubscribed',
  /** The cluster is being created or deleted. */
  'not-yet',
  /** EKS writes no audit log for the cluster. Its log group is subscribed if it exists. */
  'audit-log-off',
  /** The audit log is on, but the log group does not exist yet, or was deleted. */
  'no-log-group',
  /** Other filters use both subscriptions of the log group. */
  'no-room',
  /** A filter with our name has another destination, so it is not ours. */
  'name-taken',
  /** AWS refused a request. */
  'failed',
] as const;
export type Standing = (typeof STANDINGS)[number];

/** The state of one cluster. If its audit log does not arrive, `why` says why and what to do. */
export interface Outcome {
  readonly cluster: string;
  readonly standing: Standing;
  readonly why?: string;
}

/** Returns whether the cluster's audit log does not arrive, or perhaps does not. */
export function isUnheard({ standing }: Outcome): boolean {
  return ['audit-log-off', 'no-log-group', 'no-room', 'name-taken', 'failed'].includes(standing);
}

export function auditLogOff({ name, region }: FoundCluster): Outcome {
  return {
    cluster: name,
    standing: 'audit-log-off',
    why: `EKS writes no audit log for this cluster. Switch it on: ${howToSwitchOn(name, region)}`,
  };
}

/**
 * Returns the outcome for a cluster without a log group. EKS creates a deleted log group again with the next log entry
 * (FACTS).
 */
export function noLogGroup({ name, region }: FoundCluster): Outcome {
  const look = command(`aws logs describe-log-groups --region ${region} --log-group-name-prefix ${logGroupOf(name)}`);
  return {
    cluster: name,
    standing: 'no-log-group',
    why: `The audit log is on, but ${logGroupOf(name)} does not exist. It was deleted, or EKS has not created it yet (${look}). It is subscribed once it exists.`,
  };
}

export function unsubscribedBefore({ name }: FoundCluster): Outcome {
  return {
    cluster: name,
    standing: 'unsubscribed',
    why: `Somebody unsubscribed this cluster. To subscribe it again, invoke the function with {"subscribe": ["${name}"]}.`,
  };
}

export function noRoom({ name, region }: FoundCluster, others: readonly LogFilter[]): Outcome {
  const where = `--region ${region} --log-group-name ${logGroupOf(name)}`;
  const names = others.map((each) => each.name).join(' and ');
  return {
    cluster: name,
    standing: 'no-room',
    why: `${logGroupOf(name)} can have ${FILTERS_PER_LOG_GROUP} subscriptions, and ${names} use both. Remove one (${command(`aws logs describe-subscription-filters ${where}`)}), or have one of them forward the events.`,
  };
}

export function nameTaken({ name }: FoundCluster, { name: filter, destination }: LogFilter): Outcome {
  return {
    cluster: name,
    standing: 'name-taken',
    why: `${logGroupOf(name)} has a filter ${filter} with the destination ${destination}, which is not this service's function. The filter was left unchanged.`,
  };
}
