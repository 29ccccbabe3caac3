import { afterAll, beforeAll, expect, it } from 'vitest';
import { functionDefinitions } from '../../infra/functions.ts';
import { INGEST } from '../../lib/cost/unit-counts.ts';
import { MOST_EVENTS } from '../../lib/envelopes/structure.ts';
import { SLICE } from '../../lib/usecases/ingest/within-ceiling.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { deploymentOf } from '../infra/stacks.ts';
import { Service, SetClock } from '../usecases/service.ts';
import { CountedRequests, type Counts } from './counted-requests.ts';
import { RunningDynalite } from './running-dynalite.ts';

/**
 * How long the largest delivery takes that ingest accepts, by the requests and items of a smaller one and by the figures of
 * `lib/cost/unit-counts.ts`, at the function's memory. No clock is read. `npx vitest run --config vitest.slow.config.ts
 * test/contract/full-delivery.slow.test.ts` prints the figures of docs/performance.md.
 */

const EVENTS = 1_000;
const SESSIONS = 20;
const OWN_CALLERS = 200;
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

/** Seconds for so many events, if the measured ones took so many requests and items. Requests run 32 at once, so that the core is the limit. */
function secondsFor(most: number, events: number, { requests, items }: Counts): number {
  const own = events * (INGEST.coreMillisOfEvent - OF_REQUEST);
  const core = ((own + requests * OF_REQUEST + items * OF_ITEM) * most) / events;
  const waits = Math.ceil(most / SLICE) * INGEST.requestsOfDelivery * INGEST.requestMillis;
  return (core / (memorySize / MEGABYTES_OF_CORE) + waits) / 1_000;
}

it('a slice of events that each have a caller, a role, a key and a namespace of their own ends within half the time-out', async () => {
  const clock = new SetClock(utc('12:10:00'));
  const service = new Service(await dynalite.stores(clock.now), clock, { withoutLookups: true });
  const each = (at: number) =>
    auditEvent({
      auditID: `own-${at}`,
      verb: 'delete',
      user: roleUser({
        roleName: `role-${at}`,
        roleId: `AROA${String(at).padStart(17, '0')}`,
        session: nameOf(at),
        key: keyOf(at),
      }),
      objectRef: { resource: 'pods', namespace: `namespace-${at}`, name: 'web-0', apiVersion: 'v1' },
    });
  const events = Array.from({ length: OWN_CALLERS }, (_, at) => each(at));
  const counts = await counted.during(() => service.ingest(events, 'own'));
  const seconds = secondsFor(SLICE, OWN_CALLERS, counts);
  process.stdout.write(
    `own callers: ${counts.requests} requests and ${counts.items} items for ${OWN_CALLERS} events; ${SLICE} events take ${seconds.toFixed(1)} s of ${timeout} s\n`,
  );
  expect(seconds).toBeLessThan(timeout / 2);
}, 120_000);

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
    const counts = await counted.during(() => service.ingest(known, what));
    const seconds = secondsFor(MOST_EVENTS, EVENTS, counts);
    process.stdout.write(
      `${what}: ${counts.requests} requests and ${counts.items} items for ${EVENTS} events; ${MOST_EVENTS} events take ${seconds.toFixed(1)} s of ${timeout} s\n`,
    );
    expect(seconds, what).toBeLessThan(timeout / 2);
  }
}, 120_000);
