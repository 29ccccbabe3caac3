import { HOUR, MINUTE, SECOND } from '../../lib/time.ts';
import { IngestModel, type ScheduledStep } from './ingesting.ts';
import type { Lags } from './lags.ts';
import { type Load, loadOf } from './load.ts';
import { ASSUMED } from './quotas.ts';
import { SERVICE } from './service.ts';
import { SettleModel } from './settling.ts';
import type { Setup } from './setup.ts';
import { Timetable } from './timetable.ts';

type Percentiles = ReturnType<Lags['percentiles']>;

export interface Simulation {
  /** Seconds from an event until its record is stored. */
  readonly stored: Percentiles;
  /** Seconds from an event until its record names the person, for records that were stored without a name. */
  readonly named: Percentiles;
  /** Seconds from the deadline of an unattributed session until its alert. */
  readonly reported: Percentiles;
  /** Share of the events that are stored before their name is known, 0 to 1. */
  readonly lateShare: number;
  readonly events: number;
  readonly eventsStored: number;
  /** Failed tries of deliveries, and deliveries that then went to the queue of failed batches. */
  readonly failedTries: number;
  readonly keptDeliveries: number;
  /** Deliveries among the dead letters, for an operator to move back. */
  readonly deadDeliveries: number;
  readonly passes: number;
  /** Runs of settle, those of workers included, and their time in seconds. */
  readonly settleRuns: number;
  readonly settleSeconds: number;
  readonly corrections: number;
  readonly lookups: number;
  /** Overdue claims at the end of the events. */
  readonly claimsOverdue: number;
  /** Demand divided by capacity for each part. Above 1 it does not keep up. */
  readonly use: Readonly<Record<string, number>>;
}

/** Simulates the service under one load, step by step. */
export function simulate(of: Setup, load: Load = loadOf(of)): Simulation {
  const timetable = new Timetable<ScheduledStep>();
  const ingesting = new IngestModel(of, timetable);
  const settling = new SettleModel(of);
  const end = of.minutes * MINUTE;
  let events = 0;
  for (const delivery of load.deliveries) {
    events += delivery.events;
    timetable.put(delivery.at + delivery.delay, (at) => ingesting.arrive(at, { ...delivery, at, tries: 0 }));
  }
  for (const sessions of load.sessions) {
    timetable.put(sessions.first + ASSUMED.auditDelay, (delivered) => {
      timetable.put(delivered + ingesting.lastLag, (at) => settling.open(at, sessions));
    });
    if (sessions.grantAt !== undefined) timetable.put(sessions.grantAt, (at) => settling.grant(at, sessions));
  }
  for (let at = 0; at < end + HOUR; at += SERVICE.settle.every) {
    timetable.put(at, (now) => settling.run(now));
  }
  for (let next = timetable.next(); next !== undefined && next.at < end + HOUR; next = timetable.next())
    next.what(next.at);
  return {
    stored: ingesting.stored.percentiles(),
    named: settling.named.percentiles(),
    reported: settling.reported.percentiles(),
    lateShare: Math.min(1, settling.corrections / Math.max(1, events)),
    events,
    eventsStored: ingesting.stored.events,
    failedTries: ingesting.failed,
    keptDeliveries: ingesting.kept,
    deadDeliveries: ingesting.dead,
    passes: settling.passes,
    settleRuns: settling.runs,
    settleSeconds: settling.millis / SECOND,
    corrections: settling.corrections,
    lookups: Math.round(settling.lookups),
    claimsOverdue: settling.claimsLeft,
    use: {
      'Lambda, at once': ingesting.busyMillis / (of.relief.lambdaConcurrency * end),
      ...Object.fromEntries(ingesting.writes.map((writes) => [writes.name, writes.use(end)])),
      settle: settling.use,
      'look-ups': settling.lookUpUse,
    },
  };
}
