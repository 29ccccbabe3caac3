import { describe, expect, it, vi } from 'vitest';
import type { LookupGap } from '../../lib/claims/lookup-gap.ts';
import { MINUTE } from '../../lib/time.ts';
import { bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ID, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { MemoryIntents } from '../stand-ins/memory/memory-intents.ts';
import { MemoryRecords } from '../stand-ins/memory/memory-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, memoryStores, type Options, Service, SetClock } from './service.ts';

function service(options: Options = {}) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  return { stores, running: new Service(stores, clock, options), clock };
}

const aliceGrant = grant({ id: 'alice-grant' });

describe('a claim whose grant comes late', () => {
  it('is pending, then attributed when the grant is delivered, and its lag is counted', async () => {
    const { running, clock, stores } = service({ withoutLookups: true });
    await running.ingest([eventBy(roleUser())]);
    expect((await running.only()).attribution).toMatchObject({ status: 'pending', provisional: true });
    await running.settle();
    clock.set(utc('12:16:00'));
    await running.grants([aliceGrant]);
    await running.settle();
    expect((await running.only()).attribution).toMatchObject({
      status: 'attributed',
      method: 'access-key',
      provisional: false,
      actor: { kind: 'iam-user', name: 'alice' },
    });
    expect(running.outbox.metrics.get('AttributionLag')).toEqual([6 * MINUTE]);
    await running.settleFor(5);
    expect(stores.claims.all()).toMatchObject([{ status: 'attributed', rounds: 0 }]);
    expect(stores.claims.all()[0]).not.toHaveProperty('due');
    expect(running.outbox.alerts).toEqual([]);
  });

  it('is found by look-ups if there is no trail, and the result is stored', async () => {
    const { running, stores } = service();
    running.trail.records = [aliceGrant];
    await running.ingest([eventBy(roleUser())]);
    await running.settle();
    expect((await running.only()).attribution.actor?.name).toBe('alice');
    expect(stores.sessions).toHaveProperty('size', 1);
    expect([...running.trail.noted]).toEqual([ACCOUNT]);
  });

  it('waits 10 minutes for the trail before it looks up', async () => {
    const { running } = service({ lookupDelay: 10 * MINUTE });
    running.trail.records = [aliceGrant];
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(9);
    expect(running.trail.requests).toBe(0);
    await running.settleFor(9);
    expect((await running.only()).attribution.status).toBe('attributed');
  });
});

describe('a claim whose grant never comes', () => {
  it('is unattributed at the deadline, alerts once, and the alert is withdrawn by a later grant', async () => {
    const { running, clock, stores } = service();
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(28);
    expect((await running.only()).attribution.status).toBe('pending');
    await running.settleFor(10);
    expect((await running.only()).attribution).toMatchObject({
      status: 'unattributed',
      reason: 'no-matching-grant',
      provisional: false,
    });
    expect(running.outbox.alerts).toMatchObject([
      {
        kind: 'alert',
        causes: ['unattributed'],
        caller: { sessionName: 'alice-session', accessKeyId: KEY },
        clusters: ['prod-1'],
        count: 1,
        verbs: ['delete'],
        namespaces: ['shop'],
        reasons: ['no-matching-grant'],
        first: utc('12:10:00.000000'),
        last: utc('12:10:00.000000'),
      },
    ]);
    expect(running.outbox.alerts[0]?.query).toContain(`--session '${KEY}'`);
    clock.set(utc('15:00:00'));
    await running.grants([aliceGrant]);
    await running.settleFor(5);
    expect((await running.only()).attribution).toMatchObject({ status: 'attributed', provisional: false });
    expect(running.outbox.alerts.map(({ kind }) => kind)).toEqual(['alert', 'resolved']);
    expect(stores.claims.all()[0]).not.toHaveProperty('due');
  });

  it('stays pending while its look-ups fail, because a failed look-up decides nothing', async () => {
    const { running } = service();
    running.trail.isDown = true;
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(60);
    expect((await running.only()).attribution.status).toBe('pending');
    expect(running.outbox.alerts).toEqual([]);
    running.trail.isDown = false;
    await running.settleFor(20);
    expect((await running.only()).attribution.status).toBe('unattributed');
  });

  it('gets one round of look-ups if it is first seen after its deadline', async () => {
    const { running, clock } = service({ lookupDelay: 10 * MINUTE });
    clock.set(utc('18:00:00'));
    running.trail.records = [aliceGrant];
    await running.ingest([eventBy(roleUser()), eventBy(roleUser({ key: ANOTHER_KEY }), { auditID: 'other' })]);
    await running.settle();
    expect((await running.only()).attribution.status).toBe('attributed');
    expect((await running.only('other')).attribution.status).toBe('unattributed');
  });

  it('raises no alert if its events are backfilled or replayed', async () => {
    const { running } = service();
    await running.ingest([eventBy(roleUser())], 'backfill', false);
    await running.settleFor(60);
    expect((await running.only()).attribution.status).toBe('unattributed');
    expect(running.outbox.alerts).toEqual([]);
  });
});

