import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { RefusedItemError } from '../../lib/adapters/dynamodb/database.ts';
import { sumOf } from '../../lib/counts/hour-counts.ts';
import { hourOf } from '../../lib/counts/hours.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { memoryStores, type Options, Service, SetClock } from './service.ts';

/** A service whose next process ends before the write of a number, and at every later one, until it is started again. */
function service(options: Options = { withoutLookups: true }) {
  const clock = new SetClock(utc('12:11:00'));
  let left = Number.POSITIVE_INFINITY;
  let wasReached = false;
  const beforeWrite = () => {
    wasReached ||= left <= 0;
    if (left <= 0) throw new Error('crash');
    left -= 1;
  };
  const stores = memoryStores({ clock: clock.now, beforeWrite });
  return {
    clock,
    stores,
    running: new Service(stores, clock, options),
    /** Answers whether the work came to that write. */
    async crashAt(write: number, work: () => Promise<unknown>): Promise<boolean> {
      [left, wasReached] = [write, false];
      await work().catch(() => undefined);
      left = Number.POSITIVE_INFINITY;
      return wasReached;
    },
  };
}

type Running = ReturnType<typeof service>;

/** Runs the story once for each write at which a process can end, each time in a new world. Returns the number of writes. */
async function atEachWrite(story: (world: Running, write: number) => Promise<boolean>, options?: Options) {
  for (let write = 0; ; write += 1) if (!(await story(service(options), write))) return write;
}

const aliceGrant = grant({ id: 'alice-grant' });
const session = (at: number) => eventBy(roleUser({ session: `session-${at}` }), { auditID: `event-${at}` });

describe('a process that ends at any write', () => {
  it('leaves no stored record undecided or without its alert, even if its delivery never comes again', async () => {
    const writes = await atEachWrite(async ({ running, stores, crashAt }, write) => {
      const wasReached = await crashAt(write, () => running.ingest([session(1), session(2)]));
      await running.settleFor(60);
      const statuses = stores.records.all().map(({ record }) => record.attribution.status);
      expect(statuses.filter((status) => status !== 'unattributed')).toEqual([]);
      expect(running.outbox.alerts).toHaveLength(statuses.length);
      return wasReached;
    });
    expect(writes).toBeGreaterThan(5);
  });

  it('does not lose the grant that a closed claim waits for: it is delivered again', async () => {
    const writes = await atEachWrite(async ({ running, clock, crashAt }, write) => {
      await running.ingest([eventBy(roleUser())]);
      await running.settleFor(50);
      clock.set(utc('15:00:00'));
      const wasReached = await crashAt(write, () => running.grants([aliceGrant]));
      await running.settleFor(5);
      await running.grants([aliceGrant]);
      await running.settleFor(5);
      expect((await running.only()).attribution).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
      return wasReached;
    });
    expect(writes).toBeGreaterThan(3);
  });

  it('does not lose a grant that another claim’s look-up found for a closed claim', async () => {
    const writes = await atEachWrite(async ({ running, clock, crashAt }, write) => {
      await running.ingest([eventBy(roleUser({ key: null }))]);
      await running.settleFor(40);
      expect((await running.only()).attribution.status).toBe('unattributed');
      running.trail.records = [aliceGrant];
      clock.set(utc('12:55:00'));
      const again = { auditID: 'again', requestReceivedTimestamp: utc('12:54:00') };
      await running.ingest([eventBy(roleUser({ key: ANOTHER_KEY }), again)], 'again');
      const wasReached = await crashAt(write, () => running.settle());
      await running.settleFor(20);
      expect((await running.only()).attribution).toMatchObject({ status: 'attributed', method: 'session-name' });
      return wasReached;
    }, {});
    expect(writes).toBeGreaterThan(5);
  });
});

describe('an alert that SNS refuses', () => {
  /** Returns a service with one unidentified session whose alert is due now. */
  async function untold(options?: Options) {
    const world = service(options);
    await world.running.ingest([eventBy(roleUser())]);
    await world.running.settleFor(29);
    return { ...world, publish: vi.spyOn(world.running.outbox, 'publish') };
  }

  it.each([
    ['goes out in a later run', undefined],
    ['goes out in a later run, and in no digest, since nothing of its group was told', 15 * MINUTE],
  ])('%s', async (_, alertWindow) => {
    const { running, publish } = await untold({ withoutLookups: true, ...(alertWindow && { alertWindow }) });
    publish.mockRejectedValueOnce(new Error('SNS is down'));
    await running.settleFor(10);
    expect(publish).toHaveBeenCalledTimes(2);
    expect(running.outbox.alerts).toMatchObject([{ kind: 'alert', causes: ['unattributed'] }]);
  });

  it('is in the next digest if the one for which it was held was not sent', async () => {
    const { running, publish } = await untold({ withoutLookups: true, alertWindow: 15 * MINUTE });
    await running.ingest([session(1), session(2), session(3)], 'more');
    await running.settleFor(10);
    expect(running.outbox.alerts).toHaveLength(1);
    publish.mockRejectedValueOnce(new Error('SNS is down'));
    await running.settleFor(30);
    expect(publish).toHaveBeenCalledTimes(3);
    expect(running.outbox.digests).toMatchObject([{ sessions: 3 }]);
  });
});

