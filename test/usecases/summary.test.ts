import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { JsonObject } from '../../lib/json.ts';
import { DAY, epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { summaryRequest } from '../../lib/usecases/query/parameters.ts';
import { type SummaryAnswer, summary } from '../../lib/usecases/query/summary.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { CountedRequests } from '../contract/counted-requests.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

const SYSTEM = { username: 'system:serviceaccount:shop:web', uid: 'uid-1' };

let made = 0;
function event(time: string, fields: JsonObject = {}): JsonObject {
  made += 1;
  const auditID = `a0000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
  return auditEvent({ auditID, requestReceivedTimestamp: utc(time), ...fields });
}

/** A delivery of this cluster's log group. */
function ofCluster(cluster: string, events: readonly JsonObject[]): JsonObject {
  return {
    messageType: 'DATA_MESSAGE',
    logGroup: `/aws/eks/${cluster}/cluster`,
    logStream: 'kube-apiserver-audit-1',
    logEvents: events.map((each, at) => ({ id: String(at), message: JSON.stringify(each) })),
  };
}

/** Of each cluster five batches of two in each of the day's first hours. */
function batchesOf(hours: number, clusters: readonly string[]): JsonObject[] {
  const times = Array.from({ length: hours * 5 }, (_, at) => {
    const [hour, minute] = [Math.floor(at / 5), (at % 5) * 12];
    return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00`;
  });
  return times.flatMap((time) => clusters.map((cluster) => ofCluster(cluster, [event(time), event(time)])));
}

function world() {
  const clock = new SetClock(utc('12:31:00'));
  return new Service(memoryStores(calmWorld(clock.now)), clock, { withoutLookups: true });
}

const answerTo = ({ stores, clock }: Service, query: string): Promise<SummaryAnswer> =>
  summary(summaryRequest(query, clock.at), { counts: stores.counts, clock: clock.now });

const aliceGrant = grant({ id: 'alice-grant', until: '2026-03-10T23:00:00Z', by: iamUser('alice') });

