import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { RefusedItemError } from '../../lib/adapters/dynamodb/database.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseRecording, RECORD_ALL } from '../../lib/audit/recording.ts';
import { DEFAULT_ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import { NO_VOLUME, OF_ATTEMPT } from '../../lib/heartbeats/volume.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { takeEvents, takeGrants, takeHandedOver } from '../../lib/usecases/ingest/deliveries.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { SLICE } from '../../lib/usecases/ingest/within-ceiling.ts';
import { settle } from '../../lib/usecases/settle/settle.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { busEvent } from '../functions/deployed.ts';
import { MemoryOutbox } from '../stand-ins/memory/memory-outbox.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, SetClock } from './service.ts';

const AUDIT = { logGroup: '/aws/eks/prod-1/cluster', logStream: 'kube-apiserver-audit-1' };
const TRAIL = { logGroup: '/company/trail', logStream: '111122223333_CloudTrail_eu-west-1' };
const ELSEWHERE = { logGroup: '/company/logs', logStream: 'web-1' };

const OWNER = '444455556666';
const KEY = 'ASIAALICESESSION0001';
const EVENT = auditEvent({ auditID: 'a', user: roleUser({ session: 'alice-session', key: KEY }) });
const RECORD = grant({ session: 'alice-session', key: KEY });

const payload = (from: JsonObject, ...messages: readonly unknown[]): JsonObject => {
  const logEvents = messages.map((message) => ({
    message: typeof message === 'string' ? message : JSON.stringify(message),
  }));
  return { messageType: 'DATA_MESSAGE', owner: OWNER, ...from, logEvents };
};

/** Returns what the rule of the hub's bus puts into the queue for a delivery. */
const handOverOf = (of: JsonObject, account: string) =>
  busEvent({ awslogs: { data: gzipSync(JSON.stringify(of)).toString('base64') } }, account);

const TOKEN = 'JTI=4c1f5b1e-0000-4000-8000-000000000001';

const CONTROL = { messageType: 'CONTROL_MESSAGE', logEvents: [] };

/** The functions' use cases on stores in memory; what they take are the deliveries as they come. */
function service(recording = RECORD_ALL, ceiling = 0) {
  const clock = new SetClock('2026-03-10T12:10:00Z');
  const stores = memoryStores(calmWorld(clock.now));
  const outbox = new MemoryOutbox();
  const all = {
    ...stores,
    rejects: outbox,
    metrics: outbox,
    clock: clock.now,
    digest: sha256,
    settings: DEFAULT_SETTINGS,
    alertOn: DEFAULT_ALERT_CAUSES,
    memory: new KeyMemory(),
    recording,
    ceiling,
  };
  const batch = (deliveries: readonly JsonObject[]) =>
    readBatch(deliveries, 'delivery', { inflate: () => ({ ok: false, reason: 'awslogs-data-unreadable' }) });
  const delivery = { id: 'delivery', isLive: true };
  return {
    outbox,
    clock,
    volumes: stores.volumes,
    attempts: stores.attempts,
    /** Hands the delivery over to a function whose records store does what is given instead of the insertion. */
    retried: (of: JsonObject, insert: (typeof stores.records)['insert'], isRetried = true) => {
      const records = new Proxy(stores.records, {
        get: (target, name) => {
          const value: unknown = name === 'insert' ? insert : Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      const own = { ...all, records };
      return takeHandedOver(handOverOf(of, OWNER), { inflate: inflatePayload, samples: 20 }, own, isRetried);
    },
    insert: (...records: Parameters<(typeof stores.records)['insert']>) => stores.records.insert(...records),
    async provisional() {
      const question = { by: 'audit-id', auditId: auditIdOf('a') } as const;
      const { records } = await stores.records.query(question, {}, { limit: 10 });
      return records.map(({ record }) => record.attribution.provisional);
    },
    ingest: (...deliveries: readonly JsonObject[]) => takeEvents(batch(deliveries), delivery, all),
    grants: (...deliveries: readonly JsonObject[]) => takeGrants(batch(deliveries), delivery, all),
    spoke: (of: JsonObject, account = OWNER) =>
      takeHandedOver(handOverOf(of, account), { inflate: inflatePayload, samples: 20 }, all),
    handedOver: (envelope: unknown) => takeHandedOver(envelope, { inflate: inflatePayload }, all),
    async reporters(auditId: string) {
      const question = { by: 'audit-id', auditId: auditIdOf(auditId) } as const;
      const { records } = await stores.records.query(question, {}, { limit: 10 });
      return records.map(({ record }) => record.origin?.handedOverBy);
    },
    async settle() {
      const run = { leases: stores.leases, owner: 'settle', stopAt: epochMillis(clock.at + MINUTE) };
      await settle({ ...all, alerts: outbox, deadline: 30 * MINUTE, lookupDelay: 0 }, run);
    },
    async flags(auditId: string) {
      const question = { by: 'audit-id', auditId: auditIdOf(auditId) } as const;
      const { records } = await stores.records.query(question, {}, { limit: 10 });
      return records.flatMap(({ record }) => record.attribution.flags);
    },
    async answers(auditId = 'a') {
      const { records } = await stores.records.query(
        { by: 'audit-id', auditId: auditIdOf(auditId) },
        {},
        { limit: 10 },
      );
      return records.map(({ record: { cluster, attribution } }) => [
        cluster,
        attribution.status,
        attribution.actor?.name,
      ]);
    },
  };
}

const ALICE = [['prod-1', 'attributed', 'alice']];

describe('a delivery to ingest', () => {
  it('with CloudTrail records stores them as grants, and counts them', async () => {
    const { ingest, answers, outbox } = service();
    await ingest(payload(TRAIL, RECORD));
    await ingest(payload(AUDIT, EVENT));
    expect(await answers()).toEqual(ALICE);
    expect([outbox.sum('TrailRecordsAtIngest'), outbox.sum('GrantsStored')]).toEqual([1, 1]);
  });

  it('is attributed with the grants in the same delivery, whatever their order', async () => {
    const { ingest, answers } = service();
    await ingest(payload(AUDIT, EVENT), payload(TRAIL, RECORD));
    expect(await answers()).toEqual(ALICE);
  });

  it('with a part that looks like evidence but has the wrong origin counts it and does not use it', async () => {
    const { ingest, answers, outbox } = service();
    await ingest(payload(ELSEWHERE, EVENT, RECORD), payload(AUDIT, RECORD), CONTROL, payload(ELSEWHERE, 'hello'));
    expect(await answers()).toEqual([]);
    expect(outbox.sum('PiecesOfOtherOrigin')).toBe(3);
    expect(outbox.sum('EventsIgnored')).toBe(2);
    expect(outbox.sum('TrailRecordsReceived')).toBe(0);
  });
});

describe('a delivery to grants', () => {
  it('with an audit event records it, with the grants in the same delivery, and counts it', async () => {
    const { grants, answers, outbox } = service();
    await grants(payload(AUDIT, EVENT), payload(TRAIL, RECORD));
    expect(await answers()).toEqual(ALICE);
    expect([outbox.sum('EventsAtGrants'), outbox.sum('EventsRecorded')]).toEqual([1, 1]);
  });

  it('again changes nothing', async () => {
    const { grants, answers, outbox } = service();
    const deliveries = [payload(AUDIT, EVENT), payload(TRAIL, RECORD)];
    await grants(...deliveries);
    await grants(...deliveries);
    expect(await answers()).toEqual(ALICE);
    expect([outbox.sum('EventsRecorded'), outbox.sum('EventsDuplicate')]).toEqual([1, 1]);
  });

  it('with something else counts it by its kind', async () => {
    const { grants, outbox } = service();
    await grants(payload(ELSEWHERE, EVENT, RECORD, 'hello'), CONTROL, payload(AUDIT, '{"cut'));
    expect(outbox.sum('PiecesOfOtherOrigin')).toBe(2);
    expect(outbox.sum('TrailPiecesIgnored')).toBe(2);
    expect(outbox.sum('TrailRecordsRejected')).toBe(1);
    expect(outbox.rejected).toMatchObject([{ reason: 'invalid-json' }]);
    expect(outbox.sum('EventsReceived')).toBe(0);
  });

  it('with an event that cannot be attributed yet opens a claim', async () => {
    const { grants, answers } = service();
    await grants(payload(AUDIT, EVENT));
    expect(await answers()).toEqual([['prod-1', 'pending', undefined]]);
    await grants(payload(TRAIL, RECORD));
    await grants(payload(AUDIT, EVENT));
    expect(await answers()).toEqual([['prod-1', 'pending', undefined]]); // settle decides it again
  });
});

describe('an event that another stack handed over', () => {
  const MALLORY = [['prod-1', 'attributed', 'mallory']];
  const NOBODY = [['prod-1', 'system', undefined]];
  const mallorysKey = 'ASIAMALLORYSESSION01';
  const mallory = roleUser({ session: 'mallory-session', key: mallorysKey });
  const mallorys = grant({ id: 'g2', session: 'mallory-session', key: mallorysKey, by: iamUser('mallory') });
  const forged = issue('forged', roleUser({ session: 'alice-session', key: KEY }), '2026-03-10T12:01:00Z');
  const issued = issue('issued', mallory, '2026-03-10T12:02:00Z');
  const used = tokenUse();

  it('is left out if the hub leaves it out: stacks hand over everything', async () => {
    const { spoke, answers } = service(parseRecording('omit-reads:pods'));
    const read = auditEvent({ auditID: 'a', verb: 'list' });
    expect(await spoke(payload(AUDIT, read))).toMatchObject({ recorded: 0, omitted: 1 });
    expect(await answers()).toEqual([]);
    expect(await spoke(payload(AUDIT, auditEvent({ auditID: 'b' })))).toMatchObject({ recorded: 1, omitted: 0 });
  });

  it('raises an alert if an anonymous caller was let in, and is left out if it is an allowed health probe', async () => {
    const { spoke, answers, settle, outbox } = service(parseRecording('all', 'no-probes'));
    const by = (auditID: string, requestURI: string, code: number) =>
      auditEvent({
        auditID,
        user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
        verb: 'get',
        requestURI,
        objectRef: undefined,
        responseStatus: { metadata: {}, code },
        annotations: { 'authorization.k8s.io/decision': code === 200 ? 'allow' : 'forbid' },
      });
    const handedOver = payload(AUDIT, by('p', '/livez', 200), by('a', '/metrics', 200), by('b', '/metrics', 403));
    expect(await spoke(handedOver)).toMatchObject({ recorded: 2, omitted: 1 });
    expect(await answers()).toEqual([['prod-1', 'system', undefined]]);
    expect(outbox.alerts).toEqual([]);
    await settle();
    expect(outbox.alerts).toMatchObject([
      { causes: ['anonymous-access'], count: 1, clusters: [`name:${OWNER}/prod-1`] },
    ]);
  });

  it.each([
    ['before the hub’s own', ['spoke', 'hub', 'use']],
    ['between the token and its use', ['hub', 'spoke', 'use']],
    ['after its use', ['hub', 'use', 'spoke']],
  ])('never identifies who requested a token of the hub’s own cluster: %s', async (_, order) => {
    const { grants, ingest, spoke, settle, answers } = service();
    await grants(payload(TRAIL, RECORD, mallorys));
    for (const step of order) {
      if (step === 'spoke') await spoke(payload(AUDIT, forged));
      else await ingest(payload(AUDIT, step === 'hub' ? issued : used));
      await settle();
    }
    expect(await answers()).toEqual(MALLORY);
  });

  it('identifies nobody by a token of the hub’s own cluster if its token request is not known', async () => {
    const { grants, ingest, spoke, settle, answers } = service();
    await grants(payload(TRAIL, RECORD));
    await spoke(payload(AUDIT, forged));
    await ingest(payload(AUDIT, used));
    await settle();
    expect(await answers()).toEqual(NOBODY);
  });

  it.each([
    ['in order', [issued, used]],
    ['the token last', [used, issued]],
  ])('identifies who requested its own cluster’s tokens: %s', async (_, events) => {
    const { grants, spoke, settle, answers } = service();
    await grants(payload(TRAIL, mallorys));
    for (const event of events) {
      await spoke(payload(AUDIT, event));
      await settle();
    }
    expect(await answers()).toEqual(MALLORY);
  });

  it('is attributed by tokens whose request the hub itself has', async () => {
    const { grants, ingest, spoke, answers } = service();
    await grants(payload(TRAIL, mallorys));
    await ingest(payload(AUDIT, issued));
    await spoke(payload(AUDIT, used));
    expect(await answers()).toEqual(MALLORY);
  });
});

describe('the account that hands over', () => {
  const OTHER = '999988887777';

  it('is in the record, as AWS states it', async () => {
    const { spoke, ingest, reporters } = service();
    await spoke(payload(AUDIT, EVENT));
    await ingest(payload(AUDIT, auditEvent({ auditID: 'b' })));
    expect(await reporters('a')).toEqual([OWNER]);
    expect(await reporters('b')).toEqual([undefined]);
  });

  it.each([
    ['owner', payload(AUDIT, EVENT)],
    ['group', payload({ ...AUDIT, owner: OTHER, logGroup: `${OWNER}:${AUDIT.logGroup}` }, EVENT)],
    [
      'ARN',
      payload(
        { ...AUDIT, owner: OTHER, logGroup: `arn:aws:logs:eu-west-1:${OWNER}:log-group:${AUDIT.logGroup}` },
        EVENT,
      ),
    ],
    ['lack of an owner', payload({ ...AUDIT, owner: undefined }, EVENT)],
  ])('cannot use the name of another log: its %s', async (_, of) => {
    const { spoke, answers, outbox } = service();
    expect(await spoke(of, OTHER)).toMatchObject({ refused: 'owner-is-another-account', account: OTHER });
    expect(await answers()).toEqual([]);
    expect(outbox.rejected).toMatchObject([{ reason: 'owner-is-another-account' }]);
    expect(outbox.named).toEqual([['FleetTrouble', `refused deliveries of ${OTHER}`]]);
  });

  it('cannot state its account itself', async () => {
    const { handedOver, outbox, answers } = service();
    const bodies = [
      payload(AUDIT, EVENT),
      { awslogs: { data: gzipSync(JSON.stringify(payload(AUDIT, EVENT))).toString('base64') } },
      { ...handOverOf(payload(AUDIT, EVENT), OWNER), source: 'aws.sts' },
      { ...handOverOf(payload(AUDIT, EVENT), OWNER), account: undefined },
      'text',
    ];
    for (const body of bodies) expect(await handedOver(body)).toMatchObject({ refused: 'hand-over-unreadable' });
    expect(await answers()).toEqual([]);
    expect(outbox.sum('FleetTrouble')).toBe(bodies.length);
  });

  it('counts for messages without a delivery too, and is left out if it sends many', async () => {
    const { handedOver, outbox, volumes } = service(RECORD_ALL, 200);
    const empty = { ...handOverOf(payload(AUDIT, EVENT), OWNER), detail: { region: 'eu-west-1' } };
    expect(await handedOver(empty)).toMatchObject({ refused: 'hand-over-unreadable', account: OWNER });
    expect(outbox.named).toEqual([['FleetTrouble', `refused deliveries of ${OWNER}`]]);
    expect(await volumes.of(OWNER)).toMatchObject({ attempted: 2_000 });
    expect(await handedOver(empty)).toMatchObject({ isLeftOut: true });
  });

  it('hands control messages over too, which name no owner', async () => {
    const { spoke, outbox } = service();
    const control = { messageType: 'CONTROL_MESSAGE', owner: 'CloudwatchLogs', logGroup: '', logEvents: [] };
    expect(await spoke(control)).toMatchObject({ recorded: 0, rejected: 0 });
    expect([outbox.sum('EventsIgnored'), outbox.sum('FleetTrouble')]).toEqual([1, 0]);
  });

  it('gets the number of events that were left out, because its log group’s name shows no audit log', async () => {
    const { spoke, outbox, answers } = service();
    expect(await spoke(payload(ELSEWHERE, EVENT, EVENT))).toMatchObject({ recorded: 0, otherOrigin: 2 });
    expect(await answers()).toEqual([]);
    expect([outbox.sum('PiecesOfOtherOrigin'), outbox.sum('FleetTrouble')]).toEqual([2, 0]);
  });

  it('reports tokens only for itself', async () => {
    const { grants, spoke, settle, answers } = service();
    await grants(payload(TRAIL, RECORD));
    await spoke(
      payload(AUDIT, issue('forged', roleUser({ session: 'alice-session', key: KEY }), '2026-03-10T12:01:00Z')),
    );
    await spoke(payload({ ...AUDIT, owner: OTHER }, tokenUse()), OTHER);
    await settle();
    expect(await answers()).toEqual([['prod-1', 'system', undefined]]);
  });
});

describe('an account over its ceiling', () => {
  const reads = (name: string, count: number) =>
    Array.from({ length: count }, (_, at) => auditEvent({ auditID: `${name} ${at}`, verb: 'list' }));
  const change = (auditID: string) => auditEvent({ auditID, verb: 'delete' });
  const secret = auditEvent({ auditID: 'secret', verb: 'get', objectRef: { resource: 'secrets', namespace: 'shop' } });
  const denied = auditEvent({
    auditID: 'denied',
    verb: 'list',
    responseStatus: { code: 403 },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  });
  const OTHER = '999988887777';
  const ofOther = (...events: readonly JsonObject[]) => payload({ ...AUDIT, owner: OTHER }, ...events);

  it('has its allowed reads left out and counted; all else is recorded, and so are other accounts', async () => {
    const { spoke, ingest, volumes, outbox } = service(RECORD_ALL, 5);
    expect(await spoke(ofOther(...reads('flood', 6)), OTHER)).toMatchObject({ recorded: 6, omitted: 0 });
    const after = ofOther(...reads('more', 3), change('a'), secret, denied);
    expect(await spoke(after, OTHER)).toMatchObject({ recorded: 3, omitted: 3 });
    expect([outbox.sum('EventsReceived'), outbox.sum('EventsOmitted')]).toEqual([12, 3]);
    expect(await volumes.of(OTHER)).toEqual({
      ...{ ...NO_VOLUME, newClusters: 1 },
      recorded: 9,
      leftOutReads: 3,
    });
    expect(await spoke(payload(AUDIT, ...reads('usual', 2)))).toMatchObject({ recorded: 2, omitted: 0 });
    expect(await ingest(payload({ ...AUDIT, owner: '111122223333' }, ...reads('own', 2)))).toMatchObject({
      recorded: 2,
    });
  });

  it('begins again on the next day (UTC)', async () => {
    const { spoke, clock } = service(RECORD_ALL, 5);
    await spoke(payload(AUDIT, ...reads('flood', 6)));
    clock.pass(12 * HOUR);
    expect(await spoke(payload(AUDIT, ...reads('later', 2)))).toMatchObject({ recorded: 2, omitted: 0 });
  });

  it('has whole deliveries left out after ten times its ceiling, and they are counted', async () => {
    const { spoke, volumes } = service(RECORD_ALL, 5);
    for (let at = 0; at < 10; at += 1)
      await spoke(ofOther(...Array.from({ length: 5 }, (_, n) => change(`${at} ${n}`))), OTHER);
    expect(await spoke(ofOther(change('last')), OTHER)).toMatchObject({ recorded: 0, isLeftOut: true });
    expect(await volumes.of(OTHER)).toEqual({ ...NO_VOLUME, recorded: 50, leftOutDeliveries: 1, newClusters: 1 });
    expect(await spoke(payload(AUDIT, change('usual')))).toMatchObject({ recorded: 1 });
  });

  it('still has the changes of the hub’s own log groups recorded, because nobody can forge these', async () => {
    const { ingest } = service(RECORD_ALL, 1);
    await ingest(payload(AUDIT, ...Array.from({ length: 20 }, (_, n) => change(`c${n}`))));
    expect(await ingest(payload(AUDIT, change('last'), ...reads('r', 2)))).toMatchObject({ recorded: 1, omitted: 2 });
  });

  it('is not an account that the events state: the one that hands them over is charged', async () => {
    const { spoke, volumes } = service(RECORD_ALL, 5);
    const event = { ...auditEvent({ auditID: 'a' }), '@aws.account': OTHER };
    await spoke(payload(AUDIT, event));
    expect((await volumes.today()).map(({ accountId }) => accountId)).toEqual([OWNER]);
  });

  it('is counted for repeated events too if it hands them over, because they cost as much', async () => {
    const { spoke, volumes } = service(RECORD_ALL, 1);
    for (let times = 0; times < 3; times += 1) await spoke(payload(AUDIT, change('same'), change('other')));
    expect(await volumes.of(OWNER)).toMatchObject({ recorded: 2, attempted: 4 });
    for (let times = 0; times < 2; times += 1) await spoke(payload(AUDIT, change('same'), change('other')));
    expect(await spoke(payload(AUDIT, change('new')))).toMatchObject({ isLeftOut: true });
  });

  it('is counted for each message that is rejected, as for an event', async () => {
    const { spoke, volumes } = service(RECORD_ALL, 3);
    const garbage = Array.from({ length: 15 }, () => '{"cut');
    for (let times = 0; times < 2; times += 1)
      expect(await spoke(payload(AUDIT, ...garbage))).toMatchObject({ rejected: 15 });
    expect(await volumes.of(OWNER)).toMatchObject({ recorded: 0, attempted: 30 });
    expect(await spoke(payload(AUDIT, ...garbage))).toMatchObject({ rejected: 0, isLeftOut: true });
  });

  it('is counted for one event for each 16 KiB of a delivery at least, because these are unpacked', async () => {
    const { spoke, volumes } = service(RECORD_ALL, 1_000);
    await spoke(payload({ ...AUDIT, logStream: 'kube-scheduler-1' }, `text ${'x'.repeat(160_000)}`));
    expect(await volumes.of(OWNER)).toMatchObject({ recorded: 0, attempted: 10 });
    await spoke(payload(AUDIT, ...reads('usual', 20)));
    expect(await volumes.of(OWNER)).toMatchObject({ recorded: 20, attempted: 10 });
  });

  it('is counted for a delivery that is refused as for 2,000 events, if AWS states the account', async () => {
    const { spoke, handedOver, volumes } = service(RECORD_ALL, 400);
    for (let times = 1; times < 3; times += 1) {
      expect(await spoke(ofOther(change('a')))).toMatchObject({ refused: 'owner-is-another-account' });
      expect(await volumes.of(OWNER)).toMatchObject({ recorded: 0, attempted: times * OF_ATTEMPT });
    }
    expect(await spoke(ofOther(change('a')))).toMatchObject({ isLeftOut: true });
    await handedOver('text');
    expect(await volumes.today()).toHaveLength(1);
  });

  it('is not counted for repeated events of the hub’s own log groups', async () => {
    const { ingest, volumes } = service(RECORD_ALL, 100);
    for (let times = 0; times < 3; times += 1) await ingest(payload(AUDIT, ...reads('same', 4)));
    expect(await volumes.of(OWNER)).toMatchObject({ recorded: 4, attempted: 0 });
  });
});

describe('an account whose grants are far over its ceiling', () => {
  const ACCOUNT = '111122223333';
  const named = roleUser({ session: 'deploy', key: null });
  const byEventBridge = (record: JsonObject, account = ACCOUNT) => ({
    ...{ source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', account },
    detail: { ...record, recipientAccountId: account },
  });
  const flood = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      byEventBridge(grant({ id: `f${at}`, session: `s${at}`, by: iamUser('x') })),
    );

  it('has its further ones of EventBridge left out and counted; and so has an account of an organization’s trail; other accounts and a trail’s own account do not', async () => {
    const { grants, ingest, volumes, outbox } = service(RECORD_ALL, 1);
    await grants(...flood(10));
    await grants(byEventBridge(RECORD), byEventBridge(RECORD, OWNER));
    expect(await volumes.of(ACCOUNT)).toMatchObject({ recorded: 0, grants: 10, leftOutGrants: 1 });
    expect(await volumes.of(OWNER)).toMatchObject({ grants: 1, leftOutGrants: 0 });
    await grants(payload({ ...TRAIL, owner: ACCOUNT }, RECORD));
    expect([outbox.sum('GrantsStored'), outbox.sum('TrailRecordsReceived')]).toEqual([11, 12]);
    await grants(payload(TRAIL, RECORD, { ...RECORD, recipientAccountId: OWNER }));
    expect(await volumes.of(ACCOUNT)).toMatchObject({ grants: 10, leftOutGrants: 2 });
    expect(outbox.sum('TrailRecordsReceived')).toBe(13);
    await ingest(payload(TRAIL, RECORD));
    expect(await volumes.of(ACCOUNT)).toMatchObject({ grants: 10, leftOutGrants: 3 });
  });

  it('still has them stored, however many events count for it', async () => {
    const { grants, ingest, answers } = service(RECORD_ALL, 1);
    await ingest(
      payload({ ...AUDIT, owner: ACCOUNT }, ...Array.from({ length: 20 }, (_, n) => auditEvent({ auditID: `${n}` }))),
    );
    await grants(byEventBridge(RECORD));
    await ingest(payload(AUDIT, EVENT));
    expect(await answers()).toEqual(ALICE);
  });

  it('has answers by name say that grants of that time may be missing', async () => {
    const { grants, ingest, flags } = service(RECORD_ALL, 1);
    await grants(byEventBridge(grant({ session: 'deploy' })));
    await ingest(payload(AUDIT, auditEvent({ auditID: 'before', user: named })));
    expect(await flags('before')).toEqual(['name-chosen-by-caller']);
    await grants(...flood(10));
    await grants(byEventBridge(grant({ id: 'g2', session: 'deploy', by: iamUser('mallory') })));
    await ingest(payload(AUDIT, auditEvent({ auditID: 'after', user: named })));
    expect(await flags('after')).toEqual(['name-chosen-by-caller', 'trail-was-silent']);
  });
});

describe('a delivery that is handed over', () => {
  const ofSlices = (slices: number, more = 0) =>
    payload(
      AUDIT,
      ...Array.from({ length: slices * SLICE + more }, (_, at) => auditEvent({ auditID: `e${at}`, verb: 'delete' })),
    );
  /** Waits until the function stands still at the given insertion, as one that Lambda cuts off. */
  const cutOff = async (
    at: number,
    { retried, insert }: ReturnType<typeof service>,
    of: JsonObject,
    isRetried?: boolean,
  ) => {
    let inserted = 0;
    await new Promise<void>((resolve, reject) => {
      const hang: typeof insert = (records) => {
        inserted += 1;
        if (inserted < at) return insert(records);
        resolve();
        return new Promise(() => undefined);
      };
      retried(of, hang, isRetried).catch(reject);
    });
  };
  const later = () => Promise.reject(Object.assign(new Error('later'), { name: 'ThrottlingException' }));

  it('and cut off is counted before the work, and a retry continues with the slice that was not stored', async () => {
    const at = service();
    const of = ofSlices(1, 5);
    await cutOff(2, at, of, false);
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: SLICE, attempted: OF_ATTEMPT });
    expect(await at.retried(of, at.insert)).toMatchObject({ recorded: 5, duplicates: 0 });
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: SLICE + 5, attempted: 0 });
    expect(await at.retried(of, later)).toMatchObject({ recorded: 0, duplicates: 0 });
  });

  it('does not put its account over a low ceiling by what is counted before its work', async () => {
    const at = service(RECORD_ALL, 500);
    const read = auditEvent({ auditID: 'a', verb: 'list' });
    expect(await at.retried(payload(AUDIT, read), at.insert)).toMatchObject({ recorded: 1, omitted: 0 });
    await cutOff(1, at, payload(AUDIT, auditEvent({ auditID: 'b' })));
    expect(await at.retried(payload(AUDIT, { ...read, auditID: 'c' }), at.insert)).toMatchObject({ omitted: 1 });
  });

  it('and always cut off is counted for each attempt, for the first one when the second begins, until it is left out', async () => {
    const at = service(RECORD_ALL, (OF_ATTEMPT * 3) / 10);
    const small = payload(AUDIT, auditEvent({ auditID: 'a' }));
    await cutOff(1, at, small, false);
    for (const tries of [2, 3]) {
      await cutOff(1, at, small);
      expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: 0, attempted: tries * OF_ATTEMPT });
    }
    expect(await at.retried(small, at.insert)).toMatchObject({ isLeftOut: true });
  });

  it('and comes as several copies at once never takes off more than was counted', async () => {
    const at = service(RECORD_ALL, 1_000_000);
    const of = ofSlices(1, 1);
    let release: () => void = () => undefined;
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    let waiting = 0;
    const copies = 4;
    const together: typeof at.insert = async (records) => {
      waiting += 1;
      if (waiting === copies) release();
      await all;
      return at.insert(records);
    };
    const outcomes = await Promise.all(Array.from({ length: copies }, () => at.retried(of, together, false)));
    const sum = (of: 'recorded' | 'duplicates') => outcomes.reduce((total, each) => total + each[of], 0);
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: SLICE + 1, attempted: sum('duplicates') });
    expect(sum('recorded')).toBe(SLICE + 1);
  });

  it('and waits, as for a throttled table, is not counted, and its next attempt continues', async () => {
    const at = service();
    const of = ofSlices(1, 1);
    for (let times = 0; times < 3; times += 1) await expect(at.retried(of, later, times > 0)).rejects.toThrow('later');
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: 0, attempted: 0 });
    let inserted = 0;
    const second: typeof at.insert = (records) => (inserted++ === 0 ? at.insert(records) : later());
    await expect(at.retried(of, second)).rejects.toThrow('later');
    expect(await at.retried(of, at.insert)).toMatchObject({ recorded: 1, duplicates: 0 });
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: SLICE + 1, attempted: 0 });
  });

  it('and waits twice is not counted, although nothing tells whether its first attempt broke off', async () => {
    const at = service();
    const small = payload(AUDIT, auditEvent({ auditID: 'a' }));
    for (let times = 0; times < 3; times += 1)
      await expect(at.retried(small, later, times > 0)).rejects.toThrow('later');
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: 0, attempted: 0 });
    await cutOff(1, at, small);
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: 0, attempted: OF_ATTEMPT });
    expect(await at.retried(small, at.insert)).toMatchObject({ recorded: 1 });
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: 1, attempted: 0 });
  });

  it('and stored on the next day takes nothing off what that day counts', async () => {
    const at = service();
    const of = payload(AUDIT, auditEvent({ auditID: 'a' }));
    await cutOff(1, at, of);
    at.clock.pass(12 * HOUR);
    expect(await at.retried(of, at.insert)).toMatchObject({ recorded: 1 });
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: 1, attempted: 0 });
  });

  it('and has a record that no table takes stores its other slices, fails, and is counted', async () => {
    const at = service();
    const of = ofSlices(1, 5);
    const refusing: typeof at.insert = async (records) => {
      const isFaulty = records.some(({ record }) => record.auditId === 'e0');
      return isFaulty ? [{ outcome: 'refused', fault: new RefusedItemError('too large') }] : at.insert(records);
    };
    for (let times = 1; times < 3; times += 1) {
      await expect(at.retried(of, refusing)).rejects.toMatchObject({ code: 'faulty-items' });
      expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: 5 });
    }
    expect((await at.volumes.of(OWNER)).attempted).toBeGreaterThanOrEqual(2 * OF_ATTEMPT);
    expect(await at.retried(of, at.insert)).toMatchObject({ recorded: SLICE, duplicates: 5 });
  });
});

