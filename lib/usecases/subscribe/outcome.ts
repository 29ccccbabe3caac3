import { howToSwitchOn, logGroupOf } from '../../doctor/audit-log.ts';
import { command } from '../../doctor/finding.ts';
import { FILTERS_PER_LOG_GROUP } from '../../doctor/subscription.ts';
import type { FoundCluster, LogFilter } from '../../ports/cluster-logs.ts';

/** How it stands with a cluster after it was looked at. */
export type Standing =
  /** Its log group's filter is as it should be, and was. */
  | 'kept'
  /** It has one from now on. */
  | 'subscribed'
  /** Its own filter had another pattern. */
  | 'changed'
  /** Its own filter was taken away, as asked. */
  | 'unsubscribed'
  /** It is being made, or goes. */
  | 'not-yet'
  /** Subscribed where it can be, but EKS writes no audit log. */
  | 'audit-log-off'
  /** The audit log is on, and its log group is not there: not yet, or it was deleted. */
  | 'no-log-group'
  /** Both subscriptions of the log group are other people's. */
  | 'no-room'
  /** A filter of our name leads elsewhere: it is somebody else's. */
  | 'name-taken'
  /** AWS refused. */
  | 'failed';

/** One cluster, how it stands, and where nothing of it is heard, why and what to do, in words. */
export interface Outcome {
  readonly cluster: string;
  readonly standing: Standing;
  readonly why?: string;
}

/** Whether nothing of the cluster's audit log comes, or may come. */
export function isUnheard({ standing }: Outcome): boolean {
  return ['audit-log-off', 'no-log-group', 'no-room', 'name-taken', 'failed'].includes(standing);
}

export function auditLogOff({ name, region }: FoundCluster): Outcome {
  return {
    cluster: name,
    standing: 'audit-log-off',
    why: `EKS writes no audit log of it. Switch it on: ${howToSwitchOn(name, region)}`,
  };
}

/** Of a log group that was deleted EKS makes another one with the next entry (FACTS); until then nothing is lost there. */
export function noLogGroup({ name, region }: FoundCluster): Outcome {
  const look = command(`aws logs describe-log-groups --region ${region} --log-group-name-prefix ${logGroupOf(name)}`);
  return {
    cluster: name,
    standing: 'no-log-group',
    why: `Its audit log is on, but ${logGroupOf(name)} is not there: it was deleted, or EKS has not made it yet (${look}). It is subscribed once it is there.`,
  };
}

export function noRoom({ name, region }: FoundCluster, others: readonly LogFilter[]): Outcome {
  const where = `--region ${region} --log-group-name ${logGroupOf(name)}`;
  const names = others.map((each) => each.name).join(' and ');
  return {
    cluster: name,
    standing: 'no-room',
    why: `${logGroupOf(name)} takes ${FILTERS_PER_LOG_GROUP} subscriptions, and ${names} have both. Give one up (${command(`aws logs describe-subscription-filters ${where}`)}), or let one of them hand the events on.`,
  };
}

export function nameTaken({ name }: FoundCluster, { name: filter, destination }: LogFilter): Outcome {
  return {
    cluster: name,
    standing: 'name-taken',
    why: `${logGroupOf(name)} has a filter ${filter} that leads to ${destination}, which is not this service's function: it is left as it is.`,
  };
}
