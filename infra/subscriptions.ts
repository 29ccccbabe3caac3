import { evidenceOf } from '../lib/cloudtrail/evidence-events.ts';
import { SYSTEM_FIELDS } from '../lib/envelopes/system-fields.ts';
import { auditFilterPattern } from '../lib/identity/audit-filter.ts';
import { arnOf, logicalName, type Resource, type Resources, ref, sub } from './cloudformation.ts';
import { clusterLogGroup, type Deployment, functionId, functionsOf } from './deployment.ts';
import { type FunctionName, findsClusters } from './parameters.ts';
import { eventNamesTaken } from './sts-events.ts';

/** A subscription filter. CloudWatch Logs delivers matching events to a function of the same account and Region. */
export interface Subscription {
  readonly logicalId: string;
  readonly filterName: string;
  readonly logGroup: string;
  readonly filterPattern: string;
  readonly to: FunctionName;
}

/**
 * Returns the subscriptions to the listed clusters and to the trail's log group. They are resources of our own, because
 * osls numbers its `cloudwatchLog` events. If a cluster in the middle of the list were removed, osls would replace the
 * filters after it. CloudWatch Logs permanently skips the events in between (FACTS).
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

/** Returns the subscription filters and the permissions that they need. */
export function subscriptionResources(of: Deployment): Resources {
  const filters = subscriptionsOf(of).map((each) => [each.logicalId, filterResource(each)] as const);
  const needed = [...subscriptionsOf(of), ...(findsClusters(of) ? [{ to: 'ingest', logGroup: '' } as const] : [])];
  const permissions = needed.map((each) => [permissionId(each), permission(of, each)] as const);
  return Object.fromEntries([...filters, ...permissions]);
}

/** The logical ID of the resource that cleans up. */
const CLEAN_UP = 'FoundSubscriptions';

/**
 * Returns the resources that must be deleted before the clean-up. Otherwise a filter that it removes could be created
 * again. They are the rules that invoke the function, and the permission to invoke the targets of filters. Without that
 * permission, CloudWatch Logs accepts no filter, not even from a run that is under way (FACTS).
 */
export function beforeCleanUp(of: Deployment): Pick<Resource, 'DependsOn'> {
  return functionsOf(of).includes('subscribe') ? { DependsOn: [CLEAN_UP] } : {};
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
      EmitSystemFields: [...SYSTEM_FIELDS],
    },
  };
}

/**
 * Returns the logical ID of the permission. All clusters share one. A function's policy has room for about 50
 * statements (20 KB), and a permission that never changes is never missing.
 */
function permissionId({ to }: Pick<Subscription, 'to'>): string {
  return to === 'ingest' ? 'AuditSubscriptionPermission' : 'TrailSubscriptionPermission';
}

function permission(of: Deployment, { to, logGroup }: Pick<Subscription, 'to' | 'logGroup'>): Resource {
  const groups = to === 'ingest' ? '/aws/eks/*/cluster' : logGroup;
  return {
    Type: 'AWS::Lambda::Permission',
    ...(to === 'ingest' ? beforeCleanUp(of) : {}),
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: arnOf(functionId(to)),
      // In China, this service alone has the partition's own suffix (FACTS).
      Principal: sub('logs.${AWS::URLSuffix}'),
      SourceAccount: ref('AWS::AccountId'),
      SourceArn: sub(`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${groups}:*`),
    },
  };
}

/**
 * The pattern of events that create a cluster or its log group, or change its logs. EKS itself sends none of them to
 * EventBridge. CloudTrail does if a trail logs management events (EventBridge reference, "Amazon EKS events", has only
 * add-ons and Fargate). The log group is created minutes after the cluster, so its creation is included.
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

/** How long CloudFormation waits for the function, in seconds. Lambda may throttle the call, or repeat it. */
const CLEAN_UP_SECONDS = 900;

/**
 * Returns a rule and a custom resource. The rule checks clusters when CloudTrail reports a change. When the custom
 * resource is deleted, it removes all filters of found clusters (docs/decisions/0042). The schedule in `functions.ts`
 * needs no trail.
 */
export function clusterFindingResources(of: Deployment): Resources {
  if (!functionsOf(of).includes('subscribe')) return {};
  return {
    [CLEAN_UP]: {
      Type: 'Custom::FoundSubscriptions',
      Properties: {
        ServiceToken: arnOf(functionId('subscribe')),
        ServiceTimeout: CLEAN_UP_SECONDS,
        // CloudFormation deletes the filters of these clusters itself, or keeps them if only the others go.
        ListedClusters: of.clusters,
      },
    },
    ClusterRule: {
      Type: 'AWS::Events::Rule',
      ...beforeCleanUp(of),
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
 * Returns the filter pattern for a trail's log group: the records of these names, by `eventSource`. Denied calls have
 * an errorCode and do not match (CloudWatch Logs User Guide, "Filter pattern syntax", JSON). The pattern for audit logs
 * is in lib/identity/audit-filter.ts, because doctor uses it too.
 *
 * A pattern has 1,024 characters at most. So every change through the EKS API matches, because these are few. The only
 * event of a source matches by its name alone. STS's actions that begin with Assume match by that beginning, because
 * all of them are grants (FACTS). `grants` checks the source and name of each record.
 */
function trailFilterPattern(eventNames: Readonly<Record<string, readonly string[]>>): string {
  const sources = Object.entries(eventNames).map(([source, names]) => {
    const [first = ''] = names;
    if (evidenceOf(source, first)?.is === 'cluster-change')
      return `($.eventSource = "${source}" && $.readOnly IS FALSE)`;
    if (evidenceOf(source, first)?.is === 'filter-change') return '$.eventName = "*SubscriptionFilter"';
    if (names.length === 1) return `$.eventName = "${first}"`;
    const texts = new Set(names.map((name) => name.replace(/^Assume.*/, 'Assume*')));
    const named = [...texts].map((text) => `$.eventName = "${text}"`).join(' || ');
    return `($.eventSource = "${source}" && (${named}))`;
  });
  return `{ $.errorCode NOT EXISTS && (${sources.join(' || ')}) }`;
}

/** Returns the name of the filter of a cluster, listed or found. */
export function auditFilterName({ prefix }: { readonly prefix: string }): string {
  return `${prefix}-audit`;
}
