import { type Alarm, awsMetric, ownMetric } from './alarm.ts';
import { logicalName } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';
import { findsClusters } from './parameters.ts';
import { subscriptionsOf } from './subscriptions.ts';

/**
 * What rings where nothing comes at all, which no error tells: a subscription filter deleted, an audit log switched off, a
 * trail stopped. Each rings once after the first deployment too, until the first event: then its OK says that it works.
 */
export function heartbeatAlarms(of: Deployment): Alarm[] {
  if (of.heartbeatHours === 0) return [];
  return [...logGroupAlarms(of), ...foundAlarms(of), ...grantAlarms(of)];
}

const SILENCE = { period: 'hour', missing: 'breaching' } as const;

function logGroupAlarms(of: Deployment): Alarm[] {
  return subscriptionsOf(of).map(({ logicalId, logGroup, filterName }) => ({
    ...SILENCE,
    id: `${logicalId}Silent`,
    name: `silent-${logicalName(logGroup)}`,
    description: `For ${of.heartbeatHours} hours nothing of ${logGroup} was handed over: is its log on (docs/deploy.md, "Before"), its subscription filter ${filterName} still there? If nobody did anything meanwhile, raise heartbeatHours.`,
    metric: awsMetric(
      { namespace: 'AWS/Logs', name: 'ForwardedLogEvents' },
      { LogGroupName: logGroup, DestinationType: 'Lambda', FilterName: filterName },
    ),
    periods: of.heartbeatHours,
  }));
}

/** Of clusters that are found, all together. */
function foundAlarms(of: Deployment): Alarm[] {
  if (!findsClusters(of)) return [];
  return [
    {
      ...SILENCE,
      id: 'ClustersSilent',
      name: 'silent-clusters',
      description: `For ${of.heartbeatHours} hours nothing of any cluster came: are their audit logs on, does the function subscribe fail (docs/deploy.md)? If nobody did anything meanwhile, raise heartbeatHours.`,
      metric: ownMetric(of, of.stack === 'hub' ? 'EventsReceived' : 'BatchesHandedOver'),
      periods: of.heartbeatHours,
    },
  ];
}

/** Whatever way grants come, services assume roles all day. */
function grantAlarms(of: Deployment): Alarm[] {
  if (!functionsOf(of).includes('grants')) return [];
  return [
    {
      ...SILENCE,
      id: 'GrantsSilent',
      name: 'silent-grants',
      description: `For ${of.heartbeatHours} hours no record of CloudTrail came to grants: does the trail still log, read-only management events among them? settle goes on by look-ups, later.`,
      metric: ownMetric(of, 'TrailRecordsReceived'),
      periods: of.heartbeatHours,
    },
  ];
}