it('an alert is not withdrawn by a pass that read none of the records', async () => {
  const { running, stores } = service();
  await running.ingest([eventBy(roleUser())]);
  await running.settleFor(40);
  const late = vi.spyOn(stores.records, 'ofClaim').mockResolvedValue({ records: [], positions: [] }); // as an index may be
  await running.grants([grant({ session: 'somebody-else' })]);
  await running.settle();
  expect(late).toHaveBeenCalled();
  expect(running.outbox.alerts.map(({ kind }) => kind)).toEqual(['alert']);
});

it('an alert is not withdrawn while a later record of the claim is pending', async () => {
  const { running, clock } = service();
  await running.ingest([eventBy(roleUser())]);
  await running.settleFor(40);
  clock.set(utc('14:20:00')); // when alice's session is over
  const later = { auditID: 'later', requestReceivedTimestamp: utc('14:19:00') };
  await running.ingest([eventBy(roleUser(), later)], 'later');
  await running.grants([aliceGrant]);
  await running.settleFor(10);
  expect((await running.only()).attribution.status).toBe('attributed');
  expect((await running.only('later')).attribution.status).toBe('pending');
  expect(running.outbox.alerts.map(({ kind }) => kind)).toEqual(['alert']);
});

describe('a delivery', () => {
  it('fails and comes again if the table refuses one of its records', async () => {
    const { running, stores } = service();
    const fault = new RefusedItemError('Item size has exceeded the maximum allowed size');
    const insert = stores.records.insert.bind(stores.records);
    vi.spyOn(stores.records, 'insert').mockImplementation(async ([, ...others]) => {
      return [{ outcome: 'refused', fault }, ...(await insert(others))];
    });
    await expect(running.ingest([session(1), session(2)])).rejects.toThrow(/1 records of the batch/);
    expect(stores.records.all()).toHaveLength(1);
    expect(running.outbox.sum('EventsRecorded')).toBe(1);
  });

  it('comes again if settle changes a backfilled record while it becomes live: otherwise nobody would be alerted', async () => {
    const { running, stores } = service();
    await running.ingest([eventBy(roleUser())], 'backfill', false);
    const correct = stores.records.correct.bind(stores.records);
    vi.spyOn(stores.records, 'correct').mockImplementationOnce(async (records) => {
      await correct(stores.records.all());
      return correct(records);
    });
    const live = () => running.ingest([eventBy(roleUser())], 'live');
    await expect(live()).rejects.toThrow('Deliver the batch again');
    await live();
    await running.settleFor(60);
    expect(running.outbox.alerts).toMatchObject([{ causes: ['unattributed'] }]);
  });
});

it('an hour with new records since it was counted is counted again, even if the first try fails', async () => {
  const { running, stores, clock } = service();
  const hour = hourOf(clock.at);
  clock.set(utc('15:00:00'));
  await running.settleFor(1);
  await running.grants([aliceGrant]);
  await running.ingest([eventBy(roleUser())]);
  await running.settleFor(1);
  clock.pass(5 * MINUTE);
  const count = stores.counts.count.bind(stores.counts);
  const failing = vi.spyOn(stores.counts, 'count').mockImplementation(async (at, most) => {
    if (at === hour) throw new Error('no answer');
    return count(at, most);
  });
  await running.settle().catch(() => undefined);
  expect(failing).toHaveBeenCalledWith(hour);
  failing.mockRestore();
  await running.settleFor(5);
  expect(await stores.counts.kept(hour, hour)).toMatchObject([{ total: 1 }]);
});

it('decides what is due and does the other chores although one fails, and fails then', async () => {
  const { running, stores } = service();
  await running.ingest([session(1)]);
  running.clock.pass(HOUR);
  const [swept, counted] = [vi.spyOn(stores.intents, 'forgotten'), vi.spyOn(stores.counts, 'progress')];
  vi.spyOn(stores.waits, 'left').mockRejectedValue(new Error('throttled'));
  const { failed } = await running.settle();
  expect(failed).toEqual([{ claimId: 'waking of sessions', cause: new Error('throttled') }]);
  expect((await running.only('event-1')).attribution.status).toBe('unattributed');
  expect([swept.mock.calls.length, counted.mock.calls.length]).toEqual([1, 1]);
});

