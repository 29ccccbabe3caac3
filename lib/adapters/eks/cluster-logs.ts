import {
  CloudWatchLogsClient,
  DeleteSubscriptionFilterCommand,
  DescribeSubscriptionFiltersCommand,
  ListTagsForResourceCommand,
  PutSubscriptionFilterCommand,
  paginateDescribeLogGroups,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { ClusterLogs, FoundCluster, LogFilter, UndescribedCluster } from '../../ports/cluster-logs.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';
import { kindOf } from '../aws/error-kinds.ts';
import { type ListedCluster, listClusters } from './cluster-list.ts';
import { describeCluster } from './clusters.ts';

/** Matches the names of clusters' log groups, as EKS makes them. */
const CLUSTER_GROUP = /^\/aws\/eks\/[^/]+\/cluster$/;
/**
 * The value of a log group's tag which says that the filter was removed on purpose. The tag's name is that of the
 * filter.
 */
const UNSUBSCRIBED = 'unsubscribed';

/** EKS and CloudWatch Logs of one account and Region. */
export class AwsClusterLogs implements ClusterLogs {
  private readonly settings: AwsSettings;
  private readonly region: string;
  private readonly home: string;

  /** @param functionArn the ARN of a function in that account and Region. */
  constructor(region: string, functionArn: string) {
    const [, partition, , , account] = functionArn.split(':');
    this.home = `arn:${partition}:logs:${region}:${account}:log-group:`;
    this.region = region;
    this.settings = { profile: undefined, region, credentials: undefined };
  }

  async clusters(): Promise<readonly (FoundCluster | UndescribedCluster)[]> {
    const [answer] = await listClusters(this.settings, [this.region]);
    if (answer === undefined || 'failure' in answer) throw answer?.failure ?? new Error('no Region was queried');
    return answer.clusters.map(foundOf);
  }

  async cluster(name: string): Promise<FoundCluster | UndescribedCluster | undefined> {
    try {
      return foundOf(await describeCluster(this.settings, name));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return error.kind === 'not-found' ? undefined : { name, why: error.message };
    }
  }

  filtersOf(logGroupName: string): Promise<readonly LogFilter[] | undefined> {
    return this.callLogs('logs:DescribeSubscriptionFilters', async (client) => {
      try {
        const { subscriptionFilters = [] } = await client.send(
          new DescribeSubscriptionFiltersCommand({ logGroupName }),
        );
        return subscriptionFilters.map(
          ({ filterName: name = '', filterPattern: pattern = '', destinationArn = '', emitSystemFields, ...more }) => ({
            name,
            pattern,
            destination: destinationArn,
            systemFields: emitSystemFields ?? [],
            ...(more.fieldSelectionCriteria && { condition: more.fieldSelectionCriteria }),
            ...(more.applyOnTransformedLogs === true && { isOfTransformed: true as const }),
          }),
        );
      } catch (error) {
        if (kindOf(error) === 'not-found') return undefined;
        throw error;
      }
    });
  }

  put(
    logGroupName: string,
    { name, pattern, destination, systemFields }: LogFilter,
    before?: LogFilter,
  ): Promise<void> {
    return this.callLogs('logs:PutSubscriptionFilter', async (client) => {
      await client.send(
        new PutSubscriptionFilterCommand({
          logGroupName,
          filterName: name,
          filterPattern: pattern,
          destinationArn: destination,
          emitSystemFields: [...systemFields],
          // A request can leave what it does not state as it was (FACTS).
          ...(before?.condition !== undefined && { fieldSelectionCriteria: '' }),
          ...(before?.isOfTransformed && { applyOnTransformedLogs: false }),
        }),
      );
    });
  }

  remove(logGroupName: string, filterName: string): Promise<void> {
    return this.callLogs('logs:DeleteSubscriptionFilter', async (client) => {
      await client.send(new DeleteSubscriptionFilterCommand({ logGroupName, filterName }));
    });
  }

  logGroups(): Promise<readonly string[]> {
    return this.callLogs('logs:DescribeLogGroups', async (client) => {
      const names: string[] = [];
      for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: '/aws/eks/' }))
        names.push(...logGroups.flatMap(({ logGroupName }) => logGroupName ?? []));
      return names.filter((name) => CLUSTER_GROUP.test(name));
    });
  }

  hasNote(logGroup: string, name: string): Promise<boolean> {
    return this.callLogs('logs:ListTagsForResource', async (client) => {
      try {
        const { tags = {} } = await client.send(new ListTagsForResourceCommand({ resourceArn: this.home + logGroup }));
        return Object.hasOwn(tags, name) && tags[name] === UNSUBSCRIBED;
      } catch (error) {
        if (kindOf(error) === 'not-found') return false;
        throw error;
      }
    });
  }

  addNote(logGroup: string, name: string): Promise<void> {
    return this.callLogs('logs:TagResource', async (client) => {
      await client.send(new TagResourceCommand({ resourceArn: this.home + logGroup, tags: { [name]: UNSUBSCRIBED } }));
    });
  }

  removeNote(logGroup: string, name: string): Promise<void> {
    return this.callLogs('logs:UntagResource', async (client) => {
      await client.send(new UntagResourceCommand({ resourceArn: this.home + logGroup, tagKeys: [name] }));
    });
  }

  private callLogs<T>(action: string, call: (client: CloudWatchLogsClient) => Promise<T>): Promise<T> {
    return callAws(action, this.settings, new CloudWatchLogsClient(clientSettings(this.settings)), call);
  }
}

function foundOf(cluster: ListedCluster): FoundCluster | UndescribedCluster {
  if ('failure' in cluster) return { name: cluster.name, why: cluster.failure.message };
  const { name, region, status, auditLog, tags = {} } = cluster;
  return { name, region, status, auditLog, tags };
}
