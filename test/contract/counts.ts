import { describe, expect, it } from 'vitest';
import type { CountedRecord } from '../../lib/counts/contribution.ts';
import type { Counts } from '../../lib/counts/hour-counts.ts';
import { hourOf } from '../../lib/counts/hours.ts';
import { LEFT_OUT, type Traits } from '../../lib/counts/traits.ts';
import { clusterKeyOf, fieldsOfKey } from '../../lib/identity/cluster.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { AccountsWithin, CountStore, MarksWithin } from '../../lib/ports/counts.ts';
import { DAY, type EpochMillis, epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { ACCOUNT, OTHER_ACCOUNT } from '../builders/company.ts';
import { later, NOW } from './now.ts';
import { LongClock } from './over.ts';

const TRAITS: Traits = {
  status: 'pending',
  verb: 'get',
  actor: undefined,
  namespace: 'shop',
  resource: 'pods',
  code: '200',
  flag: undefined,
};

interface Of {
  readonly revision?: number;
  readonly at?: EpochMillis;
  readonly accountId?: string | undefined;
  readonly cluster?: string;
  readonly lag?: number;
  readonly traits?: Partial<Traits>;
}

function counted(
  id: string,
  { revision = 1, at = NOW, cluster = 'prod-1', accountId, lag, traits }: Of = {},
): CountedRecord {
  const given = {
    id,
    revision,
    at,
    clusterKey: clusterKeyOf({ cluster, accountId }),
    traits: { ...TRAITS, ...traits },
  };
  return lag === undefined ? given : { ...given, lag };
}

const THIS_HOUR = hourOf(NOW);

/** Defines the tests that every store of counts must pass. */
export function countsContract(open: (clock?: Clock) => Promise<CountStore>): void {
  const totals = async (store: CountStore, hour = THIS_HOUR) => {
    const { counts } = await store.count(hour);
    return Object.fromEntries(counts.map(({ clusterKey, total }) => [fieldsOfKey(clusterKey).cluster, total]));
  };
  const only = async (store: CountStore, hour = THIS_HOUR): Promise<Counts> => {
    const { counts } = await store.count(hour);
    expect(counts).toHaveLength(1);
    const [one] = counts;
    if (one === undefined) throw new Error('nothing counted');
    return one;
  };

  describe('a store of counts', () => {
    it('counts each record of an hour once, cluster by cluster', async () => {
      const store = await open();
      await store.add([counted('a'), counted('b'), counted('c', { cluster: 'prod-2' })], 'one');
      await store.add([counted('d', { at: epochMillis(NOW + HOUR) }), counted('e', { cluster: '' })], 'two');
      expect(await totals(store)).toEqual({ 'prod-1': 2, 'prod-2': 1, '': 1 });
      expect(await totals(store, epochMillis(THIS_HOUR + HOUR))).toEqual({ 'prod-1': 1 });
      expect(await totals(store, epochMillis(THIS_HOUR - HOUR))).toEqual({});
    });

    it('counts records once if they come again, from other writers or in other batches', async () => {
      const store = await open();
      const [a, b, c] = ['a', 'b', 'c'].map((id) => counted(id));
      if (a === undefined || b === undefined || c === undefined) throw new Error('no records');
      await store.add([a, b], 'one');
      await store.add([a, b], 'one');
      await store.add([b, c], 'two');
      await store.add([c, a], 'one');
      expect(await totals(store)).toEqual({ 'prod-1': 3 });
    });

    it('counts a record by its latest revision, in whatever order the revisions come', async () => {
      const attributed = { status: 'attributed', actor: 'alice' };
      const first = counted('a');
      const second = counted('a', { revision: 2, traits: { status: 'unattributed' } });
      const last = counted('a', { revision: 130, traits: attributed, lag: 3 });
      for (const order of [
        [first, second, last],
        [last, first, second],
        [second, last, first],
      ]) {
        const store = await open();
        for (const [at, each] of order.entries()) await store.add([each, counted('b')], `source ${at}`);
        const { by, total } = await only(store);
        expect(total).toBe(2);
        expect(by.status.values).toEqual([
          ['attributed', 1],
          ['pending', 1],
        ]);
        expect(by.actor).toEqual({ values: [['alice', 1]], none: 1, others: 0 });
      }
    });

    it('keeps the shortest lag of one revision', async () => {
      for (const lags of [
        [9, 2],
        [2, 9],
        [undefined, 2],
        [2, undefined],
      ]) {
        const store = await open();
        for (const [at, lag] of lags.entries())
          await store.add([counted('a', lag === undefined ? {} : { lag })], `${at}`);
        const { lag } = await only(store);
        expect(lag.flatMap((count, place) => (count > 0 ? [[place, count]] : []))).toEqual([[2, 1]]);
      }
    });

    it('counts every value, each of several flags, and the rest under others', async () => {
      const store = await open();
      const odd = { flag: 'impersonation key-not-listed', resource: LEFT_OUT, verb: undefined, code: '403' } as const;
      await store.add([counted('a', { traits: odd }), counted('b'), counted('c')], 'one');
      const { by, last } = await only(store);
      expect(by).toMatchObject({
        flag: {
          values: [
            ['impersonation', 1],
            ['key-not-listed', 1],
          ],
          none: 2,
        },
        resource: { values: [['pods', 2]], none: 0, others: 1 },
        verb: { values: [['get', 2]], none: 1, others: 0 },
        code: {
          values: [
            ['200', 2],
            ['403', 1],
          ],
        },
        namespace: { values: [['shop', 3]] },
      });
      expect(last).toBe(NOW);
    });

    it('accepts names of every kind and length, and any number of records', async () => {
      const store = await open();
      const names = ['', ' ', 'a b', 'ü', '日本', '\u{1f600}', 'n'.repeat(256)];
      const records = names.map((actor, at) => counted(`odd ${at}`, { traits: { actor } }));
      const long = counted('long', { traits: { actor: 'n'.repeat(257), namespace: '日'.repeat(100_000) } });
      await store.add([...records, long, counted('odd cluster', { cluster: '日'.repeat(900) })], 'one');
      const { counts } = await store.count(THIS_HOUR);
      expect(counts.map(({ total }) => total).toSorted()).toEqual([1, 8]);
      const [{ by } = { by: undefined }] = counts.filter(
        ({ clusterKey }) => clusterKey === clusterKeyOf({ cluster: 'prod-1' }),
      );
      expect(by?.actor.values.map(([value]) => value).toSorted()).toEqual(names.toSorted());
      expect([by?.actor.others, by?.namespace.others]).toEqual([1, 1]);
      await store.add(
        Array.from({ length: 4_500 }, (_, at) => counted(`many ${at}`, { cluster: 'big' })),
        'two',
      );
      expect(
        (await store.count(THIS_HOUR)).counts.find(({ clusterKey }) => clusterKey === clusterKeyOf({ cluster: 'big' }))
          ?.total,
      ).toBe(4_500);
    });

    it('counts an hour account by account, all after one, or one', async () => {
      const store = await open();
      const of = (id: string, accountId: string | undefined, cluster?: string) =>
        counted(id, { accountId, ...(cluster !== undefined && { cluster }) });
      await store.add(
        [of('a', OTHER_ACCOUNT), of('b', ACCOUNT), of('c', undefined), of('d', ACCOUNT, 'prod 2')],
        'one',
      );
      await store.add([of('e', ACCOUNT), of('f', ACCOUNT, 'prod')], 'two');
      const accounts = async (within?: AccountsWithin) => {
        const found: unknown[] = [];
        for await (const { accountId, counts } of store.accounts(THIS_HOUR, within))
          found.push([accountId, counts.map(({ total }) => total).toSorted()]);
        return found;
      };
      expect(await accounts()).toEqual([
        ['', [1]],
        [ACCOUNT, [1, 1, 2]],
        [OTHER_ACCOUNT, [1]],
      ]);
      expect(await accounts({ after: '' })).toHaveLength(2);
      expect(await accounts({ after: ACCOUNT })).toEqual([[OTHER_ACCOUNT, [1]]]);
      expect(await accounts({ after: OTHER_ACCOUNT })).toEqual([]);
      expect(await accounts({ only: ACCOUNT })).toEqual([[ACCOUNT, [1, 1, 2]]]);
      expect(await accounts({ only: '000000000001' })).toEqual([]);
    });

    it('leaves out times before 1970', async () => {
      const store = await open();
      await store.add([counted('old', { at: epochMillis(-1) })], 'one');
      expect(await totals(store, hourOf(-1))).toEqual({});
      expect(await store.missing([counted('old', { at: epochMillis(-1) })], 'one')).toEqual([]);
    });

    it('says which records and revisions a source has not added', async () => {
      const store = await open();
      const [a, again, other] = [counted('a'), counted('a', { revision: 2 }), counted('b', { cluster: 'prod-2' })];
      await store.add([a], 'claim');
      await store.add([other], 'another');
      expect(await store.missing([a, again, other], 'claim')).toEqual([again, other]);
      await store.add([again, other], 'claim');
      expect(await store.missing([a, again, other], 'claim')).toEqual([]);
    });

    it('marks an hour that was counted before, and one that lies far ahead', async () => {
      const store = await open();
      await store.add([counted('now'), counted('soon', { at: epochMillis(NOW + HOUR) })], 'one');
      expect(await store.marked(later(DAY))).toEqual([]);
      const [late, ahead] = [epochMillis(NOW - 3 * HOUR), epochMillis(NOW + 3 * HOUR)];
      await store.add([counted('late', { at: late }), counted('ahead', { at: ahead })], 'two');
      const marks = await store.marked(NOW);
      expect(marks.toSorted((a, b) => a.hour - b.hour)).toEqual([
        { accountId: '', hour: hourOf(late), at: NOW },
        { accountId: '', hour: hourOf(ahead), at: NOW },
      ]);
      expect(await store.marked(epochMillis(NOW - 1))).toEqual([]);
    });

    it('marks hours of each account apart, and returns the first ones of each, or those of a range', async () => {
      const store = await open();
      const at = (hours: number) => epochMillis(NOW - hours * HOUR);
      for (const [accountId, hours] of [
        [ACCOUNT, [9, 8, 7]],
        [OTHER_ACCOUNT, [8]],
      ] as const)
        for (const hour of hours)
          await store.add([counted(`${accountId} ${hour}`, { at: at(hour), accountId })], `${accountId} ${hour}`);
      const marked = async (within: MarksWithin) =>
        (await store.marked(NOW, within)).map(({ accountId, hour }) => [accountId, (hourOf(NOW) - hour) / HOUR]);
      expect(await marked({ most: 2 })).toEqual([
        [ACCOUNT, 9],
        [ACCOUNT, 8],
        [OTHER_ACCOUNT, 8],
      ]);
      expect(await marked({ first: hourOf(at(8)), last: hourOf(at(8)) })).toEqual([
        [ACCOUNT, 8],
        [OTHER_ACCOUNT, 8],
      ]);
    });

    it('keeps the mark of an hour that was marked again in between', async () => {
      let now = NOW;
      const store = await open(() => now);
      const late = counted('late', { at: epochMillis(NOW - 3 * HOUR) });
      await store.add([late], 'one');
      const [mark] = await store.marked(now);
      if (mark === undefined) throw new Error('no mark');
      now = later(MINUTE);
      await store.add([late], 'two');
      await store.unmark(mark);
      const [left] = await store.marked(now);
      expect(left).toEqual({ ...mark, at: now });
      if (left !== undefined) await store.unmark(left);
      expect(await store.marked(now)).toEqual([]);
    });

    it('keeps counts by hour and cluster, the newest of each', async () => {
      const store = await open();
      await store.add([counted('a'), counted('b', { cluster: 'prod-2' })], 'one');
      const before = (await store.count(THIS_HOUR)).counts;
      await store.add([counted('c', { lag: 4, traits: { actor: 'alice' } })], 'two');
      const after = (await store.count(THIS_HOUR)).counts;
      await store.keep(after, later(2));
      await store.keep(before, later(1));
      const kept = await store.kept(THIS_HOUR, THIS_HOUR);
      expect(kept.toSorted((a, b) => b.total - a.total)).toEqual(
        after.map((each) => ({ ...each, asOf: later(2) })).toSorted((a, b) => b.total - a.total),
      );
      await store.keep(
        before.map((each) => ({ ...each, isPartial: true })),
        later(2),
      );
      expect(await store.kept(THIS_HOUR, THIS_HOUR)).toMatchObject([
        { total: 1, isPartial: true },
        { total: 1, isPartial: true },
      ]);
    });

    it('keeps the counts of an account and hour together: those of clusters that it has no more are gone', async () => {
      const store = await open();
      const of = (id: string, cluster: string, accountId: string) => counted(id, { cluster, accountId });
      await store.add([of('a', 'large', ACCOUNT), of('b', 'small', ACCOUNT)], 'one');
      await store.add([of('c', 'prod', OTHER_ACCOUNT)], 'two');
      const { counts } = await store.count(THIS_HOUR);
      const named = (name: string) => counts.filter(({ clusterKey }) => fieldsOfKey(clusterKey).cluster === name);
      const areOthers = true as const;
      await store.keep([...named('large'), ...named('small')], NOW);
      await store.keep(named('prod'), NOW);
      await store.keep([...named('small'), ...named('large').map((each) => ({ ...each, areOthers }))], later(1));
      const kept = await store.kept(THIS_HOUR, THIS_HOUR);
      expect(kept).toHaveLength(3);
      expect(kept).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ ...named('small')[0], asOf: later(1) }),
          expect.objectContaining({ ...named('large')[0], areOthers, asOf: later(1) }),
          expect.objectContaining({ ...named('prod')[0], asOf: NOW }),
        ]),
      );
    });

    it('returns the kept hours of a range, also across days', async () => {
      const store = await open();
      const hours = [-25, -24, -13, -1, 0, 1, 24].map((by) => epochMillis(THIS_HOUR + by * HOUR));
      for (const at of hours) {
        await store.add([counted(`of ${at}`, { at, cluster: 'ü' })], 'one');
        await store.keep((await store.count(at)).counts, NOW);
      }
      const of = async (from: number, to: number) =>
        (await store.kept(hours.at(from) ?? NOW, hours.at(to) ?? NOW)).map(({ hour }) => hour);
      expect(await of(0, -1)).toEqual(hours);
      expect(await of(1, 4)).toEqual(hours.slice(1, 5));
      expect(await of(3, 3)).toEqual(hours.slice(3, 4));
      expect(await of(4, 3)).toEqual([]);
    });

    it('remembers up to which hour it has counted', async () => {
      const store = await open();
      expect(await store.progress()).toBeUndefined();
      for (const at of [NOW, later(1)]) {
        const progress = { since: NOW, through: THIS_HOUR, at };
        for (const each of [{ ...progress, account: ACCOUNT, lateOf: OTHER_ACCOUNT }, progress]) {
          await store.advance(each);
          expect(await store.progress()).toEqual(each);
        }
      }
    });

    it('remembers the minute in which ingest last stored something, and which reads it leaves out', async () => {
      const clock = new LongClock();
      const store = await open(clock.now);
      expect(await store.lastIngest()).toBeUndefined();
      await store.noteIngest([]);
      expect(await store.lastIngest()).toEqual({ at: clock.now(), omits: [] });
      clock.passAll();
      await store.noteIngest(['events', 'nodes/metrics']);
      expect(await store.lastIngest()).toEqual({ at: clock.now(), omits: ['events', 'nodes/metrics'] });
    });

    it('forgets counts that have expired, whether or not DynamoDB deleted them', async () => {
      const clock = new LongClock();
      const store = await open(clock.now);
      const ends = Math.ceil(NOW / 1_000) + 60;
      await store.add([counted('new')], 'one');
      await store.add([{ ...counted('corrected', { cluster: 'prod-2' }), expires: ends }], 'two');
      expect(
        (await store.count(THIS_HOUR)).counts.find(
          ({ clusterKey }) => clusterKey === clusterKeyOf({ cluster: 'prod-2' }),
        )?.expires,
      ).toBe(ends);
      await store.keep((await store.count(THIS_HOUR)).counts, NOW);
      clock.passAll();
      expect(await totals(store)).toEqual({});
      expect(await store.kept(THIS_HOUR, THIS_HOUR)).toEqual([]);
      expect(await store.missing([counted('new')], 'one')).toHaveLength(1);
    });
  });
}
