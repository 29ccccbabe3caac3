import { PAST_THE_DEADLINE, type Step } from '../model/feeding.ts';
import { type Draw, drawFrom } from '../oracle/draw.ts';
import { deliveryOf } from './over-files.ts';
import type { Scenario } from './scenario.ts';

/** Few enough to be taken in every order, each with every way of settling between. */
const FEW = 4;
const SAMPLES = 40;

/** Settles between two deliveries: none, one, or until the claims are settled for the last time. */
const BETWEEN = [0, 1, PAST_THE_DEADLINE];

export interface Order {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** The orders in which a scenario's deliveries are fed: all of them for small ones, samples for larger. */
export function ordersOf(scenario: Scenario): readonly Order[] {
  const deliveries = deliveriesOf(scenario);
  if (deliveries.length > FEW) return Array.from({ length: SAMPLES }, (_, seed) => sample(deliveries, seed));
  return permutations(deliveries).flatMap((order) => BETWEEN.map((minutes) => orderOf(order, () => minutes)));
}

interface NamedStep {
  readonly name: string;
  readonly step: Step;
}

function deliveriesOf({ events, records }: Scenario): readonly NamedStep[] {
  return [
    ...events.map((told, at) => ({ name: `event ${at}`, step: { events: deliveryOf(told), id: `delivery ${at}` } })),
    ...records.map((record, at) => ({ name: `record ${at}`, step: { trail: [record] } })),
  ];
}

/** Any order, any settling between, and now and then a delivery that comes twice. */
function sample(deliveries: readonly NamedStep[], seed: number): Order {
  const draw: Draw = drawFrom(seed);
  const again = draw.chance(0.3) ? [draw.pick(deliveries)] : [];
  return orderOf(draw.shuffle([...deliveries, ...again]), () => draw.pick(BETWEEN));
}

function orderOf(order: readonly NamedStep[], between: () => number): Order {
  const steps = order.map(({ name, step }) => ({ name, step, minutes: between() }));
  return {
    name: steps.map(({ name, minutes }) => (minutes > 0 ? `${name}, ${minutes} min` : name)).join(', '),
    steps: steps.flatMap(({ step, minutes }) => (minutes > 0 ? [step, { minutes }] : [step])),
  };
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first, at) => permutations(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}
