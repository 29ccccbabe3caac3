import { InvalidArgumentError, Option } from 'commander';
import { type ClusterFields, clusterRef } from '../../lib/identity/cluster.ts';
import { wrongUsage } from '../failures/command-error.ts';

/** What the user says of the cluster whose audit events are read. */
export interface KnownClusterOptions {
  readonly cluster?: string;
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
export function knownCluster({ cluster, clusterArn }: KnownClusterOptions): ClusterFields {
  const ofArn = clusterRef(clusterArn)?.name;
  if (clusterRef(cluster) !== undefined)
    throw wrongUsage('--cluster takes a name here: give the ARN as --cluster-arn.');
  if (cluster !== undefined && ofArn !== undefined && cluster !== ofArn)
    throw wrongUsage(`--cluster names ${cluster}, and --cluster-arn names ${ofArn}: give one of them.`);
  return { cluster: cluster ?? ofArn, clusterArn };
}
