import { logGroupOf } from '../../doctor/audit-log.ts';
import { FILTERS_PER_LOG_GROUP } from '../../doctor/subscription.ts';
import type { ClusterLogs, FoundCluster, LogFilter, UndescribedCluster } from '../../ports/cluster-logs.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { type ClusterChoice, isChosen, isNamed } from './choice.ts';
import { auditLogOff, isUnheard, nameTaken, noLogGroup, noRoom, type Outcome } from './outcome.ts';

export interface Subscribing {
  readonly logs: ClusterLogs;
  readonly metrics: Metrics;
  readonly choice: ClusterChoice;
  /** The filter that each chosen cluster's log group is to have. */
  readonly filter: LogFilter;
}

/**
 * Subscribes the log group of each cluster that is chosen, and says of each how it stands. As often as it is called, what
 * is as it should be is left alone; other people's filters always are. One that fails keeps nothing from the others.
 * @throws where EKS does not list the clusters.
 */
export async function subscribe(service: Subscribing): Promise<readonly Outcome[]> {
  const outcomes = await eachChosen(service, subscribed);
  service.metrics.add('ClustersFound', outcomes.length);
  service.metrics.add('ClustersSubscribed', outcomes.filter(({ standing }) => standing === 'subscribed').length);
  service.metrics.add('ClustersUnheard', outcomes.filter(isUnheard).length);
  return outcomes;
}

/** Before the service goes: takes its own filters away, and no others. */
export function unsubscribe(service: Subscribing): Promise<readonly Outcome[]> {
  return eachChosen(service, unsubscribed);
}

type Work = (service: Subscribing, cluster: FoundCluster) => Promise<Outcome>;

async function eachChosen(service: Subscribing, work: Work): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const cluster of await service.logs.clusters()) {
    if ('why' in cluster) outcomes.push(...undescribed(cluster, service));
    else if (isChosen(cluster, service.choice)) outcomes.push(await orFailed(service, cluster, work));
  }
  return outcomes;
}

function undescribed({ name, why }: UndescribedCluster, { choice }: Subscribing): Outcome[] {
  const isMeant = choice.tag !== undefined || isNamed(name, choice.patterns);
  return isMeant ? [{ cluster: name, standing: 'failed', why }] : [];
}

async function orFailed(service: Subscribing, cluster: FoundCluster, work: Work): Promise<Outcome> {
  try {
    return await work(service, cluster);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { cluster: cluster.name, standing: 'failed', why };
  }
}

/** EKS User Guide, "Cluster status": before and after these there is no log group, or it goes no more. */
const PASSING = ['CREATING', 'PENDING', 'DELETING', 'FAILED'];

async function subscribed({ logs, filter }: Subscribing, cluster: FoundCluster): Promise<Outcome> {
  if (PASSING.includes(cluster.status)) return { cluster: cluster.name, standing: 'not-yet' };
  const logGroup = logGroupOf(cluster.name);
  const filters = await logs.filtersOf(logGroup);
  if (filters === undefined) return cluster.auditLog ? noLogGroup(cluster) : auditLogOff(cluster);
  const own = filters.find(({ name }) => name === filter.name);
  if (own !== undefined && own.destination !== filter.destination) return nameTaken(cluster, own);
  if (own === undefined && filters.length >= FILTERS_PER_LOG_GROUP) return noRoom(cluster, filters);
  if (own?.pattern !== filter.pattern) await logs.put(logGroup, filter);
  if (!cluster.auditLog) return auditLogOff(cluster);
  if (own === undefined) return { cluster: cluster.name, standing: 'subscribed' };
  return { cluster: cluster.name, standing: own.pattern === filter.pattern ? 'kept' : 'changed' };
}

async function unsubscribed({ logs, filter }: Subscribing, cluster: FoundCluster): Promise<Outcome> {
  const logGroup = logGroupOf(cluster.name);
  const own = (await logs.filtersOf(logGroup))?.find(({ name }) => name === filter.name);
  if (own?.destination !== filter.destination) return { cluster: cluster.name, standing: 'kept' };
  await logs.remove(logGroup, filter.name);
  return { cluster: cluster.name, standing: 'unsubscribed' };
}
