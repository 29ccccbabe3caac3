import { join } from 'node:path';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  ScheduledEvent,
  SQSBatchResponse,
} from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectations } from '../../examples/day.ts';
import { alarmResources } from '../../infra/alarms.ts';
import { functionsOf } from '../../infra/deployment.ts';
import { FUNCTIONS, type FunctionName } from '../../infra/parameters.ts';
import { policyOf } from '../../infra/policies.ts';
import { stsEventPattern } from '../../infra/sts-events.ts';
import type { Alert } from '../../lib/claims/alert.ts';
import type { AlertDigest } from '../../lib/claims/alert-digest.ts';
import { FEW_DUE } from '../../lib/claims/due-list.ts';
import { LOG_BYTES } from '../../lib/cost/unit-counts.ts';
import { eventPatternTakes } from '../../lib/doctor/event-pattern.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../../lib/json.ts';
import { METRICS, METRICS_NAMESPACE } from '../../lib/metrics.ts';
import { parseQuery } from '../alerts/parse-query.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ROLE_ID, ROLE_NAME } from '../builders/company.ts';
import { roleSession } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { recordsIn } from '../infra/corpus.ts';
import { metricsOfAlarm } from '../infra/reading.ts';
import { deploymentOf, KINDS } from '../infra/stacks.ts';
import { OpenApiDocument } from '../service/openapi-document.ts';
import {
  ALERTS,
  busEvent,
  context,
  deployed,
  environment,
  logsEvent,
  queueEvent,
  subscriptionEvent,
  tablesOf,
  trailEvent,
} from './deployed.ts';
import { type Call, type LoopbackAws, startLoopbackAws } from './loopback-aws.ts';
import { bytesOfLog } from './within-lambda.ts';

const ROOT = join(import.meta.dirname, '../..');
const HUB = deployed({ clusters: ['prod', 'staging'], regions: ['eu-west-1'] });
const MINUTE = 60_000;
/** The queue that ingest-only stacks fill. */
const HANDED_OVER = 'eks-whois-dev-spoke-batches';

type Handler = (event: never, context: Context) => Promise<unknown>;
const handlers = new Map<FunctionName, Handler>();
const callsBy = new Map<FunctionName, Call[]>(FUNCTIONS.map((name) => [name, []]));
const emitted = new Set<string>();
/** The bytes that each run of a function wrote to its log. */
const logged = new Map<FunctionName, number[]>(FUNCTIONS.map((name) => [name, []]));
let bytesOfRun = 0;
let aws: LoopbackAws;

/** Runs a function as Lambda would, and notes what it called. */
async function invoke<T>(name: FunctionName, event: unknown): Promise<T> {
  const from = aws.calls.length;
  bytesOfRun = 0;
  const handler = handlers.get(name);
  if (handler === undefined) throw new Error(`${name} is not there`);
  try {
    return (await handler(event as never, context(600))) as T;
  } finally {
    callsBy.get(name)?.push(...aws.calls.slice(from));
    logged.get(name)?.push(bytesOfRun);
  }
}

async function ask(path: string, query: Readonly<Record<string, string>>) {
  const event = {
    rawPath: path,
    rawQueryString: String(new URLSearchParams(query)),
    requestContext: { requestId: 'q' },
  };
  const answer = await invoke<APIGatewayProxyStructuredResultV2>('api', event as APIGatewayProxyEventV2);
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body ?? '') as JsonObject };
}

const settleNow = () => invoke<void>('settle', { source: 'aws.events' } as ScheduledEvent);
const setTime = (at: number) => vi.setSystemTime(Math.max(at, Date.now()));

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-03-10T00:00:00Z') });
  vi.spyOn(console, 'log').mockImplementation(noteMetrics);
  for (const method of ['info', 'warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(noteLine);
  aws = await startLoopbackAws(tablesOf(HUB));
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('LOOKUPS_PER_SECOND', '1000');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  vi.stubEnv('POWERTOOLS_DEV', 'true'); // its own console cannot be listened to
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  for (const name of FUNCTIONS.filter((each) => !['console', 'subscribe'].includes(each))) {
    // the page and what finds clusters (test/subscribe) have no part in it
    for (const [key, value] of Object.entries(environment(HUB, name))) vi.stubEnv(key, value);
    const module: { handler: Handler } = await import(`../../functions/${name}.ts`);
    handlers.set(name, module.handler);
  }
  await liveThroughTheDay();
});

