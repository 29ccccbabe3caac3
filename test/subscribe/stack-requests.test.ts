import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Deployment, functionId } from '../../infra/deployment.ts';
import { stackOf } from '../../infra/stack.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../lib/json.ts';
import type { LogFilter } from '../../lib/ports/cluster-logs.ts';
import { context, deployed, environment } from '../functions/deployed.ts';
import { enterLambda, leaveLambda } from '../functions/within-lambda.ts';
import { type EksServer, type StandInCluster, startEks } from '../stand-ins/aws/eks.ts';
import { type LogsServer, startLogs } from '../stand-ins/aws/logs.ts';

const OF = deployed({ findClusters: '*', clusters: 'listed' });
const INGEST = 'arn:aws:lambda:eu-west-1:111122223333:function:eks-whois-dev-ingest';
const OWN: LogFilter = { name: 'eks-whois-dev-audit', pattern: '', destination: INGEST, systemFields: [] };
const SIEM: LogFilter = { ...OWN, name: 'siem', destination: 'arn:aws:firehose:eu-west-1:1:deliverystream/siem' };
const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/eks-whois-dev/0c0ffee0';

/** The bucket of CloudFormation to which answers go, by presigned URLs. */
interface Answers {
  readonly url: string;
  readonly bodies: JsonObject[];
  readonly sizes: number[];
  readonly headers: IncomingHttpHeaders[];
  /** The status of each of the next responses. Then all succeed. */
  readonly faults: number[];
  close(): Promise<void>;
}

