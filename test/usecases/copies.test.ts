import { describe, expect, it, vi } from 'vitest';
import { MOST_COPIES } from '../../lib/attribution/copies.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { MINUTE } from '../../lib/time.ts';
import { RecordContentionError } from '../../lib/usecases/ingest/store-records.ts';
import { summaryRequest } from '../../lib/usecases/query/parameters.ts';
import { summary } from '../../lib/usecases/query/summary.ts';
import { auditEvent, bareRoleUser, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, type Options, Service, SetClock } from './service.ts';

/** Copies of one event: what somebody wrote into the log beside what the API server wrote. */

const MALLORYS_KEY = 'ASIAMALLORY000000001';
const GRANTS = [
  grant({ id: 'alice-grant' }),
  grant({ id: 'mallory-grant', by: iamUser('mallory'), session: 'mallory-session', key: MALLORYS_KEY }),
];
const alices = auditEvent();
const mallorys = auditEvent({ user: roleUser({ session: 'mallory-session', key: MALLORYS_KEY }) });
const reads = auditEvent({ verb: 'get' });
const refused = auditEvent({ responseStatus: { code: 403 } });
const lean = auditEvent({ responseStatus: undefined, user: bareRoleUser('project-admin') });
const full = auditEvent({ user: { ...roleUser(), uid: (lean.user as JsonObject).uid } });

function started(options: Options = { withoutLookups: true }) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  return { stores, clock, running: new Service(stores, clock, options) };
}

function permutations<T>(all: readonly T[]): readonly (readonly T[])[] {
  if (all.length <= 1) return [all];
  return all.flatMap((first, at) => permutations(all.toSpliced(at, 1)).map((others) => [first, ...others]));
}

/** The records in one order, whoever was stored first. */
function inOneOrder(records: readonly AuditRecord[]): readonly string[] {
  return records.map((record) => JSON.stringify(record)).sort();
}

async function storedInOrder(events: readonly JsonObject[]): Promise<readonly AuditRecord[]> {
  const { running } = started();
  await running.grants(GRANTS);
  for (const [at, event] of events.entries()) await running.ingest([event], `delivery-${at}`);
  await running.settleFor(3);
  return running.recordsOf(String(alices.auditID));
}

const people = (records: readonly AuditRecord[]) => records.map(({ attribution }) => attribution.actor?.name).sort();
const flags = (records: readonly AuditRecord[]) => records.map(({ attribution }) => attribution.flags);

