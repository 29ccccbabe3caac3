import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { RecordStore, StoredRecord } from '../../lib/ports/records.ts';
import { epochMillis, formatInstant, SECOND } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { CountedRequests, type Counts } from '../contract/counted-requests.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { factsOf, storedRecord } from '../contract/stored-record.ts';
import { instant, Service, SetClock } from './service.ts';

const SHARED = 'EKSGetTokenAuth';
const PATIENCE = 240_000;
const keyOf = (token: number) => `ASIATOKEN${String(token).padStart(11, '0')}`;
const timeOf = (token: number) =>
  new Date(Date.parse(utc('10:00:00')) + (token % 7_200) * 1_000).toISOString().replace('.000Z', 'Z');

const grantOf = (token: number): JsonObject =>
  grant({ session: SHARED, key: keyOf(token), id: `grant-${token}`, at: timeOf(token), until: utc('13:00:00') });
const eventOf = (token: number): JsonObject =>
  eventBy(roleUser({ session: SHARED, key: keyOf(token) }), { auditID: `audit-${token}` });

/** How many grants, and claims, of one name there are. */
const SIZES = [100, cases(1_000)];

describe('a session name that everybody uses', () => {
  let dynalite: RunningDynalite;
  let counted: CountedRequests;
  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
    counted = new CountedRequests(dynalite.client);
  });
  afterAll(() => dynalite.stop());

  async function started() {
    const clock = new SetClock(utc('12:11:00'));
    const stores = await dynalite.stores(clock.now);
    return { service: new Service(stores, clock, { withoutLookups: true }), stores };
  }

  it(
    'makes a new token no more expensive by the grants of ten thousand others, at ingest and in a settle pass',
    async () => {
      const costs: { readonly ingest: Counts; readonly settle: Counts }[] = [];
      for (const size of SIZES) {
        const { service, stores } = await started();
        await stores.sessions.add(factsOf(Array.from({ length: size }, (_, at) => grantOf(at))));
        const token = 100_000;
        const ingest = await counted.during(() => service.ingest([eventOf(token)], `delivery ${token}`));
        expect((await service.only(`audit-${token}`)).attribution.status).toBe('pending');
        const settle = await counted.during(() => service.settle());
        expect((await service.only(`audit-${token}`)).attribution.status).toBe('pending');
        costs.push({ ingest, settle });
        await service.grants([grant({ session: SHARED, key: keyOf(token), at: utc('12:00:00') })]);
        await service.settleFor(5);
        expect((await service.only(`audit-${token}`)).attribution.status).toBe('attributed');
      }
      expect(costs).toEqual(SIZES.map(() => costs[0]));
      expect(costs[0]?.ingest.items).toBeLessThan(10);
      expect(costs[0]?.settle.items).toBeLessThan(20);
    },
    PATIENCE,
  );

  it(
    "keeps a claim's records separate from those of others, and all in one order",
    async () => {
      const costs: { readonly claim: Counts; readonly settle: Counts }[] = [];
      for (const size of SIZES) {
        const { service, stores } = await started();
        const records = Array.from({ length: size }, (_, at) => recordOf(at));
        for (let at = 0; at < size; at += 50) await stores.records.insert(records.slice(at, at + 50));
        await service.ingest([eventOf(100_000)], 'delivery');
        const settle = await counted.during(() => service.settle());
        const [some] = records.slice(-1);
        const { claimId: id = '', session = '' } = some ?? recordOf(0);
        const covered = { id, session, first: epochMillis(FIRST.getTime()), last: LAST };
        const claim = await counted.during(async () => {
          const page = await stores.records.ofClaim(covered, { limit: 50 });
          expect(page.records.map((record) => record.id)).toEqual([some?.id]);
        });
        costs.push({ claim, settle });
        await expectInOrder(stores.records, records);
      }
      const most = (of: (cost: (typeof costs)[number]) => number) => Math.max(...costs.map(of));
      expect(costs).toHaveLength(SIZES.length);
      expect(most(({ claim }) => claim.items)).toBeLessThan(100);
      expect(most(({ claim }) => claim.requests)).toBeLessThan(15);
      expect(most(({ settle }) => settle.items)).toBeLessThan(150);
      expect(most(({ settle }) => settle.requests)).toBeLessThan(100); // each list of due claims is read some times
      if (process.env.SHOW_COUNTS) console.log(JSON.stringify(costs));
    },
    PATIENCE,
  );
});

const { record: model, session, ...template } = storedRecord({ user: roleUser({ session: SHARED, key: keyOf(0) }) });

const FIRST = new Date(utc('12:10:00'));
const LAST = instant(utc('13:10:00'));

/** The record of one token, all within the hour that a claim covers. */
function recordOf(token: number): StoredRecord {
  const at = epochMillis(FIRST.getTime() + (token % 3_000) * SECOND);
  const record = { ...model, auditId: auditIdOf(`other-${token}`), time: formatInstant(at) };
  return {
    ...template,
    ...(session && { session }),
    at,
    id: sha256(`${token}`),
    claimId: sha256(`claim ${token}`),
    record,
  };
}

/** The newest pages, those of a time range to its end, and nothing twice. */
async function expectInOrder(store: RecordStore, records: readonly StoredRecord[]): Promise<void> {
  const where = { by: 'session', session: session ?? '' } as const;
  const newest = records.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0));
  const range = { from: newest[80]?.at, to: newest[20]?.at };
  const expected = newest.filter(({ at = 0 }) => at >= (range.from ?? 0) && at <= (range.to ?? 0));
  const found: StoredRecord[] = [];
  let position: string | undefined;
  do {
    const page = await store.query(where, range, { limit: 25, position });
    found.push(...page.records);
    position = page.position;
  } while (position !== undefined);
  expect(found.map(({ at }) => at)).toEqual(expected.map(({ at }) => at));
  expect(found.map(({ id }) => id).toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
}
