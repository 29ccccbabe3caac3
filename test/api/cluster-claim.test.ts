import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clustersOf } from '../../functions/http/request.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { deployed, environment } from '../functions/deployed.ts';
import { enterLambda, leaveLambda } from '../functions/within-lambda.ts';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;
let handler: Handler;
let dynalite: RunningDynalite;

const OF = deployed({
  authorizer: 'jwt',
  jwtIssuer: 'https://login.example.com',
  jwtAudience: 'eks-whois',
  clusterClaim: 'https://example.com/clusters',
});

beforeAll(async () => {
  dynalite = await RunningDynalite.start();
  const { tables } = await dynalite.stores(() => Date.now() as never);
  const { hostname, port } = (await dynalite.client.config.endpoint?.()) ?? {};
  const own = {
    AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}`,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'eu-west-1',
    POWERTOOLS_METRICS_DISABLED: 'true',
    CLAIMS_TABLE: tables.claims,
    RECORDS_TABLE: tables.records,
    SESSIONS_TABLE: tables.sessions,
  };
  enterLambda({ ...environment(OF, 'api'), ...own });
  handler = (await import('../../functions/api.ts')).handler as unknown as Handler;
});

afterAll(async () => {
  leaveLambda();
  await dynalite.stop();
});

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
    expect(await ask('/fleet', claim)).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('You may see some clusters only') },
    });
  });

  it('shows all with a star', async () => {
    for (const clusters of ['*', ['*'], ['prod-1', '*']])
      expect(await ask('/fleet', token(clusters)), String(clusters)).toMatchObject({ status: 200, seen: undefined });
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
