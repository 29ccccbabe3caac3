import { MINUTE, SECOND } from '../../lib/time.ts';
import type { Delivery } from './ingesting.ts';
import { ASSUMED } from './quotas.ts';
import { Random } from './random.ts';
import type { Sessions } from './sessions.ts';
import type { Setup } from './setup.ts';

/** The load, known in advance. The test gives the same one to the local service. */
export interface Load {
  readonly deliveries: Iterable<Omit<Delivery, 'tries'>>;
  readonly sessions: readonly Sessions[];
}

/** Limits the objects that stand for sessions. Each then stands for several sessions. */
const MOST_OBJECTS = 20_000;

export function loadOf(of: Setup): Load {
  const random = new Random(of.seed);
  return { sessions: sessionsOf(of, random), deliveries: deliveriesOf(of, new Random(of.seed + 1)) };
}

/**
 * Returns the sessions. Those whose grants the trail never delivers stay separate, because each is looked up by itself.
 */
function sessionsOf(of: Setup, random: Random): Sessions[] {
  const { eventsPerSecond, eventsPerSession, minutes, unlisted, lost } = of;
  const all = Math.max(1, Math.round((eventsPerSecond / eventsPerSession) * minutes * 60));
  const [ofUnlisted, ofLost] = [Math.round(all * unlisted), Math.round(all * lost)];
  const listed = all - ofUnlisted - ofLost;
  const count = Math.ceil(listed / MOST_OBJECTS);
  const make = (length: number, alike: number, isListed: boolean, isLost: boolean) =>
    Array.from({ length }, () => drawn(of, random, { count: alike, isListed, isLost }));
  return [
    ...make(Math.ceil(listed / count), count, true, false),
    ...make(ofUnlisted, 1, false, false),
    ...make(ofLost, 1, true, true),
    ...forgedOf(of),
  ];
}

function forgedOf({ flood, seed }: Setup): Sessions[] {
  if (flood === undefined) return [];
  const random = new Random(seed + 3);
  return Array.from({ length: Math.round(flood.sessionsPerSecond * flood.minutes * 60) }, () => {
    const first = (5 + random.next() * flood.minutes) * MINUTE;
    const sessions: Sessions = {
      ...{ count: 1, first, length: SECOND, events: 1, grantAt: undefined, historyAt: undefined },
      ...{ isForged: true, parts: [] },
    };
    sessions.parts.push(sessions);
    return sessions;
  });
}

interface Kind {
  readonly count: number;
  readonly isListed: boolean;
  readonly isLost: boolean;
}

function drawn(of: Setup, random: Random, { count, isListed, isLost }: Kind): Sessions {
  const { minutes, eventsPerSession, sessionMinutes, trail } = of;
  const first = random.next() * minutes * MINUTE;
  const delay = Math.min(random.skewed(ASSUMED.trailDelay.median), ASSUMED.trailDelay.most);
  const listedAt = first - random.exponential(30 * SECOND) + delay;
  const sessions: Sessions = {
    count,
    first,
    length: Math.max(SECOND, random.exponential(sessionMinutes * MINUTE)),
    events: eventsPerSession,
    grantAt: isListed && !isLost && trail !== 'lookups-only' ? listedAt : undefined,
    historyAt: isListed ? listedAt : undefined,
    parts: [],
  };
  sessions.parts.push(sessions);
  return sessions;
}

/**
 * Returns the deliveries. Each cluster's log group delivers its own events; a stream collects those of all clusters.
 */
function* deliveriesOf({ eventsPerSecond, clusters, accounts, minutes, relief }: Setup, random: Random) {
  const groups = relief.kinesis ? Math.min(clusters, 32) : clusters;
  const mean = (eventsPerSecond / groups) * (ASSUMED.gatheredFor / SECOND);
  for (let from = 0; from < minutes * MINUTE; from += ASSUMED.gatheredFor) {
    for (let group = 0; group < groups; group += 1) {
      const at = from + random.next() * ASSUMED.gatheredFor;
      const isSpoke = !relief.kinesis && group % accounts !== 0;
      const delay = random.skewed(ASSUMED.auditDelay);
      for (let left = random.count(mean); left > 0; left -= ASSUMED.mostEventsOfDelivery) {
        yield { at, events: Math.min(left, ASSUMED.mostEventsOfDelivery), isSpoke, delay };
      }
    }
  }
}