async function startAnswers(): Promise<Answers> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const fault = started.faults.shift();
    started.headers.push(request.headers);
    const isPresigned =
      request.method === 'PUT' && request.url === '/cloudformation-custom-resource/key?X-Amz-Signature=secret';
    response.writeHead(fault ?? (isPresigned && request.headers['content-type'] === '' ? 200 : 403));
    response.end();
    const parsed = parseJson(body);
    if (fault !== undefined || !parsed.ok || !isJsonObject(parsed.value)) return;
    started.sizes.push(Buffer.byteLength(body));
    started.bodies.push(parsed.value);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/cloudformation-custom-resource/key?X-Amz-Signature=secret`;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  const started: Answers = { url, bodies: [], sizes: [], headers: [], faults: [], close };
  return started;
}

const clusters: StandInCluster[] = [];
let eks: EksServer;
let logs: LogsServer;
let answers: Answers;
let handler: (event: unknown, context: Context) => Promise<unknown>;
let lines: string[] = [];
let beforeAnswer: (() => Promise<void>) | undefined;

beforeAll(async () => {
  eks = await startEks({ clusters });
  logs = await startLogs({ beforeAnswer: async () => beforeAnswer?.() });
  answers = await startAnswers();
  const settings = {
    AUDIT_FILTER_DESTINATION: INGEST,
    AWS_ENDPOINT_URL_EKS: eks.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url,
    HUB_EVENTS_URL: 'http://127.0.0.1:9',
    HUB_REGION: 'eu-west-1',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAALICE00000000001',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_DEV: 'true', // Powertools' own console cannot be observed.
    POWERTOOLS_METRICS_DISABLED: 'true',
  };
  enterLambda({ ...environment(OF, 'subscribe'), ...settings }, (line) => void lines.push(String(line)));
  handler = (await import('../../functions/subscribe.ts')).handler as unknown as typeof handler;
});

beforeEach(() => {
  clusters.length = 0;
  logs.groups.filters.clear();
  logs.groups.tags.clear();
  logs.groups.changes.length = 0;
  logs.groups.mayInvoke = true;
  logs.denied.clear();
  logs.refuse(undefined);
  for (const list of [answers.bodies, answers.sizes, answers.headers, answers.faults]) list.length = 0;
  lines = [];
  beforeAnswer = undefined;
});

afterAll(async () => {
  leaveLambda();
  await eks?.close();
  await logs?.close();
  await answers?.close();
});

const groupOf = (name: string) => `/aws/eks/${name}/cluster`;
const filtersOf = (name: string) => logs.groups.filtersOf(groupOf(name));
const has = (name: string, filters: readonly LogFilter[]) => logs.groups.setFilters(groupOf(name), filters);

/** A request as CloudFormation sends it. */
function request(RequestType: string, more: JsonObject = {}): JsonObject {
  return {
    RequestType,
    ResponseURL: answers.url,
    StackId: STACK,
    RequestId: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    ResourceType: 'Custom::FoundSubscriptions',
    LogicalResourceId: 'FoundSubscriptions',
    ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:eks-whois-dev-subscribe',
    ResourceProperties: { ListedClusters: ['listed'], ServiceTimeout: '900' },
    ...(RequestType === 'Create' ? {} : { PhysicalResourceId: 'eks-whois-dev-audit' }),
    ...more,
  };
}

/** Sends the request to the function, and returns the one answer. */
async function answered(event: JsonObject, seconds = 300): Promise<JsonObject> {
  await handler(event, context(seconds));
  expect(answers.bodies).toHaveLength(1);
  return answers.bodies[0] ?? {};
}

describe('when CloudFormation deletes the stack', () => {
  it('the function removes its own filters and notes, also those of deleted clusters, and nothing else', async () => {
    has('prod-1', [SIEM, OWN]);
    has('prod-2', [SIEM]);
    has('deleted', [OWN]);
    has('foreign', [{ ...OWN, destination: `${INGEST}-2` }]);
    has('listed', [OWN]);
    logs.groups.setFilters('/aws/eks/prod-1/other', [OWN]);
    logs.groups.setFilters('/aws/lambda/x', [OWN]);
    const arn = `arn:aws:logs:eu-west-1:111122223333:log-group:${groupOf('prod-2')}`;
    logs.groups.tags.set(arn, { 'eks-whois-dev-audit': 'unsubscribed', team: 'a' });
    expect(await answered(request('Delete'))).toEqual({
      Status: 'SUCCESS',
      Reason: 'Removed the subscription filters of 2 log groups.',
      PhysicalResourceId: 'eks-whois-dev-audit',
      StackId: STACK,
      RequestId: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
      LogicalResourceId: 'FoundSubscriptions',
    });
    expect([filtersOf('prod-1'), filtersOf('prod-2'), filtersOf('deleted')]).toEqual([[SIEM], [SIEM], []]);
    expect(filtersOf('foreign')).toMatchObject([{ name: OWN.name }]);
    expect(filtersOf('listed')).toEqual([OWN]);
    expect(logs.groups.filtersOf('/aws/eks/prod-1/other')).toEqual([OWN]);
    expect(logs.groups.filtersOf('/aws/lambda/x')).toEqual([OWN]);
    expect(logs.groups.tags.get(arn)).toEqual({ team: 'a' });
  });

  it('nothing subscribes again what was removed, not even a run that is under way', async () => {
    clusters.push({ name: 'prod-1', region: 'eu-west-1' });
    has('prod-1', [OWN]);
    logs.groups.mayInvoke = false; // CloudFormation deleted the permission and the rules before, by their DependsOn.
    await answered(request('Delete'));
    await handler({ source: 'aws.events' }, context(300));
    expect(filtersOf('prod-1')).toEqual([]);
  });

  it('an answer says what may stay and how to delete it, and the stack is deleted all the same', async () => {
    has('prod-1', [OWN]);
    has('prod-2', []);
    logs.denied.add('DeleteSubscriptionFilter');
    const { Status, Reason } = await answered(request('Delete'));
    expect(Status).toBe('SUCCESS');
    expect(Reason).toMatch(
      /eks-whois-dev-audit may still be on \/aws\/eks\/prod-1\/cluster: AWS denied logs:DeleteSubscriptionFilter/,
    );
    expect(Reason).toContain(
      'aws logs delete-subscription-filter --region eu-west-1 --log-group-name /aws/eks/prod-1/cluster --filter-name eks-whois-dev-audit',
    );
    expect(Reason).toContain('of 0 log groups');
  });

  it('an answer comes even if AWS lists no log groups, refuses everything or is too slow', async () => {
    logs.denied.add('DescribeLogGroups');
    expect((await answered(request('Delete'))).Reason).toContain('may still be on log groups /aws/eks/*/cluster');
    answers.bodies.length = 0;
    let release = () => {};
    beforeAnswer = () => new Promise((resolve) => (release = resolve));
    expect((await answered(request('Delete'), 30)).Reason).toContain('AWS did not answer in time');
    release();
    answers.bodies.length = 0;
    beforeAnswer = undefined;
    logs.denied.clear();
    has('prod-1', [OWN]);
    expect((await answered(request('Delete'), 90)).Reason).toContain('there was no time left');
  });

  it('an answer is within the 4,096 bytes that CloudFormation accepts, whatever the names are', async () => {
    for (let at = 0; at < 60; at += 1) has(`${'ä"\\'.repeat(30)}${at}`, [OWN]);
    for (let at = 0; at < 60; at += 1) has(`${'a'.repeat(98)}${at}`, [OWN]);
    logs.denied.add('DeleteSubscriptionFilter');
    await answered(request('Delete', { StackId: STACK.padEnd(300, 'x'), PhysicalResourceId: 'x'.repeat(1_000) }));
    expect(answers.sizes[0]).toBeLessThanOrEqual(4_096);
  });
});

describe('any other request of CloudFormation', () => {
  it.each(['Create', 'Update', 'Whatever'])('is answered, and changes nothing: %s', async (type) => {
    has('prod-1', [OWN]);
    clusters.push({ name: 'prod-1', region: 'eu-west-1' }, { name: 'prod-2', region: 'eu-west-1' });
    has('prod-2', []);
    expect(await answered(request(type))).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'eks-whois-dev-audit',
    });
    expect(logs.groups.changes).toEqual([]);
  });

  it('keeps the id of the resource, because another one would delete it', async () => {
    const { PhysicalResourceId } = await answered(request('Update', { PhysicalResourceId: 'as-before' }));
    expect(PhysicalResourceId).toBe('as-before');
  });

  it('is never treated as a schedule, even if it cannot be answered', async () => {
    clusters.push({ name: 'prod-1', region: 'eu-west-1' });
    has('prod-1', []);
    await expect(handler(request('Delete', { ResponseURL: undefined }), context(300))).rejects.toThrow('ResponseURL');
    expect(logs.groups.changes).toEqual([]);
  });
});

describe('the answer to CloudFormation', () => {
  it('is tried again, and the URL with its signature is in no log', async () => {
    answers.faults.push(503, 500);
    expect(await answered(request('Create'))).toMatchObject({ Status: 'SUCCESS' });
    expect(answers.headers).toHaveLength(3);
    expect(answers.headers.map((each) => each['content-type'])).toEqual(['', '', '']);
    expect(lines.join('\n')).not.toContain('secret');
  });

  it('fails the invocation if S3 refuses it, so that Lambda invokes the function again', async () => {
    answers.faults.push(403, 403, 403);
    await expect(handler(request('Delete'), context(300))).rejects.toThrow('HTTP 403');
    expect(lines.join('\n')).not.toContain('secret');
  });

  it('goes nowhere without TLS', async () => {
    const plain = request('Delete', { ResponseURL: 'http://example.com/secret' });
    await expect(handler(plain, context(300))).rejects.toThrow('could not be reached (stack-answer)');
  });
});

describe('the custom resource', () => {
  const resourcesOf = (of: Deployment) => stackOf(of).resources.Resources;

  it('waits for the function at most a quarter of an hour, and knows the listed clusters', () => {
    expect(resourcesOf(OF).FoundSubscriptions?.Properties).toEqual({
      ServiceToken: { 'Fn::GetAtt': [functionId('subscribe'), 'Arn'] },
      ServiceTimeout: 900,
      ListedClusters: ['listed'],
    });
  });

  it('is deleted after everything that could subscribe again: all that invokes the function, and the right to deliver', () => {
    const resources = resourcesOf(OF);
    const subscribe = JSON.stringify({ 'Fn::GetAtt': [functionId('subscribe'), 'Arn'] });
    const invoking = Object.entries(resources).filter(
      ([, { Type, Properties }]) =>
        Type === 'AWS::Events::Rule' && JSON.stringify(Properties.Targets).includes(subscribe),
    );
    expect(invoking.map(([id]) => id).toSorted()).toEqual(['ClusterRule', 'SubscribeEventsRuleSchedule1']);
    for (const [, rule] of invoking) expect(rule.DependsOn).toEqual(['FoundSubscriptions']);
    const right = resources.AuditSubscriptionPermission;
    expect(right?.Properties).toMatchObject({ Principal: { 'Fn::Sub': `logs.\${AWS::URLSuffix}` } });
    expect(right?.DependsOn).toEqual(['FoundSubscriptions']);
  });

  it('is in no stack that finds no clusters, where CloudFormation itself deletes the filters', () => {
    const resources = resourcesOf(deployed({ clusters: 'prod-1' }));
    expect(resources.FoundSubscriptions).toBeUndefined();
    for (const each of Object.values(resources)) expect(each.DependsOn ?? []).not.toContain('FoundSubscriptions');
  });
});