describe('copies that differ', () => {
  it('are two records, both flagged, whoever comes first', async () => {
    for (const order of permutations([alices, mallorys])) {
      const records = await storedInOrder(order);
      expect(people(records)).toEqual(['alice', 'mallory']);
      expect(flags(records)).toEqual([['conflicting-copies'], ['conflicting-copies']]);
    }
  });

  it('are the same records in any order, however many there are and however often each is delivered', async () => {
    const expected = inOneOrder(await storedInOrder([alices, mallorys, reads, refused]));
    expect(expected).toHaveLength(4);
    for (const order of permutations([alices, mallorys, reads, refused])) {
      expect(inOneOrder(await storedInOrder([...order, ...order]))).toEqual(expected);
    }
  });

  it('are the same if they come in one batch', async () => {
    const expected = inOneOrder(await storedInOrder([alices, mallorys, refused]));
    for (const order of permutations([alices, mallorys, refused])) {
      const { running } = started();
      await running.grants(GRANTS);
      await running.ingest([...order, ...order]);
      await running.settleFor(3);
      expect(inOneOrder(await running.recordsOf(String(alices.auditID)))).toEqual(expected);
    }
  });

  it('keep the flag when they are decided again', async () => {
    const { running } = started();
    await running.ingest([alices], 'first');
    await running.ingest([mallorys], 'second');
    await running.settleFor(5);
    await running.grants(GRANTS);
    await running.settleFor(40);
    const records = await running.recordsOf(String(alices.auditID));
    expect(people(records)).toEqual(['alice', 'mallory']);
    expect(flags(records)).toEqual([['conflicting-copies'], ['conflicting-copies']]);
  });

  it('are both flagged in the end if the first try stopped between the two writes', async () => {
    const { running, stores } = started();
    await running.grants(GRANTS);
    await running.ingest([alices], 'first');
    const correct = vi.spyOn(stores.records, 'correct').mockRejectedValueOnce(new Error('crash'));
    await expect(running.ingest([mallorys], 'second')).rejects.toThrow('crash');
    expect(flags(await running.recordsOf(String(alices.auditID)))).toContainEqual([]);
    correct.mockRestore();
    await running.ingest([mallorys], 'second');
    await running.settleFor(3);
    const records = await running.recordsOf(String(alices.auditID));
    expect(flags(records)).toEqual([['conflicting-copies'], ['conflicting-copies']]);
    expect(running.outbox.alerts.filter(({ kind }) => kind === 'alert')).toHaveLength(1);
  });

  it('are delivered again if another writer changed the first one meanwhile', async () => {
    const { running, stores } = started();
    await running.ingest([alices], 'first');
    vi.spyOn(stores.records, 'correct').mockResolvedValueOnce([{ outcome: 'overtaken' }]);
    await expect(running.ingest([mallorys], 'second')).rejects.toThrow(RecordContentionError);
  });

  it('raise one alert, which says whom the other names', async () => {
    const { running } = started();
    await running.grants(GRANTS);
    await running.ingest([alices], 'first');
    await running.settleFor(40);
    expect(running.outbox.alerts).toEqual([]);
    await running.ingest([mallorys], 'second');
    await running.settleFor(40);
    await running.ingest([mallorys], 'third');
    await running.settleFor(40);
    expect(running.outbox.alerts).toMatchObject([
      { kind: 'alert', causes: ['conflicting-copies'], conflicts: ['iam-user alice'], actors: ['iam-user mallory'] },
    ]);
  });

  it('raise an alert even if the cluster itself made the later one', async () => {
    const { running } = started();
    await running.grants(GRANTS);
    await running.ingest([alices], 'first');
    await running.ingest([auditEvent({ user: { username: 'system:kube-scheduler' } })], 'second');
    await running.settleFor(40);
    expect(running.outbox.alerts).toMatchObject([{ causes: ['conflicting-copies'], conflicts: ['iam-user alice'] }]);
  });

  it('are stored, twenty at most; further ones change nothing and open no claim, in one batch or one by one', async () => {
    const nth = (at: number) =>
      auditEvent({ user: roleUser({ session: `session-${at}`, key: `ASIAFORGED${1e9 + at}` }) });
    const copies = Array.from({ length: 60 }, (_, at) => nth(at));
    for (const batches of [[copies], copies.map((copy) => [copy]), [copies.slice(0, 15), copies.slice(15)]]) {
      const { running, stores } = started();
      const places = vi.spyOn(stores.records, 'copiesOf');
      for (const [at, batch] of batches.entries()) await running.ingest(batch, `delivery-${at}`);
      expect(places.mock.calls.length).toBeLessThanOrEqual(2 * batches.length);
      const records = await running.recordsOf(String(alices.auditID));
      const first = copies.slice(0, MOST_COPIES).map(({ user }) => (user as JsonObject).username);
      expect(records.map(({ caller }) => caller.username).toSorted()).toEqual(first.toSorted());
      expect(flags(records).flat()).toHaveLength(MOST_COPIES);
      expect(stores.claims.all()).toHaveLength(MOST_COPIES);
      expect((await running.ingest([nth(3), nth(70)], 'again')).duplicates).toBe(2);
    }
  });

  it('form one group of alerts, whoever they name', async () => {
    const { running } = started({ withoutLookups: true, alertWindow: 15 * MINUTE });
    await running.grants(GRANTS);
    for (const [at, copy] of [alices, mallorys, auditEvent({ user: { username: 'system:x' } })].entries())
      await running.ingest([copy], `delivery-${at}`);
    await running.settleFor(10);
    expect(running.outbox.alerts).toHaveLength(1);
  });

  it('are counted, each once', async () => {
    const { running, stores, clock } = started();
    await running.grants(GRANTS);
    const copies = [alices, mallorys, mallorys, auditEvent({ user: { username: 'system:x' } })];
    for (const [at, copy] of copies.entries()) await running.ingest([copy], `delivery-${at}`);
    const counted = (by: string) =>
      summary(summaryRequest(`from=2026-03-10T12:00:00Z&by=${by}`, clock.at), {
        counts: stores.counts,
        clock: clock.now,
      });
    expect(await counted('flag')).toMatchObject({ total: 3, values: [{ value: 'conflicting-copies', count: 3 }] });
    await running.settleFor(3);
    expect(await counted('status')).toMatchObject({ total: 3, statuses: { attributed: 2, system: 1 } });
  });
});

describe('copies that agree', () => {
  it('are one record, and the first one stays', async () => {
    const records = await storedInOrder([alices, auditEvent({ userAgent: 'forwarder' }), alices]);
    expect(records).toMatchObject([{ source: { userAgent: 'kubectl/v1.33.0' } }]);
    expect(flags(records)).toEqual([[]]);
  });

  it('are one record, and the copy that states more counts, whichever comes first', async () => {
    for (const order of permutations([lean, full, lean])) {
      const records = await storedInOrder(order);
      expect(people(records)).toEqual(['alice']);
      expect(records).toMatchObject([{ response: { code: 200 }, attribution: { flags: [], method: 'access-key' } }]);
    }
  });

  it('hide no conflict between others', async () => {
    const other = auditEvent({ user: full.user, responseStatus: { code: 403 } });
    const expected = inOneOrder(await storedInOrder([full, other]));
    for (const order of permutations([lean, full, other])) {
      expect(inOneOrder(await storedInOrder(order))).toEqual(expected);
    }
    expect(expected).toHaveLength(2);
  });
});

it('events of two clusters are never copies', async () => {
  const { running } = started();
  await running.grants(GRANTS);
  const payload = (cluster: string, event: JsonObject) => ({
    messageType: 'DATA_MESSAGE',
    logGroup: `/aws/eks/${cluster}/cluster`,
    logStream: 'kube-apiserver-audit-1',
    logEvents: [{ id: '1', message: JSON.stringify(event) }],
  });
  await running.ingestPayload(payload('prod', alices), 'a');
  await running.ingestPayload(payload('dev', mallorys), 'b');
  const records = await running.recordsOf(String(alices.auditID));
  expect(records.map(({ cluster }) => cluster).sort()).toEqual(['dev', 'prod']);
  expect(flags(records)).toEqual([[], []]);
});
