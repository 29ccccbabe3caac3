import fc from 'fast-check';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { epochMillis, MINUTE } from '../../lib/time.ts';
import type { Service } from '../usecases/service.ts';
import { ALICE, EVENT_DELIVERIES, GRANT_DELIVERIES } from './story.ts';

/** The process ended between two writes. */
class Crash extends Error {}

/** Crashes before the write with this number, and at every later write, until the process starts again. */
export class Crashes {
  #left = Number.POSITIVE_INFINITY;
  #hasCrashed = false;

  readonly beforeWrite = (): void => {
    this.#hasCrashed ||= this.#left <= 0;
    if (this.#left <= 0) throw new Crash('crash');
    this.#left -= 1;
  };

  /**
   * Does the work in a process that may crash; later runs repair what it left undone. Returns whether it ended: settle
   * itself continues with the next claim, and can write nothing of that one either.
   */
  async during(writes: number, work: () => Promise<unknown>): Promise<boolean> {
    this.#left = writes;
    this.#hasCrashed = false;
    try {
      await work();
      return !this.#hasCrashed;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    } finally {
      this.#left = Number.POSITIVE_INFINITY;
    }
  }
}

export interface World {
  readonly service: Service;
  readonly crashes: Crashes;
  /** The deliveries that ended well. They are not repeated. */
  readonly done: Set<string>;
}

async function deliver(name: string, world: World, crash: number, work: () => Promise<unknown>): Promise<void> {
  if (await world.crashes.during(crash, work)) world.done.add(name);
}

export const ingestDelivery = (at: number, { service }: World) =>
  service.ingest(EVENT_DELIVERIES[at] ?? [], `delivery-${at}`);
const grantsDelivery = (at: number, { service }: World) => service.grants(GRANT_DELIVERIES[at] ?? []);

type Model = Record<never, never>;

/** One step in the world. It expects nothing; only the end must be the same. */
class Step implements fc.AsyncCommand<Model, World> {
  readonly #name: string;
  readonly #take: (world: World) => Promise<unknown>;

  constructor(name: string, take: (world: World) => Promise<unknown>) {
    this.#name = name;
    this.#take = take;
  }

  check(): boolean {
    return true;
  }

  async run(_model: Model, world: World): Promise<void> {
    await this.#take(world);
  }

  toString(): string {
    return this.#name;
  }
}

/** A crash at one of the first writes leaves most undone: events are announced, and nothing is stored. */
const writes = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(3), fc.nat(8));

/** Draws deliveries of events with these numbers. */
const ingests = (numbers: readonly number[]) =>
  fc
    .tuple(fc.constantFrom(...numbers), writes)
    .map(
      ([at, crash]) =>
        new Step(`ingest(${at}, crash ${crash})`, (world) =>
          deliver(`ingest ${at}`, world, crash, () => ingestDelivery(at, world)),
        ),
    );

const grants = (numbers: readonly number[]) =>
  fc
    .tuple(fc.constantFrom(...numbers), writes)
    .map(
      ([at, crash]) =>
        new Step(`grants(${at}, crash ${crash})`, (world) =>
          deliver(`grants ${at}`, world, crash, () => grantsDelivery(at, world)),
        ),
    );

const settles = writes.map(
  (crash) =>
    new Step(`settle(crash ${crash})`, ({ service, crashes }) => crashes.during(crash, () => service.settle())),
);

const passes = fc
  .integer({ min: 1, max: 40 })
  .map((minutes) => new Step(`pass(${minutes} min)`, async ({ service }) => service.clock.pass(minutes * MINUTE)));

/** Draws times long enough for claims to close. */
const evenings = fc
  .constantFrom(4, 45)
  .map((minutes) => new Step(`settle for ${minutes} min`, ({ service }) => service.settleFor(minutes)));

/** Draws times as long, with few runs. */
const nights = fc.constantFrom(6, 36).map(
  (minutes) =>
    new Step(`${minutes} min, then settle until quiet`, async ({ service }) => {
      service.clock.pass(minutes * MINUTE);
      await untilQuiet(service);
    }),
);

const lookups = fc.boolean().map(
  (isDown) =>
    new Step(isDown ? 'lookups fail' : 'lookups answer', async ({ service }) => {
      service.trail.isDown = isDown;
    }),
);

/** The steps in the whole story. */
export const STEPS = [
  ingests([...EVENT_DELIVERIES.keys()]),
  grants([...GRANT_DELIVERIES.keys()]),
  settles,
  passes,
  evenings,
  lookups,
];

/** The steps in one session's part of it, so that most of their orders are drawn. */
export const STEPS_OF_ONE = [ingests(ALICE.events), grants(ALICE.grants), settles, nights];

/** Runs settle three times, with pauses longer than a claim must be quiet, so that every claim closes that can. */
export async function untilQuiet(service: Service): Promise<void> {
  for (let run = 0; run < 3; run += 1) {
    await service.settle();
    service.clock.pass(3 * MINUTE);
  }
}

/** Returns whether all of a delivery's records are stored. Then it may be dropped, and what it announced repairs the rest. */
async function isStored(at: number, { service }: World): Promise<boolean> {
  const events = EVENT_DELIVERIES[at] ?? [];
  const found = await Promise.all(events.map(({ auditID }) => service.recordsOf(String(auditID))));
  return found.every((records) => records.length > 0);
}

/** Delivers at last what crashed or never came, or drops it if it is stored. Then runs settle until nothing is open. */
export async function drain(world: World): Promise<void> {
  const { service, crashes, done } = world;
  service.trail.isDown = false;
  for (const at of EVENT_DELIVERIES.keys()) {
    if (!done.has(`ingest ${at}`) && !(await isStored(at, world))) await ingestDelivery(at, world);
  }
  for (const at of GRANT_DELIVERIES.keys()) if (!done.has(`grants ${at}`)) await grantsDelivery(at, world);
  service.clock.at = epochMillis(Math.max(service.clock.at + 6 * MINUTE, Date.parse('2026-03-10T15:10:00Z')));
  for (const writes of [2, 4, 6]) await crashes.during(writes, () => service.settle());
  for (let minute = 0; minute < 90; minute += 1) {
    await service.settle();
    service.clock.pass(MINUTE);
    const { open } = await service.stores.claims.backlog();
    if (open === 0 && minute > 3 && (await service.stores.alertBoard.nextDue()) === undefined) break;
  }
}

/**
 * Returns the records for comparison. An answer that was proven at once has the copies of its grants that were known
 * then, so the IDs of copies are left out.
 */
export function comparable(records: readonly StoredRecord[]): unknown {
  const text = (_key: string, value: unknown) => (Array.isArray(value) && _key === 'eventIds' ? undefined : value);
  const sorted = records
    .map(({ record }) => JSON.parse(JSON.stringify(record, text)))
    .sort((a, b) => (a.auditId < b.auditId ? -1 : 1));
  return sorted;
}
