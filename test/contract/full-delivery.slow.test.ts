import { afterAll, beforeAll, expect, it } from 'vitest';
import { functionDefinitions } from '../../infra/functions.ts';
import { INGEST } from '../../lib/cost/unit-counts.ts';
import { MOST_EVENTS } from '../../lib/envelopes/structure.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { deploymentOf } from '../infra/stacks.ts';
import { Service, SetClock } from '../usecases/service.ts';
import { CountedRequests } from './counted-requests.ts';
import { RunningDynalite } from './running-dynalite.ts';

/**
 * How long the largest delivery takes that ingest accepts, by the requests and items of a smaller one and by the figures of
 * `lib/cost/unit-counts.ts`, at the function's memory. No clock is read. `npx vitest run --config vitest.slow.config.ts
 * test/contract/full-delivery.slow.test.ts` prints the figures of docs/performance.md.
 */

const EVENTS = 1_000;
const SESSIONS = 20;
/** 1,769 MB are one core (Lambda Developer Guide, "Configure Lambda function memory"). */
const MEGABYTES_OF_CORE = 1_769;
/** A core's time for a request that the SDK sends, and for an item that comes back: 1,900 puts and 15,900 items a second (FACTS). */
const OF_REQUEST = 1_000 / 1_900;
const OF_ITEM = 1_000 / 15_900;

const { ingest } = functionDefinitions(deploymentOf('a hub with the defaults'));
const { memorySize = 0, timeout = 0 } = ingest ?? {};

let dynalite: RunningDynalite;
let counted: CountedRequests;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
  counted = new CountedRequests(dynalite.client);
});
afterAll(() => dynalite.stop());

const nameOf = (at: number) => `session-${at}`;
const keyOf = (at: number) => `ASIA${String(at).padStart(16, '0')}`;
const event = (id: string, session: number) =>
  auditEvent({ auditID: id, verb: 'get', user: roleUser({ session: nameOf(session), key: keyOf(session) }) });

it('a full delivery ends within half its time-out, fresh or repeated', async () => {
  const clock = new SetClock(utc('12:10:00'));
  const service = new Service(await dynalite.stores(clock.now), clock, { withoutLookups: true });
  await service.grants(
    Array.from({ length: SESSIONS }, (_, at) =>
      grant({ id: `g${at}`, session: nameOf(at), key: keyOf(at), by: iamUser(`user-${at}`) }),
    ),
  );
  await service.ingest(
    Array.from({ length: SESSIONS }, (_, at) => event(`first-${at}`, at)),
    'first',
  );
  const known = Array.from({ length: EVENTS }, (_, at) => event(`known-${at}`, at % SESSIONS));
  for (const what of ['fresh', 'repeated']) {
    const { requests, items } = await counted.during(() => service.ingest(known, what));
    // Own work of an event, its requests, and the items that come back. Requests run 32 at once, so that the core is the limit.
    const own = EVENTS * (INGEST.coreMillisOfEvent - OF_REQUEST);
    const core = ((own + requests * OF_REQUEST + items * OF_ITEM) * MOST_EVENTS) / EVENTS;
    const waits = INGEST.requestsOfDelivery * INGEST.requestMillis;
    const seconds = (core / (memorySize / MEGABYTES_OF_CORE) + waits) / 1_000;
    process.stdout.write(
      `${what}: ${requests} requests and ${items} items for ${EVENTS} events; ${MOST_EVENTS} events take ${seconds.toFixed(1)} s of ${timeout} s\n`,
    );
    expect(seconds, what).toBeLessThan(timeout / 2);
  }
}, 120_000);
