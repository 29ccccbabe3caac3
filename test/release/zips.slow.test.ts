import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import type { CloudWatchLogsEvent } from 'aws-lambda';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundlePage } from '../../console/build.ts';
import { expectations } from '../../examples/day.ts';
import type { FunctionName } from '../../infra/parameters.ts';
import { stsEventPattern } from '../../infra/sts-events.ts';
import { eventPatternTakes } from '../../lib/doctor/event-pattern.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, parseJson, textAt } from '../../lib/json.ts';
import { listen } from '../../local/loopback/guard.ts';
import { zipFunctions } from '../../release/functions.ts';
import { Folder, REPOSITORY } from '../builders/command.ts';
import { ALERTS, busEvent, deployed, environment, queueEvent, subscriptionEvent } from '../functions/deployed.ts';
import { type LoopbackAws, startLoopbackAws } from '../functions/loopback-aws.ts';
import { recordsIn } from '../infra/corpus.ts';
import { type StandInCluster, startEks } from '../stand-ins/aws/eks.ts';
import { startLogs } from '../stand-ins/aws/logs.ts';
import { type RunningFunction, startFunction } from './runtime-api.ts';

/** Another DynamoDB than dynalite, in which the tables get names that nothing else there has: `.ci/other-aws` has moto's. */
const OTHER = process.env.EKS_WHOIS_DYNAMODB;
const TABLES = {
  sessions: `zips-sessions-${randomUUID()}`,
  claims: `zips-claims-${randomUUID()}`,
  records: `zips-records-${randomUUID()}`,
};
const HUB = deployed({ clusters: ['prod', 'staging'], regions: ['eu-west-1'] });
const SPOKE = deployed({
  stack: 'ingest-only',
  clusters: 'staging',
  hubAccount: '111122223333',
  hubRegion: 'eu-west-1',
});
/** The night after the day of the examples. */
const STARTS_AT = '2026-03-11T02:00:00Z';

const folder = new Folder();
const clusters: StandInCluster[] = [];
const running = new Map<FunctionName, RunningFunction>();
let aws: LoopbackAws;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(STARTS_AT), shouldAdvanceTime: true });
  const { zips } = await zipFunctions(await bundlePage());
  for (const { name, bytes } of zips)
    for (const [path, content] of Object.entries(unzipSync(bytes))) {
      const file = folder.at(join(name, path));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  aws = await startLoopbackAws(TABLES, undefined, OTHER);
  for (const name of ['ingest', 'grants', 'settle', 'api', 'console'] as const) running.set(name, await start(name));
});
afterAll(async () => {
  vi.useRealTimers();
  for (const each of running.values()) await each[Symbol.asyncDispose]();
  await aws?.stop();
  folder[Symbol.dispose]();
});

/** The function from its very zip, with what it is deployed with. */
function start(
  name: FunctionName,
  zip: string = name,
  more: Readonly<Record<string, string>> = {},
): Promise<RunningFunction> {
  return startFunction(folder.at(join(zip, `functions/${zip}.mjs`)), {
    ...environment(zip === 'hand-over' ? SPOKE : HUB, name),
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIALOCAL00000000000',
    AWS_SECRET_ACCESS_KEY: 'local',
    SESSIONS_TABLE: TABLES.sessions,
    CLAIMS_TABLE: TABLES.claims,
    RECORDS_TABLE: TABLES.records,
    ALERT_TOPIC_ARN: ALERTS,
    POWERTOOLS_METRICS_DISABLED: 'true',
    LOOKUPS_PER_SECOND: '1000',
    CONSOLE_SIGN_IN: 'command',
    ...more,
  });
}

function invoke(name: FunctionName, event: object): Promise<unknown> {
  const its = running.get(name);
  if (its === undefined) throw new Error(`${name} does not run`);
  return its.invoke(event);
}

async function ask(path: string, query: Readonly<Record<string, string>> = {}, by: FunctionName = 'api') {
  const rawQueryString = String(new URLSearchParams(query));
  const event = { version: '2.0', routeKey: `GET ${path}`, rawPath: path, rawQueryString, headers: {} };
  const answer = await invoke(by, { ...event, requestContext: { requestId: 'r' } });
  if (!isJsonObject(answer)) throw new Error('no answer');
  return answer;
}

async function recordsOf(auditId: string): Promise<readonly JsonObject[]> {
  const { body } = await ask('/records', { auditId });
  const read = parseJson(String(body));
  return read.ok && isJsonObject(read.value) ? (read.value.records as JsonObject[]) : [];
}

