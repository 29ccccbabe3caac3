import { describe, expect, it, vi } from 'vitest';
import type { AlertDigest } from '../../lib/claims/alert-digest.ts';
import { MOST_AN_HOUR } from '../../lib/claims/alert-ledger.ts';
import { roleIdOf } from '../../lib/identity/arn.ts';
import type { JsonObject } from '../../lib/json.ts';
import { MINUTE } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { KEY, ROLE_ID, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, type Options, Service, SetClock } from './service.ts';

const WINDOW = 15 * MINUTE;
const HELD: Options = { withoutLookups: true, alertWindow: WINDOW };

function service(options: Options = HELD) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  return { stores, running: new Service(stores, clock, options), clock };
}

/** Sessions of one role that nobody can name, an event each. */
function unnamed(count: number, name = 'nobody', roleId = ROLE_ID): JsonObject[] {
  return Array.from({ length: count }, (_, at) => {
    const user = roleUser({ session: `${name}-${at}`, key: `ASIA${name.toUpperCase()}${String(at).padStart(8, '0')}` });
    return eventBy(JSON.parse(JSON.stringify(user).replaceAll(ROLE_ID, roleId)), {
      auditID: `${roleId} ${name} ${at}`,
    });
  });
}

/** Counts the claims that were reported, in alerts of their own or in digests. */
function toldIn({ outbox }: Service): number {
  return outbox.alerts.length + outbox.digests.reduce((sum, { sessions }) => sum + sessions, 0);
}

describe('four hundred unidentified sessions', () => {
  it('raise one alert at once and one digest a window later, which counts all of them', async () => {
    const { running, clock } = service();
    await running.ingest(unnamed(400));
    await running.settleFor(35);
    expect(running.outbox.alerts).toHaveLength(1);
    expect(running.outbox.digests).toEqual([]);
    const alertedAt = clock.at;
    while (running.outbox.digests.length === 0) await running.settleFor(1);
    expect(clock.at - alertedAt).toBeLessThanOrEqual(WINDOW);
    expect(running.outbox.digests).toMatchObject([
      { sessions: 399, groups: [{ causes: ['unattributed'], sessions: 399, records: 399, principal: ROLE_ID }] },
    ]);
    await running.settleFor(60);
    expect(running.outbox.alerts.length + running.outbox.digests.length).toBe(2);
  });

  it('raise one alert each if the window is 0', async () => {
    const { running } = service({ ...HELD, alertWindow: 0 });
    await running.ingest(unnamed(40));
    await running.settleFor(40);
    expect([running.outbox.alerts.length, running.outbox.digests.length]).toEqual([40, 0]);
  });

  it('do not hold back the alert about a session with a claimed name', async () => {
    const { running, stores } = service();
    await running.ingest(unnamed(400));
    await running.settleFor(35);
    await running.grants([callBy(iamUser('alice-session')), grant({ id: 'mallory', by: iamUser('mallory') })]);
    await running.ingest([eventBy(roleUser(), { auditID: 'forged' })], 'forged');
    await running.settleFor(4);
    expect(running.outbox.digests).toEqual([]);
    expect(running.outbox.alerts.map(({ causes }) => causes)).toEqual([
      ['unattributed'],
      ['session-name-claims-other-actor'],
    ]);
    expect(stores.claims.all().every(({ alerted }) => alerted !== undefined)).toBe(true);
  });

  it('send as few messages if they go on for hours', async () => {
    const { running, clock } = service();
    for (let round = 0; round < 12; round += 1) {
      const time = new Date(clock.at).toISOString();
      const events = unnamed(20, `round${round}`).map((event) => ({ ...event, requestReceivedTimestamp: time }));
      await running.ingest(events, `round ${round}`);
      await running.settleFor(10);
    }
    await running.settleFor(60);
    expect(toldIn(running)).toBe(240);
    expect(running.outbox.alerts).toHaveLength(1);
    expect(running.outbox.digests.length).toBeLessThanOrEqual(9);
  });

  it('of as many roles raise at most ten alerts an hour, and a digest has the others', async () => {
    const { running } = service();
    for (let role = 0; role < 60; role += 1) {
      const roleId = roleIdOf(`AROAROLE${String(role).padStart(13, '0')}`);
      await running.ingest(unnamed(2, `role${role}`, roleId), roleId);
    }
    await running.settleFor(55);
    expect(running.outbox.alerts).toHaveLength(MOST_AN_HOUR.usual);
    expect(running.outbox.digests).toHaveLength(1);
    expect(toldIn(running)).toBe(120);
  });
});