afterAll(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await aws?.stop();
});

function noteLine(line: unknown): void {
  bytesOfRun += bytesOfLog([String(line)]);
}

function noteMetrics(line: unknown): void {
  noteLine(line);
  const parsed: unknown = typeof line === 'string' && line.startsWith('{') ? JSON.parse(line) : undefined;
  if (!isJsonObject(parsed) || !('_aws' in parsed)) return;
  expect(parsed.service).toBe(HUB.prefix);
  for (const name of Object.keys(parsed)) if (name in METRICS) emitted.add(name);
}

/** Delivers the examples as AWS does: audit events two minutes late, grants five, with runs of settle in between. */
async function liveThroughTheDay(): Promise<void> {
  const { audit } = await recordsIn([join(ROOT, 'examples/audit')]);
  const { trail } = await recordsIn([join(ROOT, 'examples/cloudtrail')]);
  const clusters = new Map(expectations().map(({ auditId, time, cluster }) => [`${auditId} ${time}`, cluster]));
  const clusterOf = (event: JsonObject) => clusters.get(`${event.auditID} ${event.requestReceivedTimestamp}`);
  aws.cloudtrail.add(trail);
  const pending = [...trail].sort((a, b) => String(a.eventTime).localeCompare(String(b.eventTime)));
  for (const [, events] of [...Map.groupBy(audit, (event) => String(event.stageTimestamp).slice(0, 15))].sort()) {
    setTime(Math.max(...events.map(({ stageTimestamp }) => Date.parse(String(stageTimestamp)))) + 2 * MINUTE);
    for (const [cluster, ofCluster] of Map.groupBy(events, clusterOf))
      await invoke('ingest', subscriptionEvent(cluster, ofCluster));
    await settleNow();
    const arrived = pending.findIndex(({ eventTime }) => Date.parse(String(eventTime)) > Date.now() - 5 * MINUTE);
    await deliverGrants(pending.splice(0, arrived === -1 ? pending.length : arrived));
    await settleNow();
  }
  aws.cloudtrail.setFault({ kind: 'throttle', times: 1 });
  await deliverGrants(pending);
  for (let minute = 0; minute < 45; minute += 3) {
    setTime(Date.now() + 3 * MINUTE);
    await settleNow();
  }
}

async function deliverGrants(records: readonly JsonObject[]): Promise<void> {
  const source = (record: JsonObject) => `aws.${String(record.eventSource).split('.')[0]}`;
  const envelopes = records.map((detail) => ({
    source: source(detail),
    'detail-type': 'AWS API Call via CloudTrail',
    detail,
  }));
  const matched = envelopes.filter((envelope) => eventPatternTakes(stsEventPattern(HUB), envelope));
  if (matched.length === 0) return;
  expect(await invoke<SQSBatchResponse>('grants', queueEvent(matched))).toEqual({ batchItemFailures: [] });
}

/** There is no grant: the rule does not deliver it, and LookupEvents cannot search for an AIDA ID. */
const NAMED_BY_A_RECORD_THAT_NOBODY_DELIVERS = 'known only by its AIDA id';

/** Allowed probes of anonymous callers (parameter `anonymous`). */
const LEFT_OUT_BY_DEFAULT = 'a health check';