/** Returns what the hub's bus puts into the queue if a spoke's function hands over this delivery (`test/functions/hand-over.test.ts`). */
async function handedOver(delivery: CloudWatchLogsEvent): Promise<readonly unknown[]> {
  const details: string[] = [];
  const bus = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(Buffer.from(piece));
    const body = parseJson(Buffer.concat(pieces).toString());
    const entries = body.ok && isJsonObject(body.value) ? (listAt(body.value, 'Entries') ?? []) : [];
    details.push(...entries.filter(isJsonObject).map((entry) => textAt(entry, 'Detail') ?? ''));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }));
  });
  const { url, close } = await listen(bus);
  await using spoke = await start('ingest', 'hand-over', {
    HUB_EVENTS_URL: url,
    HUB_BUS_ARN: 'arn:aws:events:eu-west-1:111122223333:event-bus/eks-whois-dev-spokes',
  });
  await spoke.invoke(delivery);
  await close();
  return details.map((detail) => busEvent(JSON.parse(detail)));
}

/** All of the day at once: what the subscriptions bring, of staging by a spoke, then what the rule for grants brings, then settle. */
async function liveThroughTheDay(): Promise<void> {
  const { audit } = await recordsIn([join(REPOSITORY, 'examples/audit')]);
  const { trail } = await recordsIn([join(REPOSITORY, 'examples/cloudtrail')]);
  const clusters = new Map(expectations().map(({ auditId, time, cluster }) => [`${auditId} ${time}`, cluster]));
  aws.cloudtrail.add(trail);
  const brought = trail
    .map((detail) => ({
      source: `aws.${String(detail.eventSource).split('.')[0]}`,
      'detail-type': 'AWS API Call via CloudTrail',
      detail,
    }))
    .filter((envelope) => eventPatternTakes(stsEventPattern(HUB), envelope));
  const clusterOf = (event: JsonObject) => clusters.get(`${event.auditID} ${event.requestReceivedTimestamp}`);
  for (const [cluster, events] of Map.groupBy(audit, clusterOf)) {
    const delivery: CloudWatchLogsEvent = subscriptionEvent(cluster, events);
    if (cluster !== 'staging') await invoke('ingest', delivery);
    else await invoke('ingest', queueEvent(await handedOver(delivery), 'eks-whois-dev-spoke-batches'));
  }
  for (let at = 0; at < brought.length; at += 10)
    expect(await invoke('grants', queueEvent(brought.slice(at, at + 10)))).toEqual({ batchItemFailures: [] });
  for (let times = 0; times < 10; times += 1) await invoke('settle', { source: 'aws.events' });
}

/** No grant: neither the rule brings it, nor can LookupEvents be asked for an AIDA id. */
const NAMED_BY_A_RECORD_THAT_NOBODY_DELIVERS = 'known only by its AIDA id';

/** Allowed probes of anonymous callers (parameter `anonymous`). */
const LEFT_OUT_BY_DEFAULT = 'a health check';

describe("the functions' zips, as Lambda would start them", () => {
  it('give the expected answers for the day of the examples', async () => {
    await liveThroughTheDay();
    const differing: unknown[] = [];
    for (const { auditId, time, status, method, actorName, reason, flags, shows } of expectations()) {
      if (shows.includes(NAMED_BY_A_RECORD_THAT_NOBODY_DELIVERS) || shows === LEFT_OUT_BY_DEFAULT) continue;
      const of = (await recordsOf(auditId)).find((record) => record.time === time);
      const found = objectAt(of, 'attribution');
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

  it.each([
    ['/sessions', { status: 'unattributed' }, 'no-matching-grant'],
    ['/known', { kind: 'actor' }, 'ben.okafor'],
    ['/summary', { by: 'actor' }, '"settledAt":"2026-03-11'],
    ['/whois', { accessKeyId: 'ASIAEPSSBBJMDEXAMPLE', at: '2026-03-10T08:22:40Z' }, 'ben.okafor'],
  ])('answer %s', async (path, query, expected) => {
    expect(await ask(path, query)).toMatchObject({ statusCode: 200, body: expect.stringContaining(expected) });
  });

  it('find clusters', async () => {
    const eks = await startEks({ clusters });
    const logs = await startLogs();
    clusters.push({ name: 'prod', region: 'eu-west-1' });
    logs.groups.setFilters('/aws/eks/prod/cluster', []);
    await using finding = await start('subscribe', 'subscribe', {
      AWS_ENDPOINT_URL_EKS: eks.url,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url,
      AWS_ACCESS_KEY_ID: 'AKIAALICE00000000001',
      FIND_CLUSTERS: '*',
      AUDIT_FILTER_DESTINATION: 'arn:aws:lambda:eu-west-1:111122223333:function:eks-whois-dev-ingest',
    });
    expect(await finding.invoke({})).toEqual([{ cluster: 'prod', standing: 'subscribed' }]);
    await Promise.all([eks.close(), logs.close()]);
  });

  it('serve the page', async () => {
    expect(await ask('/', {}, 'console')).toMatchObject({ statusCode: 200, isBase64Encoded: true });
  });
});
