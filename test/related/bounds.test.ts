import { expect, it } from 'vitest';
import { readRelated } from '../../cli/related/answer-shape.ts';
import { NotFoundAnswer, routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { JsonObject } from '../../lib/json.ts';
import { RequestBudget } from '../../lib/ports/budget.ts';
import { epochMillis, MINUTE } from '../../lib/time.ts';
import { awsCallsOf, timesAround, trailOfFiles } from '../../lib/usecases/related/aws-calls.ts';
import { related, shortenedRelated } from '../../lib/usecases/related/related.ts';
import { type RelatedSource, storedSource } from '../../lib/usecases/related/related-source.ts';
import { utc } from '../builders/company.ts';
import { valuesSource } from '../builders/values-source.ts';
import { OpenApiDocument } from '../service/openapi-document.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';
import { DELETED, EVENTS, entry, ORIGIN, POD, POD_KEY, person, request, secretDeleted, TRAIL } from './world.ts';

/** A look-up of callers that knows nobody. No story here has changes of clusters. */
const NOBODY = () => Promise.reject(new Error('no change of a cluster'));

async function service(events: readonly JsonObject[]) {
  const clock = new SetClock(utc('13:00:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock, { withoutLookups: true });
  await running.ingest(events);
  return { stores, source: storedSource(stores, NOBODY), running };
}

const second = (at: number) =>
  new Date(epochMillis(Date.parse(utc('11:00:00')) + at * 1_000)).toISOString().slice(11, 19);

it('each list has its first rows, and the number of the others', async () => {
  const many = Array.from({ length: 60 }, (_, at) => entry(`entry-${at}`, second(at), 'bob'));
  const { source } = await service([...EVENTS, ...many]);
  const answer = await related({ auditId: auditIdOf(DELETED) }, source);
  expect(answer?.requests[0]?.pod?.entries).toHaveLength(50);
  expect(answer?.requests[0]?.pod?.leftOut).toBe(12);
  const [candidate] = answer?.requests[0]?.candidates ?? [];
  expect(candidate?.reasons.length).toBeLessThanOrEqual(10);
});

it('an audit ID that was reused often hides nothing without a count', async () => {
  const again = Array.from({ length: 20 }, (_, at) => secretDeleted(DELETED, second(at), person('mallory')));
  const { source } = await service([...EVENTS, ...again]);
  const answer = await related({ auditId: auditIdOf(DELETED) }, source);
  expect(answer?.requests).toHaveLength(5);
  expect(answer?.requestsLeftOut).toBe(16);
});

it('an audit ID that was used thousands of times is reported, and hides no create of the pod', async () => {
  const [pod] = ORIGIN.filter(({ auditID }) => auditID === `create ${POD.uid}`);
  const again = Array.from({ length: 150 }, (_, at) => [
    secretDeleted(DELETED, second(at), person('mallory')),
    secretDeleted(String(pod?.auditID), second(at), person('mallory')),
  ]).flat();
  const { source } = await service([...EVENTS, ...again]);
  const answer = await related({ auditId: auditIdOf(DELETED) }, source);
  expect(answer).toMatchObject({ requestsLeftOut: 95, hasMore: true });
  const ofPod = answer?.requests.find((request) => request.pod !== undefined)?.pod;
  expect(ofPod?.origin.map(({ kind, created }) => [kind, created?.time])).toEqual([
    ['Pod', utc('09:00:02')],
    ['ReplicaSet', utc('09:00:01')],
    ['Deployment', utc('08:00:00')],
  ]);
});

it('an older request of such an audit ID is found by its time', async () => {
  const again = Array.from({ length: 150 }, (_, at) => secretDeleted(DELETED, second(7_000 + at), person('mallory')));
  const { source } = await service([...EVENTS, ...again]);
  const auditId = auditIdOf(DELETED);
  const newest = await related({ auditId }, source);
  expect(newest?.requests.every(({ pod }) => pod === undefined)).toBe(true);
  const answer = await related({ auditId, at: epochMillis(Date.parse(utc('12:10:30'))) }, source);
  expect(answer?.requests.map(({ pod }) => pod?.uid)).toEqual([POD.uid]);
  expect(answer?.hasMore).toBeUndefined();
  expect(await related({ auditId, at: epochMillis(Date.parse(utc('09:00:00'))) }, source)).toBeUndefined();
});

it('the API also finds it by its time', async () => {
  const again = Array.from({ length: 150 }, (_, at) => secretDeleted(DELETED, second(7_000 + at), person('mallory')));
  const { stores } = await service([...EVENTS, ...again]);
  const clock = () => epochMillis(Date.parse(utc('13:00:00')));
  const routes = routesOf(
    {
      tables: { ...stores, within: () => stores },
      clock,
      settings: DEFAULT_SETTINGS,
      deadline: MINUTE,
    },
    'all',
  );
  const ask = (query: string) => routes['/related']?.(query, () => undefined);
  expect(await ask(`auditId=${DELETED}`)).toMatchObject({ hasMore: true, requestsLeftOut: 95 });
  const answer = await ask(`auditId=${DELETED}&at=2026-03-10T12:10:30Z`);
  expect(answer).toMatchObject({ requests: [{ pod: { uid: POD.uid } }] });
  expect(await ask(`auditId=${DELETED}&at=2026-03-10T09:00:00Z`)).toBeInstanceOf(NotFoundAnswer);
  await expect(ask(`auditId=${DELETED}&at=soon`)).rejects.toThrow('Give a time in RFC 3339 format');
});

it('reuse of an audit ID does not make the question more expensive', async () => {
  const costOf = async (events: readonly JsonObject[]) => {
    const { source } = await service(events);
    const cost = { auditIds: 0, examined: 0 };
    const counting: RelatedSource = {
      ...source,
      ofAuditId: (...given) => {
        cost.auditIds += 1;
        return source.ofAuditId(...given);
      },
      read: (queries) => {
        cost.examined += queries.reduce((sum, { most = 0 }) => sum + most, 0);
        return source.read(queries);
      },
    };
    await related({ auditId: auditIdOf(DELETED) }, counting);
    return cost;
  };
  const again = Array.from({ length: 1_000 }, (_, at) => secretDeleted(DELETED, second(at)));
  const [once, often] = [await costOf(EVENTS), await costOf([...EVENTS, ...again])];
  expect(once).toEqual({ auditIds: 1, examined: 25_000 });
  expect(often).toEqual(once);
});

it('an answer that is too long to send has shorter lists, and says what they leave out', async () => {
  const many = Array.from({ length: 60 }, (_, at) => entry(`entry-${at}`, second(at), 'bob'));
  const { source } = await service([...EVENTS, ...many]);
  const question = { auditId: auditIdOf(DELETED) };
  const whole = await related(question, source);
  expect(whole && shortenedRelated(whole, 50)).toEqual(whole);
  const [request] = (whole && shortenedRelated(whole, 3))?.requests ?? [];
  expect(request?.pod?.entries).toHaveLength(3);
  expect(request?.pod?.leftOut).toBe(59);
  expect(request?.candidates).toHaveLength(3);
});

it('says in a field that not everything was searched', async () => {
  const { stores, source } = await service(EVENTS);
  const question = { auditId: auditIdOf(DELETED) };
  const whole = await related(question, source);
  expect(whole?.requests.map(({ complete }) => complete)).toEqual([undefined]);
  const part = await related(question, storedSource({ ...stores, budget: new RequestBudget(0).try() }, NOBODY));
  expect(part?.requests).toMatchObject([{ complete: false }]);
  expect(readRelated(JSON.parse(JSON.stringify(part)))).toMatchObject({ requests: [{ complete: false }] });
});

it('the attribution does not change with who created the pod', async () => {
  const { running } = await service(EVENTS);
  const before = await running.only(DELETED);
  await running.settleFor(Math.ceil((30 * MINUTE) / MINUTE));
  expect((await running.only(DELETED)).attribution).toEqual(before.attribution);
  expect(before.attribution.status).toBe('system');
});

it('a pod of another cluster with the same uid and name is another pod', async () => {
  const { source, running } = await service([secretDeleted(DELETED, '12:10:00')]);
  await running.ingestPayload(
    {
      messageType: 'DATA_MESSAGE',
      logGroup: '/aws/eks/prod-2/cluster',
      logStream: 'kube-apiserver-audit-1',
      logEvents: EVENTS.filter(({ auditID }) => auditID !== DELETED).map((event, at) => ({
        id: String(at),
        message: JSON.stringify(event),
      })),
    },
    'of another cluster',
  );
  const answer = await related({ auditId: auditIdOf(DELETED) }, source);
  expect(answer?.requests[0]?.candidates).toEqual([]);
  expect(answer?.requests[0]?.pod?.origin).toEqual([]);
});

it('a request without a service account has no pod, and one without a readable time has nothing around it', async () => {
  const { source } = await service([
    request('by-a-person', '12:10:00', person('alice')),
    request('timeless', '12:10:00', person('alice'), { requestReceivedTimestamp: 'soon' }),
  ]);
  const [byPerson] = (await related({ auditId: auditIdOf('by-a-person') }, source))?.requests ?? [];
  expect(byPerson).toMatchObject({ candidates: [], session: { name: expect.stringMatching(/^AIDA/) } });
  expect(byPerson?.pod).toBeUndefined();
  const [timeless] = (await related({ auditId: auditIdOf('timeless') }, source))?.requests ?? [];
  expect(timeless?.notKnown).toEqual([expect.stringMatching(/no readable time/)]);
});

it('if requests are far apart, only the time around each is read from a trail', async () => {
  const old = secretDeleted(DELETED, '12:10:00');
  const { source } = await service([
    ...EVENTS,
    { ...old, requestReceivedTimestamp: '2026-01-10T12:10:00Z' },
    { ...old, requestReceivedTimestamp: '2026-03-10T12:40:00Z' },
  ]);
  const answer = await related({ auditId: auditIdOf(DELETED) }, source);
  const iso = (at: number) => new Date(at).toISOString();
  expect(timesAround(answer?.requests ?? []).map(({ from, to }) => [iso(from), iso(to)])).toEqual([
    ['2026-01-10T00:10:00.000Z', '2026-01-10T13:10:00.000Z'],
    ['2026-03-10T00:10:00.000Z', '2026-03-10T13:40:00.000Z'],
  ]);
});

it('the nearest of thousands of calls of a pod are shown', async () => {
  const { source } = await service(EVENTS);
  const answer = await related({ auditId: auditIdOf(DELETED) }, source);
  const calls = Array.from({ length: 5_000 }, (_, at) => ({
    eventID: `call-${at}`,
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    eventTime: new Date(Date.parse(utc('12:10:00')) + (at - 2_500) * 1_000).toISOString(),
    userIdentity: { type: 'AssumedRole', accessKeyId: POD_KEY },
  }));
  const [aws] = await awsCallsOf(answer?.requests ?? [], [trailOfFiles(valuesSource([...TRAIL, ...calls]))], 10);
  expect(aws?.calls).toHaveLength(10);
  expect(aws?.calls[0]?.eventId).toBe('call-2500');
  expect(aws?.leftOut).toBe(4_992);
  expect(POD.uid).toBe(aws?.sessions[0]?.podUid);
});

it('the answer matches openapi.yaml, and is read back unchanged', async () => {
  const { source } = await service(EVENTS);
  const answer = await related({ auditId: auditIdOf(DELETED) }, source);
  const body = JSON.parse(JSON.stringify(answer)) as JsonObject;
  const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  expect(new OpenApiDocument().flawsOfAnswer('/related', { status: 200, headers, body })).toBeUndefined();
  expect(JSON.parse(JSON.stringify(readRelated(body)))).toEqual(body);
});

it('an answer of another version is reported', () => {
  expect(() => readRelated({ auditId: 'x', requests: [{ stages: 'many' }] })).toThrow(/another version of it/);
});