describe('a summary', () => {
  it('has the records of a moment ago, hour by hour, before settle has run', async () => {
    const service = world();
    await service.ingest([event('11:05:00'), event('12:30:00'), event('12:30:59', { user: SYSTEM, verb: 'get' })]);
    const answer = await answerTo(service, 'from=2026-03-10T10:00:00Z&by=verb');
    expect(answer).toMatchObject({
      from: '2026-03-10T10:00:00Z',
      to: '2026-03-10T13:00:00Z',
      bucket: 'hour',
      total: 3,
      statuses: { pending: 2, system: 1 },
      values: [
        { value: 'delete', count: 2 },
        { value: 'get', count: 1 },
      ],
      buckets: [
        { from: '2026-03-10T10:00:00Z', total: 0, counts: [0, 0] },
        { from: '2026-03-10T11:00:00Z', total: 1, counts: [1, 0] },
        { from: '2026-03-10T12:00:00Z', total: 2, counts: [1, 1] },
      ],
      newest: '2026-03-10T12:30:59Z',
      now: '2026-03-10T12:31:00Z',
      counting: { behind: [] },
    });
    expect(answer.counting.since).toBeUndefined();
  });

  it('shows a correction at once, and how long answers took', async () => {
    const service = world();
    await service.settle();
    await service.ingest([event('12:30:00'), event('12:30:50', { user: SYSTEM })]);
    await service.grants([aliceGrant]);
    service.clock.pass(4 * MINUTE);
    await service.settle();
    const answer = await answerTo(service, 'by=actor');
    expect(answer).toMatchObject({
      statuses: { attributed: 1, system: 1 },
      values: [{ value: 'iam-user/111122223333/AIDAALICE000000000000', name: 'alice', count: 1 }],
      none: 1,
      lag: {
        p50: 10,
        p95: 300,
        histogram: [
          { within: 10, count: 1 },
          { within: 300, count: 1 },
        ],
      },
      counting: {
        since: '2026-03-10T12:31:00Z',
        ingestedAt: '2026-03-10T12:31:00Z',
        settledAt: '2026-03-10T12:35:00Z',
      },
    });
  });

  it('is the same once settle has counted the hours, and days later', async () => {
    const service = world();
    await service.settle();
    await service.grants([aliceGrant]);
    for (const time of ['12:00:00', '12:01:00', '12:02:00']) await service.ingest([event(time)], time);
    const range = 'from=2026-03-10T11:00:00Z&to=2026-03-10T13:00:00Z&by=actor';
    const { now: _now, counting: _counting, ...before } = await answerTo(service, range);
    for (const passed of [HOUR, HOUR, 2 * DAY]) {
      service.clock.pass(passed);
      await service.settle();
      const { now: _later, counting, ...after } = await answerTo(service, range);
      expect(after).toEqual(before);
      expect(counting.behind).toEqual([]);
    }
  });

  it('includes late records too: at once if they are few, otherwise it says so until settle has counted them', async () => {
    const service = world();
    await service.settle();
    service.clock.pass(4 * HOUR);
    await service.settle();
    const range = 'from=2026-03-10T02:00:00Z&to=2026-03-10T11:00:00Z';
    const [first, ...others] = ['02', '03', '04', '05'].map((hour) => event(`${hour}:30:00`, { user: SYSTEM }));
    await service.ingest(others, 'late');
    expect(await answerTo(service, range)).toMatchObject({ total: 3, counting: { behind: [] } });
    await service.ingest(first === undefined ? [] : [first], 'later');
    expect(await answerTo(service, range)).toMatchObject({ total: 3, counting: { behind: ['2026-03-10T02:00:00Z'] } });
    service.clock.pass(2 * MINUTE);
    await service.settle();
    expect(await answerTo(service, range)).toMatchObject({ total: 4, counting: { behind: [] } });
  });

  it('says which hours are missing if settle has not run for long', async () => {
    const service = world();
    await service.settle();
    await service.ingest([event('12:30:00')]);
    service.clock.pass(10 * HOUR);
    const { counting, total } = await answerTo(service, 'from=2026-03-10T12:00:00Z');
    expect(total).toBe(0);
    expect(counting.behind).toContain('2026-03-10T12:00:00Z');
    await service.settle();
    expect(await answerTo(service, 'from=2026-03-10T12:00:00Z')).toMatchObject({ total: 1, counting: { behind: [] } });
  });

  it('distinguishes clusters, and covers only the requested ones', async () => {
    const service = world();
    await service.ingestPayload(ofCluster('prod-1', [event('12:00:00'), event('12:10:00')]), 'one');
    await service.ingestPayload(ofCluster('prod-2', [event('12:20:00')]), 'two');
    expect((await answerTo(service, 'by=cluster')).values).toEqual([
      { value: 'prod-1', count: 2 },
      { value: 'prod-2', count: 1 },
    ]);
    expect(await answerTo(service, 'by=cluster&cluster=prod-2&cluster=prod-3')).toMatchObject({ total: 1, none: 0 });
  });

  it('counts every request of an account that invents clusters, and says which hours may lack one of them', async () => {
    const service = world();
    await service.settle();
    const invented = Array.from({ length: 300 }, (_, at) => `invented-${at}`);
    const ingest = (accountId: string, cluster: string, events: readonly JsonObject[]) =>
      service.ingestPayload({ ...ofCluster(cluster, events), owner: accountId }, cluster);
    for (const cluster of invented) await ingest(OTHER_ACCOUNT, cluster, [event('12:00:00')]);
    await ingest(OTHER_ACCOUNT, 'large', [event('12:00:00'), event('12:00:01')]);
    await ingest(ACCOUNT, 'prod', [event('12:00:00')]);
    service.clock.pass(4 * HOUR);
    await service.settleFor(5);
    const hour = '2026-03-10T12:00:00Z';
    const ask = (query: string) => answerTo(service, `from=${hour}&to=2026-03-10T13:00:00Z&${query}`);
    const { total, values, others, buckets, counting } = await ask('by=cluster');
    expect({ total, behind: counting.behind }).toEqual({ total: 303, behind: [] });
    expect(values[0]).toMatchObject({ count: 2 });
    expect([others, buckets[0]?.others]).toEqual([303 - 2 - 19, 303 - 2 - 19]);
    const key = (accountId: string, cluster: string) => encodeURIComponent(clusterKeyOf({ accountId, cluster }));
    expect(await ask(`cluster=${key(ACCOUNT, 'prod')}`)).toMatchObject({ total: 1, counting: { behind: [] } });
    expect(await ask(`cluster=${key(OTHER_ACCOUNT, 'large')}`)).toMatchObject({
      total: 2,
      counting: { behind: [hour] },
    });
    const kept = await service.stores.counts.kept(epochMillis(Date.parse(hour)), epochMillis(Date.parse(hour)));
    expect(kept.length).toBeLessThan(250);
    expect(kept.filter(({ areOthers }) => areOthers)).toHaveLength(1);
  });

  it('lists the most frequent values, and the rest as others, in each bucket too', async () => {
    const service = world();
    const namespaces = Array.from({ length: 30 }, (_, at) => `team-${String(at).padStart(2, '0')}`);
    const of = (namespace: string) => ({ resource: 'pods', namespace, name: 'web-0', apiVersion: 'v1' });
    await service.ingest(
      [...namespaces, 'team-29', 'team-29'].map((namespace) => event('12:05:00', { objectRef: of(namespace) })),
    );
    const answer = await answerTo(service, 'by=namespace&from=2026-03-10T12:00:00Z');
    expect(answer.values).toHaveLength(20);
    expect(answer.values[0]).toEqual({ value: 'team-29', count: 3 });
    expect(answer.others).toBe(10);
    const [bucket] = answer.buckets;
    expect(bucket && [bucket.counts.reduce((a, b) => a + b, 0), bucket.others]).toEqual([22, 10]);
  });

  it('lists the most frequent actors of each account, whatever number of actors another one invents', async () => {
    const service = world();
    const ingest = (accountId: string, events: readonly JsonObject[]) =>
      service.ingestPayload({ ...ofCluster('prod', events), owner: accountId }, accountId);
    const by = (username: string) => event('12:05:00', { user: { username, groups: ['system:authenticated'] } });
    const times = (count: number, name: string) => Array.from({ length: count }, () => by(name));
    const invented = Array.from({ length: 40 }, (_, at) => times(4, `invented-${at}`)).flat();
    await ingest(OTHER_ACCOUNT, [...invented, ...times(9, 'most'), ...times(5, 'bob')]);
    await ingest(ACCOUNT, [...times(3, 'alice'), ...times(2, 'bob'), by('carol')]);
    const { values, others, total, buckets } = await answerTo(service, 'by=actor&from=2026-03-10T12:00:00Z');
    const counts = values.map(({ count }) => count);
    expect(values).toHaveLength(20);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(values.slice(0, 2).map(({ name }) => name)).toEqual(['most', 'bob']);
    expect(values.map(({ name }) => name)).toEqual(expect.arrayContaining(['alice', 'carol']));
    expect(others).toBe(total - counts.reduce((a, b) => a + b, 0));
    expect(buckets[0]?.counts).toEqual(counts);
  });

  it('is divided into days if the range is long', async () => {
    const service = world();
    await service.settle();
    await service.ingest([event('11:05:00'), event('12:30:00')]);
    const { buckets, from, to, bucket } = await answerTo(service, 'from=2026-03-05T17:00:00Z');
    expect([from, to, bucket]).toEqual(['2026-03-05T00:00:00Z', '2026-03-11T00:00:00Z', 'day']);
    expect(buckets.map(({ total }) => total)).toEqual([0, 0, 0, 0, 0, 2]);
  });

  describe('over dynalite', () => {
    let dynalite: RunningDynalite;
    beforeAll(async () => {
      dynalite = await RunningDynalite.start();
    });
    afterAll(() => dynalite.stop());

    it('of a few clusters for a day takes at most ten requests, however many batches came', async () => {
      const counted = new CountedRequests(dynalite.client);
      const clock = new SetClock(utc('12:31:00'));
      const { counts } = await dynalite.stores(clock.now);
      const stores = { ...memoryStores(calmWorld(clock.now)), counts };
      const service = new Service(stores, clock, { withoutLookups: true });
      await service.settle();
      for (const delivery of batchesOf(12, ['prod-1', 'prod-2', 'staging']))
        await service.ingestPayload(delivery, JSON.stringify(delivery));
      const answers: SummaryAnswer[] = [];
      for (const minutes of [0, 3, 30]) {
        clock.pass(minutes * MINUTE);
        await service.settle();
        const ask = async () => answers.push(await answerTo(service, 'by=actor'));
        expect((await counted.during(ask)).requests).toBeLessThanOrEqual(10);
      }
      expect(answers.at(-1)).toMatchObject({ total: 360, counting: { behind: [] } });
    });
  });
});

