import { describe, expect, it } from 'vitest';
import { leanService } from '../../bench/growth/lean-service.ts';
import { RefusedItemError } from '../../lib/adapters/dynamodb/database.ts';
import type { Claim } from '../../lib/claims/claim.ts';
import { MINUTE } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

type Lean = ReturnType<typeof leanService>;

const FAULT = new RefusedItemError('Item size has exceeded the maximum allowed size');

const DELIVERY = 10;
/** Of the deliveries of half an hour no answer is final yet. */
const OPEN = 6 * DELIVERY;

/** A key that nobody can name, in use all the time: a delivery each five minutes, of events of the last minute. */
async function inUse(lean: Lean, deliveries: number): Promise<void> {
  for (let delivery = 0; delivery < deliveries; delivery += 1) {
    await deliver(lean, MINUTE);
    await lean.service.settle();
    lean.clock.pass(5 * MINUTE);
  }
}

/** Events of so long ago, some milliseconds apart. */
async function deliver({ service, clock, records }: Lean, ago: number, count = DELIVERY): Promise<void> {
  const known = records.all().length;
  const events = Array.from({ length: count }, (_, at) => {
    const received = new Date(clock.now() - ago + at).toISOString();
    return eventBy(roleUser(), { auditID: `audit-${known + at}`, requestReceivedTimestamp: received });
  });
  await service.ingest(events, `delivery ${known}`);
}

async function settleFor({ service, clock }: Lean, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await service.settle();
    clock.pass(MINUTE);
  }
}

/** A key in use, of whose deliveries some have events of these times too; over a store that finds those as tables do. */
async function withUntimed(times: readonly string[]): Promise<{ claim: Claim | undefined; records: number }> {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock, { withoutLookups: true });
  let records = 0;
  for (let delivery = 0; delivery < 30; delivery += 1) {
    const some = delivery % 15 === 0 ? times : [];
    const all = [...some, ...Array.from({ length: 20 }, (_, at) => new Date(clock.at - MINUTE + at).toISOString())];
    const events = all.map((time, at) =>
      eventBy(roleUser(), { auditID: `audit-${records + at}`, requestReceivedTimestamp: time }),
    );
    records += events.length;
    await running.ingest(events, `delivery ${delivery}`);
    await running.settle();
    clock.pass(5 * MINUTE);
  }
  return { claim: stores.claims.all()[0], records };
}

/** Once the next pass has read its second page, that happens; answers whether it did. */
function whileUnderWay({ records }: Lean, happens: () => Promise<void>): () => boolean {
  const ofClaim = records.ofClaim.bind(records);
  let isToCome = true;
  records.ofClaim = async (claim, page) => {
    const found = await ofClaim(claim, page);
    if (isToCome && page.position !== undefined) {
      isToCome = false;
      await happens();
    }
    return found;
  };
  return () => !isToCome;
}

/** How many records there are of each status. */
const statusesOf = ({ records }: Lean) => {
  const groups = Map.groupBy(records.all(), ({ record }) => record.attribution.status);
  return Object.fromEntries([...groups].map(([status, { length }]) => [status, length]));
};

const claimOf = async ({ claims, records }: Lean) => claims.get(records.all()[0]?.claimId ?? '');

