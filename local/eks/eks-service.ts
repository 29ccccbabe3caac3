import { type Answer, pageOf, type Request, refusal, type StandInCluster, type World } from './world.ts';

/** EKS in REST-JSON, as `@aws-sdk/client-eks` speaks it: clusters and access entries (Amazon EKS API Reference). */
export function answerEks(world: World, request: Request): Answer {
  const clusters = world.clusters.filter(({ region }) => region === request.region);
  if (request.operation === 'ListClusters') return listClusters(world, request, clusters);
  const cluster = clusters.find(({ name }) => name === request.name);
  if (cluster === undefined) {
    return refusal(404, 'ResourceNotFoundException', `No cluster found for name: ${request.name}.`);
  }
  if (request.operation.endsWith('AccessEntries') && cluster.authenticationMode === 'CONFIG_MAP') {
    return refusal(400, 'InvalidRequestException', NO_ACCESS_ENTRIES);
  }
  if (request.operation === 'ListAccessEntries') return listAccessEntries(world, request, cluster);
  if (request.operation === 'DescribeAccessEntry') return describeAccessEntry(request, cluster);
  return { kind: 'answer', body: JSON.stringify({ cluster: describe(world, cluster) }) };
}

const NO_ACCESS_ENTRIES =
  "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";

function listClusters(world: World, { parameters }: Request, clusters: readonly StandInCluster[]): Answer {
  const size = Math.min(Number(parameters.get('maxResults') ?? 100), world.pageSize ?? 100);
  const { page, next } = pageOf(clusters, parameters.get('nextToken'), size);
  return { kind: 'answer', body: JSON.stringify({ clusters: page.map(({ name }) => name), nextToken: next }) };
}

function listAccessEntries(world: World, { parameters }: Request, { accessEntries = {} }: StandInCluster): Answer {
  const { page, next } = pageOf(Object.keys(accessEntries), parameters.get('nextToken'), world.pageSize ?? 100);
  return { kind: 'answer', body: JSON.stringify({ accessEntries: page, nextToken: next }) };
}

function describeAccessEntry({ principal = '' }: Request, { name, accessEntries = {} }: StandInCluster): Answer {
  if (!(principal in accessEntries)) {
    return refusal(404, 'ResourceNotFoundException', `The specified principalArn could not be found: ${principal}.`);
  }
  const username = accessEntries[principal];
  const accessEntry = { clusterName: name, principalArn: principal, kubernetesGroups: [], type: 'STANDARD', username };
  return { kind: 'answer', body: JSON.stringify({ accessEntry }) };
}

function describe({ accountId }: World, cluster: StandInCluster): object {
  const { name, region, publicAccess = true, privateAccess = false, auditLog = true } = cluster;
  const endpoint =
    cluster.endpoint === undefined ? `https://${endpointId(name)}.gr7.${region}.eks.amazonaws.com` : cluster.endpoint;
  const authority = cluster.certificateAuthority === undefined ? certificateOf(name) : cluster.certificateAuthority;
  return {
    name,
    arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
    createdAt: 1_700_000_000,
    version: cluster.version ?? '1.34',
    status: cluster.status ?? 'ACTIVE',
    ...(endpoint !== null && { endpoint }),
    ...(authority !== null && { certificateAuthority: { data: authority } }),
    resourcesVpcConfig: {
      vpcId: vpcOf(cluster),
      endpointPublicAccess: publicAccess,
      endpointPrivateAccess: privateAccess,
    },
    logging: {
      clusterLogging: [
        { types: auditLog ? ['api', 'audit'] : ['api'], enabled: true },
        { types: auditLog ? ['scheduler'] : ['audit', 'scheduler'], enabled: false },
      ],
    },
    ...(cluster.tags !== undefined && { tags: cluster.tags }),
    accessConfig: { authenticationMode: cluster.authenticationMode ?? 'API_AND_CONFIG_MAP' },
  };
}

function endpointId(name: string): string {
  return Buffer.from(name).toString('hex').toUpperCase().padEnd(32, '0').slice(0, 32);
}

/** Shaped as the Base64 of PEM; certifies nothing. */
function certificateOf(name: string): string {
  return Buffer.from(
    `-----BEGIN CERTIFICATE-----\n${name} `.padEnd(120, 'x').concat('\n-----END CERTIFICATE-----\n'),
  ).toString('base64');
}

export function vpcOf({ name }: StandInCluster): string {
  return `vpc-${Buffer.from(name).toString('hex').padEnd(17, '0').slice(0, 17)}`;
}
