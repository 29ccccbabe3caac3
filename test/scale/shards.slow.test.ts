import { describe, expect, it } from 'vitest';
import { type Relief, setup } from '../../bench/scale/setup.ts';
import { type Simulation, simulate } from '../../bench/scale/simulate.ts';
import { FEW_DUE, SHARDS } from '../../lib/claims/due-list.ts';
import { settleOfDay } from '../../lib/cost/estimate.ts';
import { WORKERS } from '../../lib/cost/unit-counts.ts';
import { cases, SEED } from '../builders/chance.ts';

/** Minutes of load: a short sample, and a day's busy hours in a soak. */
const MINUTES = cases(20, 180);

describe('by simulation, with new tables and the default quotas', () => {
  const simulated = new Map<number, Simulation>();
  const of = (eventsPerSecond: number, relief: Partial<Relief> = {}): Simulation =>
    simulate(setup({ eventsPerSecond, clusters: 100, minutes: MINUTES, relief, seed: 20_261_127 + SEED }));
  const shared = (eventsPerSecond: number): Simulation => {
    const simulation = simulated.get(eventsPerSecond) ?? of(eventsPerSecond);
    simulated.set(eventsPerSecond, simulation);
    return simulation;
  };
  const few = shared(10);
  const named = (simulation: Simulation) => simulation.named ?? { p50: 0, p95: 0, p99: 0 };

  it.each([100, 300, 1_000])('%i events a second are named as early as ten', (eventsPerSecond) => {
    const many = shared(eventsPerSecond);
    for (const percentile of ['p50', 'p95'] as const)
      expect(named(many)[percentile]).toBeLessThan(1.15 * named(few)[percentile]);
    expect(many.use.settle).toBeLessThan(0.95);
    expect(many.eventsStored).toBe(many.events);
  });

  it('1,000 events a second are named late with one shard', () => {
    expect(named(of(1_000, { shards: 1 })).p50).toBeGreaterThan(2 * named(few).p50);
  });

  it('has as many workers as the estimate', () => {
    expect(WORKERS).toEqual({ most: SHARDS, abovePasses: SHARDS * FEW_DUE });
  });

  it.each([10, 100, 1_000])('%i events a second take the time of settle that the estimate says', (eventsPerSecond) => {
    const { settleSeconds, settleRuns } = shared(eventsPerSecond);
    const hours = (MINUTES + 60) / 60; // the claims close within an hour after the load
    const rest = settleOfDay(0).seconds / 24;
    const { seconds } = settleOfDay((eventsPerSecond / 50) * 86_400);
    const estimate = rest * hours + (seconds / 24 - rest) * (MINUTES / 60);
    expect(settleRuns).toBeGreaterThanOrEqual(MINUTES + 60);
    expect(Math.abs(settleSeconds / estimate - 1)).toBeLessThan(0.35);
  });
});
