import { describe, expect, it } from 'vitest';
import { fleetText, summaryText } from '../../cli/fleet/fleet.ts';
import { routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { USUAL_EXPECTATIONS } from '../../lib/heartbeats/fleet.ts';
import { NO_VOLUME } from '../../lib/heartbeats/volume.ts';
import type { JsonObject } from '../../lib/json.ts';
import { DAY, epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { noteFilterChanges } from '../../lib/usecases/heartbeats/filter-changes.ts';
import { takeReport } from '../../lib/usecases/heartbeats/reports.ts';
import type { FleetAnswer } from '../../lib/usecases/query/fleet.ts';
import { KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { iamUser, roleSession, rootUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

const ARN = 'arn:aws:eks:eu-west-1:444455556666:cluster/';
const VIEW = { width: undefined, isColoured: false, clock: { style: 'utc', now: epochMillis(0) } } as const;

function watched(ceiling = 0) {
  const clock = new SetClock('2026-03-10T12:00:00Z');
  const stores = memoryStores(calmWorld(clock.now));
  const { heartbeats } = stores;
  const routes = routesOf(
    {
      tables: { ...stores, within: () => stores },
      clock: clock.now,
      settings: DEFAULT_SETTINGS,
      deadline: 30 * MINUTE,
      expected: { ...USUAL_EXPECTATIONS, ceiling: 1_000 },
    },
    'all',
  );
  const ago = (millis: number) => epochMillis(clock.at - millis);
  return {
    clock,
    cluster: (name: string, lag = 0) => heartbeats.hear('cluster', `${ARN}${name}`, [ago(lag)]),
    /** Delivers CloudTrail's records of the grants and of the calls that changed filters. */
    trail: async (records: readonly JsonObject[]) => {
      await new Service(stores, clock).grants(records);
      await noteFilterChanges(
        records.map((record) => ({ record })),
        { heartbeats },
      );
    },
    volume: stores.volumes.add.bind(stores.volumes),
    source: (account: string) => heartbeats.hear('source', `${account} eu-west-1`, [ago(0)]),
    report: (detail: object, account = '444455556666') =>
      takeReport(
        { source: 'eks-whois.spoke', 'detail-type': 'Stack report', account, detail },
        { heartbeats, volumes: stores.volumes, clock: clock.now, ceiling },
      ),
    rollOut: (detail: object, account: string) =>
      takeReport(
        { source: 'eks-whois.spoke', 'detail-type': 'Roll-out report', account, detail: { missing: {}, ...detail } },
        { heartbeats, volumes: stores.volumes, clock: clock.now, ceiling },
      ),
    stored: () => heartbeats.reports(),
    ask: async (query = '') => (await routes['/fleet']?.(query, () => undefined)) as FleetAnswer,
  };
}

/** Returns the record of a call that changes a subscription filter of the cluster's log group. */
function filterCall(eventName: string, cluster: string, at: string, userIdentity: JsonObject): JsonObject {
  return {
    ...{ eventSource: 'logs.amazonaws.com', eventName, eventTime: utc(at), eventID: `${eventName} ${at}` },
    ...{ recipientAccountId: '444455556666', awsRegion: 'eu-west-1', userIdentity },
    requestParameters: { logGroupName: `/aws/eks/${cluster}/cluster`, filterName: 'eks-whois-audit' },
  };
}

const kept = (name: string) => ({ name, standing: 'kept', isUnheard: false });

describe('GET /fleet', () => {
  it('has each account, Region and cluster: heard, lag, subscribed, version', async () => {
    const { cluster, source, report, ask } = watched();
    await cluster('prod-1', MINUTE);
    await source('444455556666');
    await source('111122223333');
    await report({ region: 'eu-west-1', version: '0.1.0', clusters: [kept('prod-1'), kept('prod-2')] });
    const { at, fleet } = await ask();
    expect(at).toBe('2026-03-10T12:00:00Z');
    const grants = { last: at, heardAt: at, lagSeconds: 0, silences: [] };
    const home = {
      accountId: '444455556666',
      region: 'eu-west-1',
      grants,
      stack: { version: '0.1.0', reportedAt: at },
      today: { ...NO_VOLUME, attempted: 3 },
    };
    expect(fleet).toEqual([
      { accountId: '111122223333', region: 'eu-west-1', grants, troubles: [] },
      {
        ...{ ...home, cluster: 'prod-1', clusterArn: `${ARN}prod-1`, subscription: { standing: 'kept' }, troubles: [] },
        events: { last: '2026-03-10T11:59:00Z', heardAt: at, lagSeconds: 60, silences: [] },
      },
      { ...home, cluster: 'prod-2', clusterArn: `${ARN}prod-2`, subscription: { standing: 'kept' }, troubles: [] },
    ]);
  });

  it('says of which stack no CloudTrail record ever arrived', async () => {
    const { clock, source, report, ask } = watched();
    const detail = { region: 'eu-west-1', version: '0.1.0', clusters: [], sendsGrants: true };
    await report(detail);
    await report({ ...detail, sendsGrants: false }, '999988887777');
    clock.pass(DAY);
    await source('111122223333');
    await report(detail);
    await report({ ...detail, sendsGrants: false }, '999988887777');
    expect((await ask()).fleet.map(({ accountId, troubles }) => [accountId, troubles])).toEqual([
      ['444455556666', ['source-unheard']],
      ['111122223333', []],
      ['999988887777', []],
    ]);
  });

  it('has what each account sent today, and which one is over its ceiling', async () => {
    const { cluster, volume, ask } = watched();
    await cluster('prod-1');
    await volume('444455556666', { recorded: 600, attempted: 400, leftOutReads: 7 });
    await volume('111122223333', { recorded: 999 });
    await volume('999988887777', { grants: 1_000, leftOutGrants: 1 });
    const none = NO_VOLUME;
    expect((await ask()).fleet).toMatchObject([
      {
        cluster: 'prod-1',
        today: { ...none, recorded: 600, attempted: 400, leftOutReads: 7 },
        troubles: ['over-ceiling'],
      },
      {
        ...{ accountId: '999988887777', troubles: ['over-ceiling'] },
        today: { ...none, grants: 1_000, leftOutGrants: 1 },
      },
      { accountId: '111122223333', today: { ...none, recorded: 999 }, troubles: [] },
    ]);
  });

  it('has each spoke that the account deploying them reports, whoever invents others', async () => {
    const { clock, report, rollOut, ask } = watched();
    await report({ region: 'eu-west-1', version: '0.1.0', clusters: [kept('prod-1')] });
    const why = 'Role eks-whois-prod-ingest-eu-west-1 already exists';
    const failed = [{ account: '777788889999', region: 'eu-west-1', why }];
    await rollOut({ deployed: { 'eu-west-1': ['444455556666', '888899990000'] }, failed }, '000011112222');
    const invented = Array.from({ length: 9_000 }, (_, at) => String(100_000_000_000 + at));
    await rollOut({ deployed: { 'eu-west-1': invented }, failed: [] }, '999900001111');
    clock.pass(HOUR / 2);
    await report({ region: 'eu-west-1', version: '0.1.0', clusters: [kept('prod-1')] });
    const { fleet, left } = await ask();
    expect([fleet.length, left]).toEqual([4_000, 5_005]);
    const by = '000011112222';
    expect(fleet.filter(({ accountId = '' }) => !invented.includes(accountId))).toMatchObject([
      { accountId: '777788889999', rollOut: [{ reportedBy: by, state: 'failed', why }], troubles: ['spoke-failed'] },
      { accountId: '999900001111', troubles: ['over-ceiling'] },
      { accountId: '000011112222', troubles: [] },
      { accountId: '444455556666', rollOut: [{ reportedBy: by, state: 'deployed' }], troubles: [] },
      { accountId: '888899990000', rollOut: [{ reportedBy: by, state: 'deployed' }], troubles: [] },
    ]);
    expect(fleetText(fleet.slice(0, 1), 'csv', VIEW)).toContain(why);
  });

  it('has each account for which StackSets has no stack', async () => {
    const { report, rollOut, clock, ask } = watched();
    const detail = { deployed: {}, failed: [], missing: { 'eu-west-1': ['777788889999'] } };
    await rollOut(detail, '000011112222');
    clock.pass(HOUR);
    await rollOut(detail, '000011112222');
    await report({ region: 'eu-west-1', version: '0.1.0', clusters: [kept('prod-1')] });
    expect((await ask()).fleet[0]).toMatchObject({
      ...{ accountId: '777788889999', region: 'eu-west-1', troubles: ['spoke-missing'] },
      rollOut: [{ reportedBy: '000011112222', state: 'missing' }],
    });
  });

  it('says which reports of spokes left some out, and which do not know the accounts', async () => {
    const { rollOut, ask } = watched();
    await rollOut({ deployed: { 'eu-west-1': ['444455556666'] }, failed: [], left: 2_345 }, '000011112222');
    await rollOut({ deployed: {}, failed: [], missing: undefined }, '000011113333');
    await rollOut({ deployed: {}, failed: [], left: 'many' }, '000011114444');
    const answer = await ask();
    expect(answer.partialRollOuts).toEqual([
      { reportedBy: '000011112222', left: 2_345 },
      { reportedBy: '000011113333', accountsUnlisted: true },
    ]);
    expect(summaryText(answer).split('\n').slice(1)).toEqual([
      'The roll-out that 000011112222 reports has 2,345 spokes more, which are not listed.',
      'Accounts without a spoke are not known: 000011113333 could not list the accounts of its organizational units.',
    ]);
  });

  it('has the clusters of each account, however many another one invents', async () => {
    const { report, ask } = watched();
    await report({ region: 'eu-west-1', version: '0.1.0', clusters: [kept('prod-1')] });
    const off = (number: number) => ({ name: `invented-${number}`, standing: 'audit-log-off', isUnheard: true });
    const clusters = Array.from({ length: 500 }, (_, number) => off(number));
    for (let at = 1; at <= 9; at += 1)
      await report({ region: `zz-invented-${at}`, version: '', clusters }, '000000000001');
    const { fleet, left } = await ask();
    expect([fleet.length, left]).toEqual([4_000, 501]);
    expect(fleet.filter(({ accountId }) => accountId === '444455556666')).toHaveLength(1);
  });

  it('fits into one response, and is stored, however long the reasons are that an account gives', async () => {
    const { report, stored, ask } = watched();
    await report({ region: 'eu-west-1', version: '0.1.0', clusters: [kept('prod-1')] });
    const quoted = (why: string) =>
      Array.from({ length: 500 }, (_, at) => ({ name: `invented-${at}`, standing: 'failed', isUnheard: true, why }));
    for (let at = 1; at <= 20; at += 1) {
      const clusters = quoted((at % 2 === 0 ? '€' : '"').repeat(600)).slice(0, at % 2 === 0 ? 500 : 250);
      expect(await report({ region: `zz-invented-${at}`, version: '', clusters }, '000000000001')).toBe(true);
    }
    for (const each of await stored()) expect(Buffer.byteLength(JSON.stringify(each))).toBeLessThan(400_000);
    const answer = await ask();
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(answer)))).toBeLessThan(6_000_000);
    expect(answer.left).toBeGreaterThan(0);
    expect(answer.fleet.filter(({ accountId }) => accountId === '444455556666')).toHaveLength(1);
  });

  it('says first what is wrong: an audit log that is off, a cluster that was never heard, a stack that is silent', async () => {
    const { clock, cluster, report, ask } = watched();
    await cluster('prod-1');
    const off = { name: 'prod-2', standing: 'audit-log-off', isUnheard: true, why: 'Switch it on' };
    const detail = { region: 'eu-west-1', version: '0.1.0', clusters: [kept('prod-1'), off, kept('prod-3')] };
    await report(detail);
    clock.pass(DAY);
    await cluster('prod-1');
    await report(detail);
    const troubles = async () => (await ask()).fleet.map((row) => [row.cluster, ...row.troubles]);
    expect(await troubles()).toEqual([
      ['prod-2', 'cluster-unheard', 'never-heard'],
      ['prod-3', 'never-heard'],
      ['prod-1'],
    ]);
    clock.pass(HOUR);
    expect((await troubles()).every((row) => row.includes('stack-silent'))).toBe(true);
  });

  it('says of a cluster that was deleted for a day that it is silent, and is then quiet', async () => {
    const { clock, cluster, report, ask } = watched();
    const play = async (hours: number, names: readonly string[]) => {
      for (let hour = 0; hour < hours; hour += 1) {
        for (const name of names) await cluster(name);
        await report({ region: 'eu-west-1', version: '0.1.0', clusters: names.map(kept) });
        clock.pass(HOUR / 2);
        await report({ region: 'eu-west-1', version: '0.1.0', clusters: names.map(kept) });
        clock.pass(HOUR / 2);
      }
    };
    const silent = async () => (await ask()).fleet.filter((row) => row.troubles.includes('cluster-silent')).length;
    await play(30, ['prod-1', 'prod-2']);
    await play(26, ['prod-1']);
    await report({ region: 'eu-west-1', version: '0.1.0', clusters: [kept('prod-1')] });
    expect(await silent()).toBe(1);
    await play(26, ['prod-1']);
    await report({ region: 'eu-west-1', version: '0.1.0', clusters: [kept('prod-1')] });
    expect(await silent()).toBe(0);
  });

  it('says of what was removed or unsubscribed on purpose for a day that it is silent, and is then quiet', async () => {
    const { clock, cluster, source, report, ask } = watched();
    const detail = { region: 'eu-west-1', version: '0.1.0' };
    const left = { name: 'prod-2', standing: 'unsubscribed', isUnheard: false, why: 'Somebody unsubscribed it' };
    const never = { ...left, name: 'prod-3' };
    const play = async (hours: number, beat: () => Promise<unknown>) => {
      for (let half = 0; half < 2 * hours; half += 1, clock.pass(HOUR / 2)) await beat();
    };
    const troubles = async () =>
      (await ask()).fleet.flatMap((row) => (row.troubles.length > 0 ? [[row.cluster, ...row.troubles]] : []));
    const everything = async (clusters: readonly object[]) => {
      await source('444455556666');
      await source('111122223333');
      await cluster('prod-1');
      await report({ ...detail, clusters });
    };
    await cluster('prod-2');
    await play(26, () => cluster('prod-2').then(() => everything([kept('prod-1'), kept('prod-2')])));
    await play(25, () => everything([kept('prod-1'), left, never]));
    expect(await troubles()).toEqual([
      ['prod-2', 'cluster-silent'],
      ['prod-3', 'never-heard'],
    ]);
    await play(25, () => everything([kept('prod-1'), left, never]));
    expect(await troubles()).toEqual([]);
    await report({ ...detail, clusters: [], isLast: true });
    const other = async () => source('111122223333');
    await play(2, other);
    expect(await troubles()).toEqual([
      ['prod-1', 'source-silent', 'stack-silent'],
      ['prod-2', 'source-silent', 'stack-silent'],
    ]);
    await play(23, other);
    expect((await troubles()).map(([name]) => name)).toEqual(['prod-1']);
    await play(25, other);
    expect(await troubles()).toEqual([]);
    expect((await ask()).fleet[1]).toMatchObject({ cluster: 'prod-1', stack: { version: '0.1.0', removed: true } });
    await everything([kept('prod-1')]);
    expect((await ask()).fleet[1]?.stack).toEqual({ version: '0.1.0', reportedAt: expect.any(String) });
  });

  it('has when and by whom the filter of each cluster was last changed', async () => {
    const { cluster, trail, ask } = watched();
    await cluster('prod-1');
    await cluster('prod-2');
    const session = roleSession({ roleId: ROLE_ID, session: 'alice-session', roleName: ROLE_NAME, key: KEY });
    await trail([
      grant({ at: utc('11:00:00'), until: utc('12:00:00') }),
      filterCall('PutSubscriptionFilter', 'prod-1', '11:00:00', rootUser()),
      filterCall('DeleteSubscriptionFilter', 'prod-1', '11:30:00', session),
      filterCall('PutSubscriptionFilter', 'prod-1', '11:20:00', iamUser('bob')),
      { ...filterCall('PutSubscriptionFilter', 'prod-1', '11:50:00', iamUser('bob')), errorCode: 'AccessDenied' },
      filterCall('PutSubscriptionFilter', 'unheard', '11:50:00', iamUser('bob')),
    ]);
    const { fleet } = await ask();
    expect(fleet.map(({ cluster: name, filter }) => [name, filter])).toMatchObject([
      [
        'prod-1',
        {
          ...{ time: '2026-03-10T11:30:00Z', eventName: 'DeleteSubscriptionFilter', filterName: 'eks-whois-audit' },
          ...{ caller: { accessKeyId: KEY }, attribution: { status: 'attributed', actor: { name: 'alice' } } },
        },
      ],
      ['prod-2', undefined],
    ]);
    expect(fleetText(fleet, 'table', VIEW)).toContain('2026-03-10T11:30:00Z by alice');
    expect(fleetText(fleet, 'csv', VIEW)).toContain('2026-03-10T11:30:00Z,alice');
  });

  it('takes no parameters', async () => {
    await expect(watched().ask('cluster=prod')).rejects.toMatchObject({ parameter: 'cluster' });
  });
});

describe('the report of a stack', () => {
  it('counts for the account that EventBridge states, in a Region of AWS', async () => {
    const { report, ask } = watched();
    const detail = { region: 'eu-west-1', version: '0.1.0', accountId: '111122223333', clusters: [] };
    expect(await report(detail)).toBe(true);
    expect((await ask()).fleet).toMatchObject([{ accountId: '444455556666' }]);
    expect(await report({ ...detail, region: 'everywhere' })).toBe(false);
    expect(await report({ ...detail, version: 'x'.repeat(41) })).toBe(false);
    expect(await report(detail, 'unstated')).toBe(false);
  });

  it('counts a report as one event and one for each cluster, and takes none of an account far over its ceiling', async () => {
    const { clock, report, stored, ask } = watched(1);
    const clusters = Array.from({ length: 9 }, (_, at) => kept(`prod-${at}`));
    expect(await report({ region: 'eu-west-1', version: '', clusters })).toBe(true);
    clock.pass(MINUTE);
    expect(await report({ region: 'eu-west-1', version: '', clusters: [] })).toBe(false);
    expect(await stored()).toMatchObject([{ clusters }]);
    expect(await report({ region: 'eu-west-1', version: '', clusters: [] }, '111122223333')).toBe(true);
    expect(new Set((await ask()).fleet.map(({ today }) => today?.attempted))).toEqual(new Set([10, 1]));
  });

  it('leaves out names that no cluster can have, and cuts long reasons', async () => {
    const { report, ask } = watched();
    const long = { ...kept('prod-1'), why: 'x'.repeat(2_000) };
    const clusters = [long, kept('../prod'), { ...kept('prod-2'), standing: 'all-good' }, 'text'];
    await report({ region: 'eu-west-1', version: '', clusters });
    const { fleet } = await ask();
    expect(fleet.map((row) => [row.cluster, row.subscription?.why?.length])).toEqual([['prod-1', 600]]);
  });
});

describe('eks-whois fleet', () => {
  it('shows a table, and CSV', async () => {
    const { cluster, source, report, ask } = watched();
    await cluster('prod-1', MINUTE);
    await source('444455556666');
    await report({ region: 'eu-west-1', version: '0.1.0', clusters: [{ ...kept('prod-1'), isUnheard: true }] });
    const answer = await ask();
    expect(fleetText(answer.fleet, 'table', VIEW)).toBe(
      [
        'ACCOUNT       REGION     CLUSTER  SUBSCRIBED  EVENTS                LAG   GRANTS                FILTER CHANGED  VERSION  TROUBLES\n',
        '444455556666  eu-west-1  prod-1   kept        2026-03-10T11:59:00Z  60 s  2026-03-10T12:00:00Z                  0.1.0    cluster-unheard\n',
      ].join(''),
    );
    expect(fleetText(answer.fleet, 'csv', VIEW)).toContain(
      `444455556666,eu-west-1,prod-1,${ARN}prod-1,kept,2026-03-10T11:59:00Z,60,2026-03-10T12:00:00Z,,,0.1.0,,cluster-unheard`,
    );
    expect(summaryText({ ...answer, left: 2 })).toBe('1 account, 1 cluster, 1 row with troubles, 2 rows left out');
  });
});
