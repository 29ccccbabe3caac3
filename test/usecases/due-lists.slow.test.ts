import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../bench/scale/random.ts';
import { DUE_LISTS, type DueList, dueListOf, FEW_DUE, LOOK_UPS, SHARDS } from '../../lib/claims/due-list.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis, MINUTE } from '../../lib/time.ts';
import type { SettleOutcome } from '../../lib/usecases/settle/settle.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { cases, SEED } from '../builders/chance.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, type Options, Service, SetClock, type Stores } from './service.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

const SHARD_LISTS = DUE_LISTS.filter((list) => list !== LOOK_UPS);
const numbered = <T>(many: number, make: (at: number) => T): T[] => Array.from({ length: many }, (_, at) => make(at));
const keyOf = (at: number) => `ASIASHARD${String(at).padStart(11, '0')}`;

const inMemory = async (clock: SetClock): Promise<Stores> => memoryStores(calmWorld(clock.now));
const inDynalite = (clock: SetClock): Promise<Stores> => dynalite.stores(clock.now);

/** A service whose sessions each have two events: half of the sessions get a grant, and nobody ever knows the others. */
class Crowd {
  readonly clock = new SetClock(utc('12:11:00'));
  readonly stores: Stores;
  readonly service: Service;
  readonly size: number;

  private constructor(stores: Stores, clock: SetClock, size: number, options: Options) {
    this.stores = stores;
    this.clock = clock;
    this.size = size;
    this.service = new Service(stores, clock, { withoutLookups: true, ...options });
  }

  static async of(size: number, options: Options = {}, over = inMemory): Promise<Crowd> {
    const clock = new SetClock(utc('12:11:00'));
    const crowd = new Crowd(await over(clock), clock, size, options);
    const events = numbered(2 * size, (at) => {
      const user = roleUser({ session: `person-${at >> 1}`, key: keyOf(at >> 1) });
      return eventBy(user, { auditID: `event-${at}`, requestReceivedTimestamp: utc('12:10:00') });
    });
    await crowd.service.ingest(events);
    return crowd;
  }

  grants(): Promise<void> {
    return this.service.grants(numbered(this.size >> 1, (at) => grantOf(2 * at)));
  }

  /** Runs workers at the same time, each with the run's name of its place in the list. */
  work(lists: readonly DueList[]): Promise<SettleOutcome[]> {
    return Promise.all(lists.map((only, at) => this.service.settle(1, { only, owner: `worker ${at}` })));
  }

  /** Settles each minute, until all claims are closed. The grants come after four. */
  async liveOn(settle: () => Promise<unknown>): Promise<void> {
    for (let minute = 0; minute < 45; minute += 1) {
      if (minute === 4) await this.grants();
      await settle();
      this.clock.pass(MINUTE);
    }
  }

  /** Returns the attribution of every event, and what was sent and counted. */
  async result(): Promise<unknown> {
    const answers = await Promise.all(
      numbered(2 * this.size, async (at) => {
        const { attribution } = await this.service.only(`event-${at}`);
        return [attribution.status, attribution.actor?.name, attribution.provisional];
      }),
    );
    const alerts = this.service.outbox.alerts.map(({ claimId }) => claimId).sort();
    const corrected = this.service.outbox.metrics.get('RecordsCorrected')?.reduce((sum, each) => sum + each, 0);
    return { answers, alerts, corrected, open: (await this.stores.claims.backlog()).open };
  }
}

function grantOf(at: number): JsonObject {
  return grant({
    id: `grant-${at}`,
    session: `person-${at}`,
    key: keyOf(at),
    at: utc('12:09:00'),
    until: utc('18:00:00'),
  });
}

describe('the lists of due claims', () => {
  it('have as many claims each, and all claims of a session are in one', () => {
    const sizes = Map.groupBy(
      numbered(16_000, (at) => dueListOf({ session: `AROAEXAMPLE:person-${at}` })),
      String,
    );
    expect(sizes.size).toBe(SHARDS);
    for (const { length } of sizes.values()) expect(Math.abs(length - 1_000)).toBeLessThan(150);
  });

  it('of two workers have no claim in common', async () => {
    const crowd = await Crowd.of(30, {}, inDynalite);
    const settled: string[] = [];
    const read = crowd.stores.records.ofClaim.bind(crowd.stores.records);
    crowd.stores.records.ofClaim = (claim, page) => {
      settled.push(claim.id);
      return read(claim, page);
    };
    const outcomes = await crowd.work(DUE_LISTS);
    expect(outcomes.map(({ hasRun: ran }) => ran)).toEqual(DUE_LISTS.map(() => true));
    expect(outcomes.filter((each) => each.settled > 0).length).toBeGreaterThan(8);
    expect(settled).toHaveLength(30);
    expect(new Set(settled).size).toBe(30);
  });

  it('are left alone while another worker has them, and taken once the lease of one that died is over', async () => {
    const crowd = await Crowd.of(10, {}, inDynalite);
    await crowd.grants();
    const [list] = await crowd.stores.claims.busyLists(crowd.clock.now(), 0);
    if (list === undefined) throw new Error('no list has claims');
    await crowd.stores.leases.take(list, 'dead', crowd.clock.now(), epochMillis(crowd.clock.at + 2 * MINUTE));
    expect(await crowd.service.settle(1, { only: list })).toMatchObject({ hasRun: false, settled: 0 });
    expect(await crowd.service.settle()).toMatchObject({ hasRun: false }); // and the others are settled
    expect(await crowd.stores.claims.busyLists(crowd.clock.now(), 0)).toEqual([list]);
    crowd.clock.pass(2 * MINUTE);
    const outcome = await crowd.service.settle(1, { only: list });
    expect(outcome.hasRun).toBe(true);
    expect(outcome.settled).toBeGreaterThan(0);
    expect(await crowd.stores.claims.due(crowd.clock.now(), 1, [list])).toEqual([]);
  });

  it.each(numbered(cases(2), (at) => SEED + at))(
    'are settled once, whatever the order of their workers, however many start twice: case %i',
    async (seed) => {
      const random = new Random(seed);
      const shuffled = () => DUE_LISTS.toSorted(() => random.next() - 0.5);
      const alone = await Crowd.of(40);
      const shared = await Crowd.of(40);
      await alone.liveOn(() => alone.service.settle());
      await shared.liveOn(async () => {
        await shared.work(shuffled().slice(6));
        await shared.work([...shuffled(), ...shuffled().slice(0, 5)]);
      });
      const result = await shared.result();
      expect(result).toEqual(await alone.result());
      expect(result).toMatchObject({ open: 0, corrected: 80 });
    },
  );
});

