import {
  CloudWatchLogsClient,
  DeleteSubscriptionFilterCommand,
  DescribeSubscriptionFiltersCommand,
  PutSubscriptionFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { ClusterLogs, FoundCluster, LogFilter, UndescribedCluster } from '../../ports/cluster-logs.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';
import { kindOf } from '../aws/error-kinds.ts';
import { type ListedCluster, listClusters } from './cluster-list.ts';
import { describeCluster } from './clusters.ts';

/** EKS and CloudWatch Logs of one Region. */
export class AwsClusterLogs implements ClusterLogs {
  private readonly settings: AwsSettings;
  private readonly region: string;

  constructor(region: string) {
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
          ({ filterName: name = '', filterPattern: pattern = '', destinationArn = '', emitSystemFields = [] }) => ({
            name,
            pattern,
            destination: destinationArn,
            systemFields: emitSystemFields,
          }),
        );
      } catch (error) {
        if (kindOf(error) === 'not-found') return undefined;
        throw error;
      }
    });
  }

  put(logGroupName: string, { name, pattern, destination, systemFields }: LogFilter): Promise<void> {
    return this.callLogs('logs:PutSubscriptionFilter', async (client) => {
      await client.send(
        new PutSubscriptionFilterCommand({
          logGroupName,
          filterName: name,
          filterPattern: pattern,
          destinationArn: destination,
          emitSystemFields: [...systemFields],
        }),
      );
    });
  }

  remove(logGroupName: string, filterName: string): Promise<void> {
    return this.callLogs('logs:DeleteSubscriptionFilter', async (client) => {
      await client.send(new DeleteSubscriptionFilterCommand({ logGroupName, filterName }));
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
