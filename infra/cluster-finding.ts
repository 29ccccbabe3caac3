import { arnOf, type Resources, ref } from './cloudformation.ts';
import { type Deployment, functionId, functionsOf } from './deployment.ts';

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
