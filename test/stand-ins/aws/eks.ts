import { type EksRequest, type StandInCluster, vpcOf, type World } from './eks-world.ts';
import { answerEc2, answerSts, refusedBy, stsAnswer } from './query-services.ts';
import { type AwsAnswer, type AwsRequest, json, pageOf, refused, SIGN_IN_PAGE, startAws, xml } from './server.ts';

export type { StandInCluster, World } from './eks-world.ts';

/** A fault in the responses to some requests. */
export interface Fault {
  readonly operation?: string;
  readonly region?: string;
  /**
   * An error in AWS's words. `garbage` is a page that is not from AWS, `empty` a response without content, `reset`
   * closes the connection.
   */
  readonly kind: 'denied' | 'expired' | 'throttled' | 'internal' | 'garbage' | 'empty' | 'reset';
}

/** The stand-in for EKS, EC2 and STS on this machine. */
export interface EksServer {
  /** `http://127.0.0.1:<port>`: the endpoint for all three services and all Regions. */
  readonly url: string;
  /** The requests so far, in order. */
  readonly requests: readonly EksRequest[];
  addFault(fault: Fault): void;
  close(): Promise<void>;
}

const USUAL: World = {
  accountId: '111122223333',
  callers: { AKIAALICE00000000001: 'arn:aws:iam::111122223333:user/alice' },
  clusters: [],
  regions: ['eu-central-1', 'eu-west-1', 'us-east-1'],
};

/** Starts a stand-in for EKS (REST-JSON), EC2 and STS (query, XML). */
export async function startEks(world: Partial<World> = {}): Promise<EksServer> {
  const known = { ...USUAL, ...world };
  const requests: EksRequest[] = [];
  const faults: Fault[] = [];
  const listening = await startAws((incoming) => {
    const request = requestOf(incoming);
    requests.push(request);
    return faultAnswer(known, faults, request) ?? unknownKey(known, request) ?? served(known, request);
  });
  return { ...listening, requests, addFault: (fault) => void faults.push(fault) };
}

function served(world: World, request: EksRequest): AwsAnswer {
  if (request.service === 'eks') return answerEks(world, request);
  return request.service === 'ec2' ? answerEc2(world, request) : answerSts(world, request);
}

function requestOf({ service, region, accessKeyId, url, operation, form }: AwsRequest): EksRequest {
  const of = { region, accessKeyId };
  if (service !== 'eks')
    return { ...of, service: service === 'ec2' ? 'ec2' : 'sts', operation, parameters: form, name: '' };
  const [, , name = '', part, principal = ''] = url.pathname.split('/').map(decodeURIComponent);
  const [list, one] =
    part === 'access-entries'
      ? (['ListAccessEntries', 'DescribeAccessEntry'] as const)
      : (['ListClusters', 'DescribeCluster'] as const);
  const isOne = part === 'access-entries' ? principal !== '' : name !== '';
  return { ...of, service, operation: isOne ? one : list, parameters: url.searchParams, name, principal };
}

/**
 * Answers as EKS in REST-JSON, as `@aws-sdk/client-eks` uses it: clusters and access entries (Amazon EKS API
 * Reference).
 */
function answerEks(world: World, request: EksRequest): AwsAnswer {
  const clusters = world.clusters.filter(({ region }) => region === request.region);
  if (request.operation === 'ListClusters') return listClusters(world, request, clusters);
  const cluster = clusters.find(({ name }) => name === request.name);
  if (cluster === undefined) {
    return refused('ResourceNotFoundException', `No cluster found for name: ${request.name}.`, 404);
  }
  if (request.operation.endsWith('AccessEntries') && cluster.authenticationMode === 'CONFIG_MAP') {
    return refused('InvalidRequestException', NO_ACCESS_ENTRIES, 400);
  }
  if (request.operation === 'ListAccessEntries') return listAccessEntries(world, request, cluster);
  if (request.operation === 'DescribeAccessEntry') return describeAccessEntry(request, cluster);
  return json({ cluster: describe(world, cluster) });
}

const NO_ACCESS_ENTRIES =
  "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";

