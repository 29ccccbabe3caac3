import type { Draw } from '../oracle/draw.ts';
import { PAST_THE_DEADLINE, type Step } from './feeding.ts';

/** Values to be delivered, in their envelopes. */
export interface Deliverable {
  readonly audit: readonly unknown[];
  readonly cloudtrail: readonly unknown[];
}

/** Runs of settle between two deliveries, in minutes. */
const BETWEEN = [0, 0, 0, 1, 3, PAST_THE_DEADLINE];

/** Returns any split into deliveries, in any order, some twice, with any runs of settle between. */
export function anySchedule(draw: Draw, { audit, cloudtrail }: Deliverable): readonly Step[] {
  const events = anySplit(draw, audit).map((values, at): Step => ({ events: values, id: `delivery ${at}` }));
  const trail = anySplit(draw, cloudtrail).map((values): Step => ({ trail: values }));
  const deliveries = draw.shuffle([...events, ...trail]);
  const again = deliveries.filter(() => draw.chance(0.1));
  return draw.shuffle([...deliveries, ...again]).flatMap((step): Step[] => {
    const minutes = draw.pick(BETWEEN);
    return minutes === 0 ? [step] : [step, { minutes }];
  });
}

/** Returns the values in any order, cut into groups. */
function anySplit<T>(draw: Draw, values: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const value of draw.shuffle(values)) {
    const last = groups.at(-1);
    if (last === undefined || draw.chance(0.5)) groups.push([value]);
    else last.push(value);
  }
  return groups;
}

/** Returns the schedule for a failure's message: which values of the world each delivery had. */
export function scheduleText(steps: readonly Step[], { audit, cloudtrail }: Deliverable): string {
  const places = (values: readonly unknown[], all: readonly unknown[]) => values.map((value) => all.indexOf(value));
  const texts = steps.map((step) => {
    if ('minutes' in step) return `settle ${step.minutes} min`;
    if ('silence' in step) return `silence of ${step.silence.accountId}`;
    if ('trail' in step) return `records ${places(step.trail, cloudtrail).join(' ')}`;
    return `events ${places(Array.isArray(step.events) ? step.events : [], audit).join(' ')}`;
  });
  return texts.join(', ');
}