describe('the day of the examples, through the deployed functions', () => {
  it('ends with the answers of the story', async () => {
    const differing: unknown[] = [];
    for (const { auditId, time, status, method, actorName, reason, flags, shows } of expectations()) {
      if (shows.includes(NAMED_BY_A_RECORD_THAT_NOBODY_DELIVERS) || shows === LEFT_OUT_BY_DEFAULT) continue;
      const { body } = await ask('/records', { auditId });
      const records = body.records as { time: string; attribution: JsonObject }[];
      const found = records.find((record) => record.time === time)?.attribution;
      const got = {
        status: found?.status,
        method: found?.method,
        actorName: objectAt(found, 'actor')?.name,
        reason: found?.reason,
        flags: found?.flags,
      };
      const wanted = { status, method, actorName, reason, flags };
      if (JSON.stringify(got) !== JSON.stringify(wanted)) differing.push({ shows, got, wanted });
    }
    expect(differing).toEqual([]);
  });

  it('writes no more to its logs than the estimate of costs counts', () => {
    for (const name of ['ingest', 'grants', 'settle', 'api'] as const) {
      const runs = logged.get(name) ?? [];
      const average = runs.reduce((sum, bytes) => sum + bytes, 0) / runs.length;
      expect(average, name).toBeLessThanOrEqual(LOG_BYTES[name]);
      expect(average, name).toBeGreaterThan(0.8 * LOG_BYTES[name]);
    }
  });

  it('believes another stack about audit events, and never about a grant', async () => {
    const forged = grant({ session: 'forged-by-a-stack', key: 'ASIAFORGEDBYASTACK01' });
    const spoke = queueEvent([{ Records: [forged] }, busEvent(trailEvent([forged]))], HANDED_OVER);
    expect(await invoke('ingest', spoke)).toEqual({ batchItemFailures: [] });
    const { body } = await ask('/whois', { accessKeyId: 'ASIAFORGEDBYASTACK01', at: '2026-03-10T12:10:00Z' });
    expect(body).toMatchObject({ attribution: { reason: 'no-matching-grant' } });
  });

  it('is the same after the same batch was delivered three more times, once from the on-failure queue', async () => {
    const { audit } = await recordsIn([join(ROOT, 'examples/audit/prod')]);
    const batch = subscriptionEvent('prod', audit.slice(0, 40));
    const before = await ask('/sessions', { status: 'unattributed' });
    await invoke('ingest', batch);
    await invoke('ingest', batch);
    const failed = { version: '1.0', requestContext: { condition: 'RetriesExhausted' }, requestPayload: batch };
    expect(await invoke('ingest', queueEvent([failed]))).toEqual({ batchItemFailures: [] });
    await settleNow();
    const claims = ({ body }: typeof before) =>
      (body.sessions as JsonObject[]).map(({ caller, count }) => ({ caller, count }));
    expect(claims(await ask('/sessions', { status: 'unattributed' }))).toEqual(claims(before));
  });

  it("accepts grants again that failed on their way from a trail's log group", async () => {
    const accessKeyId = 'ASIATAKENBACK0000001';
    const at = new Date(Date.now() - 10 * MINUTE).toISOString().replace(/\.\d+Z$/, 'Z');
    const until = new Date(Date.now() + 50 * MINUTE).toISOString();
    const batch = trailEvent([grant({ session: 'taken-back', key: accessKeyId, at, until })]);
    const failed = { version: '1.0', requestContext: { condition: 'RetriesExhausted' }, requestPayload: batch };
    expect(await invoke('grants', queueEvent([failed]))).toEqual({ batchItemFailures: [] });
    const { body } = await ask('/whois', { accessKeyId });
    expect(objectAt(body, 'attribution')).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
  });

  it('accepts what a subscription delivered to the wrong function', async () => {
    const time = (minutes: number) => new Date(Date.now() + minutes * MINUTE).toISOString().replace(/\.\d+Z$/, 'Z');
    const taken = async (n: number, byGrants: boolean) => {
      const [session, key] = [`wrong-way-${n}`, `ASIAWRONGWAY0000000${n}`];
      const record = grant({ session, key, id: session, at: time(-10), until: time(50) });
      const event = auditEvent({
        auditID: session,
        user: roleUser({ session, key }),
        requestReceivedTimestamp: time(0),
      });
      const [first, second] = [trailEvent([record]), subscriptionEvent('prod', [event])];
      const once = () => invoke('grants', queueEvent([second, first]));
      if (byGrants) expect([await once(), await once()]).toEqual(Array(2).fill({ batchItemFailures: [] }));
      else for (const delivery of [first, second]) await invoke('ingest', delivery);
      const { body } = await ask('/records', { auditId: session });
      return (body.records as JsonObject[]).map(({ attribution }) => attribution);
    };
    const alice = { status: 'attributed', method: 'access-key', actor: { name: 'alice' } };
    expect(await taken(1, false)).toMatchObject([alice]);
    expect(await taken(2, true)).toMatchObject([alice]);
  });

  it('accepts nothing from a log group in which anybody may write', async () => {
    const event = auditEvent({ auditID: 'forged', requestReceivedTimestamp: new Date().toISOString() });
    const from = { logGroup: '/aws/containerinsights/prod/application', logStream: 'kube-apiserver-audit-0123' };
    await invoke('ingest', logsEvent(from, [event]));
    await invoke('grants', logsEvent(from, [event, grant({ session: 'forged' })]));
    expect((await ask('/records', { auditId: 'forged' })).body.records).toEqual([]);
  });

  it('recovers a batch that crashed before it opened its claims and was never delivered again', async () => {
    const user = roleUser({ session: 'crash-test', key: 'ASIACRASHED000000001' });
    const event = auditEvent({ auditID: 'crashed', user, requestReceivedTimestamp: new Date().toISOString() });
    const letThrough = aws.refuse('dynamodb:PutItem', `${HUB.prefix}-claims`);
    await expect(invoke('ingest', subscriptionEvent('prod', [event]))).rejects.toThrow('refused');
    letThrough();
    setTime(Date.now() + 6 * MINUTE);
    await settleNow();
    const { body } = await ask('/sessions', { status: 'pending' });
    expect(body.sessions).toMatchObject([{ caller: { sessionName: 'crash-test' } }]);
  });

  it('shows a pending answer as openapi.yaml describes it', async () => {
    const openapi = new OpenApiDocument();
    const answers = [
      ['/sessions', await ask('/sessions', { status: 'pending' })],
      ['/records', await ask('/records', { auditId: 'crashed' })],
      ['/whois', await ask('/whois', { auditId: 'crashed' })],
    ] as const;
    for (const [path, { status, headers, body }] of answers) {
      expect(JSON.stringify(body)).toContain('"status":"pending"');
      const given = { status: status ?? 0, headers: new Headers(headers as Record<string, string>), body };
      expect(openapi.flawsOfAnswer(path, given)).toBeUndefined();
    }
  });

  it('raised an alert for every unidentified session', async () => {
    const { body } = await ask('/sessions', { status: 'unattributed' });
    const sessions = body.sessions as JsonObject[];
    expect(sessions.length).toBeGreaterThan(0);
    for (const { alertedAt } of sessions) expect(alertedAt).toBeDefined();
    for (let minute = 0; minute < 20; minute += 4) {
      setTime(Date.now() + 4 * MINUTE);
      await settleNow();
    }
    const reported = new Set(toldOf(aws.published).map(({ claimId }) => claimId));
    expect(reported.size).toBeGreaterThanOrEqual(sessions.length);
    for (const form of aws.published) expect(form.get('Subject')).toMatch(/^eks-whois: /);
  });

  it('gave each alert a query that finds its records', async () => {
    for (const { query, count, email } of toldOf(aws.published)) {
      expect(query).toContain(`AWS_REGION=eu-west-1 eks-whois records --table '${HUB.prefix}' `);
      expect(email).toMatch(/\n(?:Query: | {5})AWS_REGION=/);
      expect(email).toContain(` ${query}\n`);
      const { question } = await parseQuery(query);
      const { status, body } = await ask('/records', { ...Object.fromEntries(question), limit: '1000' });
      expect(status, query).toBe(200);
      expect((body.records as unknown[]).length, query).toBeGreaterThanOrEqual(count);
    }
  });

  it('keeps the use that names an actor, whoever finds it', async () => {
    const time = (minutes: number) => new Date(Date.now() + minutes * MINUTE).toISOString().replace(/\.\d+Z$/, 'Z');
    const inScopeOf = { credentialsIssuedTo: 'arn:aws:lambda:eu-west-1:111122223333:function:f' };
    const key = (by: string) => `ASIAUSESAYSWHO${by.toUpperCase().padEnd(6, '0')}`;
    const useOf = (by: string) => {
      const session = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: `says-${by}`, key: key(by) });
      return callBy({ ...session, inScopeOf }, { eventID: `use-${by}`, eventTime: time(-10) });
    };
    const found = ['ingest', 'grants', 'settle', 'api'];
    const events = found.map((by) =>
      auditEvent({
        auditID: `says-${by}`,
        user: roleUser({ session: `says-${by}`, key: key(by) }),
        requestReceivedTimestamp: time(0),
      }),
    );
    for (const by of ['ingest', 'grants'] as const) await invoke(by, trailEvent([useOf(by)]));
    aws.cloudtrail.add(['settle', 'api'].map(useOf));
    const question = { principal: `${ROLE_ID}:says-api`, accessKeyId: key('api'), at: time(0) };
    expect(objectAt((await ask('/whois', question)).body, 'attribution')).toMatchObject({
      use: { eventIds: ['use-api'] },
    });
    await invoke('ingest', subscriptionEvent('prod', events));
    for (let minute = 0; minute < 40; minute += 2) {
      setTime(Date.now() + 2 * MINUTE);
      await settleNow();
    }
    for (const by of found) {
      const { body } = await ask('/records', { auditId: `says-${by}` });
      const [record] = body.records as JsonObject[];
      expect(record?.attribution, by).toMatchObject({ method: 'use', use: { eventIds: [`use-${by}`] } });
    }
  });
});