describe('a grant that a look-up finds only for a later record of the claim', () => {
  const events = (name: string, count: number, time: string) =>
    Array.from({ length: count }, (_, at) =>
      eventBy(roleUser(), { auditID: `${name}-${at}`, requestReceivedTimestamp: time }),
    );
  const until = grant({ id: 'alice-grant', until: utc('14:00:00') });
  const statusesOf = async (stores: ReturnType<typeof service>['stores']) =>
    new Set(stores.records.all().map(({ record }) => record.attribution.status));

  /** Three records were given up, and their claim closed; since then CloudTrail has the grant. */
  async function foundLate() {
    const of = service();
    await of.running.ingest(events('early', 3, utc('12:10:00')), 'early');
    await of.running.settleFor(60);
    expect(await statusesOf(of.stores)).toEqual(new Set(['unattributed']));
    of.running.trail.records = [until];
    of.clock.set(utc('13:30:00'));
    return of;
  }

  it('also corrects records that were final when the claim was opened again', async () => {
    const { running, stores } = await foundLate();
    await running.ingest(events('late', 1, utc('13:29:00')), 'late');
    await running.settleFor(10);
    expect(await statusesOf(stores)).toEqual(new Set(['attributed']));
  });

  it('corrects them too if the run ends between the look-up and the end of its pass', async () => {
    const { running, clock, stores } = await foundLate();
    await running.ingest(events('late', 60, utc('13:29:00')), 'late');
    const { requests } = running.trail;
    const correct = stores.records.correct.bind(stores.records);
    let isCut = false;
    stores.records.correct = async (records) => {
      if (!isCut && running.trail.requests > requests) {
        isCut = true;
        clock.pass(2 * MINUTE);
      }
      return correct(records);
    };
    await running.settleFor(10);
    expect(isCut).toBe(true);
    expect(await statusesOf(stores)).toEqual(new Set(['attributed']));
  });

  it('corrects them too if the process crashes between the look-up and the correction', async () => {
    const { running, stores } = await foundLate();
    await running.ingest(events('late', 1, utc('13:29:00')), 'late');
    const { requests } = running.trail;
    const correct = stores.records.correct.bind(stores.records);
    stores.records.correct = async (records) => {
      if (running.trail.requests === requests) return correct(records);
      stores.records.correct = correct;
      throw new Error('crash');
    };
    await running.settleFor(10);
    expect(stores.records.correct).toBe(correct);
    expect(await statusesOf(stores)).toEqual(new Set(['attributed']));
  });
});

