import { describe, expect, it } from 'vitest';
import { MOST_REGIONS } from '../../lib/heartbeats/report.ts';
import { asClusterKey } from '../../lib/identity/cluster.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Heartbeats } from '../../lib/ports/heartbeats.ts';
import { DAY, epochMillis, HOUR, MINUTE, SECOND } from '../../lib/time.ts';
import { NOW } from './now.ts';

const SOURCE = '111122223333 eu-west-1';
const ago = (millis: number) => epochMillis(NOW - millis);

/** Defines the tests that every store of heartbeats must pass. */
export function heartbeatsContract(open: (clock?: Clock) => Promise<Heartbeats>): void {
  describe('heartbeats', () => {
    it('have the first and the last event, and the lag of the last delivery', async () => {
      let now = ago(MINUTE);
      const heartbeats = await open(() => now);
      await heartbeats.hear('source', SOURCE, [ago(5 * MINUTE)]);
      now = NOW;
      await heartbeats.hear('source', SOURCE, [ago(2 * MINUTE), ago(3 * MINUTE)]);
      expect(await heartbeats.all('source')).toEqual([
        {
          ...{ kind: 'source', id: SOURCE, first: ago(5 * MINUTE), last: ago(2 * MINUTE) },
          ...{ heardAt: NOW, lag: 3 * MINUTE, pauses: [] },
        },
      ]);
    });

    it('are written once a minute, but a pause at once', async () => {
      let now = ago(10 * SECOND);
      const heartbeats = await open(() => now);
      expect(await heartbeats.hear('source', SOURCE, [ago(3 * HOUR)])).toMatchObject({
        after: { last: ago(3 * HOUR) },
      });
      now = NOW;
      expect(await heartbeats.hear('source', SOURCE, [ago(3 * HOUR - MINUTE)])).toBeUndefined();
      const change = await heartbeats.hear('source', SOURCE, [ago(HOUR)]);
      const pause = { from: ago(3 * HOUR), to: ago(HOUR), isSilence: false };
      expect(change).toMatchObject({ before: { pauses: [] }, after: { pauses: [pause] } });
    });

    it('of sources and of clusters are separate lists', async () => {
      const heartbeats = await open();
      await heartbeats.hear('source', SOURCE, [NOW]);
      await heartbeats.hear('cluster', 'arn:aws:eks:eu-west-1:111122223333:cluster/prod-1', [NOW]);
      const ids = async (kind: 'source' | 'cluster') => (await heartbeats.all(kind)).map(({ id }) => id);
      expect([await ids('source'), await ids('cluster')]).toEqual([
        [SOURCE],
        ['arn:aws:eks:eu-west-1:111122223333:cluster/prod-1'],
      ]);
    });

    it('stand beside the latest change of the filters of each cluster, whatever the order', async () => {
      const heartbeats = await open();
      const [one, other] = ['prod-1', 'prod-2'].map((name) =>
        asClusterKey(`arn:aws:eks:eu-west-1:111122223333:cluster/${name}`),
      );
      if (one === undefined || other === undefined) return;
      const change = (hours: number, eventId: string) => ({
        eventName: 'PutSubscriptionFilter',
        eventId,
        at: ago(hours * HOUR),
        ...{ cluster: 'prod-1', accountId: '111122223333', region: 'eu-west-1' },
        caller: { arn: 'arn:aws:iam::111122223333:user/alice' },
      });
      expect(await heartbeats.filterChanges([one, other])).toEqual([]);
      for (const each of [change(2, 'b'), change(1, 'c'), change(3, 'a'), change(1, 'b')])
        await heartbeats.changeFilter(one, each);
      expect(await heartbeats.filterChanges([one, other])).toEqual([change(1, 'c')]);
      expect(await heartbeats.filterChanges([other])).toEqual([]);
      expect(await heartbeats.filterChanges([])).toEqual([]);
    });

    it('may be limited to sources that are already known', async () => {
      const heartbeats = await open();
      expect(await heartbeats.hear('source', SOURCE, [ago(HOUR)], { mayBegin: false })).toBeUndefined();
      expect(await heartbeats.all('source')).toEqual([]);
      await heartbeats.hear('source', SOURCE, [ago(3 * HOUR)]);
      expect(await heartbeats.hear('source', SOURCE, [ago(HOUR)], { mayBegin: false })).toMatchObject({
        after: { last: ago(HOUR) },
      });
    });

    it('stand beside reports of so many Regions of each account as AWS can have', async () => {
      const heartbeats = await open();
      const report = (accountId: string, region: string) =>
        heartbeats.report({ accountId, region, version: '0.1.0', at: NOW, clusters: [] });
      for (let at = 0; at < MOST_REGIONS; at += 1) expect(await report('444455556666', `zz-invented-${at}`)).toBe(true);
      expect(await report('444455556666', 'eu-west-1')).toBe(false);
      expect(await report('444455556666', 'zz-invented-0')).toBe(true);
      expect(await report('444455556667', 'eu-west-1')).toBe(true);
      expect(await heartbeats.reports()).toHaveLength(MOST_REGIONS + 1);
    });

    it('stand beside reports of no more Regions even if all come at once', async () => {
      const heartbeats = await open();
      const report = (at: number) => {
        const stack = { accountId: '444455556666', region: `zz-invented-${at}`, version: '0.1.0' };
        return heartbeats.report({ ...stack, at: NOW, clusters: [] });
      };
      for (let at = 2; at < MOST_REGIONS; at += 1) await report(at);
      const news = Array.from({ length: 6 }, (_, at) => report(MOST_REGIONS + at));
      expect((await Promise.all(news)).filter(Boolean)).toHaveLength(2);
      expect(await heartbeats.reports()).toHaveLength(MOST_REGIONS);
    });

    it('stand beside reports of other Regions once the earlier ones have expired', async () => {
      let now = ago(100 * DAY);
      const heartbeats = await open(() => now);
      const report = (region: string) =>
        heartbeats.report({ accountId: '444455556666', region, version: '0.1.0', at: now, clusters: [] });
      for (let at = 1; at < MOST_REGIONS; at += 1) await report(`zz-invented-${at}`);
      now = ago(40 * DAY);
      await report('zz-invented-0');
      expect(await report('eu-west-1')).toBe(false);
      now = NOW;
      expect(await report('eu-west-1')).toBe(true);
      expect(await heartbeats.reports()).toHaveLength(2);
    });

    it('of a cluster that another account hands over begin once', async () => {
      const heartbeats = await open();
      const hear = (at: number) => heartbeats.hear('cluster', 'prod', [ago(at)], { sender: '444455556666' });
      expect(await hear(3 * HOUR)).toMatchObject({ before: undefined });
      expect(await hear(HOUR)).toMatchObject({ after: { last: ago(HOUR) } });
    });

    it('stand beside the latest report of each stack, which says since when it has had each cluster', async () => {
      const heartbeats = await open();
      const stack = { accountId: '444455556666', region: 'eu-west-1', version: '0.1.0' };
      const cluster = (name: string, since: number) => ({
        name,
        standing: 'kept',
        isUnheard: false,
        since: ago(since),
      });
      await heartbeats.report({ ...stack, at: ago(HOUR), clusters: [cluster('prod-1', HOUR)] });
      const latest = { ...stack, at: NOW, clusters: [cluster('prod-1', 0), { ...cluster('prod-2', 0), why: 'off' }] };
      await heartbeats.report(latest);
      await heartbeats.report({ ...stack, at: ago(MINUTE), clusters: [] });
      expect(await heartbeats.reports()).toEqual([
        { ...latest, clusters: [cluster('prod-1', HOUR), { ...cluster('prod-2', 0), why: 'off' }] },
      ]);
    });

    it('stand beside one report a minute of each stack, or its last one', async () => {
      const heartbeats = await open();
      const report = async (version: string, at: number, isLast?: true) => {
        const stack = { accountId: '444455556666', region: 'eu-west-1', clusters: [] };
        await heartbeats.report({ ...stack, version, at: epochMillis(NOW + at), ...(isLast && { isLast }) });
        return (await heartbeats.reports()).map((each) => each.version);
      };
      expect(await report('1', 0)).toEqual(['1']);
      expect(await report('2', MINUTE - 1)).toEqual(['1']);
      expect(await report('3', MINUTE)).toEqual(['3']);
      expect(await report('last', MINUTE + 1, true)).toEqual(['last']);
      expect(await report('4', MINUTE + 2)).toEqual(['last']);
      expect(await report('5', MINUTE + 2, true)).toEqual(['last']);
      expect(await report('6', 2 * MINUTE + 1)).toEqual(['6']);
    });

    it('stand beside the latest roll-out of each account, which says since when each spoke has been deployed', async () => {
      const heartbeats = await open();
      const rollOut = (accountId: string, at: number, accounts: readonly string[]) =>
        heartbeats.rollOut({
          ...{ accountId, at: ago(at), failed: [{ accountId: '999900001111', region: 'eu-west-1', why: 'denied' }] },
          spokes: [{ region: 'eu-west-1', since: ago(at), accounts }],
          missing: [{ region: 'us-east-1', since: ago(at), accounts }],
          left: at === HOUR ? 7 : undefined,
        });
      await rollOut('000011112222', 2 * HOUR, ['444455556666', '777788889999']);
      await rollOut('000011112222', HOUR, ['444455556666', '888899990000']);
      await rollOut('000011112222', HOUR, []);
      await rollOut('000011113333', 0, []);
      const failed = [{ accountId: '999900001111', region: 'eu-west-1', why: 'denied' }];
      const spokes = [
        { region: 'eu-west-1', since: ago(2 * HOUR), accounts: ['444455556666'] },
        { region: 'eu-west-1', since: ago(HOUR), accounts: ['888899990000'] },
      ];
      const known = (await heartbeats.rollOuts()).toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1));
      expect(known).toMatchObject([
        {
          ...{ accountId: '000011112222', at: ago(HOUR), spokes, failed, left: 7 },
          missing: spokes.map((each) => ({ ...each, region: 'us-east-1' })),
        },
        { accountId: '000011113333', failed },
      ]);
    });

    it('ignore times in the future', async () => {
      const heartbeats = await open();
      expect(await heartbeats.hear('source', SOURCE, [epochMillis(NOW + HOUR)])).toBeUndefined();
      expect(await heartbeats.all('source')).toEqual([]);
    });
  });
}
