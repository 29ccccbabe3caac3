import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LOG_BYTES } from '../../lib/cost/unit-counts.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { LoopbackServer } from '../../local/loopback/guard.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { piecesOf } from '../builders/pieces.ts';
import { drawFrom } from '../oracle/draw.ts';
import { type AwsAnswer, json, refused, startAws, tookEvents } from '../stand-ins/aws/server.ts';
import { context, deployed, environment, queueEvent, subscriptionEvent } from './deployed.ts';
import { bytesOfLog, enterLambda, leaveLambda } from './within-lambda.ts';

const SPOKE = deployed({
  stack: 'ingest-only',
  clusters: 'prod-us',
  hubAccount: '111122223333',
  hubRegion: 'eu-west-1',
});

/** The event bus of the hub, on this machine. */
let server: LoopbackServer;
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/eks-whois-dev-spokes';
let taken: { readonly body: string; readonly entry: JsonObject; readonly headers: IncomingHttpHeaders }[] = [];
/** In place of the answer that takes the event. */
let answerOf: (body: string) => AwsAnswer | undefined;
let logged: string[] = [];
let handler: (event: unknown, context: Context) => Promise<unknown>;

beforeAll(async () => {
  server = await startAws(({ input, headers }) => {
    const took = tookEvents(input, (body, entry) => taken.push({ body, entry, headers }));
    return answerOf(taken.at(-1)?.body ?? '') ?? took;
  });
  const own = {
    HUB_EVENTS_URL: server.url,
    HUB_BUS_ARN: BUS,
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
  answerOf = () => undefined;
});

afterAll(async () => {
  await server.close();
  leaveLambda();
});

describe('an ingest-only stack', () => {
  it('hands over what a subscription delivers unchanged with its Region, signed for the hub’s Region, and the hub reads it', async () => {
    const events = [auditEvent(), auditEvent({ auditID: 'another' })];
    const event = subscriptionEvent('prod-us', events);
    expect(await handler(event, context(30))).toBeUndefined();
    expect(taken.map(({ body }) => JSON.parse(body))).toEqual([{ region: 'us-east-1', ...event }]);
    const [message] = taken;
    expect(message?.headers).toMatchObject({ 'x-amz-target': 'AWSEvents.PutEvents' });
    expect(message?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDLOCAL\/\d{8}\/eu-west-1\/events\//,
    );
    expect(message?.entry).toMatchObject({
      Source: 'eks-whois.spoke',
      DetailType: 'Audit log delivery',
      EventBusName: BUS,
    });
    const { audit, rejected } = piecesOf(JSON.parse(message?.body ?? ''));
    expect(audit.map(({ event: each, cluster }) => [each, cluster])).toEqual(events.map((each) => [each, 'prod-us']));
    expect(rejected).toEqual([]);
    expect(logged.join()).toContain('"handed over"');
    expect(bytesOfLog(logged)).toBeLessThanOrEqual(LOG_BYTES.handOver);
    expect(logged.join()).not.toContain('"_aws"'); // Each metric of each spoke costs money.
  });

  it.each([
    ['refuses', refused('AccessDeniedException'), /400 AccessDeniedException/],
    ['took nothing', json({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'Throttling' }] }), /Throttling$/],
    ['answers nothing that can be read', json([]), /200$/],
  ])('fails if the bus %s, so that Lambda keeps the batch', async (_, answer, message) => {
    answerOf = () => answer;
    await expect(handler(subscriptionEvent('prod-us', [auditEvent()]), context(30))).rejects.toThrow(message);
  });

  it('splits what is too long for one event, without losing an event', async () => {
    const draw = drawFrom(6);
    const noise = () => Buffer.from(Array.from({ length: 150_000 }, () => draw.below(256))).toString('base64');
    const events = Array.from({ length: 7 }, (_, at) => auditEvent({ auditID: String(at), userAgent: noise() }));
    const event = subscriptionEvent('prod-us', events);
    await handler(event, context(30));
    expect(taken.length).toBeGreaterThan(1);
    expect(Math.max(...taken.map(({ body }) => body.length))).toBeLessThan(1_000_100);
    const pieces = taken.map(({ body }) => piecesOf(JSON.parse(body)));
    expect(pieces.flatMap(({ audit }) => audit.map((each) => each.event))).toEqual(events);
    expect(pieces.flatMap(({ rejected }) => rejected)).toEqual([]);
  });

  it('hands over again what Lambda kept, message by message', async () => {
    const payloads = ['a', 'b'].map((auditID) => subscriptionEvent('prod-us', [auditEvent({ auditID })]));
    const handedOver = payloads.map((payload) => ({ region: 'us-east-1', ...payload }));
    const kept = queueEvent(payloads.map((requestPayload) => ({ version: '1.0', requestPayload })));
    answerOf = (body) => (body === JSON.stringify(handedOver[1]) ? json({}, 500) : undefined);
    expect(await handler(kept, context(30))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
    expect(taken.map(({ body }) => JSON.parse(body))).toEqual(handedOver);
  });
});
