import { InvalidArgumentError, Option } from 'commander';
import { type ClusterFields, clusterRef } from '../../lib/identity/cluster.ts';
import { wrongUsage } from '../failures/command-error.ts';

/** What the user says of the cluster whose audit events are read. */
export interface KnownClusterOptions {
  readonly clusterName?: string;
  readonly clusterArn?: string;
}

/** Returns `--cluster-arn`, for commands that read audit events. */
export function clusterArnOption(): Option {
  return new Option(
    '--cluster-arn <arn>',
    "the cluster's ARN, for audit events that name no cluster, or this one without its account and Region",
  ).argParser(arnOf);
}

function arnOf(text: string): string {
  if (clusterRef(text) !== undefined) return text;
  throw new InvalidArgumentError('Give arn:aws:eks:<Region>:<account>:cluster/<name>.');
}

/** Returns what the options say of the cluster. @throws CommandError if they name two clusters. */
export function knownCluster({ clusterName, clusterArn }: KnownClusterOptions): ClusterFields {
  const ofArn = clusterRef(clusterArn)?.name;
  if (clusterRef(clusterName) !== undefined)
    throw wrongUsage('--cluster-name takes a name: give the ARN as --cluster-arn.');
  if (clusterName !== undefined && ofArn !== undefined && clusterName !== ofArn)
    throw wrongUsage(`--cluster-name names ${clusterName}, and --cluster-arn names ${ofArn}: give one of them.`);
  return { cluster: clusterName ?? ofArn, clusterArn };
}
