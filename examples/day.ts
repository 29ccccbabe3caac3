import { gaps } from './scenes/gaps.ts';
import { identityCenter } from './scenes/identity-center.ts';
import { kubernetes } from './scenes/kubernetes.ts';
import { people } from './scenes/people.ts';
import { services } from './scenes/services.ts';
import { waysIn } from './scenes/ways-in.ts';
import { workloads } from './scenes/workloads.ts';
import { type Answer, type StoryEvent, together } from './story.ts';
import { second } from './time.ts';
import type { TrailRecord } from './trail.ts';

/** One day of a company with two clusters and three accounts, in the order in which it happened. */
export interface Day {
  readonly trail: readonly TrailRecord[];
  readonly told: readonly StoryEvent[];
}

export function day(): Day {
  const { trail, told } = together(people(), identityCenter(), workloads(), gaps(), kubernetes(), services(), waysIn());
  return {
    trail: trail.toSorted((a, b) => inOrder(second(a.at), second(b.at))),
    told: told.toSorted((a, b) => inOrder(a.event.stageTime, b.event.stageTime)),
  };
}

function inOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The answer to one audit event. `auditId`, `stage` and `time` together name the event: one audit ID is used twice. */
export interface Expectation extends Answer {
  readonly auditId: string;
  readonly stage: string;
  /** `requestReceivedTimestamp`, as written. */
  readonly time: string;
  /** Absent where the export does not say which log group it is from. */
  readonly cluster?: string;
  readonly flags: readonly string[];
  /** What the event is in the story for. */
  readonly shows: string;
}

/** From this hour on prod's events come as an answer of filter-log-events, which names no log group. */
const PROD_EVENING = '2026-03-10T18:00:00Z';

export function inProdEvening({ event }: StoryEvent): boolean {
  return event.cluster.name === 'prod' && event.stageTime >= PROD_EVENING;
}

/** What the product has to answer, from the story and not from the rules. No username templates are needed for it. */
export function expectations(): Expectation[] {
  return day().told.map((told) => {
    const { auditId, stage, time, cluster } = told.event;
    return {
      auditId,
      stage,
      time,
      ...(inProdEvening(told) ? {} : { cluster: cluster.name }),
      ...told.answer,
      flags: told.answer.flags ?? [],
      shows: told.shows,
    };
  });
}
