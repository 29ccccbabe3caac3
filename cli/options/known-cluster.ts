import { InvalidArgumentError, Option } from 'commander';
import type { KnownCluster } from '../../lib/audit/event-site.ts';
import { clusterInFull, clusterRef } from '../../lib/identity/cluster.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';

/** The options that name the cluster of the audit events. */
export interface KnownClusterOptions {
  readonly clusterName?: string;
  readonly clusterArn?: string;
}

/** Returns `--cluster-arn`, for commands that read audit events. */
export function clusterArnOption(): Option {
  return new Option(
    '--cluster-arn <arn>',
    'the ARN of the cluster, for audit events that name no cluster, or name this one without account and Region. ' +
      "Give <account>=<arn> if that account's log groups hold copies of this cluster's log",
  ).argParser(arnOf);
}

function arnOf(text: string): string {
  if (clusterRef(partsOf(text).clusterArn) !== undefined) return text;
  throw new InvalidArgumentError(
    "Give arn:aws:eks:<Region>:<account>:cluster/<name>, or <account>=<arn> if that account's log groups hold copies of the cluster's log.",
  );
}

/** Splits `<account>=<arn>`. The account is absent if the text is only an ARN. */
function partsOf(text: string): Pick<KnownCluster, 'clusterArn' | 'copiedTo'> {
  const [, copiedTo, clusterArn] = /^(?:(\d{12})=)?(.*)$/s.exec(text) ?? [];
  return { clusterArn, copiedTo };
}

/** Returns what the options say of the cluster. @throws CommandError if they name two clusters. */
export function knownCluster({ clusterName, clusterArn: given }: KnownClusterOptions): KnownCluster {
  const { clusterArn, copiedTo } = partsOf(given ?? '');
  if (clusterArn === undefined || clusterArn === '') return { cluster: nameIn(clusterName) };
  const ofArn = clusterRef(clusterArn)?.name;
  const name = nameIn(clusterName) ?? ofArn;
  if (name !== ofArn)
    throw wrongUsage(`--cluster-name names ${name}, and --cluster-arn names ${ofArn}: give one of them.`);
  return { cluster: name, clusterArn, copiedTo, leave: leavingOf(clusterArn) };
}

function nameIn(cluster: string | undefined): string | undefined {
  if (clusterRef(cluster) === undefined) return cluster;
  throw wrongUsage('--cluster-name takes a name: give the ARN as --cluster-arn.');
}

/** The maximum number of accounts that are noted one by one. */
const MOST_NOTED = 4;

/**
 * Returns a function that notes an account whose log groups are not counted as the cluster's own. They may hold events
 * of the cluster. Each account is noted once.
 */
function leavingOf(clusterArn: string): (owner: string) => void {
  const noted = new Set<string>();
  return (owner) => {
    if (noted.has(owner) || noted.size > MOST_NOTED) return;
    noted.add(owner);
    note(
      noted.size > MOST_NOTED
        ? `Events from log groups of more accounts are not counted as those of ${clusterInFull(clusterArn)} either.`
        : `Events from log groups of account ${owner} are not counted as those of ${clusterInFull(clusterArn)}, which --cluster-arn names. If these log groups hold copies of that cluster's log, give --cluster-arn ${owner}=${clusterArn}.`,
    );
  };
}
