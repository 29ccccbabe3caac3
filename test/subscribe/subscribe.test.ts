import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { policyOf } from '../../infra/policies.ts';
import { CLUSTER_EVENT_PATTERN } from '../../infra/subscriptions.ts';
import { LOG_BYTES } from '../../lib/cost/unit-counts.ts';
import { eventPatternTakes } from '../../lib/doctor/event-pattern.ts';
import { isJsonObject, type JsonObject, listAt, parseJson } from '../../lib/json.ts';
import type { LogFilter } from '../../lib/ports/cluster-logs.ts';
import type { Outcome } from '../../lib/usecases/subscribe/outcome.ts';
import { context, deployed, environment } from '../functions/deployed.ts';
import { bytesOfLog, enterLambda, leaveLambda } from '../functions/within-lambda.ts';
import { envelope } from '../infra/wanted.ts';
import { type EksServer, type StandInCluster, startEks } from '../stand-ins/aws/eks.ts';
import { type LogsServer, startLogs } from '../stand-ins/aws/logs.ts';

const OF = deployed({ findClusters: 'prod-*', findClustersByTag: 'audited=yes' });
const INGEST = 'arn:aws:lambda:eu-west-1:111122223333:function:eks-whois-dev-ingest';
const SIEM: LogFilter = {
  name: 'siem',
  pattern: '',
  destination: 'arn:aws:firehose:eu-west-1:1:deliverystream/siem',
  systemFields: [],
};

const clusters: StandInCluster[] = [];
let eks: EksServer;
let logs: LogsServer;
let bus: Bus;
let handler: (event: unknown, context: Context) => Promise<readonly Outcome[]>;
let own: LogFilter;
let lines: string[] = [];

beforeAll(async () => {
  eks = await startEks({ clusters, pageSize: 2 });
  logs = await startLogs();
  bus = await startBus();
  const variables: Record<string, string> = { ...environment(OF, 'subscribe'), AUDIT_FILTER_DESTINATION: INGEST };
  own = {
    name: variables.AUDIT_FILTER_NAME ?? '',
    pattern: variables.AUDIT_FILTER_PATTERN ?? '',
    destination: INGEST,
    systemFields: ['@aws.account', '@aws.region'],
  };
  const settings = {
    AWS_ENDPOINT_URL_EKS: eks.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url,
    HUB_EVENTS_URL: bus.url,
    HUB_REGION: 'eu-west-1',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAALICE00000000001',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_DEV: 'true', // its own console cannot be listened to
    POWERTOOLS_METRICS_DISABLED: 'false',
  };
  enterLambda({ ...variables, ...settings }, (line) => void lines.push(String(line)));
  handler = (await import('../../functions/subscribe.ts')).handler as unknown as typeof handler;
});

beforeEach(() => {
  clusters.length = 0;
  logs.groups.filters.clear();
  logs.groups.tags.clear();
  logs.groups.changes.length = 0;
  logs.denied.clear();
  lines = [];
  bus.entries.length = 0;
  bus.isDown = false;
});

afterAll(async () => {
  leaveLambda();
  await eks?.close();
  await logs?.close();
  await bus?.close();
});

interface Bus {
  readonly url: string;
  readonly entries: JsonObject[];
  isDown: boolean;
  close(): Promise<void>;
}