describe('a claim whose alert was held', () => {
  const toldTwice = async () => {
    const { running, stores, clock } = service();
    await running.ingest([...unnamed(3), eventBy(roleUser())]);
    await running.settleFor(35);
    expect(running.outbox.alerts).toHaveLength(1);
    const grants = [grant({ id: 'mallory', by: iamUser('mallory') })];
    return { running, stores, clock, grants };
  };

  it('is withdrawn in the same digest if a grant comes before it, and is not reported again', async () => {
    const { running, grants } = await toldTwice();
    await running.grants(grants);
    await running.settleFor(60);
    expect(running.outbox.alerts).toHaveLength(1);
    expect(running.outbox.digests).toHaveLength(1);
    const stated = await isHeldFor(running.outbox.digests, KEY);
    expect(stated).toEqual(['alert', 'resolved']);
    expect(running.outbox.digests[0]?.groups[0]).toMatchObject({ kind: 'alert', explained: 1 });
  });

  it('is withdrawn at once if the digest was sent before', async () => {
    const { running, grants } = await toldTwice();
    await running.settleFor(20);
    expect(running.outbox.digests).toHaveLength(1);
    await running.grants(grants);
    await running.settleFor(4);
    expect(running.outbox.alerts.map(({ kind }) => kind)).toEqual(['alert', 'resolved']);
  });

  it('raises an alert at once for a more serious cause of its own', async () => {
    const { running, grants } = await toldTwice();
    await running.grants([...grants, callBy(iamUser('alice-session'))]);
    await running.settleFor(4);
    expect(running.outbox.digests).toEqual([]);
    expect(running.outbox.alerts.at(-1)).toMatchObject({
      kind: 'alert',
      causes: ['session-name-claims-other-actor'],
      caller: { accessKeyId: KEY },
    });
  });

  it('has in the digest the same query as in an alert of its own', async () => {
    const { running } = await toldTwice();
    await running.settleFor(20);
    const [digest] = running.outbox.digests;
    expect(digest?.groups[0]?.listed.map(({ query }) => query).join('\n')).toContain(`--session '${KEY}'`);
    expect(digest?.groups[0]?.queries[0]).toMatch(/^AWS_REGION=eu-west-1 eks-whois sessions --table/);
  });
});

/** As which kinds of notices the digests list the session of the key. */
async function isHeldFor(digests: readonly AlertDigest[], key: string): Promise<string[]> {
  const groups = digests.flatMap((digest) => digest.groups);
  return groups.flatMap(({ kind, listed }) =>
    listed.flatMap(({ caller }) => (caller.accessKeyId === key ? [kind] : [])),
  );
}

describe('backfill and replay', () => {
  it('hold no alert, and do not count a digest of the service as sent', async () => {
    const { running, stores } = service();
    await running.ingest(unnamed(5), 'old', false);
    await running.settleFor(60);
    expect(await stores.alertBoard.nextDue()).toBeUndefined();
    expect([running.outbox.alerts, running.outbox.digests]).toEqual([[], []]);
  });
});

describe('a topic that does not answer', () => {
  it('loses no alert: held ones stay held, claims are settled, and the digest is reported as failed', async () => {
    const { running, stores } = service();
    await running.ingest(unnamed(5));
    await running.settleFor(35);
    const down = vi.spyOn(running.outbox, 'publish').mockRejectedValue(new Error('SNS is out of reach'));
    await running.settleFor(20);
    await running.ingest([eventBy(roleUser(), { auditID: 'later' })], 'later');
    await running.grants([grant({ id: 'alice' })]);
    const outcome = await running.settle();
    expect(outcome.failed).toMatchObject([{ claimId: 'digest of alerts' }]);
    expect((await running.only('later')).attribution.status).toBe('attributed');
    expect((await stores.alertBoard.held(10)).held).toHaveLength(4);
    down.mockRestore();
    await running.settleFor(2);
    expect(toldIn(running)).toBe(5);
  });
});

describe('a crash before any write', () => {
  it('loses neither an alert nor its withdrawal', async () => {
    for (let crash = 0; ; crash += 1) {
      const { clock, running, stores, crashAt, wasReached } = crashing();
      await running.ingest([...unnamed(6), eventBy(roleUser())]);
      crashAt(crash);
      for (let minute = 0; minute < 55; minute += 1) {
        await running.settle().catch(() => undefined);
        if (wasReached()) crashAt(Number.POSITIVE_INFINITY); // the next minute is another process
        clock.pass(MINUTE);
      }
      const isOver = !wasReached();
      crashAt(Number.POSITIVE_INFINITY);
      await running.settleFor(20);
      expect(claimsToldOf(running, 'alert')).toHaveProperty('size', 7);
      await running.grants([grant({ id: 'alice' })]);
      await running.settleFor(40);
      expect(claimsToldOf(running, 'resolved')).toHaveProperty('size', 1);
      expect(await stores.alertBoard.nextDue()).toBeUndefined();
      if (isOver) return expect(crash).toBeGreaterThan(30);
    }
  });
});

/** A service whose process ends before the write of a number, and before every later one, until it is set again. */
function crashing() {
  const clock = new SetClock(utc('12:11:00'));
  let left = Number.POSITIVE_INFINITY;
  let isReached = false;
  const beforeWrite = () => {
    isReached ||= left <= 0;
    if (left <= 0) throw new Error('crash');
    left -= 1;
  };
  const stores = memoryStores({ clock: clock.now, beforeWrite });
  const running = new Service(stores, clock, HELD);
  const crashAt = (writes: number) => {
    left = writes;
  };
  return { clock, running, stores, crashAt, wasReached: () => isReached };
}

function claimsToldOf({ outbox }: Service, kind: 'alert' | 'resolved'): ReadonlySet<string> {
  const groups = outbox.digests.flatMap((digest) => digest.groups).filter((group) => group.kind === kind);
  const alerts = outbox.alerts.filter((alert) => alert.kind === kind);
  return new Set([...alerts, ...groups.flatMap(({ listed }) => listed)].map(({ claimId }) => claimId));
}
