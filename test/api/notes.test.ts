import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { deployed, environment } from '../functions/deployed.ts';
import { enterLambda, leaveLambda } from '../functions/within-lambda.ts';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;
let handler: Handler;
let dynalite: RunningDynalite;

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
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    CLAIMS_TABLE: tables.claims,
  };
  enterLambda({ ...environment(deployed({}), 'api'), ...own });
  handler = (await import('../../functions/api.ts')).handler as unknown as Handler;
});

afterAll(async () => {
  leaveLambda();
  await dynalite.stop();
});

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const JWT = { jwt: { claims: { sub: 'sub-of-alice', email: 'alice@example.com', email_verified: 'true' } } };
const NOTE = { about: 'claim:one', kind: 'reviewed', text: 'asked her' };

async function request(event: object) {
  const context = { awsRequestId: 'q', getRemainingTimeInMillis: () => 30_000 };
  const { statusCode, body = '' } = await handler(
    { rawPath: '/notes', rawQueryString: '', ...event } as never,
    context as Context,
  );
  return { status: statusCode, body: JSON.parse(body) };
}

const post = (event: object, authorizer: object | undefined = JWT) =>
  request({
    routeKey: 'POST /notes',
    headers: JSON_TYPE,
    body: JSON.stringify(NOTE),
    requestContext: { requestId: 'q', authorizer },
    ...event,
  });

const written = async (about: string) =>
  (
    await request({
      routeKey: 'GET /notes',
      rawQueryString: new URLSearchParams({ about }).toString(),
      requestContext: { requestId: 'q' },
    })
  ).body.notes;

describe('POST /notes', () => {
  it('stores a note under the author that the authorizer states', async () => {
    const { status, body } = await post({});
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...NOTE,
      who: { id: 'sub-of-alice', name: 'alice@example.com', nameIs: 'verified-email' },
    });
    expect(await written('claim:one')).toEqual([body]);
  });

  it('names an AWS identity by its ARN and a program by its client, and ignores an email that is not verified', async () => {
    const userArn = 'arn:aws:sts::111122223333:assumed-role/analyst/alice';
    const whoOf = async (authorizer: object) => (await post({}, authorizer)).body.who;
    expect(await whoOf({ iam: { userArn } })).toEqual({ id: userArn });
    expect(await whoOf({ jwt: { claims: { client_id: 'a-program' } } })).toEqual({ id: 'a-program' });
    const claims = { sub: 'x', email: 'boss@example.com' };
    const stated = { id: 'x', name: 'mallory', nameIs: 'stated' };
    for (const more of [{ email_verified: 'false' }, { email_verified: '' }, {}]) {
      expect(await whoOf({ jwt: { claims: { ...claims, ...more } } })).toEqual({ id: 'x' });
      expect(await whoOf({ jwt: { claims: { ...claims, ...more, username: 'mallory' } } })).toEqual(stated);
      expect(await whoOf({ jwt: { claims: { ...claims, ...more, preferred_username: 'mallory' } } })).toEqual(stated);
    }
  });

  it('stores a note once if it is sent again', async () => {
    const sent = { body: JSON.stringify({ ...NOTE, about: 'claim:again', clientToken: 'b7140a45-50bf' }) };
    const [first, second] = [await post(sent), await post(sent)];
    expect(second).toEqual(first);
    expect(first.status).toBe(201);
    expect(await written('claim:again')).toEqual([first.body]);
  });

  it('refuses a note without an authenticated author, whatever the request itself states', async () => {
    const forged = `Bearer a.${Buffer.from(JSON.stringify({ sub: 'boss' })).toString('base64url')}.c`;
    for (const authorizer of [{}, { jwt: {} }, { jwt: { claims: {} } }, { iam: {} }])
      expect((await post({ headers: { ...JSON_TYPE, authorization: forged } }, authorizer)).status).toBe(403);
    const about = 'claim:forged';
    expect((await post({ body: JSON.stringify({ ...NOTE, about, who: { id: 'boss' } }) })).body).toMatchObject({
      status: 400,
      parameter: 'who',
    });
    expect(await written(about)).toEqual([]);
  });

  it('accepts only a body that is declared as JSON and is no longer than a note', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json', undefined])
      expect((await post({ headers: { 'content-type': type } })).status).toBe(415);
    expect((await post({ headers: undefined })).status).toBe(415);
    expect((await post({ body: JSON.stringify({ ...NOTE, text: 'x'.repeat(20_000) }) })).status).toBe(413);
    expect((await post({ body: undefined })).body).toMatchObject({ status: 400, parameter: 'body' });
    const encoded = Buffer.from(JSON.stringify({ ...NOTE, about: 'audit:encoded' })).toString('base64');
    expect((await post({ body: encoded, isBase64Encoded: true })).status).toBe(201);
  });

  it('is the only path that can be posted to', async () => {
    expect((await post({ routeKey: 'POST /records' })).status).toBe(404);
    expect((await post({ routeKey: 'GET /notes' })).body).toMatchObject({ status: 400, parameter: 'about' });
  });
});