describe('a chore on which each run breaks off', () => {
  const breakingOff = () => {
    const { clock, stores } = service();
    const running = new Service(stores, clock, { withoutLookups: true, attempts: stores.attempts });
    const done: string[] = [];
    let isBroken = true;
    const never = () => new Promise<never>(() => undefined);
    const forgotten = stores.intents.forgotten.bind(stores.intents);
    vi.spyOn(stores.intents, 'forgotten').mockImplementation(async function* (before) {
      done.push('sweeping');
      if (isBroken) await never();
      yield* forgotten(before);
    });
    const progress = stores.counts.progress.bind(stores.counts);
    vi.spyOn(stores.counts, 'progress').mockImplementation(() => {
      done.push('counting');
      return progress();
    });
    return {
      mend: () => {
        isBroken = false;
      },
      /** Runs settle until it ends or breaks off. Returns the chores that it began, and what failed. */
      async run() {
        done.length = 0;
        const broken = Symbol();
        const ends = running.settle();
        const first = await Promise.race([
          ends,
          vi.waitFor(() => expect(done).toContain('sweeping')).then(() => broken),
        ]);
        const outcome = first === broken ? await Promise.race([ends, setImmediate(undefined)]) : await ends;
        clock.pass(3 * MINUTE); // The leases of a run that broke off end two minutes after it began.
        return { done: [...done], failed: outcome?.failed };
      },
      pass: (time: number) => clock.pass(time),
    };
  };

  it('comes last from the third run on, and is left out for an hour after five, which fails the run by its name', async () => {
    const { run, pass, mend } = breakingOff();
    expect((await run()).done).toEqual(['sweeping']);
    expect((await run()).done).toEqual(['sweeping']);
    for (let number = 3; number <= 6; number += 1) expect((await run()).done).toEqual(['counting', 'sweeping']);
    const leftOut = [{ claimId: 'batches that crashed', cause: expect.objectContaining({ code: 'broken-off-chore' }) }];
    expect(await run()).toEqual({ done: ['counting'], failed: leftOut });
    expect(await run()).toEqual({ done: ['counting'], failed: leftOut });
    pass(HOUR);
    expect((await run()).done).toEqual(['counting', 'sweeping']);
    expect(await run()).toEqual({ done: ['counting'], failed: leftOut });
    mend();
    pass(HOUR);
    expect(await run()).toEqual({ done: ['counting', 'sweeping'], failed: [] });
    expect(await run()).toEqual({ done: ['sweeping', 'counting'], failed: [] });
  });
});

it('stores the counts of an account and hour in 100 KB: those of its largest clusters, and of all others together', async () => {
  const { running, stores } = service();
  const hour = hourOf(epochMillis(running.clock.at - 2 * HOUR));
  const { counts, ...rest } = await stores.counts.count(hour);
  const of = (accountId: string, cluster: string, total: number) => {
    const clusterKey = clusterKeyOf({ cluster, accountId });
    return { ...sumOf([]), total, hour, clusterKey, expires: total };
  };
  const invented = Array.from({ length: 2_100 }, (_, at) => of('000000000001', `invented-${at}`, at < 2_099 ? 2 : 9));
  const others = [of('444455556666', 'prod', 1)];
  vi.spyOn(stores.counts, 'count').mockImplementation(async (at) => ({
    ...rest,
    counts: at === hour ? [...counts, ...invented, ...others] : [],
  }));
  const keep = vi.spyOn(stores.counts, 'keep');
  await running.settle();
  const kept = keep.mock.calls.flatMap(([each]) => each);
  const largest = JSON.stringify(kept.filter((each) => each.clusterKey.includes('000000000001')));
  expect(largest.length).toBeLessThan(101_000);
  expect(kept.filter(({ areOthers }) => areOthers)).toMatchObject([{ clusterKey: 'name:000000000001/' }]);
  expect(kept.find(({ total }) => total === 9)).toMatchObject({ clusterKey: 'name:000000000001/invented-2099' });
  const total = (accountId: string) =>
    kept.filter((each) => each.clusterKey.includes(accountId)).reduce((sum, each) => sum + each.total, 0);
  expect([total('000000000001'), total('444455556666')]).toEqual([2_099 * 2 + 9, 1]);
});
