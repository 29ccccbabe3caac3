import { type Alarm, awsMetric, ownMetric } from './alarm.ts';
import { logicalName } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';
import { findsClusters } from './parameters.ts';
import { subscriptionsOf } from './subscriptions.ts';

/**
 * Returns alarms that fire if no events arrive at all. No error shows that a subscription filter was deleted, an audit log turned off or a
 * trail stopped. Each alarm also fires after the first deployment. Its OK then means that the first event has arrived.
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
    description: `No events of ${logGroup} arrived for ${of.heartbeatHours} hours. Check that its log is on (docs/deploy.md, "Before you start") and that its subscription filter ${filterName} exists. If nobody used the cluster, raise heartbeatHours.`,
    metric: awsMetric(
      { namespace: 'AWS/Logs', name: 'ForwardedLogEvents' },
      { LogGroupName: logGroup, DestinationType: 'Lambda', FilterName: filterName },
    ),
    periods: of.heartbeatHours,
  }));
}

/** Returns one alarm for all found clusters together. */
function foundAlarms(of: Deployment): Alarm[] {
  if (!findsClusters(of)) return [];
  return [
    {
      ...SILENCE,
      id: 'ClustersSilent',
      name: 'silent-clusters',
      description: `No events of any cluster arrived for ${of.heartbeatHours} hours. Check that the audit logs are on and that the function subscribe does not fail (docs/operate.md). If nobody used the clusters, raise heartbeatHours.`,
      metric: ownMetric(of, of.stack === 'hub' ? 'EventsReceived' : 'BatchesHandedOver'),
      periods: of.heartbeatHours,
    },
  ];
}

/** Returns an alarm for missing grants. Services assume roles all day, so grants should always arrive. */
function grantAlarms(of: Deployment): Alarm[] {
  if (!functionsOf(of).includes('grants')) return [];
  return [
    {
      ...SILENCE,
      id: 'GrantsSilent',
      name: 'silent-grants',
      description: `No CloudTrail record reached grants for ${of.heartbeatHours} hours. Check that the trail still logs, including read-only management events. Meanwhile settle finds grants later with look-ups.`,
      metric: ownMetric(of, 'TrailRecordsReceived'),
      periods: of.heartbeatHours,
    },
  ];
}