describe('look-ups', () => {
  it('are made by one worker, however many want some, and named by it', async () => {
    const crowd = await Crowd.of(60, { withoutLookups: false });
    const { trail } = crowd.service;
    trail.records = numbered(60, grantOf);
    await crowd.work(SHARD_LISTS);
    expect(trail.requests).toBe(0);
    expect(await crowd.stores.claims.busyLists(crowd.clock.now(), 59)).toEqual([LOOK_UPS]);
    const both = await crowd.work([LOOK_UPS, LOOK_UPS]);
    expect(both.map(({ hasRun: ran }) => ran).sort()).toEqual([false, true]);
    expect(trail.requests).toBeGreaterThanOrEqual(60);
    crowd.clock.pass(3 * MINUTE);
    await crowd.work(DUE_LISTS);
    expect(await crowd.result()).toMatchObject({ open: 0 });
    for (const at of numbered(120, (n) => n))
      expect((await crowd.service.only(`event-${at}`)).attribution.status).toBe('attributed');
  });

  it('that CloudTrail does not answer keep their claims, which return to a shard once they closed', async () => {
    const crowd = await Crowd.of(1, { withoutLookups: false });
    crowd.service.trail.isDown = true;
    await crowd.work(SHARD_LISTS);
    await crowd.work([LOOK_UPS]);
    expect(await crowd.stores.claims.backlog()).toMatchObject({ open: 1 });
    await crowd.service.grants([grantOf(0)]);
    await crowd.work([LOOK_UPS]);
    expect((await crowd.service.only('event-0')).attribution.status).toBe('attributed');
    crowd.clock.pass(3 * MINUTE);
    await crowd.work([LOOK_UPS]);
    expect(await crowd.stores.claims.backlog()).toMatchObject({ open: 0 });
    await crowd.service.ingest([
      eventBy(roleUser({ session: 'person-0', key: keyOf(0) }), {
        auditID: 'later',
        requestReceivedTimestamp: utc('15:00:00'),
      }),
    ]);
    const [claim] = await crowd.stores.claims.due(crowd.clock.now(), 1);
    expect(claim).not.toHaveProperty('needsLookUp');
  });
});

describe('a run of the schedule', () => {
  const SIZE = 16 * FEW_DUE;

  it('starts a worker for each list with many due claims, and decides the others itself', async () => {
    const crowd = await Crowd.of(SIZE);
    const busy = await crowd.stores.claims.busyLists(crowd.clock.now(), FEW_DUE);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy.length).toBeLessThan(SHARDS);
    const started: DueList[] = [];
    const start = async (list: DueList) => started.push(list) > 0;
    const { settled } = await crowd.service.settle(1, { start });
    expect(started).toEqual(busy);
    expect(await crowd.stores.claims.busyLists(crowd.clock.now(), 0)).toEqual(busy);
    const outcomes = await crowd.work(started);
    expect(outcomes.reduce((sum, each) => sum + each.settled, settled)).toBe(SIZE);
  });

  it('decides a list itself if no worker starts', async () => {
    const crowd = await Crowd.of(SIZE);
    expect(await crowd.service.settle(1, { start: async () => false })).toMatchObject({ hasRun: true, settled: SIZE });
  });

  it('measures the claim of all lists that is overdue for longest, whoever decides it', async () => {
    const crowd = await Crowd.of(SIZE);
    crowd.clock.pass(20 * MINUTE);
    await crowd.service.settle(1, { start: async () => true });
    expect(crowd.service.outbox.metrics.get('OldestOpenClaim')).toEqual([20 * 60]);
    await crowd.work(DUE_LISTS);
    expect(crowd.service.outbox.metrics.get('OldestOpenClaim')).toHaveLength(1);
  });
});
