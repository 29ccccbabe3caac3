import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { kindOf } from '../lib/adapters/aws/error-kinds.ts';
import { AwsClusterLogs } from '../lib/adapters/eks/cluster-logs.ts';
import { listClusterNames } from '../lib/adapters/eks/clusters.ts';
import { logGroupOf } from '../lib/doctor/audit-log.ts';
import type { LogFilter } from '../lib/ports/cluster-logs.ts';
import type { Outcome } from '../lib/usecases/subscribe/outcome.ts';
import { unsubscribe } from '../lib/usecases/subscribe/subscribe.ts';
import { functionId } from './deployment.ts';
import type { Plan } from './plan.ts';
import { auditFilterName } from './subscriptions.ts';

/** The filter that a stack's function creates on the log groups of found clusters. It is not part of the stack. */
export type FoundFilter = Pick<LogFilter, 'name' | 'destination'>;

/**
 * Returns the filter of the deployed stack, or undefined if the stack finds no clusters or does not exist. Also checks that EKS lists the
 * clusters, because after the stack is deleted nothing shows that there are filters.
 * @throws AwsError if EKS does not list the clusters, and the SDK's error for anything else, such as missing credentials.
 */
export async function findFilter({
  region,
  stackName,
}: Pick<Plan, 'region' | 'stackName'>): Promise<FoundFilter | undefined> {
  const client = new CloudFormationClient({ region });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const [, partition, , , account] = Stacks[0]?.StackId?.split(':') ?? [];
    for await (const page of paginateListStackResources({ client }, { StackName: stackName })) {
      const ids = (page.StackResourceSummaries ?? []).map(({ LogicalResourceId }) => LogicalResourceId);
      if (!ids.includes(functionId('subscribe'))) continue;
      await listClusterNames({ profile: undefined, region, credentials: undefined });
      const destination = `arn:${partition}:lambda:${region}:${account}:function:${stackName}-ingest`;
      return { name: auditFilterName({ prefix: stackName }), destination };
    }
    return undefined;
  } catch (error) {
    const isGone = kindOf(error) === 'not-found' || (error instanceof Error && error.name === 'ValidationError');
    if (isGone) return undefined;
    throw error;
  }
}

/**
 * Deletes the filter from every cluster's log group. Call it after the stack is deleted, because a running function could create the filter
 * again.
 * @throws AwsError if EKS does not list the clusters.
 */
export async function deleteFilters(region: string, filter: FoundFilter | undefined): Promise<readonly Outcome[]> {
  if (filter === undefined) return [];
  const logs = new AwsClusterLogs(region);
  return unsubscribe({ logs, choice: { patterns: ['*'] }, filter: { ...filter, pattern: '', systemFields: [] } });
}

/** Returns lines for a person: the clusters that may still have the filter, why, and the command that deletes it. */
export function describeLeftFilters(outcomes: readonly Outcome[], region: string, name: string): string[] {
  return outcomes
    .filter(({ standing }) => standing === 'failed')
    .flatMap(({ cluster, why }) => [
      `The subscription filter of the cluster ${cluster} may still exist. Delete it with the command below. Reason: ${why}`,
      `  aws logs delete-subscription-filter --region ${region} --log-group-name ${logGroupOf(cluster)} --filter-name ${name}`,
    ]);
}
