import { type JsonObject, textAt } from '../../lib/json.ts';
import { LogGroups } from '../stand-ins/aws/logs.ts';
import { type AwsRequest, awsServer, json, refused, tookEvents } from '../stand-ins/aws/server.ts';
import { type ListeningForMany, listenForMany } from './listening-for-many.ts';

/** EKS, CloudWatch Logs and the hub's event bus of many accounts on one port, each account and Region with one cluster. */
export interface LoopbackClusters extends ListeningForMany {
  /** How many subscription filters were put. */
  readonly filters: () => number;
  /** By operation: how many requests came, those that were throttled left out. */
  readonly answered: ReadonlyMap<string, number>;
  readonly throttled: () => number;
}

/** Of the first attempts one in so many is throttled: whoever is waits half a second or so. */
const THROTTLED_ONE_IN = 151;

export async function startLoopbackClusters(): Promise<LoopbackClusters> {
  const logs = new Map<string, LogGroups>();
  const answered = new Map<string, number>();
  const messages: string[] = [];
  let attempts = 0;
  let throttled = 0;
  const server = awsServer((request) => {
    if (!/attempt=[23]/.test(String(request.headers['amz-sdk-request'])) && isThrottled())
      return refused('ThrottlingException', 'Rate exceeded', 429);
    const { path, operation } = operationOf(request);
    answered.set(operation, (answered.get(operation) ?? 0) + 1);
    const scope = scopeOf(request);
    if (operation === 'ListClusters') return json({ clusters: [clusterOf(scope)] });
    if (operation === 'DescribeCluster') return json({ cluster: described(path.slice('/clusters/'.length), scope) });
    if (operation === 'PutEvents') return tookEvents(request.input, (detail) => messages.push(detail));
    if (operation === 'ReceiveMessage') return json(messages.splice(0)); // the details of what was put
    return groupsOf(scope, request.input).answer({ ...request, operation });
  });
  return {
    ...(await listenForMany(server)),
    filters: () => [...logs.values()].flatMap(({ filters }) => [...filters.values()].flat()).length,
    answered,
    throttled: () => throttled,
  };

  function isThrottled(): boolean {
    attempts += 1;
    if (attempts % THROTTLED_ONE_IN !== 0) return false;
    throttled += 1;
    return true;
  }

  /** Whichever log group is asked about is there. */
  function groupsOf(scope: string, input: JsonObject): LogGroups {
    const groups = logs.get(scope) ?? new LogGroups();
    logs.set(scope, groups);
    const name = textAt(input, 'logGroupName') ?? '';
    if (!groups.filters.has(name)) groups.filters.set(name, []);
    return groups;
  }
}

/** Account and Region, as the key in the signature tells: `AKIA` and the account's number. */
function scopeOf({ accessKeyId, region }: AwsRequest): string {
  return `${accessKeyId.replace(/^AKIA/, '')} ${region}`;
}

function operationOf({ operation, url: { pathname: path } }: AwsRequest) {
  return { path, operation: operation || (/^\/clusters\/./.test(path) ? 'DescribeCluster' : 'ListClusters') };
}

/** The cluster of an account and Region: its name is nobody else's. */
export function clusterOf(scope: string): string {
  return `prod-${scope.replace(' ', '-')}`;
}

function described(name: string, scope: string): object {
  const [account, region] = scope.split(' ');
  const clusterLogging = [{ types: ['audit'], enabled: true }];
  return {
    name,
    arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
    status: 'ACTIVE',
    logging: { clusterLogging },
  };
}