describe('a delivery of the hub’s own log groups', () => {
  it('that is cut off continues with the slice that was not stored, and is counted for its records alone', async () => {
    const at = service();
    const of = payload(
      AUDIT,
      ...Array.from({ length: SLICE + 1 }, (_, n) => auditEvent({ auditID: `own ${n}`, verb: 'delete' })),
    );
    expect(await at.ingest(of)).toMatchObject({ recorded: SLICE + 1 });
    expect(await at.ingest(of)).toMatchObject({ recorded: 0, duplicates: 0 });
    expect(await at.volumes.of(OWNER)).toMatchObject({ recorded: SLICE + 1, attempted: 0 });
  });
});

describe('an event that two accounts report', () => {
  const OTHER = '999988887777';
  const forged = auditEvent({
    auditID: 'a',
    user: roleUser({ session: 'alice-session', key: 'ASIAFORGED0000000001' }),
  });
  const asSubscribed = (event: JsonObject) =>
    payload({ messageType: 'DATA_MESSAGE', owner: OTHER, ...AUDIT, subscriptionFilters: ['x'] }, event);

  it.each([
    ['the hub', (at: ReturnType<typeof service>) => at.ingest(payload(AUDIT, EVENT)), undefined],
    ['its own stack', (at: ReturnType<typeof service>) => at.spoke(payload(AUDIT, EVENT)), OWNER],
  ])('is recorded as %s reports it, whoever reported it before', async (_, take, reporter) => {
    const at = service();
    await at.grants(payload(TRAIL, RECORD));
    await at.spoke(asSubscribed(forged), OTHER);
    expect(await take(at)).toMatchObject({ recorded: 1, duplicates: 0 });
    expect(await at.reporters('a')).toEqual(expect.arrayContaining([reporter, OTHER]));
    expect(await at.answers()).toContainEqual(ALICE[0]);
  });

  it('is one record for each account, however often it comes', async () => {
    const at = service();
    for (let times = 0; times < 2; times += 1) {
      await at.spoke(asSubscribed(EVENT), OTHER);
    }
    expect(await at.reporters('a')).toEqual([OTHER]);
  });
});