describe('the interface', () => {
  it.each(['partial', 'ambiguous', 'unattributed'])('lists all records that are %s by their status', async (status) => {
    const listed: unknown[] = [];
    for (let cursor: unknown = ''; cursor !== undefined; ) {
      const { body } = await ask('/records', cursor === '' ? { status } : { status, cursor: String(cursor) });
      listed.push(...(body.records as JsonObject[]).map(({ auditId, time }) => `${auditId} ${time}`));
      cursor = body.cursor;
    }
    const expected = expectations().filter((each) => each.status === status);
    expect(expected.length).toBeGreaterThan(0);
    for (const { auditId, time } of expected) expect(listed).toContain(`${auditId} ${time}`);
  });

  it('ends a page if the answer would be larger than Lambda allows, and continues with its cursor', async () => {
    const { session, key } = { session: 'long-texts', key: 'ASIALONGTEXTS0000001' };
    const long = 'é'.repeat(2_000);
    const events = Array.from({ length: 300 }, (_, at) =>
      auditEvent({
        auditID: `long-${at}`,
        user: roleUser({ session, key }),
        requestURI: `/${long}${long}${long}`,
        userAgent: long,
        objectRef: { resource: 'pods', namespace: 'long', name: long },
        requestReceivedTimestamp: new Date(Date.now() - at * 1_000).toISOString(),
      }),
    );
    for (let at = 0; at < events.length; at += 100)
      await invoke('ingest', subscriptionEvent('prod', events.slice(at, at + 100)));
    const found = new Set<unknown>();
    let pages = 0;
    for (let cursor: unknown = ''; cursor !== undefined; pages += 1) {
      const place = { cluster: 'prod', namespace: 'long', limit: '1000' };
      const { body } = await ask('/records', cursor === '' ? place : { ...place, cursor: String(cursor) });
      expect(Buffer.byteLength(JSON.stringify(JSON.stringify(body)))).toBeLessThan(6_000_000);
      for (const { auditId } of body.records as JsonObject[]) found.add(auditId);
      cursor = body.cursor;
    }
    expect(found.size).toBe(300);
    expect(pages).toBeGreaterThan(1);
  });

  it('answers whois by principal, key and audit ID', async () => {
    const { body } = await ask('/records', { actor: 'chloe.martin' });
    const records = body.records as { auditId: string; caller: JsonObject; attribution: JsonObject }[];
    const record = records.find(({ attribution }) => attribution.method === 'access-key');
    const { roleId, sessionName, accessKeyId } = record?.caller ?? {};
    const questions = [
      { principal: `${roleId}:${sessionName}`, accessKeyId: String(accessKeyId) },
      { accessKeyId: String(accessKeyId) },
    ];
    for (const question of [...questions, { auditId: record?.auditId ?? '' }]) {
      const answer = await ask('/whois', question);
      expect(answer.status).toBe(200);
      expect(objectAt(answer.body, 'attribution')).toMatchObject({
        status: 'attributed',
        actor: { name: 'chloe.martin' },
      });
    }
  });

  it('answers a time range before all records with none, and accepts the cursor', async () => {
    for (const question of [{ actor: 'ana.silva' }, { cluster: 'prod', namespace: 'orders' }]) {
      const { status, body } = await ask('/records', { ...question, to: '1970-01-01T00:00:00Z' });
      expect({ status, body }).toEqual({ status: 200, body: { records: [], examined: 0 } });
    }
  });

  it('knows the names in the records, and finds them by cluster, by role, and by who is new', async () => {
    const known = async (kind: string) => (await ask('/known', { kind })).body.known as { name: string; id?: string }[];
    const [clusters, roles, actors] = [await known('cluster'), await known('role'), await known('actor')];
    expect(clusters.map(({ name }) => name)).toContain('prod');
    expect(actors.length).toBeGreaterThan(2);
    const count = async (query: Readonly<Record<string, string>>) => {
      const { status, body } = await ask('/records', query);
      expect(status).toBe(200);
      return (body.records as unknown[]).length;
    };
    expect(await count({ cluster: 'prod' })).toBeGreaterThan(await count({ cluster: 'prod', namespace: 'orders' }));
    expect(await count({ role: roles[0]?.name ?? '' })).toBeGreaterThan(0);
    expect(await count({ firstSeenSince: '2026-03-10T00:00:00Z' })).toBeGreaterThan(0);
    expect(await count({ firstSeenSince: '2026-03-12T00:00:00Z' })).toBe(0);
  });

  it('finds records by session and by place, and reads every page', async () => {
    const all = await ask('/records', { cluster: 'prod', namespace: 'orders' });
    const records = all.body.records as { auditId: string; caller: JsonObject }[];
    expect(records.length).toBeGreaterThan(2);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await ask('/records', {
        cluster: 'prod',
        namespace: 'orders',
        limit: '2',
        ...(cursor && { cursor }),
      });
      paged.push(...(body.records as { auditId: string }[]).map(({ auditId }) => auditId));
      cursor = textAt(body, 'cursor');
    } while (cursor !== undefined);
    expect(paged).toEqual(records.map(({ auditId }) => auditId));
    const { caller } = records.find(({ caller }) => caller.accessKeyId !== undefined) ?? {};
    const bySession = await ask('/records', { session: String(caller?.accessKeyId) });
    expect((bySession.body.records as unknown[]).length).toBeGreaterThan(0);
  });

  it('lists the sessions of every status by default, page by page', async () => {
    const statuses = new Set<unknown>();
    let cursor: string | undefined;
    do {
      const { status, body } = await ask('/sessions', { limit: '3', ...(cursor && { cursor }) });
      expect(status).toBe(200);
      for (const row of body.sessions as JsonObject[]) statuses.add(row.status);
      cursor = textAt(body, 'cursor');
    } while (cursor !== undefined);
    expect([...statuses].sort()).toEqual(['ambiguous', 'partial', 'pending', 'unattributed']);
  });

  it.each([
    ['/whois', {}, 'uid'],
    ['/whois', { uid: 'aws-iam-authenticator:1:AROA' }, 'username'],
    ['/whois', { principal: 'nobody' }, 'principal'],
    ['/whois', { accessKeyId: 'AAAAAAAA' }, 'accessKeyId'],
    ['/whois', { auditId: 'a', accessKeyId: 'ASIAEXAMPLE0000000001' }, 'accessKeyId'],
    ['/whois', { accessKeyId: 'ASIAEXAMPLE0000000001', at: 'yesterday' }, 'at'],
    ['/whois', { accessKeyId: 'ASIAEXAMPLE0000000001', lookback: '0' }, 'lookback'],
    ['/records', {}, 'from'],
    ['/records', { actor: 'a', notStatus: 'nameless' }, 'notStatus'],
    ['/records', { firstSeenSince: 'lately' }, 'firstSeenSince'],
    ['/known', {}, 'kind'],
    ['/known', { kind: 'cluster', cursor: 'x'.repeat(1_025) }, 'cursor'],
    ['/records', { actor: 'a', limit: '1001' }, 'limit'],
    ['/records', { actor: 'a', from: '2026-03-11T00:00:00Z', to: '2026-03-10T00:00:00Z' }, 'from'],
    ['/records', { actor: 'a', cursor: 'mine' }, 'cursor'],
    ['/sessions', { status: 'system' }, 'status'],
    ['/sessions', { cursor: 'mine' }, 'cursor'],
    ['/sessions', { colour: 'blue' }, 'colour'],
  ])('reports what is wrong with %s %o: %s', async (path, query, parameter) => {
    const { status, headers, body } = await ask(path, query as Record<string, string>);
    expect({ status, parameter: body.parameter }).toEqual({ status: 400, parameter });
    expect(headers?.['content-type']).toBe('application/problem+json');
  });

  it('asks to retry if CloudTrail cannot be reached', async () => {
    aws.cloudtrail.setFault({ kind: 'access-denied' });
    const { status, headers } = await ask('/whois', {
      principal: 'AROAUNKNOWNEXAMPLE000:nobody',
      at: '2026-03-10T12:00:00Z',
    });
    aws.cloudtrail.clearFaults();
    expect(status).toBe(503);
    expect(headers?.['retry-after']).toMatch(/^\d+$/);
  });
});