function listClusters(world: World, { parameters }: EksRequest, clusters: readonly StandInCluster[]): AwsAnswer {
  const size = Math.min(Number(parameters.get('maxResults') ?? 100), world.pageSize ?? 100);
  const { page, next } = pageOf(clusters, parameters.get('nextToken'), size);
  return json({ clusters: page.map(({ name }) => name), nextToken: next });
}

function listAccessEntries(
  world: World,
  { parameters }: EksRequest,
  { accessEntries = {} }: StandInCluster,
): AwsAnswer {
  const { page, next } = pageOf(Object.keys(accessEntries), parameters.get('nextToken'), world.pageSize ?? 100);
  return json({ accessEntries: page, nextToken: next });
}

function describeAccessEntry({ principal = '' }: EksRequest, { name, accessEntries = {} }: StandInCluster): AwsAnswer {
  if (!(principal in accessEntries)) {
    return refused('ResourceNotFoundException', `The specified principalArn could not be found: ${principal}.`, 404);
  }
  const username = accessEntries[principal];
  const accessEntry = { clusterName: name, principalArn: principal, kubernetesGroups: [], type: 'STANDARD', username };
  return json({ accessEntry });
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

/** Returns a text in the form of a certificate (Base64 of PEM). It certifies nothing. */
function certificateOf(name: string): string {
  return Buffer.from(
    `-----BEGIN CERTIFICATE-----\n${name} `.padEnd(120, 'x').concat('\n-----END CERTIFICATE-----\n'),
  ).toString('base64');
}

/** Returns the response of the first fault that matches the request. Undefined if none does. */
function faultAnswer(world: World, faults: readonly Fault[], request: EksRequest): AwsAnswer | undefined {
  const fault = faults.find(
    ({ operation = request.operation, region = request.region }) =>
      operation === request.operation && region === request.region,
  );
  return fault && BY_KIND[fault.kind](world, request);
}

/** The errors of each service: EKS, EC2 and STS API References, "Common errors". */
const BY_KIND: Readonly<Record<Fault['kind'], (world: World, request: EksRequest) => AwsAnswer>> = {
  denied: (world, request) =>
    refusedBy(
      request,
      nameFor(request, 'AccessDeniedException', 'UnauthorizedOperation', 'AccessDenied'),
      deniedMessage(world, request),
      403,
    ),
  expired: (_, request) =>
    refusedBy(
      request,
      nameFor(request, 'ExpiredTokenException', 'RequestExpired', 'ExpiredToken'),
      'The security token included in the request is expired',
      403,
    ),
  throttled: (_, request) =>
    refusedBy(
      request,
      nameFor(request, 'ThrottlingException', 'RequestLimitExceeded', 'Throttling'),
      'Rate exceeded',
      400,
    ),
  internal: (_, request) =>
    refusedBy(
      request,
      nameFor(request, 'ServerException', 'InternalError', 'InternalFailure'),
      'An internal error has occurred',
      500,
    ),
  garbage: () => SIGN_IN_PAGE,
  empty: (_, request) => emptyAnswer(request),
  reset: () => 'reset',
};

/** Returns AWS's error for an unknown access key. Undefined for a known one. */
function unknownKey({ callers }: World, request: EksRequest): AwsAnswer | undefined {
  if (request.accessKeyId in callers) return undefined;
  const name = nameFor(request, 'UnrecognizedClientException', 'AuthFailure', 'InvalidClientTokenId');
  return refusedBy(request, name, 'The security token included in the request is invalid.', 403);
}

function nameFor({ service }: EksRequest, eks: string, ec2: string, sts: string): string {
  return service === 'eks' ? eks : service === 'ec2' ? ec2 : sts;
}

function deniedMessage({ callers }: World, { accessKeyId, service, operation }: EksRequest): string {
  const action = `${service}:${operation}`;
  return `User: ${callers[accessKeyId] ?? accessKeyId} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
}

function emptyAnswer({ service, operation }: EksRequest): AwsAnswer {
  if (service === 'eks') return json({});
  return service === 'sts'
    ? stsAnswer(operation, '')
    : xml(`<${operation}Response><requestId>stand-in</requestId></${operation}Response>`);
}