describe('an event that an account hands over', () => {
  const anonymous = (auditID: string) =>
    auditEvent({
      auditID,
      user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
      responseStatus: { metadata: {}, code: 200 },
    });

  it('does not prevent an alert about an anonymous caller in the hub’s own cluster with the same name', async () => {
    const { spoke, ingest, settle, outbox, clock } = service();
    await spoke(payload(AUDIT, anonymous('forged')));
    await settle();
    clock.pass(HOUR);
    await ingest(payload(AUDIT, anonymous('a')));
    await settle();
    expect(outbox.alerts.map(({ causes, count }) => [causes, count])).toEqual([
      [['anonymous-access'], 1],
      [['anonymous-access'], 1],
    ]);
  });

  it('is final by the deadline after it came, whatever year it states', async () => {
    const { spoke, settle, clock, provisional } = service();
    await spoke(payload(AUDIT, { ...EVENT, requestReceivedTimestamp: '9999-01-01T00:00:00.000000Z' }));
    await settle();
    expect(await provisional()).toEqual([true]);
    clock.pass(31 * MINUTE);
    await settle();
    expect(await provisional()).toEqual([false]);
  });
});

describe('the limits of one delivery', () => {
  const text = (json: string) => busEvent({ awslogs: { data: gzipSync(json).toString('base64') } });
  const head =
    '{"messageType":"DATA_MESSAGE","owner":"444455556666","logGroup":"/aws/eks/prod-1/cluster","logStream":"kube-apiserver-audit-1","logEvents":';
  const many = (entry: string, count: number) => `${head}[${`${entry},`.repeat(count - 1)}${entry}]}`;

  it.each([
    ['1,620 bytes of 100,001 entries', many('{"message":"x"}', 100_001), 'too-many-events'],
    ['a few KB of two million objects', many('{"a":1}', 2_000_000), 'too-many-events'],
    ['numbers without end', many('1', 2_000_000), 'too-many-events'],
    ['lists in lists', `${head}${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`, 'nested-too-deep'],
    ['more than 64 MiB', many(`{"message":"${'x'.repeat(1_000)}"}`, 70_000), 'inflates-too-far'],
    ['a message of more than 1 MiB', many(`{"message":"${'x'.repeat(1_048_577)}"}`, 1), 'too-long'],
    ['a payload in a payload', '[{"awslogs":{"data":"H4sI"}}]', 'invalid-json'],
    ['records without a log group', '{"Records":[]}', 'unrecognized'],
  ])('refuse it as a whole, once, with the reason: %s', async (_, json, reason) => {
    const { handedOver, outbox } = service();
    expect(await handedOver(text(json))).toMatchObject({ refused: reason, recorded: 0 });
    expect(outbox.rejected.map((each) => each.reason)).toEqual([reason]);
    expect([outbox.sum('EventsRejected'), outbox.sum('EventsReceived')]).toEqual([1, 0]);
  });

  it('accept what CloudWatch Logs delivers, whatever the texts contain', async () => {
    const { spoke } = service();
    const odd = auditEvent({ auditID: 'b', userAgent: `${'[{,'.repeat(50_000)}\\"\\` });
    expect(await spoke(payload(AUDIT, EVENT, odd))).toMatchObject({ recorded: 2, rejected: 0 });
  });

  it.each([
    ['levels', `{"kind":"Event","a":${'['.repeat(40_000)}${']'.repeat(40_000)}}`, 'nested-too-deep'],
    ['values', `{"kind":"Event","a":[${'[],'.repeat(100_000)}1]}`, 'too-many-events'],
  ])('reject a message with more %s than an audit event', async (_, message, reason) => {
    const { spoke, outbox } = service();
    expect(await spoke(payload(AUDIT, EVENT, message))).toMatchObject({ recorded: 1, rejected: 1 });
    expect(outbox.rejected.map((each) => each.reason)).toEqual([reason]);
  });

  it('count every reject, and keep twenty samples', async () => {
    const { spoke, outbox } = service();
    const rejected = Array.from({ length: 1_000 }, () => 'no JSON');
    expect(await spoke(payload(AUDIT, ...rejected, EVENT))).toMatchObject({ recorded: 1, rejected: 1_000 });
    expect(outbox.rejected).toHaveLength(20);
    expect(Object.fromEntries(outbox.otherRejects)).toEqual({ 'not-json': 980 });
    expect(outbox.sum('EventsRejected')).toBe(1_000);
  });

  it('count every CloudTrail record, because no other account is believed about these', async () => {
    const { spoke, outbox } = service();
    const records = Array.from({ length: 30 }, () => RECORD);
    expect(await spoke(payload(TRAIL, ...records))).toMatchObject({ recorded: 0, rejected: 30 });
    expect(outbox.rejected).toHaveLength(20);
    expect(Object.fromEntries(outbox.otherRejects)).toEqual({ 'cloudtrail-record-from-another-stack': 10 });
  });

  it('apply to what comes to the hub itself', async () => {
    const { ingest, outbox } = service();
    await ingest({ ...payload(AUDIT), logEvents: Array.from({ length: 100_001 }, () => ({ message: 'x' })) });
    expect(outbox.rejected.map(({ reason }) => reason)).toEqual(['too-many-events']);
  });
});

function tokenUse(): JsonObject {
  return auditEvent({
    auditID: 'a',
    user: {
      username: 'system:serviceaccount:shop:deployer',
      extra: { 'authentication.kubernetes.io/credential-id': [TOKEN] },
    },
  });
}

function issue(auditID: string, user: JsonObject, at: string): JsonObject {
  return auditEvent({
    auditID,
    user,
    verb: 'create',
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'deployer' },
    requestReceivedTimestamp: at,
    annotations: { 'authentication.kubernetes.io/issued-credential-id': TOKEN },
  });
}