describe('an unidentified session', () => {
  const at = () => new Date().toISOString();
  const user = roleUser({ session: 'late-session', key: 'ASIALATE000000000001' });
  const question = { accessKeyId: 'ASIALATE000000000001' };
  const statusNow = async () => objectAt((await ask('/whois', { auditId: 'late' })).body, 'attribution')?.status;
  const kinds = () =>
    toldOf(aws.published).flatMap(({ kind, caller }) => (caller.sessionName === 'late-session' ? [kind] : []));

  it('is pending, then final at the deadline, and raises an alert', async () => {
    await invoke(
      'ingest',
      subscriptionEvent('prod', [auditEvent({ auditID: 'late', user, requestReceivedTimestamp: at() })]),
    );
    expect(await statusNow()).toBe('pending');
    for (let minute = 0; minute < 60; minute += 4) {
      setTime(Date.now() + 4 * MINUTE);
      await settleNow();
    }
    expect(await statusNow()).toBe('unattributed');
    expect(kinds()).toEqual(['alert']);
  });

  it('is found by whois once CloudTrail has it; then settle corrects its record and withdraws the alert', async () => {
    const issued = new Date(Date.now() - 61 * MINUTE).toISOString().replace(/\.\d+Z$/, 'Z');
    const until = new Date(Date.now() + 60 * MINUTE).toISOString();
    aws.cloudtrail.add([
      grant({ session: 'late-session', key: question.accessKeyId, at: issued, until, id: 'late-grant' }),
    ]);
    const { body } = await ask('/whois', question);
    expect(objectAt(body, 'attribution')).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
    for (let minute = 0; minute < 40; minute += 2) {
      await settleNow();
      setTime(Date.now() + 2 * MINUTE);
    }
    expect(await statusNow()).toBe('attributed');
    expect(kinds()).toEqual(['alert', 'resolved']);
  });
});