describe('an account or Region that never answers', () => {
  const REFUSED: LookupGap = { scope: 'me-central-1', code: 'denied', why: 'not allowed' };
  const SILENT: LookupGap = { scope: 'us-east-1', code: 'unreachable', why: 'CloudTrail did not answer' };

  it('is waited for until the deadline if it refuses for good, and the alert names it', async () => {
    const { running, clock } = service();
    running.trail.gaps = [REFUSED];
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(28);
    expect((await running.only()).attribution.status).toBe('pending');
    await running.settleFor(10);
    expect((await running.only()).attribution).toMatchObject({ status: 'unattributed', provisional: false });
    expect(running.outbox.alerts).toMatchObject([
      { kind: 'alert', causes: ['unattributed'], unanswered: ['me-central-1 (denied)'] },
    ]);
    clock.set(utc('15:00:00'));
    await running.grants([aliceGrant]);
    await running.settleFor(5);
    expect((await running.only()).attribution).toMatchObject({ status: 'attributed', provisional: false });
    expect(running.outbox.alerts.map(({ kind }) => kind)).toEqual(['alert', 'resolved']);
  });

  it('is named by the alert and raises no alarm if it is an account without a role, which anybody can invent', async () => {
    const { running } = service();
    running.trail.gaps = [{ scope: '900000000000', code: 'no-role', why: 'no role' }];
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(38);
    expect(running.outbox.alerts).toMatchObject([{ kind: 'alert', unanswered: ['900000000000 (no-role)'] }]);
    expect(new Set(running.outbox.metrics.get('LookupsFailed'))).toEqual(new Set([0]));
  });

  it('is waited for some hours if it may answer later, while the age of the claim grows', async () => {
    const { running, clock } = service();
    running.trail.gaps = [SILENT];
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(4 * 60);
    expect((await running.only()).attribution).toMatchObject({ status: 'pending', provisional: true });
    expect(running.outbox.metrics.get('OldestOpenClaim')?.at(-1)).toBeGreaterThan(3 * 3_600);
    clock.set(utc('17:00:00'));
    await running.settleFor(3);
    expect((await running.only()).attribution).toMatchObject({ status: 'unattributed', provisional: false });
    expect(running.outbox.alerts).toMatchObject([{ unanswered: ['us-east-1 (unreachable)'] }]);
    await running.settle();
    expect(running.outbox.metrics.get('OldestOpenClaim')?.at(-1)).toBe(0);
  });

  it('decides the claims at once when it answers again', async () => {
    const { running } = service();
    running.trail.gaps = [SILENT];
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(60);
    running.trail.gaps = [];
    await running.settleFor(20);
    expect((await running.only()).attribution).toMatchObject({ status: 'unattributed', provisional: false });
    expect(running.outbox.alerts[0]).not.toHaveProperty('unanswered');
  });

  it('does not change an answer by session name, which comes from the known grants', async () => {
    const { running } = service();
    running.trail.gaps = [REFUSED];
    await running.grants([grant({ session: 'alice-session-01', id: 'one' })]);
    await running.ingest([eventBy(bareRoleUser('reader-alice-session-01'))]);
    await running.settleFor(40);
    expect((await running.only()).attribution).toMatchObject({
      status: 'attributed',
      provisional: false,
      flags: ['name-chosen-by-caller'],
    });
  });

  it('is reported once a run, however many claims need it, and only if it was asked', async () => {
    const { running } = service();
    running.trail.gaps = [REFUSED, SILENT];
    await running.ingest([eventBy(roleUser()), eventBy(roleUser({ key: ANOTHER_KEY }), { auditID: 'other' })]);
    expect((await running.settle()).gaps).toEqual([REFUSED, SILENT]);
    expect(running.outbox.metrics.get('LookupsFailed')).toEqual([2]);
    expect((await running.settle()).gaps).toEqual([]);
    expect(running.outbox.metrics.get('LookupsFailed')).toEqual([2]);
  });
});

describe('an answer by session name', () => {
  const byName = eventBy(bareRoleUser('reader-alice-session-01'));
  const named = (by: string, key: string, id: string) =>
    grant({ by: iamUser(by), session: 'alice-session-01', key, id });

  it('becomes ambiguous by a later grant of another caller, and raises an alert', async () => {
    const { running, clock } = service();
    await running.grants([named('alice', KEY, 'one')]);
    await running.ingest([byName]);
    expect((await running.only()).attribution).toMatchObject({
      status: 'attributed',
      method: 'username',
      provisional: true,
      flags: ['name-chosen-by-caller'],
    });
    await running.settleFor(40);
    expect((await running.only()).attribution).toMatchObject({ status: 'attributed', provisional: false });
    expect((await running.only()).caller.sessionName).toBe('alice-session-01');
    expect(running.outbox.alerts).toEqual([]);
    clock.set(utc('14:00:00'));
    await running.grants([named('mallory', ANOTHER_KEY, 'two')]);
    await running.settleFor(5);
    const { attribution } = await running.only();
    expect(attribution.status).toBe('ambiguous');
    expect(attribution.candidates?.map(({ actor }) => actor.name).sort()).toEqual(['alice', 'mallory']);
    expect(running.outbox.alerts).toMatchObject([{ kind: 'alert', causes: ['ambiguous'] }]);
  });

  it('raises an alert about the name if that is switched on', async () => {
    const { running } = service({ alertOn: ['name-chosen-by-caller'] });
    await running.grants([named('alice', KEY, 'one')]);
    await running.ingest([byName]);
    await running.settleFor(40);
    expect(running.outbox.alerts).toMatchObject([{ causes: ['name-chosen-by-caller'], actors: ['iam-user alice'] }]);
  });
});

