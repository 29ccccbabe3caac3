import { beforeAll, describe, expect, it } from 'vitest';
import { alarmResources } from '../../infra/alarms.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { JsonObject } from '../../lib/json.ts';
import { DAY, epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { hearClusters, hearSources } from '../../lib/usecases/heartbeats/hear.ts';
import { settle } from '../../lib/usecases/settle/settle.ts';
import { parsedEvent } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { deploymentOf } from '../infra/stacks.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';
import { raisedAlarms } from './raised-alarms.ts';

/** The fleet of the simulation. People use every other cluster all the time, and the others from Monday to Friday, 08:00 to 18:00. */
const CLUSTERS = Array.from({ length: 40 }, (_, at) => ({ name: `prod-${at}`, isAlways: at % 2 === 0 }));
const SOURCES = Array.from({ length: 20 }, (_, at) => `${111_122_220_000 + at}`);
const MONDAY = '2026-03-02T00:00:00Z';
const TICK = 10 * MINUTE;
/** A delivery of audit events takes two minutes, and a record of CloudTrail four (FACTS). */
const LATE = { event: 2 * MINUTE, record: 4 * MINUTE };

interface RaisedAlarm {
  /** Hours after the first Monday. */
  readonly hour: number;
  readonly alarm: string;
  readonly trouble?: string;
}

interface Darkness {
  readonly clusters?: readonly string[];
  readonly sources?: readonly string[];
  /** In hours after the first Monday. */
  readonly from: number;
  readonly to: number;
}

/** Plays these days, and returns each alarm when it is raised. */
async function played(days: number, dark: Darkness = { from: 0, to: 0 }): Promise<readonly RaisedAlarm[]> {
  const clock = new SetClock(MONDAY);
  const begin = clock.at;
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock, { withoutLookups: true });
  const { outbox } = service;
  const expected = { clusterSilence: DAY, clusters: [], accounts: [], hasTrail: true, ceiling: 0 };
  const running = {
    ...stores,
    clock: clock.now,
    metrics: outbox,
    alerts: outbox,
    watching: { heartbeats: stores.heartbeats, volumes: stores.volumes, expected },
    settings: DEFAULT_SETTINGS,
    deadline: 30 * MINUTE,
    lookupDelay: 0,
    alertOn: [],
  };
  const raised: RaisedAlarm[] = [];
  let active = new Set<string>();
  const isDark = (names: readonly string[] | undefined, name: string, hour: number) =>
    names?.includes(name) === true && hour >= dark.from && hour < dark.to;
  for (; clock.at < begin + days * DAY; clock.pass(TICK)) {
    const hour = (clock.at - begin) / HOUR;
    const isWork = hour % 168 < 120 && hour % 24 >= 8 && hour % 24 < 18;
    const heard = CLUSTERS.filter((each) => (each.isAlways || isWork) && !isDark(dark.clusters, each.name, hour));
    const at = new Date(clock.at - LATE.event).toISOString();
    await hearClusters(
      heard.map(({ name }) => ({
        event: parsedEvent(auditEvent({ requestReceivedTimestamp: at })),
        site: { cluster: name, accountId: '444455556666' },
      })),
      running,
    );
    const eventTime = new Date(clock.at - LATE.record).toISOString();
    const records = SOURCES.filter((account) => !isDark(dark.sources, account, hour)).map((recipientAccountId) => ({
      record: { recipientAccountId, awsRegion: 'eu-west-1', eventTime },
    }));
    await hearSources(records, running);
    outbox.metrics.clear();
    outbox.named.length = 0;
    await settle(running, { leases: stores.leases, owner: 'settle', stopAt: epochMillis(clock.at + MINUTE) });
    const now = new Set(
      raisedAlarms(ALARMS, { metrics: outbox.metrics, troubles: outbox.named.map(([, trouble]) => trouble) }),
    );
    for (const each of now) if (!active.has(each)) raised.push(raisedAlarm(each, hour));
    active = now;
  }
  return raised;
}

function raisedAlarm(text: string, hour: number): RaisedAlarm {
  const [alarm = '', trouble] = text.split(': ');
  return { hour, alarm, ...(trouble !== undefined && { trouble }) };
}

const ALARMS = Object.values(alarmResources(deploymentOf('a hub with the defaults'))).map(
  ({ Properties }) => Properties as JsonObject,
);

describe('a fleet of 40 clusters and 20 accounts', () => {
  let quiet: readonly RaisedAlarm[];
  beforeAll(async () => {
    quiet = await played(14);
  }, 60_000);

  it('raises no alarm in its second week: nights and the weekend are usual by then', () => {
    expect(quiet.filter(({ hour }) => hour >= 168)).toEqual([]);
  });

  it('raises an alarm in the first week only for the first weekend of clusters that rest, which is not known to be usual yet', () => {
    const resting = CLUSTERS.filter(({ isAlways }) => !isAlways).map(({ name }) => name);
    expect(quiet.every(({ alarm }) => alarm === 'fleet')).toBe(true);
    // All clusters are of one account. Five troubles of an account have a name.
    const named = quiet.flatMap(({ trouble = '' }) => / (prod-\d+) /.exec(trouble)?.[1] ?? []);
    expect(resting).toEqual(expect.arrayContaining(named));
    expect(named.length).toBeGreaterThanOrEqual(5);
  });

  it('raises an alarm for the dark cluster alone, by its name, a day after it was last heard', async () => {
    const dark = { clusters: ['prod-4'], from: 192, to: 240 };
    const raised = (await played(10, dark)).filter(({ hour }) => hour >= 168);
    expect(raised).toEqual([
      { hour: expect.closeTo(216, 0), alarm: 'fleet', trouble: expect.stringContaining('prod-4 ') },
    ]);
  });

  it('raises an alarm for a dark CloudTrail alone, by its account and Region, within an hour', async () => {
    const dark = { sources: ['111122220007'], from: 192, to: 194 };
    const raised = (await played(9, dark)).filter(({ hour }) => hour >= 168);
    expect(raised).toEqual([
      {
        hour: expect.closeTo(192.7, 0),
        alarm: 'fleet',
        trouble: 'source-silent CloudTrail of 111122220007 in eu-west-1',
      },
    ]);
  });
});
