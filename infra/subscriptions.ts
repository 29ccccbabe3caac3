import { auditFilterPattern } from '../lib/identity/audit-filter.ts';
import { arnOf, logicalName, type Resource, type Resources, ref, sub } from './cloudformation.ts';
import { clusterLogGroup, type Deployment, functionId, functionsOf } from './deployment.ts';
import { type FunctionName, findsClusters } from './parameters.ts';
import { eventNamesTaken } from './sts-events.ts';

/** One subscription filter: CloudWatch Logs hands what passes to a function of the same account and Region. */
export interface Subscription {
  readonly logicalId: string;
  readonly filterName: string;
  readonly logGroup: string;
  readonly filterPattern: string;
  readonly to: FunctionName;
}

/**
 * Raw resources rather than osls's `cloudwatchLog` events: those are numbered, so that a cluster taken from the middle
 * of the list would replace the filters after it, and CloudWatch Logs skips for good what comes meanwhile (FACTS).
 */
export function subscriptionsOf(of: Deployment): readonly Subscription[] {
  const audit = of.clusters.map((cluster) => auditSubscription(of, cluster));
  return of.stack === 'hub' && of.trail === 'log-group' ? [...audit, trailSubscription(of)] : audit;
}

function auditSubscription(of: Deployment, cluster: string): Subscription {
  return {
    logicalId: `AuditSubscription${logicalName(cluster)}`,
    filterName: auditFilterName(of),
    logGroup: clusterLogGroup(cluster),
    filterPattern: auditFilterPattern(of),
    to: 'ingest',
  };
}

function trailSubscription(of: Deployment): Subscription {
  return {
    logicalId: 'TrailSubscription',
    filterName: `${of.prefix}-trail`,
    logGroup: of.trailLogGroup ?? '',
    filterPattern: trailFilterPattern(eventNamesTaken(of)),
    to: 'grants',
  };
}

export function subscriptionResources(of: Deployment): Resources {
  const filters = subscriptionsOf(of).map((each) => [each.logicalId, filterResource(each)] as const);
  const needed = [...subscriptionsOf(of), ...(findsClusters(of) ? [{ to: 'ingest', logGroup: '' } as const] : [])];
  const permissions = needed.map((each) => [permissionId(each), permission(each)] as const);
  return Object.fromEntries([...filters, ...permissions]);
}

function filterResource(subscription: Subscription): Resource {
  return {
    Type: 'AWS::Logs::SubscriptionFilter',
    DependsOn: [permissionId(subscription)],
    Properties: {
      FilterName: subscription.filterName,
      LogGroupName: subscription.logGroup,
      FilterPattern: subscription.filterPattern,
      DestinationArn: arnOf(functionId(subscription.to)),
    },
  };
}

/**
 * One permission for all clusters: a function's policy holds about 50 statements (20 KB), and one that never changes is
 * never missing for a moment.
 */
function permissionId({ to }: Pick<Subscription, 'to'>): string {
  return to === 'ingest' ? 'AuditSubscriptionPermission' : 'TrailSubscriptionPermission';
}

function permission({ to, logGroup }: Pick<Subscription, 'to' | 'logGroup'>): Resource {
  const groups = to === 'ingest' ? '/aws/eks/*/cluster' : logGroup;
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: arnOf(functionId(to)),
      Principal: 'logs.amazonaws.com',
      SourceAccount: ref('AWS::AccountId'),
      SourceArn: sub(`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${groups}:*`),
    },
  };
}

/**
 * What makes a cluster, or its log group, or changes which logs it writes. EKS itself sends no event of these to
 * EventBridge, CloudTrail does where a trail logs management events (EventBridge reference, "Amazon EKS events": add-ons and
 * Fargate only). The log group comes minutes after the cluster, so its own making counts too.
 */
export const CLUSTER_EVENT_PATTERN = {
  source: ['aws.eks', 'aws.logs'],
  'detail-type': ['AWS API Call via CloudTrail'],
  detail: {
    $or: [
      { eventSource: ['eks.amazonaws.com'], eventName: ['CreateCluster', 'UpdateClusterConfig', 'TagResource'] },
      {
        eventSource: ['logs.amazonaws.com'],
        eventName: ['CreateLogGroup', 'DeleteLogGroup', 'DeleteSubscriptionFilter'],
        requestParameters: { logGroupName: [{ wildcard: '/aws/eks/*/cluster' }] },
      },
    ],
    errorCode: [{ exists: false }],
  },
} as const;

/** Looks at once where CloudTrail says that something changed; `functions.ts` has the schedule, which needs no trail. */
export function clusterFindingResources(of: Deployment): Resources {
  if (!functionsOf(of).includes('subscribe')) return {};
  return {
    ClusterRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: `${of.prefix}-clusters`,
        EventPattern: CLUSTER_EVENT_PATTERN,
        Targets: [{ Id: 'subscribe', Arn: arnOf(functionId('subscribe')) }],
      },
    },
    ClusterRulePermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arnOf(functionId('subscribe')),
        Principal: 'events.amazonaws.com',
        SourceAccount: ref('AWS::AccountId'),
        SourceArn: arnOf('ClusterRule'),
      },
    },
  };
}

/**
 * The filter patterns that subscriptions carry (CloudWatch Logs User Guide, "Filter pattern syntax", JSON); that of a cluster's
 * audit log is in lib/identity/audit-filter.ts, since doctor has it too.
 */

/** Of a trail's log group, by `eventSource` the records of these names; denied calls have an errorCode. */
function trailFilterPattern(eventNames: Readonly<Record<string, readonly string[]>>): string {
  const sources = Object.entries(eventNames).map(([source, names]) => {
    const named = names.map((name) => `$.eventName = "${name}"`).join(' || ');
    return `($.eventSource = "${source}" && (${named}))`;
  });
  return `{ $.errorCode NOT EXISTS && (${sources.join(' || ')}) }`;
}

/** What a cluster's filter is called, listed or found. */
export function auditFilterName({ prefix }: { readonly prefix: string }): string {
  return `${prefix}-audit`;
}
