import type { Cluster } from '@aws-sdk/client-eks';
import { present } from '../../json.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';

/** The fields of an EKS cluster that eks-whois uses. */
export interface EksCluster {
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  readonly status: string;
  readonly version?: string;
  /** The endpoint of the API server. Absent while the cluster is being created. */
  readonly endpoint?: string;
  /** The certificate as PEM in base64. */
  readonly certificateAuthority?: string;
  readonly publicAccess: boolean;
  readonly privateAccess: boolean;
  readonly vpcId?: string;
  /** Whether the audit log goes to CloudWatch Logs. */
  readonly auditLog: boolean;
  /** How the cluster authenticates IAM principals: `CONFIG_MAP`, `API_AND_CONFIG_MAP` or `API`. */
  readonly authenticationMode?: string;
  /** The tags. Whoever may tag the cluster chooses them. Absent if there are none. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Calls EKS DescribeCluster. */
export async function describeCluster(settings: AwsSettings, name: string): Promise<EksCluster> {
  const { DescribeClusterCommand, EKSClient } = await import('@aws-sdk/client-eks');
  return callAws('eks:DescribeCluster', settings, new EKSClient(clientSettings(settings)), async (client) => {
    const { cluster } = await client.send(new DescribeClusterCommand({ name }));
    if (cluster === undefined)
      throw new AwsError('no-answer', `EKS returned nothing about the cluster ${name}: check AWS_ENDPOINT_URL.`);
    return clusterOf(cluster, name, await client.config.region());
  });
}

function clusterOf(cluster: Cluster, name: string, region: string): EksCluster {
  const [, , , arnRegion, accountId = ''] = cluster.arn?.split(':') ?? [];
  const { endpointPublicAccess, endpointPrivateAccess, vpcId } = cluster.resourcesVpcConfig ?? {};
  return present<EksCluster>({
    name: cluster.name ?? name,
    region: arnRegion || region,
    accountId,
    status: cluster.status ?? 'unknown',
    version: cluster.version,
    endpoint: cluster.endpoint,
    certificateAuthority: cluster.certificateAuthority?.data,
    publicAccess: endpointPublicAccess ?? false,
    privateAccess: endpointPrivateAccess ?? false,
    vpcId,
    auditLog: (cluster.logging?.clusterLogging ?? []).some(
      (log) => log.enabled === true && log.types?.includes('audit'),
    ),
    authenticationMode: cluster.accessConfig?.authenticationMode,
    tags: Object.keys(cluster.tags ?? {}).length > 0 ? cluster.tags : undefined,
  });
}

/** Calls EKS ListClusters (all pages). Returns the names of the clusters in one Region, in AWS's order. */
export async function listClusterNames(settings: AwsSettings): Promise<readonly string[]> {
  const { EKSClient, paginateListClusters } = await import('@aws-sdk/client-eks');
  return callAws('eks:ListClusters', settings, new EKSClient(clientSettings(settings)), async (client) => {
    const names: string[] = [];
    for await (const page of paginateListClusters({ client, pageSize: 100, stopOnSameToken: true }, {})) {
      names.push(...(page.clusters ?? []));
    }
    return names;
  });
}
