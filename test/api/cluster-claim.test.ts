import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clustersOf } from '../../functions/http/request.ts';
import { SealedCursors } from '../../functions/http/sealed-cursors.ts';
import { SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import { DynamoDbSealingKey } from '../../lib/adapters/dynamodb/dynamodb-sealing-key.ts';
import { epochMillis } from '../../lib/time.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, utc } from '../builders/company.ts';
import { KEEP } from '../contract/over.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { deployed, environment } from '../functions/deployed.ts';
import { enterLambda, leaveLambda } from '../functions/within-lambda.ts';
import { Service, SetClock } from '../usecases/service.ts';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;
let handler: Handler;
let dynalite: RunningDynalite;
let claimsTable: string;

const OF = deployed({
  authorizer: 'jwt',
  jwtIssuer: 'https://login.example.com',
  jwtAudience: 'eks-whois',
  clusterClaim: 'https://example.com/clusters',
});

beforeAll(async () => {
  dynalite = await RunningDynalite.start();
  const clock = new SetClock(utc('12:30:00'));
  vi.useFakeTimers({ toFake: ['Date'], now: clock.at });
  const { tables, ...stores } = await dynalite.stores(clock.now);
  claimsTable = tables.claims;
  await fill(new Service(stores, clock));
  const { hostname, port } = (await dynalite.client.config.endpoint?.()) ?? {};
  const own = {
    AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}`,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'eu-west-1',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    CLAIMS_TABLE: tables.claims,
    RECORDS_TABLE: tables.records,
    SESSIONS_TABLE: tables.sessions,
  };
  enterLambda({ ...environment(OF, 'api'), ...own });
  handler = (await import('../../functions/api.ts')).handler as unknown as Handler;
});

afterAll(async () => {
  leaveLambda();
  vi.useRealTimers();
  await dynalite.stop();
});

/** Stores records of two clusters, by turns: one of `mine`, then two of `secret`. */
async function fill(service: Service): Promise<void> {
  const clusters = ['mine', 'secret', 'secret'];
  for (const [at, name] of [...clusters, ...clusters, ...clusters].entries()) {
    const time = utc(`12:0${at}:00`);
    const event = auditEvent({ auditID: `${name}-${at}`, user: roleUser(), requestReceivedTimestamp: time });
    const logEvents = [{ id: '1', message: JSON.stringify(event) }];
    const log = { logGroup: `/aws/eks/${name}/cluster`, logStream: 'kube-apiserver-audit-1' };
    await service.ingestPayload({ messageType: 'DATA_MESSAGE', owner: ACCOUNT, ...log, logEvents }, `delivery-${at}`);
  }
}

const tokenOf = (claims: object) => `Bearer a.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c`;
const token = (clusters: unknown) => tokenOf({ 'https://example.com/clusters': clusters });

async function ask(path: string, authorization: string | undefined, query = '') {
  const request = {
    routeKey: `GET ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers: authorization === undefined ? {} : { authorization },
    requestContext: { requestId: 'q' },
  };
  const context = { awsRequestId: 'q', getRemainingTimeInMillis: () => 30_000 };
  const { statusCode, body = '', headers } = await handler(request as never, context as Context);
  return { status: statusCode, seen: headers?.['eks-whois-clusters'], body: JSON.parse(body) };
}

describe('a service with a claim of clusters', () => {
  it('shows nothing to a token that names no cluster, with a reason', async () => {
    const bad = [undefined, 'Bearer x', tokenOf({}), ...['', ' , ', [], [''], [1], ['a', 1], 7, null, {}].map(token)];
    for (const authorization of bad)
      for (const path of ['/records', '/known', '/fleet', '/notes']) {
        const { status, body } = await ask(path, authorization, 'kind=actor');
        expect([status, authorization], path).toEqual([403, authorization]);
        expect(body.detail).toContain(
          'You may see no cluster: the token names none in the claim https://example.com/clusters.',
        );
      }
  });

  it('says in each answer which clusters it shows', async () => {
    const claim = token(['prod-*', 'blå']);
    expect(await ask('/known', claim, 'kind=cluster')).toMatchObject({ status: 200, seen: 'prod-*, bl%C3%A5' });
    expect(await ask('/known', token(['\ud800']), 'kind=cluster')).toMatchObject({ status: 200, seen: '%EF%BF%BD' });
    expect(await ask('/fleet', claim)).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('You may see only some clusters') },
    });
  });

  it('shows all clusters if the token has a star', async () => {
    for (const clusters of ['*', ['*'], ['prod-1', '*']])
      expect(await ask('/fleet', token(clusters)), String(clusters)).toMatchObject({ status: 200, seen: undefined });
  });
});

describe('a cursor for somebody with limits', () => {
  const FROM = `from=${utc('12:00:00')}&limit=1`;
  const MINE = token(['mine']);
  const cursorIn = (body: unknown) => String(Object(body).cursor);

  it('leads through all records that they may see, and cannot be read', async () => {
    const seen: string[] = [];
    for (let query: string | undefined = FROM; query !== undefined; ) {
      const { status, body } = await ask('/records', MINE, query);
      expect(status).toBe(200);
      seen.push(...body.records.map(({ auditId }: { auditId: string }) => auditId));
      const { cursor } = body;
      query = cursor === undefined ? undefined : `${FROM}&cursor=${cursor}`;
      if (cursor !== undefined)
        expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/records|\d{6}/);
    }
    expect(seen).toEqual(['mine-6', 'mine-3', 'mine-0']);
  });

  it('is refused if the service gave it to somebody else, or to nobody', async () => {
    const { body } = await ask('/records', token('*'), FROM);
    expect(Buffer.from(cursorIn(body), 'base64url').toString()).toContain('records');
    for (const cursor of [cursorIn(body), 'x', '', 'A'.repeat(100)])
      expect(await ask('/records', MINE, `${FROM}&cursor=${cursor}`), cursor).toMatchObject({
        status: 400,
        body: { parameter: 'cursor' },
      });
    const { body: sealed } = await ask('/records', MINE, FROM);
    expect(await ask('/records', token('*'), `${FROM}&cursor=${cursorIn(sealed)}`)).toMatchObject({ status: 400 });
  });

  it('is read by every process of the service, and is not much longer than a plain one', async () => {
    const table = { database: new SentRequests(dynalite.client), table: claimsTable, clock: () => epochMillis(0) };
    const processes = [1, 2].map(() => new SealedCursors(new DynamoDbSealingKey({ ...table, keep: KEEP.records })));
    const long = Array.from({ length: 5_400 }, (_, at) => 'abcdefgh-_'[(at * at * 7) % 10]).join('');
    for (const cursor of ['short~1', long])
      for (const sealing of processes)
        for (const opening of processes) {
          const sealed = cursorIn(await sealing.sealed({ cursor }));
          expect(sealed.length).toBeLessThan(cursor.length * 1.1 + 60);
          const query = await opening.opened(new URLSearchParams({ a: 'b', cursor: sealed }).toString());
          expect(new URLSearchParams(query).get('cursor')).toBe(cursor);
        }
    expect(await processes[0]?.sealed({ records: [] })).toEqual({ records: [] });
  });
});

it('the claim is a list, or a text with commas or spaces', () => {
  for (const clusters of [['a', 'b'], 'a,b', 'a b', ' a,  b '])
    expect(clustersOf(token(clusters), 'https://example.com/clusters')).toEqual(['a', 'b']);
  expect(clustersOf(undefined, undefined)).toBe('all');
  expect(
    clustersOf(token(Array.from({ length: 101 }, (_, at) => `c${at}`)), 'https://example.com/clusters'),
  ).toBeUndefined();
});
