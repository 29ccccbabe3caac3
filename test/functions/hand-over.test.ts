import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isJsonObject, parseJson, textAt } from '../../lib/json.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { piecesOf } from '../builders/pieces.ts';
import { context, deployed, environment, queueEvent, subscriptionEvent } from './deployed.ts';
import { enterLambda, leaveLambda } from './within-lambda.ts';

const SPOKE = deployed({
  stack: 'ingest-only',
  clusters: 'prod-us',
  hubAccount: '111122223333',
  hubRegion: 'eu-west-1',
});

/** A queue of the hub, on this machine: SQS's JSON protocol, one operation. */
let server: Server;
let url = '';
let taken: { readonly body: string; readonly headers: IncomingHttpHeaders }[] = [];
let answerOf: (body: string) => { status: number; answer: object };
let logged: string[] = [];
let handler: (event: unknown, context: Context) => Promise<unknown>;

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const takes = (body: string) => ({ status: 200, answer: { MessageId: 'm', MD5OfMessageBody: md5(body) } });

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const parsed = parseJson(Buffer.concat(chunks).toString());
    const said = parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
    const body = textAt(said, 'MessageBody') ?? '';
    taken.push({ body, headers: request.headers });
    const { status, answer } = textAt(said, 'QueueUrl') === url ? answerOf(body) : { status: 400, answer: {} };
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/111122223333/eks-whois-dev-spoke-batches`;
  const own = {
    HUB_QUEUE_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDLOCAL',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_METRICS_DISABLED: 'false',
    POWERTOOLS_DEV: 'true', // its own console cannot be listened to
  };
  enterLambda({ ...environment(SPOKE, 'ingest'), ...own }, (line) => void logged.push(String(line)));
  handler = (await import('../../functions/hand-over.ts')).handler as unknown as typeof handler;
});

beforeEach(() => {
  taken = [];
  logged = [];
  answerOf = takes;
});

afterAll(() => {
  server.close();
  leaveLambda();
});

describe('an ingest-only stack', () => {
  it('hands what a subscription brings over as it came, signed for the hub’s Region, and the hub reads it', async () => {
    const events = [auditEvent(), auditEvent({ auditID: 'another' })];
    const event = subscriptionEvent('prod-us', events);
    expect(await handler(event, context(30))).toBeUndefined();
    expect(taken.map(({ body }) => JSON.parse(body))).toEqual([event]);
    const [message] = taken;
    expect(message?.headers).toMatchObject({ 'x-amz-target': 'AmazonSQS.SendMessage' });
    expect(message?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDLOCAL\/\d{8}\/eu-west-1\/sqs\//);
    const { audit, rejected } = piecesOf(JSON.parse(message?.body ?? ''));
    expect(audit.map(({ event: each, cluster }) => [each, cluster])).toEqual(events.map((each) => [each, 'prod-us']));
    expect(rejected).toEqual([]);
    expect(logged.join()).toContain('"BatchesHandedOver":1');
  });

  it.each([
    ['refuses', () => ({ status: 403, answer: { __type: 'AccessDenied' } })],
    ['took another text', () => ({ status: 200, answer: { MD5OfMessageBody: md5('other') } })],
    ['answers nothing that can be read', () => ({ status: 200, answer: [] })],
  ])('fails where the queue %s, so that Lambda keeps the batch', async (_, answer) => {
    answerOf = answer;
    await expect(handler(subscriptionEvent('prod-us', [auditEvent()]), context(30))).rejects.toThrow(/^The queue /);
  });

  it('hands over again what Lambda kept, message by message', async () => {
    const payloads = ['a', 'b'].map((auditID) => subscriptionEvent('prod-us', [auditEvent({ auditID })]));
    const kept = queueEvent(payloads.map((requestPayload) => ({ version: '1.0', requestPayload })));
    answerOf = (body) => (body === JSON.stringify(payloads[1]) ? { status: 500, answer: {} } : takes(body));
    expect(await handler(kept, context(30))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
    expect(taken.map(({ body }) => JSON.parse(body))).toEqual(payloads);
  });
});