describe('a request for a summary', () => {
  const now = new SetClock(utc('12:31:00')).at;
  const refusal = (query: string) => {
    try {
      summaryRequest(query, now);
      return undefined;
    } catch (error) {
      return error instanceof Error && 'parameter' in error ? error.parameter : error;
    }
  };

  it('covers the last day by hours by default', () => {
    const { from, to, bucket, by } = summaryRequest('', now);
    expect([now - from, to, bucket, by]).toEqual([DAY + 31 * MINUTE, now, 'hour', 'status']);
  });

  it('is refused with the name of the wrong parameter', () => {
    expect(refusal('by=pod')).toBe('by');
    expect(refusal('bucket=minute')).toBe('bucket');
    expect(refusal('namespace=shop')).toBe('namespace');
    expect(refusal('from=2026-03-11T00:00:00Z&to=2026-03-10T00:00:00Z')).toBe('from');
    expect(refusal('from=2026-01-01T00:00:00Z')).toBe('from');
    expect(refusal('from=2026-03-01T00:00:00Z&bucket=hour')).toBe('from');
    expect(refusal('from=1960-01-01T00:00:00Z&to=1960-01-02T00:00:00Z')).toBe('from');
    expect(refusal('to=yesterday')).toBe('to');
    expect(refusal('by=verb&by=actor')).toBe('by');
    expect(refusal(Array.from({ length: 51 }, (_, at) => `cluster=${at}`).join('&'))).toBe('cluster');
    expect(refusal('cluster=&by=cluster')).toBeUndefined();
  });
});
