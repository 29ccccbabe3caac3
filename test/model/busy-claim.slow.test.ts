import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import type { ReadRecord } from '../../lib/ports/records.ts';
import { epochMillis, HOUR, isUntimed, MINUTE, SECOND } from '../../lib/time.ts';
import { bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';
import { ANOTHER_KEY, KEY } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { type Draw, drawFrom } from '../oracle/draw.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { type MemoryStores, memoryStores, Service, SetClock } from '../usecases/service.ts';
import { comparableRecords } from './feeding.ts';
import { Crashes } from './steps.ts';

const START = '2026-03-10T12:00:00Z';
const RUNS = cases(3, 40);
/** Seed and steps of a world in which much is left out, whatever the other drawn worlds do. */
const LEAVES_OUT = [7, 50] as const;
const SESSION = 'alice-session';

/** A clock that advances with each read, so that a run ends in the middle of a claim's records. */
class TickingClock extends SetClock {
  tick = 0;

  override readonly now = () => {
    this.at = epochMillis(this.at + this.tick);
    return this.at;
  };
}

/** Everything that is delivered in the end, however often and when. */
interface Deliveries {
  readonly events: JsonObject[][];
  readonly grants: JsonObject[];
}

/** Sessions that are used all the time, with and without their key, with a name that others use too. */
class BusyWorld {
  readonly clock = new TickingClock(START);
  readonly stores: MemoryStores;
  readonly service: Service;
  readonly delivered: Deliveries = { events: [], grants: [] };
  readonly #crashes = new Crashes();
  readonly #draw: Draw;
  #events = 0;
  /** The deliveries that crashed, to be repeated later. */
  #again: (() => Promise<unknown>)[] = [];
  readonly #mayCrash: boolean;
  #hasCrashed = false;
  /** The highest number of records that a claim left out. */
  mostLeftOut = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
    this.#mayCrash = draw.chance(0.5);
    const random = draw.chance(0.7) ? () => draw.below(1_000) / 1_000 : undefined;
    this.stores = memoryStores({ clock: this.clock.now, random, beforeWrite: this.#crashes.beforeWrite });
    this.service = new Service(this.stores, this.clock, { withoutLookups: true });
  }

  async step(): Promise<void> {
    const { clock } = this;
    clock.pass(this.#draw.pick([1, 3, 5, 5, 10]) * MINUTE);
    if (this.#draw.chance(0.85)) await this.#deliver(this.#events > 0 && this.#draw.chance(0.1));
    if (this.#draw.chance(0.1)) await this.#grant();
    if (this.#draw.chance(0.3)) clock.pass(this.#draw.pick([MINUTE, 3 * MINUTE]));
    if (this.#draw.chance(0.9)) await this.#settle();
    if (this.#draw.chance(0.3)) await this.#deliverAgain();
    if (!this.#hasCrashed) this.#expectFinal();
  }

  async drain(): Promise<void> {
    this.clock.tick = 0;
    await this.#deliverAgain();
    for (let minute = 0; minute < 300; minute += 1) {
      await this.service.settle();
      this.clock.pass(MINUTE);
      if ((await this.stores.claims.backlog()).open === 0 && minute > 5) return;
    }
    throw new Error('claims are still open after five hours');
  }

  async #deliver(isLate: boolean): Promise<void> {
    const { below, chance, pick } = this.#draw;
    const ago = isLate ? pick([10 * MINUTE, 40 * MINUTE, 3 * HOUR]) : pick([SECOND, MINUTE, MINUTE, 90 * SECOND]);
    const events = Array.from({ length: 1 + below(isLate ? 3 : 40) }, (_, at) => {
      const time = new Date(Math.max(this.clock.at - ago + Math.floor(at / 2), Date.parse(START))).toISOString();
      const user = chance(0.2) ? bareRoleUser(SESSION) : roleUser({ key: chance(0.9) ? KEY : ANOTHER_KEY });
      return eventBy(user, {
        auditID: `audit-${this.#events + at}`,
        requestReceivedTimestamp: chance(0.01) ? pick(['yesterday', '1960-01-01T00:00:00Z']) : time,
      });
    });
    this.#events += events.length;
    this.delivered.events.push(events);
    await this.#tried(() => this.service.ingest(events, `delivery ${this.delivered.events.length}`));
  }

  /** Delivers a grant for a key, or for another session with the same name, at any time of the day. */
  async #grant(): Promise<void> {
    const { below, pick } = this.#draw;
    const began = Date.parse(START) + below(8) * HOUR;
    const instant = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
    const record = grant({
      id: `grant-${this.delivered.grants.length}`,
      by: iamUser(pick(['alice', 'bob'])),
      session: SESSION,
      key: pick([KEY, ANOTHER_KEY, 'ASIAOFNOEVENT0000001', 'ASIAOFNOEVENT0000002']),
      at: instant(began),
      until: instant(began + pick([HOUR, 8 * HOUR])),
    });
    this.delivered.grants.push(record);
    await this.#tried(() => this.service.grants([record]));
  }

  async #settle(): Promise<void> {
    const { clock } = this;
    clock.tick = this.#draw.pick([0, 0, 20, 3 * SECOND]);
    if (!(await this.#crashes.during(this.#writes(), () => this.service.settle()))) this.#hasCrashed = true;
    clock.tick = 0;
  }

  async #tried(work: () => Promise<unknown>): Promise<void> {
    if (await this.#crashes.during(this.#writes(), work)) return;
    this.#hasCrashed = true;
    this.#again.push(work);
  }

  #writes(): number {
    return !this.#mayCrash || this.#draw.chance(0.8) ? Number.POSITIVE_INFINITY : this.#draw.below(60);
  }

  async #deliverAgain(): Promise<void> {
    const again = this.#again;
    this.#again = [];
    for (const work of again) await work();
  }

  /**
   * Expects that records which passes leave out are final, whatever came meanwhile. After a crash, later runs repair
   * the rest.
   */
  #expectFinal(): void {
    for (const { id, finalPart, window } of this.stores.claims.all()) {
      if (finalPart === undefined) continue;
      const leftOut = this.stores.records
        .all()
        .filter(({ claimId, at }) => claimId === id && !isUntimed(at) && (at ?? 0) < finalPart.before);
      expect(leftOut.filter(({ record }) => record.attribution.provisional)).toEqual([]);
      if (window === undefined) expectCounted(finalPart.summary.count, leftOut);
      this.mostLeftOut = Math.max(this.mostLeftOut, leftOut.length);
    }
  }
}

/**
 * Expects that the last pass counts all records. Those that were attributed when they came may have come unannounced,
 * before the place that was read.
 */
function expectCounted(count: number, leftOut: readonly ReadRecord[]): void {
  const announced = leftOut.filter(({ record }) => record.attribution.status !== 'attributed');
  expect(count).toBeGreaterThanOrEqual(announced.length);
  expect(count).toBeLessThanOrEqual(leftOut.length);
}

/** Returns the result of delivering the same at once and in order. */
async function reference({ events, grants }: Deliveries): Promise<MemoryStores> {
  const clock = new SetClock(START);
  clock.pass(48 * HOUR);
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock, { withoutLookups: true });
  await service.grants(grants);
  for (const [at, delivery] of events.entries()) await service.ingest(delivery, `delivery ${at}`);
  await service.settleFor(20);
  return stores;
}

const recordsOf = ({ records }: MemoryStores) => comparableRecords(records.all().map(({ record }) => record));

describe('claims that never are quiet', () => {
  it('end as if all had come at once: with crashes, late indexes, late events, and runs that end in their middle', async () => {
    let mostLeftOut = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 20, max: 60 }), async (seed, steps) => {
        const world = new BusyWorld(drawFrom(seed));
        for (let step = 0; step < steps; step += 1) await world.step();
        await world.drain();
        mostLeftOut = Math.max(mostLeftOut, world.mostLeftOut);
        expect(recordsOf(world.stores)).toEqual(recordsOf(await reference(world.delivered)));
      }),
      { numRuns: RUNS, examples: [[...LEAVES_OUT]] },
    );
    expect(mostLeftOut).toBeGreaterThan(100);
  });
});