describe('the same batch three times', () => {
  it('leaves the same table', async () => {
    const { running, stores } = service();
    const batch = [eventBy(roleUser()), eventBy(bareRoleUser('nobody'), { auditID: 'second' })];
    await running.ingest(batch);
    const once = stores.records.all();
    expect(await running.ingest(batch)).toMatchObject({ recorded: 0, duplicates: 2 });
    await running.ingest(batch);
    expect(stores.records.all()).toEqual(once);
    await running.settleFor(40);
    const settled = stores.records.all();
    await running.ingest(batch);
    await running.settleFor(5);
    expect(stores.records.all()).toEqual(settled);
  });
});

describe('an answer that is final at once', () => {
  const proven = async () => {
    const { running, stores, clock } = service();
    await running.grants([aliceGrant]);
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(4);
    return { running, stores, clock };
  };

  it('is read once, so that what could change it is known, and does not change', async () => {
    const { running, stores, clock } = await proven();
    expect(stores.claims.all()).toMatchObject([{ status: 'attributed', summary: { count: 1, open: 0 } }]);
    expect(stores.claims.all()[0]?.due).toBeUndefined();
    clock.pass(20 * MINUTE);
    await running.ingest([eventBy(roleUser(), { auditID: 'later', requestReceivedTimestamp: utc('12:40:00') })]);
    expect(stores.claims.all()[0]?.due).toBeUndefined();
    expect(stores.records.all().map(({ revision }) => revision)).toEqual([1, 1]);
  });

  it('is corrected in all its records if a later fact says more, whether or not these opened it', async () => {
    const { running, stores } = await proven();
    await running.ingest([eventBy(roleUser(), { auditID: 'later', requestReceivedTimestamp: utc('12:40:00') })]);
    await running.grants([callBy(iamUser('alice-session'))]);
    await running.settleFor(4);
    expect(stores.records.all().map(({ record }) => record.attribution.flags)).toEqual([
      ['session-name-claims-other-actor'],
      ['session-name-claims-other-actor'],
    ]);
    expect(running.outbox.alerts).toMatchObject([{ causes: ['session-name-claims-other-actor'] }]);
  });

  it('raises an alert if its cause asks for one', async () => {
    const { running } = service();
    await running.ingest([eventBy({ uid: `aws-iam-authenticator:x:${ROLE_ID}`, username: 'odd' }, { auditID: 'odd' })]);
    await running.settleFor(4);
    expect((await running.only('odd')).attribution.reason).toBe('malformed-identity');
    expect(running.outbox.alerts).toMatchObject([{ causes: ['unattributed'], reasons: ['malformed-identity'] }]);
  });
});

