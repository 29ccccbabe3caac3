import { logGroupOf } from '../../doctor/audit-log.ts';
import { FILTERS_PER_LOG_GROUP } from '../../doctor/subscription.ts';
import { iamPattern, isLike } from '../../doctor/wildcards.ts';
import { isJsonObject, objectAt, textAt } from '../../json.ts';
import type { ClusterLogs, FoundCluster, LogFilter, UndescribedCluster } from '../../ports/cluster-logs.ts';
import type { SubscriptionChange } from './input.ts';
import {
  auditLogOff,
  nameTaken,
  noLogGroup,
  noRoom,
  type Outcome,
  type Standing,
  unsubscribedBefore,
} from './outcome.ts';

/** The access to the clusters' logs, and the settings, with which clusters are subscribed. */
export interface SubscriptionService {
  readonly logs: ClusterLogs;
  readonly choice: ClusterChoice;
  /** The filter to create on the log group of each chosen cluster. */
  readonly filter: LogFilter;
}

/**
 * Subscribes the log group of each chosen cluster. Filters that are already right are left alone, and so are filters of
 * others. If one cluster fails, the others are still subscribed.
 * @returns the state of each cluster.
 * @throws an error if EKS does not list the clusters.
 */
export async function subscribe(service: SubscriptionService): Promise<readonly Outcome[]> {
  return changeChosen(service, await service.logs.clusters(), subscribed);
}

/**
 * Subscribes the cluster with this name. It makes at most one request to EKS, and none if the cluster is not chosen.
 * @returns the state of the cluster. Empty if there is no such cluster.
 */
export async function subscribeOne(service: SubscriptionService, name: string): Promise<readonly Outcome[]> {
  const { choice, logs } = service;
  if (choice.tag === undefined && !isNamed(name, choice.patterns)) return [];
  const cluster = await logs.cluster(name);
  return cluster === undefined ? [] : changeChosen(service, [cluster], subscribed);
}

/**
 * Subscribes chosen clusters that a person named, or unsubscribes them until somebody subscribes them again.
 * Subscribing includes clusters that were unsubscribed on purpose. Filters of others are left alone.
 * @throws an error if EKS does not list the clusters.
 */
export async function changeOnRequest(
  service: SubscriptionService,
  { change, patterns }: SubscriptionChange,
): Promise<readonly Outcome[]> {
  const named = (await service.logs.clusters()).filter(({ name }) => isNamed(name, patterns));
  return changeChosen(service, named, change === 'subscribe' ? subscribeAgain : unsubscribeCluster);
}

type Work = (service: SubscriptionService, cluster: FoundCluster) => Promise<Outcome>;

async function changeChosen(
  service: SubscriptionService,
  clusters: readonly (FoundCluster | UndescribedCluster)[],
  work: Work,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const cluster of clusters) {
    if ('why' in cluster) outcomes.push(...undescribed(cluster, service));
    else if (isChosen(cluster, service.choice)) outcomes.push(await orFailed(service, cluster, work));
  }
  return outcomes;
}

function undescribed({ name, why }: UndescribedCluster, { choice }: SubscriptionService): Outcome[] {
  const isSelected = choice.tag !== undefined || isNamed(name, choice.patterns);
  return isSelected ? [{ cluster: name, standing: 'failed', why }] : [];
}

async function orFailed(service: SubscriptionService, cluster: FoundCluster, work: Work): Promise<Outcome> {
  try {
    return await work(service, cluster);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { cluster: cluster.name, standing: 'failed', why };
  }
}

/** States in which a cluster has no log group yet, or no longer has one (EKS User Guide, "Cluster status"). */
const PASSING = ['CREATING', 'PENDING', 'DELETING', 'FAILED'];

async function subscribed({ logs, filter }: SubscriptionService, cluster: FoundCluster): Promise<Outcome> {
  if (PASSING.includes(cluster.status)) return { cluster: cluster.name, standing: 'not-yet' };
  const logGroup = logGroupOf(cluster.name);
  const filters = await logs.filtersOf(logGroup);
  if (filters === undefined) return cluster.auditLog ? noLogGroup(cluster) : auditLogOff(cluster);
  const own = filters.find(({ name }) => name === filter.name);
  if (own !== undefined && own.destination !== filter.destination) return nameTaken(cluster, own);
  if (own === undefined && (await logs.hasNote(logGroup, filter.name))) return unsubscribedBefore(cluster);
  if (own === undefined && filters.length >= FILTERS_PER_LOG_GROUP) return noRoom(cluster, filters);
  const isRight = isSame(own, filter);
  if (!isRight) await logs.put(logGroup, filter, own);
  return cluster.auditLog ? { cluster: cluster.name, standing: standingAfter(own, isRight) } : auditLogOff(cluster);
}

