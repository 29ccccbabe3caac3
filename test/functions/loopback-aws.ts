import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { TABLES, type TableId, type TableNames, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import { type JsonObject, objectAt, textAt } from '../../lib/json.ts';
import { type CloudTrailServer, startCloudTrail } from '../../local/cloudtrail/server.ts';
import { listen } from '../../local/loopback/guard.ts';
import { handOver } from '../contract/handed-over.ts';
import { stsAnswer } from '../stand-ins/aws/query-services.ts';
import { type AwsAnswer, type AwsRequest, json, readRequest, refused, send, xml } from '../stand-ins/aws/server.ts';

/** One request that an SDK made: the action as policies name it, and what it was done to. */
export interface Call {
  readonly action: string;
  /** `<table>` or `<table>/index/<index>`; a topic's ARN; `*` where the action has no resource. */
  readonly resource: string;
}

/** DynamoDB, CloudTrail, SNS, Lambda's asynchronous Invoke and STS's GetCallerIdentity on one port of this machine, as `AWS_ENDPOINT_URL` names it. */
export interface LoopbackAws {
  readonly url: string;
  readonly cloudtrail: CloudTrailServer;
  /** Every call so far; grows. */
  readonly calls: Call[];
  /** Refuses calls of an action from now on; the function that it returns lets them through again. */
  refuse(action: string, resource: string): () => void;
  /** The published messages so far, as form parameters. */
  readonly published: URLSearchParams[];
  /** The payloads of asynchronous invocations, which nothing runs; grows. */
  readonly started: JsonObject[];
  /** The accounts of access keys that are not of `111122223333`; may be added to. */
  readonly accounts: Map<string, string>;
  stop(): Promise<void>;
}

/** Each answer waits for `beforeAnswer`. The DynamoDB is dynalite, or the one at the address `other`, in which the tables stay. */
export async function startLoopbackAws(
  tables: TableNames,
  beforeAnswer?: () => Promise<void>,
  other?: string,
): Promise<LoopbackAws> {
  const dynamodb = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => dynamodb.listen(0, '127.0.0.1', resolve));
  const cloudtrail = await startCloudTrail({ requestsPerSecond: Number.POSITIVE_INFINITY, now: () => Date.now() });
  const { port } = dynamodb.address() as AddressInfo;
  const database = other ?? `http://127.0.0.1:${port}`;
  await createTables(database, tables);
  const calls: Call[] = [];
  const published: URLSearchParams[] = [];
  const started: JsonObject[] = [];
  const denied = new Set<string>();
  const accounts = new Map<string, string>();
  const front = createServer(async (incoming, answer) => {
    const request = await readRequest(incoming);
    const target = String(request.headers['x-amz-target'] ?? '');
    const made = callsOf(target, request);
    calls.push(...made);
    await beforeAnswer?.();
    if (answer.destroyed) return; // nobody waits for it any more
    if (made.some(({ action, resource }) => denied.has(`${action} ${resource}`))) return send(answer, DENIED);
    if (target.startsWith('DynamoDB_'))
      return other === undefined ? handOver(dynamodb, request, answer) : forward(`${database}/`, request, answer);
    if (target.startsWith('CloudTrail_')) return forward(cloudtrail.url, request, answer);
    send(answer, answerTo(request, { published, started, accounts }));
  });
  const { url, close } = await listen(front);
  return {
    url,
    cloudtrail,
    calls,
    published,
    started,
    accounts,
    refuse(action, resource) {
      denied.add(`${action} ${resource}`);
      return () => denied.delete(`${action} ${resource}`);
    },
    async stop() {
      await close();
      await cloudtrail.close();
      await new Promise<void>((resolve) => dynamodb.close(() => resolve()));
    },
  };
}

/** Answers what is neither DynamoDB's nor CloudTrail's, and notes it. */
function answerTo(
  request: AwsRequest,
  { published, started, accounts }: Pick<LoopbackAws, 'published' | 'started' | 'accounts'>,
): AwsAnswer {
  if (request.operation === 'GetCallerIdentity') return identityAnswer(request, accounts);
  if (request.service === 'lambda') {
    started.push(request.input);
    return STARTED;
  }
  published.push(request.form);
  return PUBLISHED;
}

const DENIED = refused('com.amazonaws.dynamodb.v20120810#AccessDeniedException');

const STARTED = json({}, 202);

const PUBLISHED = xml(
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
);

function identityAnswer({ accessKeyId }: AwsRequest, accounts: ReadonlyMap<string, string>) {
  const account = accounts.get(accessKeyId) ?? '111122223333';
  const result = `<Arn>arn:aws:iam::${account}:user/alice</Arn><UserId>AIDAALICE</UserId><Account>${account}</Account>`;
  return stsAnswer('GetCallerIdentity', result);
}

async function createTables(endpoint: string, tables: TableNames): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials });
  for (const id of Object.keys(TABLES) as TableId[]) {
    await client.send(new CreateTableCommand(structuredClone(tableParameters(id, tables[id])) as never));
  }
  client.destroy();
}

function forward(url: string, { headers, body }: AwsRequest, answer: ServerResponse): void {
  const onward = request(url, { method: 'POST', headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 500, reply.headers);
    reply.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  onward.end(body);
}

function callsOf(target: string, { operation: name, form, input, service, url }: AwsRequest): Call[] {
  if (service === 'lambda') return [{ action: 'lambda:InvokeFunction', resource: url.pathname.split('/')[3] ?? '' }];
  if (target.startsWith('CloudTrail_')) return [{ action: `cloudtrail:${name}`, resource: '*' }];
  if (!target.startsWith('DynamoDB_')) return [{ action: `sns:${name}`, resource: form.get('TopicArn') ?? '' }];
  const tables = Object.keys(objectAt(input, 'RequestItems') ?? {});
  const index = textAt(input, 'IndexName');
  const one = `${textAt(input, 'TableName')}${index === undefined ? '' : `/index/${index}`}`;
  return (tables.length > 0 ? tables : [one]).map((resource) => ({ action: `dynamodb:${name}`, resource }));
}
