import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { TABLES, type TableId, type TableNames, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import { isJsonObject, type JsonObject, objectAt, parseJson, textAt } from '../../lib/json.ts';
import { type CloudTrailServer, startCloudTrail } from '../../local/cloudtrail/server.ts';

/** One request that an SDK made: the action as policies name it, and what it was done to. */
export interface Call {
  readonly action: string;
  /** `<table>` or `<table>/index/<index>`; a topic's ARN; `*` where the action has no resource. */
  readonly resource: string;
}

/** DynamoDB, CloudTrail, SNS and STS's GetCallerIdentity on one port of this machine, as `AWS_ENDPOINT_URL` names it. */
export interface LoopbackAws {
  readonly url: string;
  readonly cloudtrail: CloudTrailServer;
  /** Every call so far; grows. */
  readonly calls: Call[];
  /** Refuses calls of an action from now on; the function that it returns lets them through again. */
  refuse(action: string, resource: string): () => void;
  /** What was published, as the form that it came in; grows. */
  readonly published: URLSearchParams[];
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
  const refused = new Set<string>();
  const accounts = new Map<string, string>();
  const front = createServer(async (incoming, answer) => {
    const body = await bodyOf(incoming);
    const target = String(incoming.headers['x-amz-target'] ?? '');
    const made = callsOf(target, body);
    calls.push(...made);
    await beforeAnswer?.();
    if (answer.destroyed) return; // nobody waits for it any more
    if (made.some(({ action, resource }) => refused.has(`${action} ${resource}`))) {
      answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(DENIED);
      return;
    }
    if (target.startsWith('DynamoDB_')) return forward(`${database}/`, incoming, body, answer);
    if (target.startsWith('CloudTrail_')) return forward(cloudtrail.url, incoming, body, answer);
    answer.setHeader('content-type', 'text/xml');
    if (body.includes('Action=GetCallerIdentity')) return answer.end(identityAnswer(incoming, accounts));
    published.push(new URLSearchParams(body.toString()));
    answer.end(PUBLISHED);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    cloudtrail,
    calls,
    published,
    accounts,
    refuse(action, resource) {
      refused.add(`${action} ${resource}`);
      return () => refused.delete(`${action} ${resource}`);
    },
    async stop() {
      front.closeAllConnections();
      front.close();
      await cloudtrail.close();
      await new Promise<void>((resolve) => dynamodb.close(() => resolve()));
    },
  };
}

const DENIED = JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#AccessDeniedException', message: 'refused' });

const PUBLISHED =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';

function identityAnswer({ headers }: IncomingMessage, accounts: ReadonlyMap<string, string>): string {
  const [, key = ''] = /Credential=([^/]+)/.exec(headers.authorization ?? '') ?? [];
  const account = accounts.get(key) ?? '111122223333';
  const result = `<Arn>arn:aws:iam::${account}:user/alice</Arn><UserId>AIDAALICE</UserId><Account>${account}</Account>`;
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
}

async function createTables(endpoint: string, tables: TableNames): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials });
  for (const id of Object.keys(TABLES) as TableId[]) {
    await client.send(new CreateTableCommand(structuredClone(tableParameters(id, tables[id])) as never));
  }
  client.destroy();
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function forward(url: string, { method, headers }: IncomingMessage, body: Buffer, answer: ServerResponse): void {
  const onward = request(url, { method, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 500, reply.headers);
    reply.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  onward.end(body);
}

function callsOf(target: string, body: Buffer): Call[] {
  const name = target.split('.')[1] ?? '';
  if (target.startsWith('CloudTrail_')) return [{ action: `cloudtrail:${name}`, resource: '*' }];
  if (!target.startsWith('DynamoDB_')) {
    const form = new URLSearchParams(body.toString());
    return [{ action: `sns:${form.get('Action')}`, resource: form.get('TopicArn') ?? '' }];
  }
  const parsed = parseJson(body.toString());
  const input: JsonObject = parsed.ok && isJsonObject(parsed.value) ? parsed.value : {};
  const tables = Object.keys(objectAt(input, 'RequestItems') ?? {});
  const index = textAt(input, 'IndexName');
  const one = `${textAt(input, 'TableName')}${index === undefined ? '' : `/index/${index}`}`;
  return (tables.length > 0 ? tables : [one]).map((resource) => ({ action: `dynamodb:${name}`, resource }));
}