function standingAfter(before: LogFilter | undefined, isRight: boolean): Standing {
  if (before === undefined) return 'subscribed';
  return isRight ? 'kept' : 'changed';
}

/** Returns whether the existing filter delivers the same events and system fields as the wanted one. */
function isSame(own: LogFilter | undefined, { pattern, systemFields }: LogFilter): boolean {
  const isOfAll = own?.condition === undefined && own?.isOfTransformed === undefined;
  return isOfAll && own?.pattern === pattern && systemFields.every((field) => own.systemFields.includes(field));
}

/** Removes the note that the cluster was unsubscribed, and subscribes it. */
async function subscribeAgain(service: SubscriptionService, cluster: FoundCluster): Promise<Outcome> {
  const { logs, filter } = service;
  const logGroup = logGroupOf(cluster.name);
  const isThere = (await logs.filtersOf(logGroup)) !== undefined;
  if (isThere && (await logs.hasNote(logGroup, filter.name))) await logs.removeNote(logGroup, filter.name);
  return subscribed(service, cluster);
}

/**
 * Removes the filter on a person's request. The note about that is written first, because CloudTrail reports the
 * removal, which starts another run.
 */
async function unsubscribeCluster({ logs, filter }: SubscriptionService, cluster: FoundCluster): Promise<Outcome> {
  const logGroup = logGroupOf(cluster.name);
  const filters = await logs.filtersOf(logGroup);
  if (filters === undefined) return noLogGroup(cluster);
  const own = filters.find(({ name }) => name === filter.name);
  if (own !== undefined && own.destination !== filter.destination) return nameTaken(cluster, own);
  await logs.addNote(logGroup, filter.name);
  if (own !== undefined) await logs.remove(logGroup, filter.name);
  return unsubscribedBefore(cluster);
}

/** Which clusters to subscribe: those whose name matches a pattern (`*`, `?`), and those that have the tag. */
export interface ClusterChoice {
  readonly patterns: readonly string[];
  readonly tag?: { readonly key: string; readonly value: string } | undefined;
}

function isChosen({ name, tags }: Pick<FoundCluster, 'name' | 'tags'>, { patterns, tag }: ClusterChoice): boolean {
  if (tag !== undefined && Object.hasOwn(tags, tag.key) && tags[tag.key] === tag.value) return true;
  return isNamed(name, patterns);
}

/**
 * Returns whether the name matches a pattern. It serves where tags are not known, for example if the function may not
 * describe a cluster.
 */
export function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => isLike(name, iamPattern(pattern)));
}

/** The cluster that an EventBridge event is about. `name` is absent if the event is about no cluster. */
export interface NamedCluster {
  readonly name?: string;
}

/**
 * Matches the name of a cluster: up to 100 characters (EKS API Reference, CreateCluster). No such name can end the path
 * of a URL.
 */
const NAME = '[0-9A-Za-z][A-Za-z0-9_-]{0,99}';
const LOG_GROUP = new RegExp(`^/aws/eks/(${NAME})/cluster$`);
const ARN = new RegExp(`^arn:[a-z-]+:eks:[a-z0-9-]+:[0-9]{12}:cluster/(${NAME})$`);
const WHOLE = new RegExp(`^(${NAME})$`);

/**
 * Returns the cluster that an event from CloudTrail names. Trust: anybody who can create log groups chooses that name,
 * so check it with EKS. Undefined for any other event. A schedule's event, for example, stands for all clusters.
 */
export function namedCluster(event: unknown): NamedCluster | undefined {
  const detail = isJsonObject(event) ? objectAt(event, 'detail') : undefined;
  if (textAt(detail, 'eventSource') === undefined) return undefined;
  const given = objectAt(detail, 'requestParameters');
  const [, name] =
    LOG_GROUP.exec(textAt(given, 'logGroupName') ?? '') ??
    ARN.exec(decode(textAt(given, 'resourceArn') ?? '')) ??
    WHOLE.exec(textAt(given, 'name') ?? '') ??
    [];
  return name === undefined ? {} : { name };
}

/** Decodes an ARN in the path of a request (EKS API Reference, TagResource). */
function decode(text: string): string {
  return text.replaceAll(/%3A/gi, ':').replaceAll(/%2F/gi, '/');
}
