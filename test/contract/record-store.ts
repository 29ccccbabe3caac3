import { describe, expect, it } from 'vitest';
import { identified } from '../../lib/attribution/actor.ts';
import type { Claim } from '../../lib/claims/claim.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { PositionError } from '../../lib/ports/paging.ts';
import type { RecordStore, RecordsWhere, StoredRecord } from '../../lib/ports/records.ts';
import { bareRoleUser, iamUserOfCluster, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, ROLE_ID, utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { instant } from '../usecases/service.ts';
import { KEEP, LongClock } from './over.ts';
import { storedRecord } from './stored-record.ts';

const aliceGrant = grant({ id: 'alice-grant', until: '2026-03-10T23:00:00Z' });
const at = (time: string, more = {}) => ({ requestReceivedTimestamp: utc(time), ...more });

const EXPIRES = 2_000_000_000;

async function idsOf(
  store: RecordStore,
  where: RecordsWhere | readonly RecordsWhere[],
  range = {},
  limit = 2,
): Promise<string[]> {
  const ids: string[] = [];
  let position: string | undefined;
  do {
    const page = await store.query(where, range, { limit, position });
    ids.push(...page.records.map(({ id }) => id));
    position = page.position;
  } while (position !== undefined);
  return ids;
}

/** Defines the tests that every record store must pass. */
export function recordStoreContract(open: (clock?: Clock) => Promise<RecordStore>): void {
  describe('a record store', () => {
    it('inserts a record once, whatever is delivered later', async () => {
      const store = await open();
      const first = storedRecord();
      expect(await store.insert([first])).toEqual([{ outcome: 'inserted' }]);
      const later = storedRecord({}, [aliceGrant]);
      expect(later.id).toBe(first.id);
      expect(await store.insert([later])).toEqual([
        { outcome: 'duplicate', stored: { ...first, revision: 1, expires: expect.any(Number) } },
      ]);
    });

    it('finds the stored records of given keys', async () => {
      const store = await open();
      const [stored, other, absent] = ['get', 'create', 'list'].map((verb) => storedRecord({ verb }));
      if (!stored || !other || !absent) throw new Error('not made');
      const keys = [stored, absent, other].map((record) => store.keyOf(record));
      await store.insert([stored, other]);
      const { records, faulty } = await store.ofKeys(keys);
      expect(records.map(({ id }) => id).toSorted()).toEqual([stored.id, other.id].toSorted());
      expect(records.map(({ revision }) => revision)).toEqual([1, 1]);
      expect(faulty).toEqual([]);
    });

    it('keeps the account that handed a record over', async () => {
      const store = await open();
      const stored = storedRecord();
      const record: StoredRecord = {
        ...stored,
        record: { ...stored.record, origin: { handedOverBy: '444455556666' } },
      };
      await store.insert([record]);
      const { records } = await store.query({ by: 'audit-id', auditId: record.record.auditId }, {}, { limit: 10 });
      expect(records.map(({ record: { origin } }) => origin)).toEqual([{ handedOverBy: '444455556666' }]);
    });

    it('keeps the copies of one event together, and reads each once', async () => {
      const store = await open();
      const stored = storedRecord();
      const copies = ['', '~a', '~b', '~c'].map((content) => ({ ...stored, id: `${stored.id}${content}` }));
      const conflicts = { ...stored, id: `${stored.id}~d`, conflicts: ['iam-user alice'] };
      await store.insert([...copies, conflicts, storedRecord({ verb: 'get' })]);
      const ids = [...copies, conflicts].map(({ id }) => id);
      for (const copy of copies) expect((await store.copiesOf(copy, 10)).map(({ id }) => id)).toEqual(ids);
      const [first, , , , last] = await store.copiesOf(stored, 10);
      expect((await store.copiesOf(stored, 2)).map(({ id }) => id)).toEqual(ids.slice(0, 2));
      expect([first?.conflicts, last?.conflicts]).toEqual([undefined, ['iam-user alice']]);
      const { auditId } = stored.record;
      for (const where of [
        { by: 'audit-id', auditId } as const,
        { by: 'session', session: stored.session ?? '' } as const,
      ])
        expect(await idsOf(store, where)).toEqual(expect.arrayContaining(ids));
    });

    it('separates records that a client made look alike', async () => {
      const store = await open();
      const records = [storedRecord(), storedRecord({ verb: 'get' }), storedRecord({ stage: 'ResponseStarted' })];
      await store.insert(records);
      const { auditId } = records[0]?.record ?? { auditId: auditIdOf('') };
      expect(await idsOf(store, { by: 'audit-id', auditId })).toHaveLength(3);
    });

    it("corrects a record if it is unchanged since it was read, and keeps another writer's correction", async () => {
      const store = await open();
      const pending = storedRecord();
      const attributed = storedRecord({}, [aliceGrant]);
      await store.insert([pending]);
      const correct = (record: StoredRecord) => store.correct([{ ...record, revision: 1, expires: EXPIRES }]);
      expect(await correct(attributed)).toEqual([{ outcome: 'corrected' }]);
      expect(await correct(pending)).toEqual([{ outcome: 'overtaken' }]);
      const { records } = await store.query({ by: 'actor', actor: 'alice' }, {}, { limit: 10 });
      expect(records).toEqual([{ ...attributed, revision: 2, expires: EXPIRES }]);
    });

    it('finds records by actor: name, ARN or principalId; newest first, page by page, within a time range', async () => {
      const store = await open();
      const times = ['12:01:00', '12:02:00', '12:03:00', '12:04:00', '12:05:00'];
      const records = times.map((time) => storedRecord(at(time), [aliceGrant]));
      await store.insert(records);
      const newest = records.map(({ id }) => id).reverse();
      const actor = records[0]?.record.attribution.actor;
      expect(await idsOf(store, { by: 'actor', actor: 'alice' })).toEqual(newest);
      expect(await idsOf(store, { by: 'actor', actor: actor?.arn ?? '' })).toEqual(newest);
      expect(await idsOf(store, { by: 'actor', actor: actor?.principalId ?? '' })).toEqual(newest);
      expect(await idsOf(store, { by: 'actor', actor: 'alic' })).toEqual([]);
      const range = { from: instant(utc('12:02:00')), to: instant(utc('12:04:00')) };
      expect(await idsOf(store, { by: 'actor', actor: 'alice' }, range)).toEqual(newest.slice(1, 4));
    });

    it('finds a record by the ARN and the principalId of an actor whom only a correction names', async () => {
      const store = await open();
      const [pending, attributed] = [storedRecord(), storedRecord({}, [aliceGrant])];
      await store.insert([pending]);
      await store.correct([{ ...attributed, revision: 1, expires: EXPIRES }]);
      const { arn, principalId } = attributed.record.attribution.actor ?? {};
      for (const actor of ['alice', arn, principalId])
        expect(await idsOf(store, { by: 'actor', actor: actor ?? '' })).toEqual([attributed.id]);
    });

    it('finds records by ARN as long as there are any, however long one process writes them', async () => {
      const clock = new LongClock();
      const store = await open(clock.now);
      const [first, ...others] = ['12:01:00', '12:02:00', '12:03:00'].map((time) =>
        storedRecord(at(time), [aliceGrant]),
      );
      for (const record of [first, ...others]) {
        if (record !== undefined) await store.insert([record]);
        clock.pass(0.9 * KEEP.records);
      }
      const actor = first?.record.attribution.actor?.arn ?? '';
      expect(await idsOf(store, { by: 'actor', actor })).toEqual([others[1]?.id]);
    });

    it('finds every record with an audit ID, even if DynamoDB returns them in several pages', async () => {
      const store = await open();
      const uris = Array.from({ length: 13 }, (_, number) => `/api/v1/pods?limit=${number}`); // four partitions have them
      const source = { userAgent: 'a'.repeat(300_000) };
      const records = uris.map((requestURI): StoredRecord => {
        const stored = storedRecord({ requestURI });
        return { ...stored, record: { ...stored.record, source } };
      });
      await store.insert(records);
      const auditId = records[0]?.record.auditId ?? auditIdOf('');
      expect((await idsOf(store, { by: 'audit-id', auditId }, {}, 20)).sort()).toEqual(
        records.map(({ id }) => id).sort(),
      );
    });

    it('finds the sessions of an access key that no grant lists, by its records', async () => {
      const store = await open();
      const own = 'AKIAALICE00000000001';
      const direct = storedRecord({ user: iamUserOfCluster(own) });
      const another = storedRecord({ user: iamUserOfCluster('AKIAALICE00000000002') });
      const bare = storedRecord({ user: bareRoleUser('somebody', { key: own }) });
      const proxys = storedRecord({ user: roleUser({ key: 'ASIAPROXYSESSION0001' }) });
      const byProxy: StoredRecord = {
        ...proxys,
        record: {
          ...proxys.record,
          attribution: {
            status: 'attributed',
            method: 'proxy',
            provisional: false,
            flags: [],
            actor: identified({ kind: 'proxied-user', name: 'carol' }),
          },
        },
      };
      await store.insert([byProxy]);
      expect(await store.sessionsOf('ASIAPROXYSESSION0001')).toEqual([byProxy.session]);
      await store.insert([direct, storedRecord({ user: iamUserOfCluster(own), verb: 'get' }), another, bare]);
      await store.insert([storedRecord({ user: roleUser({ key: ANOTHER_KEY }) })]);
      expect(await store.sessionsOf(own)).toEqual([direct.session, bare.session].toSorted());
      expect(await store.sessionsOf(ANOTHER_KEY)).toEqual([]); // its grants, and its claim, say it
      expect(await store.sessionsOf('AKIANEVERSEEN0000001')).toEqual([]);
    });

    it('finds the records of a session whose name became known, at once or by a correction', async () => {
      const store = await open();
      const event = { user: bareRoleUser('alice-session', { key: KEY }) };
      const [pending, learnt] = [storedRecord(event), storedRecord(event, [aliceGrant])];
      expect(learnt.record.caller.sessionName).toBe('alice-session');
      await store.insert([pending]);
      expect(await store.sessionsOf(`${ROLE_ID}:alice-session`)).toEqual([]);
      await store.correct([{ ...learnt, revision: 1, expires: EXPIRES }]);
      expect(await store.sessionsOf(`${ROLE_ID}:alice-session`)).toEqual([learnt.session]);
    });

    it('answers a time range that ends, or begins, before every time that can be stored', async () => {
      const store = await open();
      const [timed, untimed] = [storedRecord(at('12:01:00'), [aliceGrant]), storedRecord(at('noon'), [aliceGrant])];
      expect(untimed).not.toHaveProperty('at');
      await store.insert([timed, untimed]);
      const { session = '' } = timed;
      const places: readonly RecordsWhere[] = [
        { by: 'actor', actor: 'alice' },
        { by: 'session', session },
        { by: 'namespace', clusterKey: clusterKeyOf({ cluster: 'prod-1' }), namespace: 'shop' },
        { by: 'audit-id', auditId: timed.record.auditId },
      ];
      for (const where of places) {
        for (const to of ['1970-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '1901-01-01T00:00:00Z']) {
          expect(await idsOf(store, where, { to: instant(to) })).toEqual([]);
          expect(await idsOf(store, where, { from: instant(to) })).toEqual([timed.id]);
        }
        const all = where.by === 'actor' ? [timed.id] : [timed.id, untimed.id]; // nobody is named where no time is
        expect((await idsOf(store, where)).toSorted()).toEqual(all.toSorted());
      }
    });

    it('refuses a position at which no page ended, where the answer would begin anywhere', async () => {
      const store = await open();
      for (const where of [
        { by: 'actor', actor: 'alice' },
        { by: 'audit-id', auditId: auditIdOf('a') },
      ] as const) {
        for (const position of ['zzz', '~', '', '2026-03-10T12:00:00Z'])
          await expect(store.query(where, {}, { limit: 1, position })).rejects.toThrow(PositionError);
      }
    });

    it('finds records by session, and by cluster and namespace', async () => {
      const store = await open();
      const alice = storedRecord(at('12:01:00'));
      const bob = storedRecord(at('12:02:00', { user: roleUser({ session: 'bob' }) }));
      const elsewhere = storedRecord(at('12:03:00'), [], 'prod-2');
      await store.insert([alice, bob, elsewhere]);
      expect(await idsOf(store, { by: 'session', session: `${ROLE_ID}:bob` })).toEqual([bob.id]);
      expect(
        await idsOf(store, { by: 'namespace', clusterKey: clusterKeyOf({ cluster: 'prod-1' }), namespace: 'shop' }),
      ).toEqual([bob.id, alice.id]);
    });

    it('finds records in no namespace, and records of no cluster', async () => {
      const store = await open();
      const nodes = (time: string) => at(time, { objectRef: { resource: 'nodes', name: 'node-1', apiVersion: 'v1' } });
      const [node, bare] = [storedRecord(nodes('12:01:00')), storedRecord(nodes('12:02:00'), [], '')];
      const { cluster: _cluster, ...rest } = bare.record;
      const ofNone: StoredRecord = { ...bare, record: rest };
      const inShop = storedRecord(at('12:03:00'));
      await store.insert([node, ofNone, inShop]);
      expect(
        await idsOf(store, { by: 'namespace', clusterKey: clusterKeyOf({ cluster: 'prod-1' }), namespace: '-' }),
      ).toEqual([node.id]);
      expect(
        await idsOf(store, { by: 'namespace', clusterKey: clusterKeyOf({ cluster: '' }), namespace: '-' }),
      ).toEqual([ofNone.id]);
      expect(
        await idsOf(store, { by: 'namespace', clusterKey: clusterKeyOf({ cluster: '' }), namespace: 'shop' }),
      ).toEqual([]);
    });

    it('merges several partitions, each record once, newest first, whatever the size of a page', async () => {
      const store = await open();
      const times = Array.from({ length: 9 }, (_, minute) => `12:0${minute}:00`);
      const named = (namespace: string) => ({ objectRef: { resource: 'pods', namespace, name: 'web-0' } });
      const records = times.map((time, turn) => storedRecord(at(time, named(['shop', 'pay', 'ops'][turn % 3] ?? ''))));
      const bobs = storedRecord(at('12:20:00', { user: roleUser({ session: 'bob' }), ...named('shop') }));
      const elsewhere = storedRecord(at('12:04:30', named('shop')), [], 'prod-2');
      await store.insert([...records, bobs, elsewhere].toReversed());
      const place = (namespace: string): RecordsWhere => ({
        by: 'namespace',
        clusterKey: clusterKeyOf({ cluster: 'prod-1' }),
        namespace,
      });
      const newest = [...records, bobs].map(({ id }) => id).toReversed();
      const inShopAndPay = newest.filter((id) => records.findIndex((each) => each.id === id) % 3 !== 2);
      for (const limit of [1, 2, 3, 4, 100]) {
        expect(await idsOf(store, [place('shop'), place('pay')], {}, limit)).toEqual(inShopAndPay);
        const overlapping = [place('shop'), place('shop'), { by: 'session', session: `${ROLE_ID}:bob` }] as const;
        expect(await idsOf(store, overlapping, {}, limit)).toEqual(await idsOf(store, place('shop')));
      }
      const range = { from: instant(utc('12:02:00')), to: instant(utc('12:06:00')) };
      expect(await idsOf(store, ['shop', 'pay', 'ops'].map(place), range, 2)).toEqual(newest.slice(3, 8));
      expect(await idsOf(store, [])).toEqual([]);
    });

    it('returns for each record the position after it, also in the middle of several partitions', async () => {
      const store = await open();
      const times = ['12:01:00', '12:02:00', '12:03:00', '12:04:00', '12:05:00'];
      const named = (namespace: string) => ({ objectRef: { resource: 'pods', namespace, name: 'web-0' } });
      const records = times.map((time, turn) => storedRecord(at(time, named(turn % 2 === 0 ? 'shop' : 'pay'))));
      await store.insert(records);
      const where = ['shop', 'pay'].map(
        (namespace) => ({ by: 'namespace', clusterKey: clusterKeyOf({ cluster: 'prod-1' }), namespace }) as const,
      );
      const whole = await store.query(where, {}, { limit: 10 });
      expect(whole.position).toBeUndefined();
      for (const [turn, position] of whole.positions.entries()) {
        const rest = await store.query(where, {}, { limit: 10, position });
        expect(rest.records).toEqual(whole.records.slice(turn + 1));
      }
    });

    it("reads a claim's records, oldest first, page by page, and no others of the session", async () => {
      const store = await open();
      const times = ['12:01:00', '12:02:00', '12:03:00', '12:04:00', '12:05:00'];
      const own = times.map((time) => storedRecord(at(time)));
      const untimed = storedRecord({ requestReceivedTimestamp: 'yesterday' });
      const others = times.map((time) =>
        storedRecord(at(time, { auditID: 'another', user: roleUser({ key: ANOTHER_KEY }) })),
      );
      await store.insert([...others, ...own, untimed]);
      const { claimId = '', session = '' } = own[0] ?? {};
      const claim = { id: claimId, session, first: instant(utc('12:01:00')), last: instant(utc('12:05:00')) };
      const ids: string[] = [];
      let position: string | undefined;
      do {
        const page = await store.ofClaim(claim, { limit: 3, position });
        ids.push(...page.records.map(({ id }) => id));
        position = page.position;
      } while (position !== undefined);
      expect(ids).toEqual([untimed, ...own].map(({ id }) => id));
    });

    it("reads a claim's records from before 1970 once, beside later ones", async () => {
      const store = await open();
      const times = ['1901-03-10T12:00:00Z', '1969-12-31T23:59:59Z', '1970-01-01T00:00:00Z', utc('12:01:00')];
      const records = times.map((requestReceivedTimestamp) => storedRecord({ requestReceivedTimestamp }));
      const [old] = records;
      await store.insert(records);
      const { claimId: id = '', session = '' } = old ?? {};
      const first = instant(times[0] ?? '');
      const idsBetween = async (last: string) => {
        const { records: found } = await store.ofClaim({ id, session, first, last: instant(last) }, { limit: 10 });
        return found.map((record) => record.id);
      };
      expect((await idsBetween(utc('12:01:00'))).toSorted()).toEqual(records.map((record) => record.id).toSorted());
      const early = await idsBetween(times[0] ?? '');
      expect(early).toContain(old?.id);
      expect(new Set(early).size).toBe(early.length);
    });

    it('accepts texts of any length that a cluster may log', async () => {
      const store = await open();
      const long = storedRecord({ user: bareRoleUser('é'.repeat(3_000)), objectRef: { namespace: 'n'.repeat(5_000) } });
      await store.insert([long]);
      expect(await idsOf(store, { by: 'session', session: long.session ?? '' })).toEqual([long.id]);
    });

    it('accepts an expired record again, and returns no expired record', async () => {
      const clock = new LongClock();
      const store = await open(clock.now);
      const stored = storedRecord({}, [aliceGrant]);
      const { session = '', claimId: id = '', at: first } = stored;
      await store.insert([stored]);
      clock.passAll();
      const places: readonly RecordsWhere[] = [
        { by: 'actor', actor: 'alice' },
        { by: 'session', session },
        { by: 'namespace', clusterKey: clusterKeyOf({ cluster: 'prod-1' }), namespace: 'shop' },
        { by: 'audit-id', auditId: stored.record.auditId },
      ];
      const all = async () => [
        ...(await Promise.all(places.map((where) => idsOf(store, where)))),
        (await store.ofClaim({ id, session, first, last: first } as Claim, { limit: 10 })).records.map(
          (each) => each.id,
        ),
      ];
      expect(await all()).toEqual([[], [], [], [], []]);
      expect(await store.insert([stored])).toEqual([{ outcome: 'inserted' }]);
      expect(await all()).toEqual([[stored.id], [stored.id], [stored.id], [stored.id], [stored.id]]);
      expect(await store.insert([stored])).toMatchObject([{ outcome: 'duplicate', stored: { revision: 1 } }]);
    });

    it('returns the sessions of a key only from records that have not expired', async () => {
      const clock = new LongClock();
      const store = await open(clock.now);
      const own = 'AKIAALICE00000000001';
      const stored = storedRecord({ user: iamUserOfCluster(own) });
      await store.insert([stored]);
      clock.passAll();
      expect(await store.sessionsOf(own)).toEqual([]);
      await store.insert([stored]);
      expect(await store.sessionsOf(own)).toEqual([stored.session]);
    });
  });
}
