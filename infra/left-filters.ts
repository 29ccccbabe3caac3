import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { kindOf } from '../lib/adapters/aws/error-kinds.ts';
import { AwsClusterLogs } from '../lib/adapters/eks/cluster-logs.ts';
import type { LogFilter } from '../lib/ports/cluster-logs.ts';
import { cleanUp } from '../lib/usecases/subscribe/clean-up.ts';
import type { Plan } from './plan.ts';
import { auditFilterName } from './subscriptions.ts';

/** The filter that a stack's function creates on the log groups of found clusters. It is not part of the stack. */
export type FoundFilter = Pick<LogFilter, 'name' | 'destination'>;

/**
 * Returns the filter of the deployed stack, or undefined if the stack does not exist.
 * @throws the SDK's error for anything else, such as missing credentials.
 */
export async function readFilter({
  region,
  stackName,
}: Pick<Plan, 'region' | 'stackName'>): Promise<FoundFilter | undefined> {
  try {
    const client = new CloudFormationClient({ region });
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const [, partition, , , account] = Stacks[0]?.StackId?.split(':') ?? [];
    const destination = `arn:${partition}:lambda:${region}:${account}:function:${stackName}-ingest`;
    return { name: auditFilterName({ prefix: stackName }), destination };
  } catch (error) {
    const isMissing = kindOf(error) === 'not-found' || (error instanceof Error && error.name === 'ValidationError');
    if (isMissing) return undefined;
    throw error;
  }
}

/**
 * Deletes what the stack's own clean-up left, with the credentials of whoever removes the stack. Call it after the
 * stack is deleted. Returns a line for each filter that may still exist, with the reason and the command that deletes
 * it.
 */
export async function leftFilters(region: string, filter: FoundFilter | undefined): Promise<readonly string[]> {
  if (filter === undefined) return [];
  const logs = new AwsClusterLogs(region, filter.destination);
  const whole = { ...filter, pattern: '', systemFields: [] };
  return (await cleanUp({ logs, filter: whole, region, listed: [], hasTime: () => true })).left;
}

/** Returns a text about the tables that stay, with the commands that delete them. */
export function tablesLeft(region: string, tables: readonly string[]): string {
  if (tables.length === 0) return 'The stack had no tables of its own.';
  const forEach = (action: string, option = '') =>
    tables.map((table) => `  aws dynamodb ${action} --region ${region} --table-name ${table}${option}`);
  const backups = tables.map((table) => `${table}$DeletedTableBackup`).join(', ');
  return [
    `The tables stay: ${tables.join(', ')}. To use them in a later deployment, add --param tables=existing.`,
    'To delete them with all their records, run:',
    ...forEach('update-table', ' --no-deletion-protection-enabled'),
    ...forEach('delete-table'),
    `DynamoDB then keeps a backup of each deleted table for 35 days, free of charge: ${backups}. To keep no records there either, first run:`,
    ...forEach('update-continuous-backups', ' --point-in-time-recovery-specification PointInTimeRecoveryEnabled=false'),
    "The clusters' audit logs stay on.",
  ].join('\n');
}
