import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../lib/adapters/dynamodb/database.ts';
import { DirectReads } from '../../lib/adapters/dynamodb/direct-reads.ts';
import { queryRequest } from '../../lib/adapters/dynamodb/requests.ts';
import { TABLES, tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import { portOf } from '../../local/loopback/guard.ts';
import { cases } from '../builders/thoroughness.ts';
import { RunningDynalite } from './running-dynalite.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

const TABLE = 'odd-things';
const RUNS = cases(20, 400);
const KEY = { partition: 'p', sort: 's' };
/** The SDK writes none that is called so. */
const NAMES = fc.string().filter((name) => name !== '__proto__');

/** A way to the DynamoDB that notes who asks, and does to each request what stands first in `faults`. */
class Way {
  readonly asked: string[] = [];
  readonly faults: ((answer: ServerResponse) => void)[] = [];
  readonly server: Server;

  constructor(to: string) {
    this.server = createServer(async (incoming, answer) => {
      const by = incoming.headers['amz-sdk-invocation-id'] === undefined ? 'directly' : 'by the SDK';
      this.asked.push(`${String(incoming.headers['x-amz-target']).split('.')[1]} ${by}`);
      const fault = this.faults.shift();
      if (fault !== undefined) return fault(answer);
      await forward(to, incoming, answer);
    });
  }
}

async function forward(to: string, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { method, headers } = incoming;
  const onward = request(to, { method, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 500, reply.headers);
    reply.pipe(answer);
  });
  incoming.pipe(onward);
}

const json = { 'content-type': 'application/x-amz-json-1.0' };
const refused = (status: number, name: string) => (answer: ServerResponse) =>
  answer.writeHead(status, json).end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}` }));

describe('reading past the SDK', () => {
  let way: Way;
  let client: DynamoDBClient;
  let database: Database;

  beforeAll(async () => {
    await dynalite.client.send(new CreateTableCommand(structuredClone(tableParameters('sessions', TABLE)) as never));
    await DynamoDBDocumentClient.from(dynalite.client).send(
      new PutCommand({ TableName: TABLE, Item: { ...KEY, says: 'so' } }),
    );
  });
  beforeEach(async () => {
    const { protocol, hostname, port } = (await dynalite.client.config.endpoint?.()) ?? {};
    way = new Way(`${protocol}//${hostname}:${port}`);
    way.server.listen(0, '127.0.0.1');
    await once(way.server, 'listening');
    client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${portOf(way.server)}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'of a session' },
    });
    database = new Database(client, { direct: new DirectReads(client) });
  });
  afterEach(async () => {
    client.destroy();
    way.server.closeAllConnections();
    await new Promise((resolve) => way.server.close(resolve));
  });

  const read = () => database.get(TABLE, KEY);
  const readBoth = async () => [await read(), await read()];

  it('begins with the first answer that the SDK had', async () => {
    expect(await readBoth()).toEqual([
      { ...KEY, says: 'so' },
      { ...KEY, says: 'so' },
    ]);
    expect(await database.query(queryRequest(TABLE, TABLES.sessions.key, { hash: 'p', order: 'ascending' }))).toEqual([
      { ...KEY, says: 'so' },
    ]);
    expect(await database.getAll(TABLE, [KEY, { partition: 'p', sort: 'none' }])).toEqual([{ ...KEY, says: 'so' }]);
    expect(way.asked).toEqual(['GetItem by the SDK', 'GetItem directly', 'Query directly', 'BatchGetItem directly']);
  });

  it.each([
    ['it is refused', refused(500, 'InternalServerError')],
    ['it is throttled', refused(400, 'ProvisionedThroughputExceededException')],
    ['the connection breaks', (answer: ServerResponse) => answer.destroy()],
    [
      'the answer breaks off',
      (answer: ServerResponse) =>
        answer.writeHead(200, { ...json, 'content-length': '90' }).write('{"It', () => answer.destroy()),
    ],
    ['the answer is no JSON', (answer: ServerResponse) => answer.writeHead(200, json).end('<html>')],
    [
      'it is answered with what nobody knows',
      (answer: ServerResponse) => answer.writeHead(200, json).end('{"Item":{"a":{"X":"y"}}}'),
    ],
  ])('leaves to the SDK what is not answered: %s', async (_, fault) => {
    await read();
    way.faults.push(fault);
    expect(await read()).toEqual({ ...KEY, says: 'so' });
    expect(way.asked.slice(1)).toEqual(['GetItem directly', 'GetItem by the SDK']);
    await read();
    expect(way.asked.at(-1)).toBe('GetItem directly');
  });

  it('throws what the SDK says is wrong, and leaves all to it until that has an answer', async () => {
    await read();
    const denied = refused(400, 'AccessDeniedException');
    way.faults.push(denied, denied, denied);
    await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await readBoth();
    expect(way.asked).toEqual([
      'GetItem by the SDK',
      'GetItem directly',
      'GetItem by the SDK',
      'GetItem by the SDK',
      'GetItem by the SDK',
      'GetItem directly',
    ]);
  });

  it('reads whatever is stored as the SDK does', async () => {
    const plain = new Database(dynalite.client);
    await read();
    const leaf = fc.oneof(
      fc.string(),
      fc.constantFrom('é✓', '\u0000', '"B":"', '\u{1F600}', '\u2028'),
      fc.double({ noNaN: true, min: -1e15, max: 1e15 }).filter((size) => size === 0 || Math.abs(size) > 1e-100),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ minLength: 1, maxLength: 9 }),
      fc.constant(new Set(['a', 'b'])),
      fc.constant(12_345_678_901_234_567_890n),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(NAMES, tie('value'), { maxKeys: 5 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, async (says) => {
        await DynamoDBDocumentClient.from(dynalite.client).send(
          new PutCommand({ TableName: TABLE, Item: { ...KEY, says } }),
        );
        const [ours, theirs] = await Promise.allSettled([read(), plain.get(TABLE, KEY)]);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: RUNS },
    );
    expect(way.asked.filter((each) => each === 'GetItem directly').length).toBeGreaterThan(RUNS / 2);
  });

  it('asks for nothing that it cannot write as the SDK would', async () => {
    await read();
    await expect(database.get(TABLE, { partition: 'p', sort: undefined })).rejects.toThrow();
    expect(way.asked).toEqual(['GetItem by the SDK', 'GetItem by the SDK']);
  });
});
