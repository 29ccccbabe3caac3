import { describe, expect, it } from 'vitest';
import { claimItem } from '../../lib/adapters/dynamodb/claim-item.ts';
import type { Facts } from '../../lib/attribution/facts.ts';
import type { Claim } from '../../lib/claims/claim.ts';
import { filingsOf } from '../../lib/claims/filing.ts';
import { filingId, waitIds } from '../../lib/claims/waits.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { GRANT_BYTES, ITEMS_OF_GRANT, WRITE_UNITS } from '../../lib/cost/unit-counts.ts';
import { MINUTE } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { createEvent } from '../builders/workloads.ts';
import { MemoryClaims } from '../stand-ins/memory/memory-claims.ts';
import { MemoryIntents } from '../stand-ins/memory/memory-intents.ts';
import { MemorySessions } from '../stand-ins/memory/memory-sessions.ts';
import { MemoryWaits } from '../stand-ins/memory/memory-waits.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';
import { itemSize, writeUnits } from './write-units.ts';

const EXPIRES = 1_780_000_000;

/** The stores of the claims table, in memory. Each counts what DynamoDB would charge for its writes. */
class CountedClaims extends MemoryClaims {
  units = 0;

  override async change(id: string, change: (claim: Claim | undefined) => Claim | undefined) {
    const before = await this.get(id);
    const after = await super.change(id, change);
    const item = (claim: Claim) => ({ ...claimItem(claim, EXPIRES), revision: 1 });
    if (after !== undefined) this.units += writeUnits('claims', before && item(before), item(after));
    return after;
  }
}

class CountedWaits extends MemoryWaits {
  units = 0;

  override async add(...[id, questions]: Parameters<MemoryWaits['add']>) {
    const waits = new Set(questions.flatMap(waitIds));
    const isNew = await super.add(id, questions);
    if (isNew) this.units += waits.size;
    return isNew;
  }

  override async remove(...[id, questions]: Parameters<MemoryWaits['remove']>) {
    this.units += new Set(questions.flatMap(waitIds)).size;
    return super.remove(id, questions);
  }
}

class CountedIntents extends MemoryIntents {
  units = 0;

  /** Announced and withdrawn again: two writes each, on the list of what is announced too. The records' are in count-cost.test.ts. */
  override async announce(...[delivery, announced, now]: Parameters<MemoryIntents['announce']>) {
    if (announced.intents.length > 0) this.units += 4;
    return super.announce(delivery, announced, now);
  }
}

async function counted() {
  const clock = new SetClock(utc('12:11:00'));
  const world = calmWorld(clock.now);
  const [claims, waits, intents] = [new CountedClaims(world), new CountedWaits(world), new CountedIntents(world)];
  const running = new Service({ ...memoryStores(world), claims, waits, intents }, clock, { withoutLookups: true });
  return { claims, units: () => claims.units + waits.units + intents.units, running, clock };
}

/** docs/cost.md states these. */
describe('the cost of a claim besides its records, in write units', () => {
  it('is at most 17 for a session that is proven at once, once for all of its first hour', async () => {
    const { claims, units, running, clock } = await counted();
    await running.grants([grant()]);
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(5);
    expect(claims.all()).toMatchObject([{ status: 'attributed', summary: { open: 0 } }]);
    expect(units()).toBeLessThanOrEqual(WRITE_UNITS.session);
    const first = units();
    for (let batch = 0; batch < 20; batch += 1) {
      clock.pass(2 * MINUTE);
      const event = eventBy(roleUser(), {
        auditID: `event-${batch}`,
        requestReceivedTimestamp: utc(`12:${10 + batch}:00`),
      });
      await running.ingest([event], `delivery-${batch}`);
      await running.settleFor(1);
    }
    expect(units()).toBe(first);
  });

  it('is at most 14 more for each hour in which the key is used', async () => {
    const { units, running, clock } = await counted();
    await running.grants([grant({ until: utc('20:00:00') })]);
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(5);
    const first = units();
    clock.pass(70 * MINUTE);
    await running.ingest(
      [eventBy(roleUser(), { auditID: 'later', requestReceivedTimestamp: utc('13:20:00') })],
      'later',
    );
    await running.settleFor(5);
    expect(units() - first).toBeLessThanOrEqual(WRITE_UNITS.hourOfKey);
  });

  it('is at most 39 if the grant comes ten minutes later', async () => {
    const { claims, units, running, clock } = await counted();
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(10);
    clock.pass(MINUTE);
    await running.grants([grant()]);
    await running.settleFor(5);
    expect(claims.all()).toMatchObject([{ status: 'attributed' }]);
    expect(units()).toBeLessThanOrEqual(WRITE_UNITS.lateSession);
  });
});

