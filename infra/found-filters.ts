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

/** The filter that a stack's function makes on the log groups of clusters that it finds; it is no part of the stack. */
export type FoundFilter = Pick<LogFilter, 'name' | 'destination'>;

/**
 * That of the stack as it is deployed; undefined where it finds no clusters, or is not there. Once the stack is gone, nothing
 * says any more that there are filters: so it is seen here that EKS lists the clusters.
 * @throws AwsError where EKS does not; what the SDK throws for anything else, say for missing credentials.
 */
export async function findingOf({
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
 * Takes the filter away wherever a cluster's log group has it, after the stack is gone: a function that still ran could make it again.
 * @throws where EKS does not list the clusters.
 */
export async function takeAway(region: string, filter: FoundFilter | undefined): Promise<readonly Outcome[]> {
  if (filter === undefined) return [];
  const logs = new AwsClusterLogs(region);
  return unsubscribe({ logs, choice: { patterns: ['*'] }, filter: { ...filter, pattern: '' } });
}

/** For a person: of which clusters it may still be there, why, and the command that takes it away. */
export function leftFilters(outcomes: readonly Outcome[], region: string, name: string): string[] {
  return outcomes
    .filter(({ standing }) => standing === 'failed')
    .flatMap(({ cluster, why }) => [
      `The subscription filter of the cluster ${cluster} may still be there: ${why}`,
      `  aws logs delete-subscription-filter --region ${region} --log-group-name ${logGroupOf(cluster)} --filter-name ${name}`,
    ]);
}
