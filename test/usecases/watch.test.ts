import { describe, expect, it } from 'vitest';
import type { Expectations } from '../../lib/heartbeats/fleet.ts';
import { MOST_REGIONS } from '../../lib/heartbeats/report.ts';
import { ROLL_OUT } from '../../lib/heartbeats/roll-out.ts';
import { MOST_CLUSTERS, MOST_NEW_CLUSTERS } from '../../lib/heartbeats/volume.ts';
import { asClusterKey } from '../../lib/identity/cluster.ts';
import { DAY, epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { hearClusters, hearSources } from '../../lib/usecases/heartbeats/hear.ts';
import { takeReport } from '../../lib/usecases/heartbeats/reports.ts';
import {
  MOST_OF_ACCOUNT,
  MOST_OF_DAY,
  MOST_TROUBLES,
  NamedTroubles,
  watch,
} from '../../lib/usecases/heartbeats/watch.ts';
import { parsedEvent } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

const ARN = 'arn:aws:eks:eu-west-1:444455556666:cluster/';
const SITE = { region: 'eu-west-1', accountId: '444455556666' };

function watching(given: Partial<Expectations> = {}) {
  const clock = new SetClock('2026-03-02T00:00:00Z');
  const stores = memoryStores(calmWorld(clock.now));
  const { outbox } = new Service(stores, clock);
  const expected = { clusterSilence: DAY, clusters: [], accounts: [], hasTrail: false, ceiling: 0, ...given };
  const service = { ...stores, clock: clock.now, metrics: outbox, expected, named: new NamedTroubles() };
  const now = () => new Date(clock.at).toISOString();
  return {
    clock,
    outbox,
    heartbeats: stores.heartbeats,
    volumes: stores.volumes,
    cluster: (cluster: string, at = now(), fields = {}) =>
      hearClusters(
        [
          {
            event: parsedEvent(auditEvent({ requestReceivedTimestamp: at, ...fields })),
            site: { ...SITE, cluster, clusterArn: `${ARN}${cluster}` },
          },
        ],
        service,
      ),
    handedOver: (cluster: string) =>
      hearClusters(
        [
          {
            event: parsedEvent(auditEvent({ requestReceivedTimestamp: now() })),
            site: { ...SITE, cluster, clusterArn: `${ARN}${cluster}`, origin: { handedOverBy: SITE.accountId } },
          },
        ],
        service,
        SITE.accountId,
      ),
    source: (accountId: string) =>
      hearSources([{ record: { recipientAccountId: accountId, awsRegion: 'us-east-1', eventTime: now() } }], service),
    async troubles() {
      outbox.named.length = 0;
      await watch(service);
      return outbox.named.map(([, trouble]) => trouble);
    },
  };
}

describe('what settle watches', () => {
  it('is what was never heard, until the first event arrives', async () => {
    const { troubles, cluster, source } = watching({ hasTrail: true });
    expect(await troubles()).toEqual(['never-heard any cluster', 'never-heard any source']);
    await cluster('prod-1');
    await source('111122223333');
    expect(await troubles()).toEqual([]);
  });

  it('is each listed account of which nothing was ever heard', async () => {
    const accounts = ['444455556666', '777788889999', '888899990000', '999900001111'];
    const { troubles, cluster, source, heartbeats, clock } = watching({ hasTrail: true, accounts });
    await cluster('prod-1');
    await source('777788889999');
    const report = { accountId: '888899990000', region: 'eu-west-1', version: '0.1.0', at: clock.at, clusters: [] };
    await heartbeats.report(report);
    expect(await troubles()).toEqual(['never-heard account 999900001111']);
    await source('999900001111');
    expect(await troubles()).toEqual([]);
  });

  it('has few names of one account within a day, whatever clusters its stack reports', async () => {
    const { troubles, cluster, heartbeats, clock } = watching({ hasTrail: false });
    await cluster('prod-1');
    const names = new Set<string>();
    for (let minute = 0; minute < 30; minute += 1) {
      const clusters = Array.from({ length: 7 }, (_, at) => ({
        ...{ name: `invented-${minute}-${at}`, standing: 'audit-log-off', isUnheard: true, since: clock.at },
      }));
      await heartbeats.report({
        accountId: '777788889999',
        region: 'eu-west-1',
        version: '0.1.0',
        at: clock.at,
        clusters,
      });
      for (const trouble of await troubles()) names.add(trouble);
      clock.pass(2 * MINUTE);
    }
    expect(names.size).toBe(MOST_OF_DAY + 1);
    expect(names).toContain('more than shown of 777788889999');
    clock.pass(DAY);
    expect((await troubles()).some((trouble) => trouble.startsWith('cluster-unheard'))).toBe(true);
  });

  it('is each listed cluster, by its name', async () => {
    const { troubles, cluster } = watching({
      clusters: ['prod-1', 'prod-2'].map((name) => asClusterKey(`${ARN}${name}`)),
    });
    await cluster('prod-2');
    expect(await troubles()).toEqual(['never-heard prod-1 (444455556666, eu-west-1)']);
  });

  it('is a listed cluster, even if another account has one of its name', async () => {
    const { troubles, cluster } = watching({ clusters: [asClusterKey(`${ARN.replace('4444', '9999')}prod-1`)] });
    await cluster('prod-1');
    expect(await troubles()).toEqual(['never-heard prod-1 (999955556666, eu-west-1)']);
  });

  it('shows the troubles of each account, however many another one invents', async () => {
    const { clock, outbox, troubles, cluster, heartbeats } = watching();
    await cluster('prod-1');
    const report = (region: string) => ({
      accountId: '000000000001',
      region,
      version: '0.1.0',
      at: epochMillis(clock.at),
    });
    for (let at = 1; at <= MOST_REGIONS + 5; at += 1) {
      const clusters = Array.from({ length: 20 }, (_, number) => ({
        ...{ name: `invented-${number}`, standing: 'audit-log-off', isUnheard: true, since: epochMillis(clock.at) },
      }));
      await heartbeats.report({ ...report(`zz-invented-${at}`), clusters });
    }
    const name = { name: 'prod-2', standing: 'audit-log-off', isUnheard: true, since: epochMillis(clock.at) };
    await heartbeats.report({ ...report('eu-west-1'), accountId: '999988887777', clusters: [name] });
    const all = await troubles();
    expect(all).toContain('cluster-unheard prod-2 (999988887777, eu-west-1): audit-log-off');
    expect([all.length, all.at(-1)]).toEqual([MOST_OF_ACCOUNT + 2, 'more than shown of 000000000001']);
    expect(outbox.sum('FleetTrouble')).toBe(20 * MOST_REGIONS + 1);
  });

  it('shows few troubles of clusters whose account is not known: an account can hand over events of any number of them', async () => {
    const { clock, troubles, cluster, heartbeats } = watching();
    await cluster('prod-1');
    const late = epochMillis(clock.at - 20 * MINUTE);
    for (let at = 0; at < 30; at += 1) await heartbeats.hear('cluster', `name:invented-${at}`, [late]);
    const all = await troubles();
    expect([all.length, all.at(-1)]).toEqual([MOST_OF_ACCOUNT + 1, 'more than shown']);
  });

  it('notes no more invented clusters of an account than a day allows, and those that it knows', async () => {
    const { clock, troubles, heartbeats, handedOver } = watching();
    for (let at = 0; at < MOST_NEW_CLUSTERS + 20; at += 1) await handedOver(`invented-${at}`);
    expect(await heartbeats.all('cluster')).toHaveLength(MOST_NEW_CLUSTERS);
    expect(await troubles()).toEqual(['many-new-clusters 444455556666']);
    clock.pass(HOUR);
    await handedOver('invented-0');
    expect((await heartbeats.all('cluster')).filter(({ heardAt }) => heardAt === clock.at)).toHaveLength(1);
    clock.pass(DAY);
    await handedOver('new-1');
    expect(await heartbeats.all('cluster')).toHaveLength(MOST_NEW_CLUSTERS + 1);
  });

  it('notes no more clusters of an account than it can have in all, and says that it left some out', async () => {
    const { clock, troubles, heartbeats, volumes, handedOver } = watching();
    for (let day = 0; day * MOST_NEW_CLUSTERS < MOST_CLUSTERS; day += 1) {
      for (let at = 0; at < MOST_NEW_CLUSTERS; at += 1) await handedOver(`invented-${day}-${at}`);
      clock.pass(DAY);
    }
    for (let at = 0; at < 3; at += 1) await handedOver(`more-${at}`);
    expect(await heartbeats.all('cluster')).toHaveLength(MOST_CLUSTERS);
    expect(await volumes.of('444455556666')).toMatchObject({ newClusters: 3, leftOutClusters: 3 });
    expect(await troubles()).toContain('many-new-clusters 444455556666');
  });

  it('is raised with the name of the one cluster that is silent', async () => {
    const { clock, troubles, cluster } = watching();
    for (let hour = 0; hour < 72; hour += 1) {
      await cluster('prod-1');
      if (hour < 30) await cluster('prod-2');
      clock.pass(HOUR);
    }
    expect(await troubles()).toEqual(['cluster-silent prod-2 (444455556666, eu-west-1)']);
  });

  it('is raised with the account and Region of a CloudTrail that is silent, after 45 minutes', async () => {
    const { clock, troubles, cluster, source } = watching({ hasTrail: true });
    for (let minute = 0; minute < 48 * 60; minute += 10) {
      await cluster('prod-1');
      await source('111122223333');
      await source('444455556666');
      clock.pass(10 * MINUTE);
    }
    await source('444455556666');
    clock.pass(34 * MINUTE);
    expect(await troubles()).toEqual([]);
    await source('444455556666');
    clock.pass(MINUTE);
    expect(await troubles()).toEqual(['source-silent CloudTrail of 111122223333 in us-east-1']);
  });

  describe('the CloudTrail of a stack that sends grants', () => {
    const report = (clock: SetClock, more: object = { grantsSince: epochMillis(clock.at) }) => ({
      ...{ ...SITE, version: '0.1.0', at: epochMillis(clock.at), clusters: [], ...more },
    });
    const UNHEARD = 'source-unheard CloudTrail of 444455556666 in eu-west-1';

    it('is named a day after the first report if it was never heard, although others are heard', async () => {
      const { clock, troubles, heartbeats, cluster } = watching({ hasTrail: true });
      await heartbeats.report(report(clock));
      for (let hour = 0; hour < 24; hour += 1) {
        await cluster('prod-1');
        await heartbeats.hear('source', '111122223333 us-east-1', [epochMillis(clock.at)]);
        expect(await troubles()).toEqual([]);
        clock.pass(HOUR);
        await heartbeats.report(report(clock));
      }
      expect(await troubles()).toEqual([UNHEARD]);
      await heartbeats.hear('source', '444455556666 eu-west-1', [epochMillis(clock.at)]);
      expect(await troubles()).toEqual([]);
    });

    it.each([
      ['the stack forwards none', {}, true],
      ['the service has no trail', undefined, false],
      ['the stack was removed', { grantsSince: epochMillis(0), isLast: true }, true],
    ])('need not be heard if %s', async (_, more, hasTrail) => {
      const { clock, troubles, heartbeats, cluster } = watching({ hasTrail });
      await heartbeats.report(report(clock, more));
      clock.pass(3 * DAY);
      await cluster('prod-1');
      await heartbeats.hear('source', '111122223333 us-east-1', [epochMillis(clock.at)]);
      await heartbeats.report(report(clock, more));
      expect(await troubles()).not.toContain(UNHEARD);
    });
  });

  describe('the spokes that the account deploying them reports', () => {
    const MANAGER = '000011112222';
    const rollOut = (
      { heartbeats, volumes, clock }: ReturnType<typeof watching>,
      detail: object,
      account = MANAGER,
    ): Promise<boolean> =>
      takeReport(
        { source: ROLL_OUT.source, 'detail-type': ROLL_OUT.detailType, account, detail: { missing: {}, ...detail } },
        { heartbeats, volumes, clock: clock.now, ceiling: 0 },
      );
    const stack = ({ heartbeats, clock }: ReturnType<typeof watching>, accountId: string, isLast?: true) =>
      heartbeats.report({
        ...{ accountId, region: 'eu-west-1', version: '0.1.0', at: clock.at, clusters: [] },
        ...(isLast && { isLast }),
      });

    it('are named if creating or updating one failed, which no other account shows', async () => {
      const of = watching();
      await of.cluster('prod-1');
      const failed = [{ account: '777788889999', region: 'eu-west-1', why: 'ResourceLogicalId:IngestRole denied' }];
      await rollOut(of, { deployed: { 'eu-west-1': [SITE.accountId] }, failed });
      expect(await of.troubles()).toEqual([`spoke-failed 777788889999 in eu-west-1, reported by ${MANAGER}`]);
      of.clock.pass(HOUR);
      await stack(of, SITE.accountId);
      await stack(of, '777788889999');
      await rollOut(of, { deployed: { 'eu-west-1': [SITE.accountId, '777788889999'] }, failed: [] });
      expect(await of.troubles()).toEqual([]);
    });

    it('are named if one was deployed an hour ago and has never reported', async () => {
      const of = watching();
      await of.cluster('prod-1');
      const detail = { deployed: { 'eu-west-1': [SITE.accountId, '777788889999'] }, failed: [] };
      for (let minutes = 0; minutes < 60; minutes += 10) {
        await rollOut(of, detail);
        await stack(of, SITE.accountId);
        expect(await of.troubles()).toEqual([]);
        of.clock.pass(10 * MINUTE);
      }
      expect(await of.troubles()).toEqual([`spoke-unheard 777788889999 in eu-west-1, reported by ${MANAGER}`]);
      await stack(of, '777788889999');
      expect(await of.troubles()).toEqual([]);
    });

    it('are named if two hourly reports know no stack of StackSets for an account of the units, unless it was deployed by hand', async () => {
      const of = watching();
      await of.cluster('prod-1');
      const detail = { deployed: {}, failed: [], missing: { 'eu-west-1': [SITE.accountId, '777788889999'] } };
      await rollOut(of, detail);
      of.clock.pass(HOUR);
      await stack(of, SITE.accountId);
      expect(await of.troubles()).toEqual([]);
      await rollOut(of, detail);
      expect(await of.troubles()).toEqual([`spoke-missing 777788889999 in eu-west-1, reported by ${MANAGER}`]);
      of.clock.pass(MINUTE);
      await rollOut(of, { deployed: { 'eu-west-1': ['777788889999'] }, failed: [] });
      expect(await of.troubles()).toEqual([]);
    });

    it('are not complete if the account deploying them may not list the accounts, which is named', async () => {
      const of = watching();
      await of.cluster('prod-1');
      await rollOut(of, { deployed: {}, failed: [], missing: undefined });
      expect(await of.troubles()).toEqual([`accounts-unlisted ${MANAGER}`]);
      of.clock.pass(HOUR);
      await rollOut(of, { deployed: {}, failed: [] });
      expect(await of.troubles()).toEqual([]);
    });

    it('are named if a stack says that it was removed and they are reported as deployed all the same, for as long as that lasts', async () => {
      const of = watching();
      const detail = { deployed: { 'eu-west-1': [SITE.accountId] }, failed: [] };
      const hour = async (reported: object) => {
        of.clock.pass(HOUR);
        await of.cluster('prod-1');
        await rollOut(of, reported);
        return of.troubles();
      };
      await of.cluster('prod-1');
      await rollOut(of, detail);
      await stack(of, SITE.accountId, true);
      const removed = `spoke-unheard ${SITE.accountId} in eu-west-1, reported by ${MANAGER}`;
      expect(await of.troubles()).toEqual([]);
      for (let hours = 1; hours < 30; hours += 1) expect(await hour(detail)).toContain(removed);
      expect(await hour(detail)).toEqual([removed]);
      expect(await hour({ deployed: {}, failed: [] })).toEqual([]);
    });

    it('are not named after they were removed with the stack that reports them', async () => {
      const of = watching();
      await of.cluster('prod-1');
      await rollOut(of, { deployed: { 'eu-west-1': [SITE.accountId] }, failed: [] });
      of.clock.pass(10 * MINUTE);
      await stack(of, SITE.accountId, true);
      for (let hours = 0; hours < 30; hours += 1) {
        of.clock.pass(HOUR);
        await of.cluster('prod-1');
        expect((await of.troubles()).join()).not.toContain('spoke-unheard');
      }
    });

    it('have a trouble themselves if no report comes for hours, until a day after all of them were removed', async () => {
      const of = watching();
      await of.cluster('prod-1');
      const detail = { deployed: { 'eu-west-1': [SITE.accountId] }, failed: [] };
      const hours = async (count: number) => {
        for (let hour = 0; hour < count; hour += 1) {
          of.clock.pass(HOUR);
          await of.cluster('prod-1');
          await stack(of, SITE.accountId);
        }
      };
      await rollOut(of, detail);
      await hours(2);
      expect(await of.troubles()).toEqual([]);
      await hours(1);
      expect(await of.troubles()).toEqual([`roll-out-silent ${MANAGER}`]);
      await hours(48);
      expect(await of.troubles()).toEqual([`roll-out-silent ${MANAGER}`]);
      await stack(of, SITE.accountId, true);
      expect(await of.troubles()).not.toContain(`roll-out-silent ${MANAGER}`);
    });

    it('are few names of the account that reports them, and hide none of a listed account that was never heard', async () => {
      const accounts = ['999900001111'];
      const of = watching({ accounts });
      await of.cluster('prod-1');
      const invented = Array.from({ length: 5_000 }, (_, at) => String(100_000_000_000 + at));
      const failed = invented.slice(0, 200).map((account) => ({ account, region: 'eu-west-1' }));
      await rollOut(of, { deployed: { 'eu-west-1': [...accounts, ...invented] }, failed }, '777788889999');
      of.clock.pass(HOUR);
      await of.cluster('prod-1');
      const found = await of.troubles();
      expect(found).toContain('never-heard account 999900001111');
      expect(found.filter((each) => each.includes('777788889999'))).toHaveLength(MOST_OF_ACCOUNT + 1);
    });
  });

  it('is not the silence of a cluster with heartbeatHours 0, but still its lag', async () => {
    const { clock, troubles, outbox, cluster } = watching({
      clusterSilence: 0,
      clusters: [asClusterKey(`${ARN}prod-2`)],
    });
    await cluster('prod-1', '2026-03-01T23:50:00Z');
    expect(await troubles()).toEqual([]);
    expect(outbox.metrics.get('ClusterLag')).toEqual([600]);
    clock.pass(11 * MINUTE);
    await troubles();
    expect(outbox.metrics.get('ClusterLag')).toEqual([600, 0]);
    clock.pass(30 * DAY);
    expect(await troubles()).toEqual([]);
  });

  it('is everything except silences of clusters with heartbeatHours 0', async () => {
    const { clock, troubles, cluster, source, heartbeats, volumes } = watching({
      clusterSilence: 0,
      hasTrail: true,
      ceiling: 100,
    });
    expect(await troubles()).toEqual(['never-heard any source']);
    for (let hour = 0; hour < 48; hour += 0.5) {
      await source('111122223333');
      clock.pass(0.5 * HOUR);
    }
    const clusters = [{ name: 'prod-2', standing: 'audit-log-off', isUnheard: true, since: clock.at }];
    await heartbeats.report({ ...SITE, version: '0.1.0', at: clock.at, clusters });
    clock.pass(2 * HOUR);
    await cluster('prod-1', '2026-03-04T01:00:00Z');
    await volumes.add(SITE.accountId, { recorded: 100 });
    expect((await troubles()).toSorted()).toEqual([
      'cluster-late prod-1 (444455556666, eu-west-1)',
      'cluster-unheard prod-2 (444455556666, eu-west-1): audit-log-off',
      'over-ceiling 444455556666',
      'source-silent CloudTrail of 111122223333 in us-east-1',
      'stack-silent 444455556666 in eu-west-1',
    ]);
  });

  it('is the lag that at least half of the accounts have, and the names of the clusters that are late', async () => {
    const { outbox, troubles, cluster, heartbeats, clock } = watching();
    await cluster('prod-1', '2026-03-01T23:30:00Z');
    for (const account of ['111122223333', '999988887777'])
      await heartbeats.hear('cluster', `${ARN.replace('444455556666', account)}prod-1`, [
        epochMillis(clock.at - MINUTE),
      ]);
    expect(await troubles()).toEqual(['cluster-late prod-1 (444455556666, eu-west-1)']);
    expect(outbox.metrics.get('ClusterLag')).toEqual([60]);
    clock.pass(11 * MINUTE);
    expect(await troubles()).toEqual([]);
  });

  it('takes no lag from the end of a request that lasted for hours', async () => {
    const { heartbeats, cluster } = watching();
    await cluster('prod-1', '2026-03-01T20:00:00Z', { verb: 'watch', stage: 'ResponseComplete' });
    expect(await heartbeats.all('cluster')).toEqual([]);
  });

  it('is raised with the account that is over its ceiling, until the day is over', async () => {
    const { clock, troubles, cluster, volumes } = watching({ ceiling: 100 });
    await cluster('prod-1');
    await volumes.add(SITE.accountId, { recorded: 99 });
    expect(await troubles()).toEqual([]);
    await volumes.add(SITE.accountId, { recorded: 1 });
    await volumes.add('999988887777', { recorded: 500 });
    expect(await troubles()).toEqual(['over-ceiling 444455556666', 'over-ceiling 999988887777']);
    clock.pass(DAY);
    await cluster('prod-1');
    expect(await troubles()).toEqual([]);
  });

  it('shows a hundred names, and how many more there are', async () => {
    const { clock, outbox, troubles, cluster, heartbeats } = watching();
    await cluster('prod-1');
    const at = epochMillis(clock.at);
    const clusters = [{ name: 'prod', standing: 'audit-log-off', isUnheard: true, since: at }];
    for (let number = 0; number < MOST_TROUBLES + 3; number += 1) {
      const accountId = String(number).padStart(12, '0');
      await heartbeats.report({ accountId, region: 'eu-west-1', version: '0.1.0', at, clusters });
    }
    const all = await troubles();
    expect([all.length, all.at(-1)]).toEqual([MOST_TROUBLES + 1, 'more than shown']);
    expect(outbox.sum('FleetTrouble')).toBe(MOST_TROUBLES + 3);
  });
});