class CountedSessions extends MemorySessions {
  readonly added: Facts[] = [];

  override async add(facts: readonly Facts[]) {
    this.added.push(...facts);
    return super.add(facts);
  }
}

/** docs/cost.md states this. */
describe('the cost of a grant, even if its session reaches no cluster', () => {
  const facts = parseTrailRecord(
    grant({
      id: 'a3f0c0de-0000-4000-8000-000000000002',
      by: iamUser('alice', { key: 'AKIAALICE00000000000' }),
      session: 'alice.smith@company.example',
      fields: { sharedEventID: 'b3f0c0de-0000-4000-8000-000000000002' },
    }),
  );
  if (typeof facts === 'string') throw new Error(facts);
  const filings = filingsOf([facts]).filter(({ question: { kind } }) => kind !== 'ids-of-role'); // once for each role
  const items = filings.map(({ question, rank, fact }) => ({
    partition: filingId(question),
    sort: 's'.repeat(40),
    ...(rank !== undefined && { rank }),
    fact,
    expires: EXPIRES,
  }));

  it('is 6 write units, one for each item', () => {
    const units = items.map((item) => writeUnits('sessions', undefined, item));
    expect(units.reduce((a, b) => a + b, 0)).toBe(WRITE_UNITS.grant);
    expect(items).toHaveLength(ITEMS_OF_GRANT);
  });

  it('is at most 2.8 KB, kept for sessionDays', () => {
    const bytes = items.reduce((sum, item) => sum + itemSize(item), 0);
    expect(bytes).toBeLessThanOrEqual(GRANT_BYTES);
    expect(bytes).toBeGreaterThan(GRANT_BYTES * 0.9);
  });
});

/** docs/cost.md states this. */
describe('the cost of knowing which request created which pod', () => {
  async function addedBy(events: readonly ReturnType<typeof createEvent>[]): Promise<readonly Facts[]> {
    const clock = new SetClock(utc('12:11:00'));
    const world = calmWorld(clock.now);
    const sessions = new CountedSessions(world);
    const running = new Service({ ...memoryStores(world), sessions }, clock, { withoutLookups: true });
    await running.ingest(events);
    return sessions.added;
  }

  it('is one write unit for each created pod, and for each created object that creates pods', async () => {
    const name = 'n'.repeat(63);
    const uid = '4c1f5b1e-0000-4000-8000-00000000000a';
    const owners = [{ uid, kind: 'ReplicaSet', name }];
    const auditID = 'b7140a45-50bf-4dc3-ad64-e64d211e4e6e';
    const added = await addedBy([createEvent({ uid, name, owners, fields: { auditID } })]);
    const items = filingsOf(added).map(({ fact }) => ({
      partition: `object-created ${uid}`,
      sort: 's'.repeat(40),
      fact,
    }));
    expect(items).toHaveLength(1);
    expect(items.map((item) => itemSize(item) <= 1_024)).toEqual([true]);
  });

  it('is nothing for any other request', async () => {
    const events = [eventBy(roleUser()), createEvent({ resource: 'configmaps' }), createEvent({ code: 403 })];
    expect(await addedBy(events)).toEqual([]);
  });
});
