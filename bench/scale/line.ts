import { estimatedCosts, ownDollars, type Usage } from '../../lib/cost/estimate.ts';
import { GRANTS_OF_SESSION } from '../../lib/cost/usage.ts';
import { type PartialSetup, type Relief, setup } from './setup.ts';
import { type Simulation, simulate } from './simulate.ts';

/** The result for one load, as one line of JSON. Lags are in seconds. */
export interface ScaleLine {
  readonly scale: string;
  readonly eventsPerSecond: number;
  readonly clusters: number;
  readonly accounts: number;
  readonly trail: string;
  readonly relief: Partial<Relief>;
  readonly stored: Simulation['stored'] | null;
  readonly named: Simulation['named'] | null;
  readonly reported: Simulation['reported'] | null;
  /** Share of the events whose record comes before its name, and of those not stored an hour after the load ended. */
  readonly lateShare: number;
  readonly unstoredShare: number;
  readonly keptDeliveries: number;
  readonly deadDeliveries: number;
  readonly claimsOverdue: number;
  readonly lookups: number;
  /** The parts that do not keep up, the worst first. */
  readonly bends: readonly string[];
  readonly use: Readonly<Record<string, number>>;
  /** Cost by lib/cost, without the stream and waiting environments. */
  readonly dollarsOfMonth: number;
  readonly dollarsOfMillion: number;
}

/** Utilization from which a part counts as overloaded. Queues grow from there. */
const FULL = 0.95;
const DAY_SECONDS = 86_400;

export function scaleLine(scale: string, given: PartialSetup): ScaleLine {
  const of = setup(given);
  const { stored, named, reported, use, ...simulated } = simulate(of);
  const dollars = ownDollars(estimatedCosts(usageOf(given, simulated.lateShare)));
  const events = of.eventsPerSecond * DAY_SECONDS * 30;
  const full = Object.entries(use).filter(([, part]) => part >= FULL);
  return {
    scale,
    eventsPerSecond: of.eventsPerSecond,
    clusters: of.clusters,
    accounts: of.accounts,
    trail: of.trail,
    relief: given.relief ?? {},
    stored: stored ?? null,
    named: named ?? null,
    reported: reported ?? null,
    lateShare: rounded(simulated.lateShare),
    unstoredShare: rounded(1 - simulated.eventsStored / Math.max(1, simulated.events)),
    keptDeliveries: simulated.keptDeliveries,
    deadDeliveries: simulated.deadDeliveries,
    claimsOverdue: simulated.claimsOverdue,
    lookups: simulated.lookups,
    bends: full.sort(([, a], [, b]) => b - a).map(([name]) => name),
    use: Object.fromEntries(Object.entries(use).map(([name, part]) => [name, rounded(part)])),
    dollarsOfMonth: Math.round(dollars),
    dollarsOfMillion: rounded(dollars / (events / 1e6)),
  };
}

function usageOf(given: PartialSetup, lateShare: number): Usage {
  const { eventsPerSecond, eventsPerSession, sessionMinutes, clusters, accounts, trail } = setup(given);
  const events = eventsPerSecond * DAY_SECONDS;
  return {
    events,
    sessions: events / eventsPerSession,
    grants: trail === 'lookups-only' ? 0 : (events / eventsPerSession) * GRANTS_OF_SESSION,
    omittedShare: 0,
    lateShare,
    hoursOfSession: Math.max(1, sessionMinutes / 60),
    pods: 0,
    questions: 0,
    auditGb: undefined,
    clusters,
    spokes: accounts - 1,
    forwardingStacks: accounts - 1,
    recordDays: 90,
    sessionDays: 97,
    logDays: 30,
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
