import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deployed, environment } from '../functions/deployed.ts';
import { enterLambda, leaveLambda } from '../functions/within-lambda.ts';

const OF = deployed({
  authorizer: 'jwt',
  jwtIssuer: 'https://login.example.com',
  jwtAudience: 'eks-whois',
  jwtGroups: 'security',
});
type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;
let handler: Handler;
const logged: string[] = [];

beforeAll(async () => {
  const own = {
    AWS_REGION: 'eu-west-1',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_DEV: 'true', // its own console cannot be listened to
  };
  enterLambda({ ...environment(OF, 'api'), ...own }, (line) => void logged.push(String(line)));
  handler = (await import('../../functions/api.ts')).handler as unknown as Handler;
});

afterAll(() => {
  leaveLambda();
});

async function ask(event: object) {
  const request = { rawPath: '/key/whois', rawQueryString: 'lookback=x', requestContext: { requestId: 'q' }, ...event };
  const context = { awsRequestId: 'q', getRemainingTimeInMillis: () => 30_000 };
  const { statusCode, body = '', headers } = await handler(request as never, context as Context);
  return { status: statusCode, type: headers?.['content-type'], detail: JSON.parse(body).detail as string };
}

const token = (groups: readonly string[]) =>
  `Bearer a.${Buffer.from(JSON.stringify({ groups })).toString('base64url')}.c`;

it('a token that has none of the groups is refused', async () => {
  for (const headers of [{}, { authorization: token(['ops']) }, undefined]) {
    const answer = await ask({ routeKey: 'GET /whois', headers });
    expect(answer).toMatchObject({ status: 403, type: 'application/problem+json' });
  }
});

it('a path behind a mapping key is answered, and a path that matches no route of API Gateway is not', async () => {
  const headers = { authorization: token(['ops', 'security']) };
  expect((await ask({ routeKey: 'GET /whois', headers })).status).toBe(400);
  expect((await ask({ routeKey: '$default', headers })).status).toBe(404);
});

it('each question is logged with who asked, also one that is refused', async () => {
  logged.length = 0;
  const authorizer = { jwt: { claims: { sub: 'u-1' } } };
  await ask({ routeKey: 'GET /whois', requestContext: { requestId: 'r-7', authorizer } });
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    {
      ...{ message: 'asked', correlation_id: 'r-7', path: '/whois' },
      ...{ who: { id: 'u-1' }, parameters: { lookback: ['x'] } },
    },
  ]);
});