describe('a claim that is never quiet', () => {
  it('has its records read until they are final, not for as long as new ones come', async () => {
    const lean = leanService();
    await inUse(lean, 40);
    const early = lean.records.recordsRead;
    await inUse(lean, 40);
    const late = lean.records.recordsRead - early;
    expect(late).toBeLessThan(early * 1.2);
    expect(statusesOf(lean)).toEqual({ pending: OPEN, unattributed: 80 * DELIVERY - OPEN });
  });

  it('shows the counts of all its records in its alert and in lists', async () => {
    const lean = leanService();
    await inUse(lean, 40);
    const first = lean.records.all()[0]?.record.time;
    const { summary, finalPart } = (await claimOf(lean)) ?? {};
    expect(finalPart?.summary.count).toBeGreaterThan(25 * DELIVERY);
    expect(summary).toMatchObject({ count: 40 * DELIVERY, first, statuses: ['pending', 'unattributed'] });
    await settleFor(lean, 60);
    expect(await claimOf(lean)).toMatchObject({ summary: { count: 40 * DELIVERY, first, open: 0 } });
  });

  it('is read as a whole before it closes, and then keeps no notes about that', async () => {
    const lean = leanService();
    await inUse(lean, 40);
    const before = lean.records.recordsRead;
    await settleFor(lean, 60);
    const read = lean.records.recordsRead - before;
    expect(read).toBeGreaterThan(40 * DELIVERY);
    expect(read).toBeLessThan(3 * 40 * DELIVERY);
    for (const gone of ['due', 'pass', 'finalPart', 'came']) expect(await claimOf(lean)).not.toHaveProperty(gone);
  });

  it('is attributed as a whole when a grant comes, including the records that were left out', async () => {
    const lean = leanService();
    await inUse(lean, 40);
    await lean.service.grants([grant({ until: '2026-03-12T00:00:00Z' })]);
    await lean.service.settle();
    expect(statusesOf(lean)).toEqual({ attributed: 40 * DELIVERY });
  });

  it('is attributed by a grant that comes during a pass, in the millisecond of a delivery', async () => {
    const lean = leanService();
    await inUse(lean, 34);
    const end = utc('14:30:00');
    const hasCome = whileUnderWay(lean, async () => {
      await lean.service.grants([grant({ until: end })]);
      await deliver(lean, MINUTE, 1);
      await lean.service.grants([grant({ until: end })]);
    });
    await inUse(lean, 6);
    expect(hasCome()).toBe(true);
    const early = lean.records.all().filter(({ at }) => (at ?? 0) < Date.parse(end));
    expect(new Set(early.map(({ record }) => record.attribution.status))).toEqual(new Set(['attributed']));
    expect((await claimOf(lean))?.due).toBeDefined();
  });

  it.each([
    ['that nobody can read', ['yesterday']],
    ['before 1970', ['1960-01-01T00:00:00Z', '1961-01-01T00:00:00Z']],
  ])('counts records with a time %s once, even though each pass reads them', async (_, times) => {
    const { claim, records } = await withUntimed(times);
    expect(claim?.finalPart?.summary.count).toBeGreaterThan(200);
    expect(claim?.summary?.count).toBe(records);
  });

  it('decides a record that comes hours late, among those that are left out', async () => {
    const lean = leanService();
    await inUse(lean, 40);
    await deliver(lean, 3 * 60 * MINUTE, 1);
    await lean.service.settle();
    const { unattributed = 0, pending = 0 } = statusesOf(lean);
    expect(unattributed + pending).toBe(40 * DELIVERY + 1);
    expect(pending).toBeLessThanOrEqual(OPEN);
    expect((await claimOf(lean))?.summary?.count).toBe(40 * DELIVERY + 1);
    await inUse(lean, 10);
    expect((await claimOf(lean))?.summary?.count).toBe(50 * DELIVERY + 1);
  });

  it.each([
    ['is stored by another meanwhile', { outcome: 'overtaken' }],
    ['cannot be stored', { outcome: 'refused', fault: FAULT }],
  ] as const)('leaves out nothing from a record on that %s, until it is stored', async (_, outcome) => {
    const lean = leanService();
    const correct = lean.records.correct.bind(lean.records);
    let isFailing = true;
    lean.records.correct = async (records) => {
      const answers = await Promise.all(
        records.map((record) => (isFailing && record.record.auditId === 'audit-205' ? [outcome] : correct([record]))),
      );
      return answers.flat();
    };
    await inUse(lean, 40);
    expect((await claimOf(lean))?.finalPart?.summary.count).toBeLessThan(206);
    expect(statusesOf(lean)).toMatchObject({ pending: OPEN + 1 });
    isFailing = false;
    await inUse(lean, 10);
    expect((await claimOf(lean))?.finalPart?.summary.count).toBeGreaterThan(25 * DELIVERY);
    expect(statusesOf(lean)).toMatchObject({ pending: OPEN });
  });

  it('decides a record that comes hours late during a pass, before the place that it reads', async () => {
    const lean = leanService();
    await inUse(lean, 34);
    const hasCome = whileUnderWay(lean, () => deliver(lean, 2 * 60 * MINUTE, 1));
    await inUse(lean, 6);
    expect(hasCome()).toBe(true);
    const late = lean.records.all().filter(({ record }) => record.attribution.provisional).length;
    expect(late).toBeLessThanOrEqual(OPEN);
    expect((await claimOf(lean))?.finalPart?.summary.count).toBeGreaterThan(25 * DELIVERY);
    expect((await claimOf(lean))?.summary?.count).toBe(40 * DELIVERY + 1);
  });
});