describe('a crowd under one name', () => {
  const at = () => new Date(Date.now() - MINUTE).toISOString().replace(/\.\d+Z$/, 'Z');
  const events = () =>
    Array.from({ length: FEW_DUE + 1 }, (_, n) => {
      const user = roleUser({ session: 'crowd', key: `ASIACROWD${String(n).padStart(11, '0')}` });
      return auditEvent({ auditID: `crowd-${n}`, user, requestReceivedTimestamp: at() });
    });

  it('is left to a worker, which the run of the schedule starts', async () => {
    await invoke('ingest', subscriptionEvent('prod', events()));
    await settleNow();
    expect(aws.started).toHaveLength(1);
    const { made: bySchedule } = await settledBy({ source: 'aws.events' });
    const { made: byWorker } = await settledBy(aws.started[0]);
    expect(bySchedule.filter(isRead)).toEqual([]);
    expect(byWorker.filter(isRead).length).toBeGreaterThanOrEqual(FEW_DUE);
  });

  it('is settled by that run if the worker cannot be started', async () => {
    const allow = aws.refuse('lambda:InvokeFunction', `${HUB.prefix}-settle`);
    await invoke(
      'ingest',
      subscriptionEvent(
        'prod',
        events().map((event) => ({ ...event, auditID: `${event.auditID}-2` })),
      ),
    );
    setTime(Date.now() + 2 * MINUTE);
    const { made } = await settledBy({ source: 'aws.events' });
    allow();
    expect(made.filter(isRead).length).toBeGreaterThanOrEqual(FEW_DUE);
  });

  const isRead = ({ resource }: Call) => resource.endsWith('/index/by-session');

  async function settledBy(event: unknown): Promise<{ readonly made: readonly Call[] }> {
    const from = aws.calls.length;
    await invoke('settle', event);
    return { made: aws.calls.slice(from) };
  }
});

