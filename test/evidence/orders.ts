import { PAST_THE_DEADLINE, type Step } from '../model/feeding.ts';
import { type Draw, drawFrom } from '../oracle/draw.ts';
import { deliveryOf } from './over-files.ts';
import type { Scenario } from './scenario.ts';

/** The maximum number of deliveries that are fed in every order, with every number of runs of settle in between. */
const FEW = 4;
const SAMPLES = 40;

/** The runs of settle between two deliveries: none, one, or as many as settle the claims for the last time. */
const BETWEEN = [0, 1, PAST_THE_DEADLINE];

export interface Order {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Returns the orders in which a scenario's deliveries are fed: all orders of a few deliveries, and samples for more. */
export function ordersOf(scenario: Scenario): readonly Order[] {
  const deliveries = deliveriesOf(scenario);
  if (deliveries.length > FEW) return Array.from({ length: SAMPLES }, (_, seed) => sample(deliveries, seed));
  return permutations(deliveries).flatMap((order) => BETWEEN.map((minutes) => orderOf(order, () => minutes)));
}

interface NamedStep {
  readonly name: string;
  readonly step: Step;
}

function deliveriesOf({ events, records, silences = [] }: Scenario): readonly NamedStep[] {
  return [
    ...events.map((given, at) => ({ name: `event ${at}`, step: { events: deliveryOf(given), id: `delivery ${at}` } })),
    ...silences.map((silence, at) => ({ name: `silence ${at}`, step: { silence } })),
    ...records.map((record, at) => ({ name: `record ${at}`, step: { trail: [record] } })),
  ];
}

/** Returns a random order with random runs of settle in between. Some deliveries come twice. */
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
