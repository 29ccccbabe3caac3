import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import dynalite from 'dynalite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deadLetterName } from '../../infra/queue-names.ts';
import { type DynamoDbStores, dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { TABLES, type TableId, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import { NO_VOLUME, OF_ATTEMPT } from '../../lib/heartbeats/volume.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { SLICE } from '../../lib/usecases/ingest/within-ceiling.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { KEEP } from '../contract/over.ts';
import { type QueuesServer, startQueues } from '../stand-ins/aws/queues.ts';
import { busEvent, context, deployed, environment, queueEvent, subscriptionEvent, tablesOf } from './deployed.ts';
import { enterLambda, leaveLambda } from './within-lambda.ts';

const HUB = deployed({});
const QUEUE = 'eks-whois-dev-spoke-batches';
const DEAD = deadLetterName(QUEUE);
const ACCOUNT = '444455556666';
/** Requests that are answered before the function is cut off: it has begun to decide events. */
const ANSWERED = 40;

type Handler = (event: SQSEvent, given: ReturnType<typeof context>) => Promise<unknown>;

/** Each event has its own role, session, key and namespace. */
const own = (at: number): JsonObject =>
  auditEvent({
    auditID: `own-${at}`,
    verb: 'delete',
    user: roleUser({
      ...{ roleName: `role-${at}`, roleId: `AROA${String(at).padStart(17, '0')}`, session: `session-${at}` },
      key: `ASIA${String(at).padStart(16, '0')}`,
    }),
    objectRef: { resource: 'pods', namespace: `namespace-${at}`, name: 'web-0', apiVersion: 'v1' },
  });

const delivery = (count: number) =>
  busEvent(
    subscriptionEvent(
      'prod',
      Array.from({ length: count }, (_, at) => own(at)),
    ),
    ACCOUNT,
  );

function received(times: number, envelope: JsonObject, messageId: string): SQSEvent {
  const attributes = { ApproximateReceiveCount: String(times), SentTimestamp: '1000' };
  const { Records } = queueEvent([envelope], QUEUE);
  return { Records: Records.map((message) => ({ ...message, messageId, attributes }) as SQSRecord) };
}

/** A server in front of the database that answers some requests, and none after them. */
class Front {
  readonly #server: Server;
  readonly operations: string[] = [];
  readonly isCutOff: Promise<void>;

  constructor(database: number, most: number) {
    let cut: () => void = () => undefined;
    this.isCutOff = new Promise((resolve) => {
      cut = resolve;
    });
    this.#server = createServer((incoming, answer) => {
      if (this.operations.length === most) return cut();
      this.operations.push(String(incoming.headers['x-amz-target']).split('.')[1] ?? '');
      const { method, headers, url: path } = incoming;
      const onward = request({ host: '127.0.0.1', port: database, method, headers, path }, (reply) => {
        answer.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(answer);
      });
      incoming.pipe(onward);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${portOf(this.#server)}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const portOf = (server: Pick<Server, 'address'>) => (server.address() as AddressInfo).port; // a TCP server's

describe('the function ingest, cut off during a delivery of another account', () => {
  const database = dynalite({ createTableMs: 0 });
  let url: string;
  let queues: QueuesServer;
  let client: DynamoDBClient;

  beforeAll(async () => {
    await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${portOf(database)}`;
    queues = await startQueues({ messages: { [DEAD]: 0 } });
    const keys = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: 'eu-west-1' };
    enterLambda({ ...environment(HUB, 'ingest'), ...keys, AWS_ENDPOINT_URL_SQS: queues.url, POWERTOOLS_DEV: 'true' });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    client = new DynamoDBClient({ endpoint: url, region: 'eu-west-1', credentials });
    for (const id of Object.keys(TABLES) as TableId[]) // our own constant's keys
      await client.send(new CreateTableCommand(structuredClone(tableParameters(id, tablesOf(HUB)[id])) as never));
  });

  afterAll(async () => {
    await queues.close();
    client.destroy();
    await new Promise<void>((resolve) => database.close(() => resolve()));
    leaveLambda();
  });

  /** Starts a process of the function. */
  async function processOf(endpoint: string): Promise<Handler> {
    vi.resetModules();
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', endpoint);
    const module: { handler: (event: never, given: never) => Promise<unknown> } = await import(
      '../../functions/ingest.ts'
    );
    return (event, given) => module.handler(event as never, given as never);
  }

  /** Runs the function in a process that is cut off while it works. Returns the operations that it called. */
  async function cutOff(event: SQSEvent): Promise<readonly string[]> {
    const front = new Front(portOf(database), ANSWERED);
    const handler = await processOf(await front.start());
    const running = handler(event, context(60)).catch(() => undefined);
    await front.isCutOff;
    await front.stop();
    await running; // which nobody answers any more
    return front.operations;
  }

  const tables = (): DynamoDbStores =>
    dynamoDbStores({ client, tables: tablesOf(HUB), clock: () => epochMillis(Date.now()), keep: KEEP });
  const today = () => tables().volumes.today();
  const counted = (attempts: number) => [{ ...NO_VOLUME, accountId: ACCOUNT, attempted: attempts * OF_ATTEMPT }];

  it('has counted a delivery of several slices before its work', async () => {
    const operations = await cutOff(received(1, delivery(SLICE + 1), 'large'));
    expect(await today()).toEqual(counted(1));
    expect(operations.indexOf('PutItem')).toBeLessThan(5);
  });

  it('has counted each attempt at any delivery once the second one begins', async () => {
    const small = delivery(20);
    await cutOff(received(1, small, 'small'));
    expect(await today()).toEqual(counted(1));
    await cutOff(received(2, small, 'small'));
    await cutOff(received(3, small, 'small'));
    expect(await today()).toEqual(counted(4)); // the large one, and three
    const handler = await processOf(url);
    expect(await handler(received(4, small, 'small'), context(60))).toEqual({ batchItemFailures: [] });
    const { records } = await tables().records.query(
      { by: 'audit-id', auditId: auditIdOf('own-19') },
      {},
      { limit: 2 },
    );
    expect(records).toHaveLength(1);
  });

  it('is started 20 more times for one message, which then is a dead letter with its cause', async () => {
    await tables().attempts.change('message poison', () => ({ slices: 0, open: 19 }));
    await cutOff(received(21, delivery(20), 'poison'));
    const handler = await processOf(url);
    expect(await handler(received(22, delivery(20), 'poison'), context(60))).toEqual({ batchItemFailures: [] });
    expect(queues.sent).toMatchObject([
      { name: DEAD, cause: 'The function broke off on the message 20 times in a row.' },
    ]);
  });
});
