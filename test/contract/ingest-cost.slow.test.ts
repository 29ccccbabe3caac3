import { afterAll, beforeAll, expect, it } from 'vitest';
import { newDay } from '../../bench/world/day.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis, SECOND } from '../../lib/time.ts';
import { Service, SetClock } from '../usecases/service.ts';
import { CountedRequests, type Counts } from './counted-requests.ts';
import { RunningDynalite } from './running-dynalite.ts';

/** The requests to DynamoDB for 400 events of 20 sessions. None may grow unnoticed. Write units: `lib/cost/unit-counts.ts`. */

const SESSIONS = 20;
const EVENTS = 400;
const MIDNIGHT = Date.UTC(2026, 2, 10);
/** The sessions began in the hour before, none is over. */
const BEGAN_WITHIN = 3_000;

let dynalite: RunningDynalite;
let counted: CountedRequests;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
  counted = new CountedRequests(dynalite.client);
});
afterAll(() => dynalite.stop());

const MOST: Readonly<Record<string, Counts>> = {
  'sessions that are new': { requests: 716, items: 46 },
  'their settling': { requests: 851, items: 2_165 },
  'sessions whose grants are asked for once more': { requests: 486, items: 61 },
  'sessions that are known': { requests: EVENTS + 6, items: SESSIONS + 1 },
  'a minute without anything to settle': { requests: 43, items: 4 },
};

it('events cost no more requests, and read no more items, than they did', async () => {
  const clock = new SetClock('2026-03-10T00:50:00Z');
  const service = new Service(await dynalite.stores(clock.now), clock, { withoutLookups: true });
  const day = newDay(20_260_310, SESSIONS, BEGAN_WITHIN);
  await service.grants([...day.records] as JsonObject[]);
  const delivered = (minute: number) => {
    const from = BEGAN_WITHIN + minute * 60;
    clock.at = epochMillis(MIDNIGHT + (from + 60) * SECOND);
    const drawn = { system: 0, unknownKey: 0, during: [from, from + 60] as const };
    const events = Array.from({ length: EVENTS }, () => day.event(drawn) as JsonObject);
    return counted.during(() => service.ingest(events, `delivery ${minute}`));
  };
  const costs: Record<string, Counts> = {};
  costs['sessions that are new'] = await delivered(0);
  costs['their settling'] = await counted.during(() => service.settleFor(5));
  expect(await service.stores.claims.backlog()).toMatchObject({ open: 0 });
  costs['sessions whose grants are asked for once more'] = await delivered(6);
  costs['sessions that are known'] = await delivered(7);
  costs['a minute without anything to settle'] = await counted.during(() => service.settle());
  for (const [what, { requests, items }] of Object.entries(MOST)) {
    expect.soft(costs[what]?.requests, `requests of ${what}`).toBeLessThanOrEqual(requests);
    expect.soft(costs[what]?.items, `items read of ${what}`).toBeLessThanOrEqual(items);
  }
});