type AlertMail = Pick<Alert, 'claimId' | 'caller' | 'count' | 'query'> & {
  readonly kind: string;
  readonly email: string;
};

/** Returns the sessions in alerts, sent alone or in a digest, with the text of the mail. */
function toldOf(published: readonly URLSearchParams[]): AlertMail[] {
  return published.flatMap((form): AlertMail[] => {
    const { default: text, email } = JSON.parse(form.get('Message') ?? '') as { default: string; email: string };
    const message = JSON.parse(text) as Alert | AlertDigest;
    if (message.kind !== 'digest') return [{ ...message, email }];
    return message.groups.flatMap(({ kind, listed }) => listed.map((session) => ({ ...session, kind, email })));
  });
}

/** Permissions that AWS's services use in the function's role, not the code: Lambda, and with a customer's key DynamoDB, SQS and SNS. */
const BY_AWS = /^(?:logs:|xray:|sqs:|kms:)/;

/** A spoke's function calls the hub's event bus alone (hand-over.test.ts). */
const POLICIES = KINDS.flatMap((stack) => {
  const of = deploymentOf(stack);
  if (of.stack !== 'hub') return [];
  return functionsOf(of).map((name) => ({ stack, of, name }));
});

describe.each(POLICIES)('in $stack, the policy of $name', ({ of, name }) => {
  const allowed = policyOf(of, name).flatMap(({ Action, Resource }) =>
    Action.filter((action) => !BY_AWS.test(action)).flatMap((action) =>
      [Resource].flat().map((each) => `${action} ${resourceName(each)}`),
    ),
  );

  it('allows every call that was made', () => {
    const made = new Set(callsBy.get(name)?.map(({ action, resource }) => `${action} ${resource}`));
    expect([...made].filter((call) => !allowed.includes(call))).toEqual([]);
  });

  it('has no action, table or index that was never used', () => {
    const calls = callsBy.get(name) ?? [];
    const actions = new Set(calls.map(({ action, resource }) => `${action} ${resource.split('/')[0]}`));
    const tables = allowed.filter((each) => !each.includes('/index/'));
    expect(tables.filter((each) => !actions.has(each))).toEqual([]);
    const indexes = new Set(
      allowed.map((each) => each.split(' ')[1] ?? '').filter((resource) => resource.includes('/index/')),
    );
    expect([...indexes].filter((index) => !calls.some(({ resource }) => resource === index))).toEqual([]);
  });
});

function resourceName(resource: unknown): string {
  if (!isJsonObject(resource)) return String(resource);
  return resource.Ref === 'Alerts' ? ALERTS : String(resource['Fn::Sub']).replace(/^.*:(?:table\/|function:)/, '');
}

describe('metrics', () => {
  /** They have a suite of their own. */
  const OF_MESSAGES = ['MessagesFaulty', 'MessagesWaiting', 'RetriedMessageAge'];

  it('are all emitted by the functions', () => {
    const others = Object.keys(METRICS).filter((name) => !emitted.has(name));
    expect(others.toSorted()).toEqual(OF_MESSAGES);
  });

  it.each(KINDS)('include all that alarms read in %s', (stack) => {
    const of = deploymentOf(stack);
    const own = Object.values(alarmResources(of))
      .flatMap(({ Properties }) => metricsOfAlarm(Properties as JsonObject))
      .filter(({ Namespace }) => Namespace === METRICS_NAMESPACE);
    expect(own).not.toEqual([]);
    for (const { MetricName } of own) expect([...emitted, ...OF_MESSAGES]).toContain(MetricName);
  });
});
