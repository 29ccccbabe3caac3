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
  readonly events: readonly StoryEvent[];
}

export function day(): Day {
  const { trail, events } = together(
    people(),
    identityCenter(),
    workloads(),
    gaps(),
    kubernetes(),
    services(),
    waysIn(),
  );
  return {
    trail: trail.toSorted((a, b) => inOrder(second(a.at), second(b.at))),
    events: events.toSorted((a, b) => inOrder(a.event.stageTime, b.event.stageTime)),
  };
}

function inOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The expected answer to one audit event. `auditId`, `stage` and `time` together identify the event: one audit ID is
 * used twice.
 */
export interface Expectation extends Answer {
  readonly auditId: string;
  readonly stage: string;
  /** `requestReceivedTimestamp`, as written. */
  readonly time: string;
  /** Absent if the export does not name its log group. */
  readonly cluster?: string;
  readonly flags: readonly string[];
  /** What the event demonstrates. */
  readonly shows: string;
}

/** From this hour on, prod's events come as a response of filter-log-events, which names no log group. */
const PROD_EVENING = '2026-03-10T18:00:00Z';

export function inProdEvening({ event }: StoryEvent): boolean {
  return event.cluster.name === 'prod' && event.stageTime >= PROD_EVENING;
}

/**
 * Returns the answers that the product has to give, made from the story and not from the rules. They need no username
 * templates.
 */
export function expectations(): Expectation[] {
  return day().events.map((each) => {
    const { auditId, stage, time, cluster } = each.event;
    return {
      auditId,
      stage,
      time,
      ...(inProdEvening(each) ? {} : { cluster: cluster.name }),
      ...each.answer,
      flags: each.answer.flags ?? [],
      shows: each.shows,
    };
  });
}
