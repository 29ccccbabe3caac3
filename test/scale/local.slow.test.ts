import { describe, expect, it } from 'vitest';
import { loadOf } from '../../bench/scale/load.ts';
import { ASSUMED } from '../../bench/scale/quotas.ts';
import type { Sessions } from '../../bench/scale/sessions.ts';
import { type PartialSetup, setup } from '../../bench/scale/setup.ts';
import { simulate } from '../../bench/scale/simulate.ts';
import { dueListOf } from '../../lib/claims/due-list.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis, formatInstant, MINUTE, SECOND } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ROLE_ID } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { CountedRequests } from '../contract/counted-requests.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, memoryStores, Service, SetClock } from '../usecases/service.ts';

/** Compares the model with the service in memory, under the same small load, minute by minute of a set clock. */

const BEGIN = '2026-03-10T10:00:00Z';
const SMALL: PartialSetup = {
  eventsPerSecond: 0.5,
  eventsPerSession: 10,
  minutes: 20,
  clusters: 1,
  unlisted: 0,
  lost: 0,
};

interface ScheduledStep {
  readonly at: number;
  readonly what: 'event' | 'grant' | 'settle';
  readonly session: number;
  readonly event: number;
}

function happenings(sessions: readonly Sessions[], until: number): ScheduledStep[] {
  const events = sessions.flatMap(({ first, length, events }, session) =>
    Array.from({ length: events }, (_, event): ScheduledStep => {
      return { at: first + (length * event) / events + ASSUMED.auditDelay, what: 'event', session, event };
    }),
  );
  const grants = sessions.map(
    ({ grantAt = 0 }, session): ScheduledStep => ({ at: grantAt, what: 'grant', session, event: 0 }),
  );
  const settles = Array.from({ length: until / MINUTE }, (_, minute): ScheduledStep => {
    return { at: minute * MINUTE, what: 'settle', session: 0, event: 0 };
  });
  return [...events, ...grants, ...settles].filter(({ at }) => at < until).sort((a, b) => a.at - b.at);
}

const keyOf = (session: number) => `ASIASCALE${String(session).padStart(11, '0')}`;
const userOf = (session: number) => ({ session: `person-${session}`, key: keyOf(session) });
const timeOf = (millis: number) => formatInstant(epochMillis(Math.round(instant(BEGIN) + millis)));

function eventOf({ first, length, events }: Sessions, { session, event }: ScheduledStep): JsonObject {
  const at = timeOf(first + (length * event) / events);
  return eventBy(roleUser(userOf(session)), {
    auditID: `audit-${session}-${event}`,
    requestReceivedTimestamp: at,
    stageTimestamp: at,
  });
}

function grantOf({ first }: Sessions, session: number): JsonObject {
  return grant({
    ...userOf(session),
    id: `grant-${session}`,
    at: timeOf(first - SECOND),
    until: timeOf(first + 180 * MINUTE),
  });
}

async function lived(sessions: readonly Sessions[], service: Service, clock: SetClock): Promise<void> {
  const until = 100 * MINUTE;
  for (const each of happenings(sessions, until)) {
    clock.set(timeOf(each.at));
    const of = sessions[each.session];
    if (of === undefined) continue;
    if (each.what === 'event') await service.ingest([eventOf(of, each)], `delivery ${each.session} ${each.event}`);
    else if (each.what === 'grant') await service.grants([grantOf(of, each.session)]);
    else await service.settle();
  }
}

const percentile = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;

describe('the simulation at a small load', () => {
  const of = setup(SMALL);
  const load = loadOf(of);
  const whole = { ...load, sessions: load.sessions.filter(({ first, length }) => first + length < 60 * MINUTE) };
  const model = simulate(of, { ...whole, sessions: structuredClone(whole.sessions).map(alone) });

  it('has as many corrections, and names as late, as the service in memory', async () => {
    const clock = new SetClock(BEGIN);
    const service = new Service(memoryStores(calmWorld(clock.now)), clock, { withoutLookups: true });
    await lived(whole.sessions, service, clock);
    const corrected = (service.outbox.metrics.get('RecordsCorrected') ?? []).reduce((a, b) => a + b, 0);
    const lags = (service.outbox.metrics.get('AttributionLag') ?? []).toSorted((a, b) => a - b);
    const late = lags.slice(-corrected);
    expect(within(model.corrections, corrected)).toBeLessThan(0.15);
    expect(Math.abs((model.named?.p50 ?? 0) * SECOND - percentile(late, 0.5))).toBeLessThan(MINUTE);
    expect(Math.abs((model.named?.p95 ?? 0) * SECOND - percentile(late, 0.95))).toBeLessThan(2 * MINUTE);
  });

  it('asks the tables as often for a pass over a claim', async () => {
    const dynalite = await RunningDynalite.start();
    try {
      const counted = new CountedRequests(dynalite.client);
      const clock = new SetClock(BEGIN);
      const service = new Service(await dynalite.stores(clock.now), clock, { withoutLookups: true });
      const [first] = whole.sessions;
      if (first === undefined) throw new Error('no sessions');
      const each = { ...first, first: 0, length: SECOND, events: 2 };
      const some = ofShard(20);
      for (const session of some) {
        clock.set(timeOf(ASSUMED.auditDelay));
        await service.ingest(
          [0, 1].map((event) => eventOf(each, { at: 0, what: 'event', session, event })),
          `d ${session}`,
        );
      }
      const settle = () => service.settle(1, { only: SHARD });
      const one = await counted.during(settle);
      for (const session of some) await service.grants([grantOf(each, session)]);
      clock.pass(MINUTE);
      const two = await counted.during(settle);
      clock.pass(3 * MINUTE);
      const three = await counted.during(settle);
      for (const { requests } of [one, two, three]) {
        expect(within(requests / some.length, ASSUMED.requestsOfPass)).toBeLessThan(0.5);
      }
    } finally {
      await dynalite.stop();
    }
  });
});

/** Returns the numbers of sessions in one shard, which a worker decides. */
function ofShard(many: number): number[] {
  const numbers = Array.from({ length: 100 * many }, (_, session) => session);
  const isOfShard = (session: number) => dueListOf({ session: `${ROLE_ID}:${userOf(session).session}` }) === SHARD;
  return numbers.filter(isOfShard).slice(0, many);
}

const SHARD = 'shard 0';

function within(a: number, b: number): number {
  return Math.abs(a - b) / Math.max(1, b);
}

function alone(sessions: Sessions): Sessions {
  const copy = { ...sessions, parts: [] as Sessions[] };
  copy.parts.push(copy);
  return copy;
}
