import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { CountedRequests, type Counts } from '../contract/counted-requests.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { factsOf } from '../contract/stored-record.ts';
import { Service, SetClock } from './service.ts';

const SHARED = 'EKSGetTokenAuth';
const SIZES = [100, 1_000, 10_000];
const PATIENCE = 240_000;
const keyOf = (token: number) => `ASIATOKEN${String(token).padStart(11, '0')}`;
const timeOf = (token: number) =>
  new Date(Date.parse(utc('10:00:00')) + (token % 7_200) * 1_000).toISOString().replace('.000Z', 'Z');

const grantOf = (token: number): JsonObject =>
  grant({ session: SHARED, key: keyOf(token), id: `grant-${token}`, at: timeOf(token), until: utc('13:00:00') });
const eventOf = (token: number): JsonObject =>
  eventBy(roleUser({ session: SHARED, key: keyOf(token) }), { auditID: `audit-${token}` });

describe('a session name that everybody bears', () => {
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
    'costs a new token no more for the grants of ten thousand others, at ingest and in a settle pass',
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
});