describe('settle', () => {
  it('continues with the next page in the next minute, when its time is over', async () => {
    const { running, stores, clock } = service();
    const events = Array.from({ length: 120 }, (_, at) => eventBy(roleUser(), { auditID: `event-${at}` }));
    await running.ingest(events);
    await running.grants([aliceGrant]);
    const pages = vi.spyOn(stores.records, 'ofClaim');
    pages.mockImplementation(async (...page) => {
      clock.pass(MINUTE);
      return MemoryRecords.prototype.ofClaim.apply(stores.records, page);
    });
    await running.settle();
    const corrected = () => stores.records.all().filter(({ revision }) => revision > 1).length;
    expect(corrected()).toBe(50);
    await running.settle();
    expect(corrected()).toBe(100);
    await running.settle();
    expect(corrected()).toBe(120);
    expect(stores.claims.all()[0]?.summary?.count).toBe(120);
  });

  it('decides only the new records of a claim that was closed, and counts them with the rest', async () => {
    const { running, stores, clock } = service();
    await running.ingest([eventBy(roleUser({ key: null }))]);
    await running.settleFor(40);
    clock.set(utc('20:00:00'));
    const pages = vi.spyOn(stores.records, 'ofClaim');
    const time = utc('19:59:00.000000');
    await running.ingest([eventBy(roleUser({ key: null }), { auditID: 'new', requestReceivedTimestamp: time })]);
    await running.settleFor(40);
    expect(new Set(pages.mock.calls.map(([{ first }]) => first))).toEqual(new Set([instant(time)]));
    expect(stores.claims.all()).toMatchObject([{ status: 'unattributed', summary: { count: 2, last: time } }]);
    expect(running.outbox.alerts).toHaveLength(1);
    expect((await running.only('new')).attribution.status).toBe('unattributed');
  });

  it('corrects other claims too, even closed ones, by the result of a look-up', async () => {
    const { running, clock } = service();
    await running.ingest([eventBy(roleUser({ key: null }))]);
    await running.settleFor(40);
    expect((await running.only()).attribution.status).toBe('unattributed');
    running.trail.records = [aliceGrant];
    clock.set(utc('12:55:00'));
    const again = { auditID: 'again', requestReceivedTimestamp: utc('12:54:00') };
    await running.ingest([eventBy(roleUser({ key: ANOTHER_KEY }), again)]);
    await running.settleFor(4);
    expect((await running.only()).attribution).toMatchObject({ status: 'attributed', method: 'session-name' });
  });

  it('opens the claims of a batch that crashed for good between its records and its claims', async () => {
    const { running, stores, clock } = service();
    const change = vi.spyOn(stores.claims, 'change').mockRejectedValueOnce(new Error('crash'));
    await expect(running.ingest([eventBy(roleUser())])).rejects.toThrow('crash');
    change.mockRestore();
    expect((await running.only()).attribution.status).toBe('pending');
    running.trail.records = [aliceGrant];
    clock.pass(6 * MINUTE);
    await running.settle();
    expect((await running.only()).attribution.status).toBe('attributed');
  });

  it('opens all claims of a crashed batch of many sessions, wherever it crashes itself', async () => {
    const events = Array.from({ length: 5 }, (_, at) =>
      eventBy(roleUser({ session: `session-${at}` }), { auditID: `event-${at}` }),
    );
    for (let crash = 0; crash < 12; crash += 1) {
      const clock = new SetClock(utc('12:11:00'));
      let left = Number.POSITIVE_INFINITY;
      const beforeWrite = () => {
        if (left <= 0) throw new Error('crash');
        left -= 1;
      };
      const stores = memoryStores({ clock: clock.now, beforeWrite });
      const running = new Service(stores, clock, { withoutLookups: true });
      vi.spyOn(stores.claims, 'change').mockRejectedValueOnce(new Error('crash'));
      await expect(running.ingest(events)).rejects.toThrow('crash');
      clock.pass(6 * MINUTE);
      left = crash;
      await running.settle().catch(() => undefined);
      left = Number.POSITIVE_INFINITY;
      await running.settleFor(60);
      expect(stores.records.all().map(({ record }) => record.attribution.status)).toEqual(
        Array(5).fill('unattributed'),
      );
      expect(running.outbox.alerts).toHaveLength(5);
    }
  });

  it('leaves announced claims for the next minute when its time is over', async () => {
    const { running, stores, clock } = service({ withoutLookups: true });
    const crash = vi.spyOn(stores.claims, 'change').mockRejectedValueOnce(new Error('crash'));
    const events = Array.from({ length: 5 }, (_, at) =>
      eventBy(roleUser({ session: `session-${at}` }), { auditID: `${at}` }),
    );
    await expect(running.ingest(events)).rejects.toThrow('crash');
    crash.mockRestore();
    clock.pass(6 * MINUTE);
    const slow = vi.spyOn(stores.intents, 'fulfil').mockImplementation(async (announced) => {
      clock.pass(2 * MINUTE);
      return MemoryIntents.prototype.fulfil.call(stores.intents, announced);
    });
    await running.settle();
    expect(slow).toHaveBeenCalledTimes(1);
    slow.mockRestore();
    await running.settleFor(60);
    expect(running.outbox.alerts).toHaveLength(5);
  });

  it('does the chores in one run at a time, by lease', async () => {
    const { running, stores, clock } = service();
    await stores.leases.take('chores', 'another', clock.now(), clock.now());
    clock.pass(-1);
    expect(await running.settle()).toMatchObject({ hasRun: false });
    expect(running.outbox.metrics.get('ClaimsOpen')).toBeUndefined();
  });
});