/** An event bus of a hub, which keeps what is put on it. */
async function startBus(): Promise<Bus> {
  const entries: JsonObject[] = [];
  const server = createServer(async (request, response) => {
    const parsed = parseJson(await text(request));
    if (parsed.ok && isJsonObject(parsed.value))
      entries.push(...(listAt(parsed.value, 'Entries') ?? []).filter((each): each is JsonObject => isJsonObject(each)));
    response.writeHead(started.isDown ? 500 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  const started: Bus = { url: `http://127.0.0.1:${port}`, entries, isDown: false, close };
  return started;
}

/** A cluster of the Region, and its log group with these filters; none where EKS has made none. */
function has(name: string, filters: readonly LogFilter[] | undefined, more: Partial<StandInCluster> = {}): void {
  clusters.push({ name, region: 'eu-west-1', ...more });
  if (filters !== undefined) logs.groups.setFilters(groupOf(name), filters);
}

const groupOf = (name: string) => `/aws/eks/${name}/cluster`;
const filtersOf = (name: string) => logs.groups.filtersOf(groupOf(name));

async function standings(event: unknown = { source: 'aws.events' }): Promise<Record<string, string>> {
  const outcomes = await handler(event, context(300));
  return Object.fromEntries(outcomes.map(({ cluster, standing }) => [cluster, standing]));
}

describe('the report of a stack', () => {
  it('costs no metric: a spoke is in each account and Region, and CloudWatch charges for each metric of each', async () => {
    has('prod-1', []);
    await standings();
    expect(lines.filter((line) => line.includes('"_aws"'))).toEqual([]);
    expect(bytesOfLog(lines)).toBeLessThanOrEqual(LOG_BYTES.subscribe);
  });

  it('has its version, and the standing of each cluster, with the reason if nothing can arrive', async () => {
    has('prod-1', []);
    has('prod-2', undefined, { auditLog: false });
    await standings();
    expect(bus.entries).toMatchObject([{ Source: 'eks-whois.spoke', DetailType: 'Stack report' }]);
    expect(JSON.parse(String(bus.entries[0]?.Detail))).toEqual({
      region: 'eu-west-1',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      sendsGrants: true,
      clusters: [
        { name: 'prod-1', standing: 'subscribed', isUnheard: false },
        { name: 'prod-2', standing: 'audit-log-off', isUnheard: true, why: expect.stringContaining('audit log') },
      ],
    });
  });

  it('is sent only after all clusters were checked, not after an event about one, and not after a removal', async () => {
    has('prod-1', []);
    await handler(
      { detail: { eventSource: 'eks.amazonaws.com', requestParameters: { name: 'prod-1' } } },
      context(300),
    );
    await handler({ unsubscribe: ['prod-1'] }, context(300));
    expect(bus.entries).toEqual([]);
  });

  it('may fail: the clusters are subscribed all the same', async () => {
    bus.isDown = true;
    has('prod-1', []);
    expect(await standings()).toEqual({ 'prod-1': 'subscribed' });
    expect(lines.join('\n')).toContain('not reported');
  });
});

describe('clusters that are found', () => {
  it('are subscribed by their name or their tag, those of all pages, and others are left alone', async () => {
    has('prod-1', []);
    has('staging', []);
    has('dev', [], { tags: { audited: 'yes' } });
    has('prod-2', [SIEM]);
    has('test', [], { tags: { audited: 'no' } });
    expect(await standings()).toEqual({ 'prod-1': 'subscribed', dev: 'subscribed', 'prod-2': 'subscribed' });
    expect(filtersOf('prod-1')).toEqual([own]);
    expect(filtersOf('prod-2')).toEqual([SIEM, own]);
    expect([filtersOf('staging'), filtersOf('test')]).toEqual([[], []]);
  });

  it('are left alone from then on', async () => {
    has('prod-1', []);
    await standings();
    expect(await standings()).toEqual({ 'prod-1': 'kept' });
    expect(logs.groups.changes).toEqual([`PutSubscriptionFilter ${groupOf('prod-1')}`]);
  });

  it('get the current filter in place of the previous one', async () => {
    has('prod-1', [{ ...own, pattern: '{ $.user.uid = "x" }' }]);
    expect(await standings()).toEqual({ 'prod-1': 'changed' });
    expect(filtersOf('prod-1')).toEqual([own]);
  });

  it('get the filter again if the one that is there does not say which account wrote an event first', async () => {
    has('prod-1', [{ ...own, systemFields: ['@aws.account'] }]);
    expect(await standings()).toEqual({ 'prod-1': 'changed' });
    expect(filtersOf('prod-1')).toEqual([own]);
  });

  it('get the filter again if the one that is there selects only some events by their fields', async () => {
    has('prod-1', [{ ...own, condition: '@aws.region = "us-east-1"' }]);
    expect(await standings()).toEqual({ 'prod-1': 'changed' });
    expect(filtersOf('prod-1')).toEqual([own]);
  });

  it('get the filter again if the one that is there delivers the events as a transformer writes them', async () => {
    has('prod-1', [{ ...own, isOfTransformed: true }]);
    expect(await standings()).toEqual({ 'prod-1': 'changed' });
    expect(filtersOf('prod-1')).toEqual([own]);
  });

  it('are waited for while they are being created', async () => {
    has('prod-new', undefined, { status: 'CREATING' });
    expect(await standings()).toEqual({ 'prod-new': 'not-yet' });
  });
});

describe("other people's filters", () => {
  it('are never taken away: a log group without a free subscription is reported', async () => {
    has('prod-1', [SIEM, { ...SIEM, name: 'archive' }]);
    expect(await standings()).toEqual({ 'prod-1': 'no-room' });
    expect(logs.groups.changes).toEqual([]);
    expect(lines.join('\n')).toContain('siem and archive use both');
  });

  it('do not count as ours because of their name', async () => {
    const foreign = { ...own, destination: 'arn:aws:lambda:eu-west-1:111122223333:function:other' };
    has('prod-1', [foreign]);
    expect(await standings()).toEqual({ 'prod-1': 'name-taken' });
    expect(await standings({ unsubscribe: ['*'] })).toEqual({ 'prod-1': 'name-taken' });
    expect(filtersOf('prod-1')).toEqual([foreign]);
    expect(logs.groups.changes).toEqual([]);
  });

  it('stay when the service takes its own away', async () => {
    has('prod-1', [SIEM, own]);
    expect(await standings({ unsubscribe: ['prod-1'] })).toEqual({ 'prod-1': 'unsubscribed' });
    expect(filtersOf('prod-1')).toEqual([SIEM]);
  });
});

describe('a cluster that somebody unsubscribed', () => {
  const deleted = {
    source: 'aws.logs',
    'detail-type': 'AWS API Call via CloudTrail',
    detail: {
      eventSource: 'logs.amazonaws.com',
      eventName: 'DeleteSubscriptionFilter',
      requestParameters: { logGroupName: groupOf('prod-1') },
    },
  };

  it('stays unsubscribed, whoever looks at it, until somebody subscribes it again', async () => {
    has('prod-1', [own]);
    has('prod-2', [own]);
    expect(await standings({ unsubscribe: ['prod-1'] })).toEqual({ 'prod-1': 'unsubscribed' });
    expect(await standings(deleted)).toEqual({ 'prod-1': 'unsubscribed' });
    expect(await standings()).toEqual({ 'prod-1': 'unsubscribed', 'prod-2': 'kept' });
    expect(filtersOf('prod-1')).toEqual([]);
    expect(await standings({ subscribe: ['prod-*'] })).toEqual({ 'prod-1': 'subscribed', 'prod-2': 'kept' });
    expect(filtersOf('prod-1')).toEqual([own]);
    logs.groups.setFilters(groupOf('prod-1'), []);
    expect(await standings()).toEqual({ 'prod-1': 'subscribed', 'prod-2': 'kept' });
  });

  it('is noted before its filter goes, because CloudTrail reports that and the function runs again', async () => {
    has('prod-1', [own]);
    await standings({ unsubscribe: ['prod-1'] });
    expect(logs.groups.changes).toEqual([
      `TagResource ${groupOf('prod-1')}`,
      `DeleteSubscriptionFilter ${groupOf('prod-1')}`,
    ]);
  });

  it('is reported to the hub, but not as one that cannot be heard', async () => {
    has('prod-1', [own]);
    await standings({ unsubscribe: ['prod-1'] });
    await standings();
    expect(lines.join('\n')).not.toContain('cluster not heard');
    expect(JSON.parse(String(bus.entries[0]?.Detail))).toMatchObject({
      clusters: [{ standing: 'unsubscribed', isUnheard: false, why: expect.stringContaining('["prod-1"]') }],
    });
  });

  it('is not forgotten if AWS does not say whether it was unsubscribed: it is reported as failed', async () => {
    has('prod-1', []);
    logs.denied.add('ListTagsForResource');
    expect(await standings()).toEqual({ 'prod-1': 'failed' });
    expect(filtersOf('prod-1')).toEqual([]);
    expect(lines.join('\n')).toContain('AWS denied logs:ListTagsForResource');
  });

  it('is forgotten if its log group is missing, because the note belongs to that', async () => {
    has('prod-1', undefined);
    expect(await standings({ unsubscribe: ['prod-1'] })).toEqual({ 'prod-1': 'no-log-group' });
    expect(await standings({ subscribe: ['prod-1'] })).toEqual({ 'prod-1': 'no-log-group' });
  });

  it.each([[{ unsubscribe: true }], [{ unsubscribe: [] }], [{ subscribe: 'prod-1' }]])(
    'has a name: %j is refused, and nothing is subscribed by mistake',
    async (input) => {
      has('prod-1', []);
      await expect(handler(input, context(300))).rejects.toThrow('names no clusters');
      expect(logs.groups.changes).toEqual([]);
    },
  );
});

describe('a cluster that is not heard is reported with what to do', () => {
  it('where its audit log is off; it is subscribed all the same, so that nothing is missed once it is on', async () => {
    has('prod-1', [], { auditLog: false });
    has('prod-2', undefined, { auditLog: false });
    expect(await standings()).toEqual({ 'prod-1': 'audit-log-off', 'prod-2': 'audit-log-off' });
    expect(filtersOf('prod-1')).toEqual([own]);
    expect(lines.join('\n')).toContain('aws eks update-cluster-config --region eu-west-1 --name prod-2');
  });

  it('where its log group has gone', async () => {
    has('prod-1', undefined);
    expect(await standings()).toEqual({ 'prod-1': 'no-log-group' });
  });

  it('where AWS refuses, which keeps nothing from the others', async () => {
    has('prod-1', []);
    has('prod-2', [own]);
    logs.denied.add('PutSubscriptionFilter');
    expect(await standings()).toEqual({ 'prod-1': 'failed', 'prod-2': 'kept' });
    expect(lines.join('\n')).toContain('AWS denied logs:PutSubscriptionFilter');
  });
});

describe('what EventBridge brings of one cluster', () => {
  const requestsFrom = (from: number) => eks.requests.slice(from).map(({ operation, name }) => `${operation} ${name}`);
  const brought = (eventSource: string, eventName: string, requestParameters: JsonObject) => ({
    source: `aws.${eventSource.split('.')[0]}`,
    'detail-type': 'AWS API Call via CloudTrail',
    detail: { eventSource, eventName, requestParameters },
  });
  const made = (logGroupName: string) => brought('logs.amazonaws.com', 'CreateLogGroup', { logGroupName });
  const onEks = (name: string, parameters: JsonObject) => brought('eks.amazonaws.com', name, parameters);
  const arn = 'arn:aws:eks:eu-west-1:111122223333:cluster/dev';

  it.each([
    ['its log group', made('/aws/eks/prod-1/cluster'), 'prod-1'],
    ['its making', onEks('CreateCluster', { name: 'prod-1' }), 'prod-1'],
    ['its configuration', onEks('UpdateClusterConfig', { name: 'prod-1' }), 'prod-1'],
    ['its tags', onEks('TagResource', { resourceArn: arn, tags: { audited: 'yes' } }), 'dev'],
    ['its tags, as the path has them', onEks('TagResource', { resourceArn: encodeURIComponent(arn) }), 'dev'],
  ])('has this one looked at and no other, by %s', async (_, event, name) => {
    has('prod-1', []);
    has('prod-2', []);
    has('dev', [], { tags: { audited: 'yes' } });
    const before = eks.requests.length;
    expect(await standings(event)).toEqual({ [name]: 'subscribed' });
    expect(requestsFrom(before)).toEqual([`DescribeCluster ${name}`]);
    expect(logs.groups.changes).toEqual([`PutSubscriptionFilter ${groupOf(name)}`]);
  });

  it('leads to one request if a log group has the name of no cluster, and to no change', async () => {
    has('prod-1', []);
    logs.groups.setFilters(groupOf('nobody'), []);
    const before = eks.requests.length;
    expect(await standings(made(groupOf('nobody')))).toEqual({});
    expect(requestsFrom(before)).toEqual(['DescribeCluster nobody']);
    expect(logs.groups.changes).toEqual([]);
  });

  it.each([
    ['a log group of no cluster', made('/aws/eks/a/b/cluster')],
    ['a name that no cluster can have', made(`/aws/eks/${'a'.repeat(101)}/cluster`)],
    ['the tags of a node group', onEks('TagResource', { resourceArn: `${arn.replace('cluster', 'nodegroup')}/a/b` })],
    ['no parameters', onEks('TagResource', {})],
  ])('asks nothing where it names none: %s', async (_, event) => {
    has('prod-1', []);
    const before = eks.requests.length;
    expect(await standings(event)).toEqual({});
    expect(requestsFrom(before)).toEqual([]);
  });

  it('leads at once to a report that the cluster is no longer heard', async () => {
    has('prod-1', undefined);
    const event = brought('logs.amazonaws.com', 'DeleteLogGroup', { logGroupName: groupOf('prod-1') });
    expect(await standings(event)).toEqual({ 'prod-1': 'no-log-group' });
  });
});

it('EventBridge brings only events that may make a cluster heard or unheard', () => {
  const takes = (record: JsonObject) => eventPatternTakes(CLUSTER_EVENT_PATTERN, envelope(record));
  const eks = { eventSource: 'eks.amazonaws.com', eventType: 'AwsApiCall' };
  const logs = { eventSource: 'logs.amazonaws.com', eventType: 'AwsApiCall' };
  expect(takes({ ...eks, eventName: 'CreateCluster' })).toBe(true);
  expect(takes({ ...eks, eventName: 'CreateCluster', errorCode: 'AccessDenied' })).toBe(false);
  expect(takes({ ...eks, eventName: 'DescribeCluster' })).toBe(false);
  const made = (logGroupName: string) =>
    takes({ ...logs, eventName: 'CreateLogGroup', requestParameters: { logGroupName } });
  expect([made('/aws/eks/prod-1/cluster'), made('/aws/lambda/x')]).toEqual([true, false]);
});

it('the function that finds clusters may read no table and no queue, and change only log groups of clusters', () => {
  const statements = policyOf(OF, 'subscribe').filter(({ Sid }) => !['WriteLogs', 'Trace'].includes(Sid));
  expect(statements).toEqual([
    expect.objectContaining({
      Action: ['events:PutEvents'],
      Resource: { 'Fn::Sub': expect.stringMatching(/-spokes$/) },
    }),
    expect.objectContaining({ Action: ['eks:ListClusters'], Resource: '*' }),
    expect.objectContaining({ Action: ['eks:DescribeCluster'] }),
    expect.objectContaining({
      Action: expect.arrayContaining(['logs:PutSubscriptionFilter']),
      Resource: { 'Fn::Sub': expect.stringMatching(/:log-group:\/aws\/eks\/\*\/cluster:\*$/) },
    }),
    expect.objectContaining({ Action: ['logs:DescribeLogGroups'] }),
    expect.objectContaining({
      Action: ['logs:ListTagsForResource', 'logs:TagResource', 'logs:UntagResource'],
      Resource: { 'Fn::Sub': expect.stringMatching(/:log-group:\/aws\/eks\/\*\/cluster$/) },
    }),
  ]);
});
