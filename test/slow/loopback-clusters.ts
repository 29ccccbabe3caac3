import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isJsonObject, type JsonObject, listAt, parseJson, textAt } from '../../lib/json.ts';
import { type ListeningForMany, listenForMany } from './listening-for-many.ts';

/** EKS, CloudWatch Logs and the hub's event bus of many accounts on one port, each account and Region with one cluster. */
export interface LoopbackClusters extends ListeningForMany {
  /** By account, Region and log group: the subscription filter that was put. */
  readonly filters: ReadonlyMap<string, JsonObject>;
  /** By operation: how many requests came, those that were throttled left out. */
  readonly answered: ReadonlyMap<string, number>;
  readonly throttled: () => number;
}

/** Of the first attempts one in so many is throttled: whoever is waits half a second or so. */
const THROTTLED_ONE_IN = 401;

/** Who asks, where, as the key in the signature tells: `AKIA` and the account's number. */
interface Asked {
  readonly scope: string;
  readonly operation: string;
  readonly input: JsonObject;
  readonly path: string;
}

export async function startLoopbackClusters(): Promise<LoopbackClusters> {
  const filters = new Map<string, JsonObject>();
  const answered = new Map<string, number>();
  const messages: string[] = [];
  const group = ({ scope, input }: Asked) => `${scope} ${textAt(input, 'logGroupName')}`;
  const ANSWERS: Readonly<Record<string, (asked: Asked) => object>> = {
    ListClusters: ({ scope }) => ({ clusters: [clusterOf(scope)] }),
    DescribeCluster: ({ scope, path }) => ({ cluster: described(path.slice('/clusters/'.length), scope) }),
    DescribeSubscriptionFilters: (asked) => ({ subscriptionFilters: [filters.get(group(asked)) ?? []].flat() }),
    PutSubscriptionFilter(asked) {
      filters.set(group(asked), asked.input);
      return {};
    },
    PutEvents: ({ input }) => taken(listAt(input, 'Entries') ?? []),
    /** The details of what was put. */
    ReceiveMessage: () => messages.splice(0),
  };
  let attempts = 0;
  let throttled = 0;
  const server = createServer(async (request, response) => {
    const asked = await readRequest(request);
    if (!/attempt=[23]/.test(String(request.headers['amz-sdk-request'])) && isThrottled()) return refuse(response);
    answered.set(asked.operation, (answered.get(asked.operation) ?? 0) + 1);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(ANSWERS[asked.operation]?.(asked) ?? {}));
  });
  return {
    ...(await listenForMany(server)),
    filters,
    answered,
    throttled: () => throttled,
  };

  function isThrottled(): boolean {
    attempts += 1;
    if (attempts % THROTTLED_ONE_IN !== 0) return false;
    throttled += 1;
    return true;
  }

  function taken(entries: readonly unknown[]): object {
    messages.push(...entries.filter(isJsonObject).map((entry) => textAt(entry, 'Detail') ?? ''));
    return { FailedEntryCount: 0, Entries: entries.map((_, at) => ({ EventId: String(at) })) };
  }
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

async function readRequest(request: IncomingMessage): Promise<Asked> {
  let text = '';
  for await (const piece of request) text += String(piece);
  const parsed = parseJson(text || '{}');
  const { url: path = '', headers } = request;
  const [, account = '', region = ''] = /Credential=AKIA([^/]+)\/\d+\/([^/]+)/.exec(headers.authorization ?? '') ?? [];
  const target = String(headers['x-amz-target'] ?? '').split('.')[1];
  const operation = target ?? (/^\/clusters\/./.test(path) ? 'DescribeCluster' : 'ListClusters');
  return {
    scope: `${account} ${region}`,
    operation,
    input: parsed.ok && isJsonObject(parsed.value) ? parsed.value : {},
    path,
  };
}

/** As AWS's services that speak JSON throttle. */
function refuse(response: ServerResponse): void {
  response.writeHead(429, { 'content-type': 'application/json', 'x-amzn-errortype': 'ThrottlingException' });
  response.end(JSON.stringify({ __type: 'ThrottlingException', message: 'Rate exceeded' }));
}
