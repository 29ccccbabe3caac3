import { accountOfCount } from '../../counts/contribution.ts';
import { type HourCounts, sumOf } from '../../counts/hour-counts.ts';
import { hourOf, hoursBetween, isClosed, MARK_RESTS } from '../../counts/hours.ts';
import { clusterKeyOf } from '../../identity/cluster.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CountProgress, CountStore } from '../../ports/counts.ts';
import type { FaultyItem } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis, HOUR, MINUTE } from '../../time.ts';
import { inTurns } from '../../turns.ts';

export interface CountingService {
  readonly counts: CountStore;
  readonly clock: Clock;
  /** The time at which open hours were last checked. It is kept between the runs of one process. */
  readonly looked?: { at?: EpochMillis } | undefined;
}

/** Time before the first run whose records have no mark, in milliseconds: see `needsMark`. */
const BEFORE = 3 * HOUR;
/** Interval between checks of open hours, in milliseconds. Large hours are counted early, since one question reads few entries. */
const BETWEEN_LOOKS = 5 * MINUTE;
/** The maximum number of requests that a question makes to read the entries of one hour itself. */
export const MOST_REQUESTS_OF_HOUR = 2;

/**
 * Counts the hours that are over, and counts again those that received late records. Open hours are counted only if they are too
 * large for a question to read. Running it again after a crash changes nothing. It runs under the lease of settle's chores.
 * @returns the entries that cannot be read.
 */
export async function countHours(service: CountingService, stopAt: EpochMillis): Promise<readonly FaultyItem[]> {
  const { counts, clock } = service;
  const faulty: FaultyItem[] = [];
  const known = await counts.progress();
  const progress = known ?? begun(clock());
  let { through } = progress;
  for (const hour of hoursBetween(epochMillis(through + HOUR), hourOf(clock()))) {
    if (!isClosed(hour, clock()) || clock() >= stopAt) break;
    faulty.push(...(await countHour(hour, service)));
    through = hour;
  }
  faulty.push(...(await countMarked(service, stopAt)));
  await lookThroughOpen(through, service, stopAt);
  await counts.advance({ ...progress, through, at: clock() });
  return faulty;
}

function begun(now: EpochMillis): CountProgress {
  return { since: now, through: epochMillis(hourOf(now) - BEFORE), at: now };
}

/** The most hours of one account that are read. Who forges events can mark any number of hours. */
const MOST_MARKED = 1_000;

/** Counts the hours that received late records. The accounts take turns. An hour that several accounts marked is counted once. */
async function countMarked(service: CountingService, stopAt: EpochMillis): Promise<readonly FaultyItem[]> {
  const { counts, clock } = service;
  const faulty: FaultyItem[] = [];
  const isCounted = new Set<EpochMillis>();
  const marks = await counts.marked(epochMillis(clock() - MARK_RESTS), { most: MOST_MARKED });
  for (const mark of inTurns(marks, ({ accountId }) => [accountId])) {
    if (clock() >= stopAt) break;
    if (!isCounted.has(mark.hour)) faulty.push(...(await countHour(mark.hour, service)));
    isCounted.add(mark.hour);
    await counts.unmark(mark);
  }
  return faulty;
}

async function countHour(hour: EpochMillis, { counts, clock }: CountingService): Promise<readonly FaultyItem[]> {
  const asOf = clock();
  const { counts: found, faulty } = await counts.count(hour);
  await counts.keep(withFewClusters(found), asOf);
  return faulty;
}

/** The maximum number of clusters of an account whose counts of an hour are stored. EKS allows 100 in an account and Region by default. */
const MOST_CLUSTERS = 2_000;

/**
 * Returns counts of at most so many clusters of each account. An account that hands over events states the Regions of its clusters itself, and
 * could invent so many that storing their counts takes all of settle's time. What exceeds them is counted as one cluster without a name.
 */
function withFewClusters(found: readonly HourCounts[]): readonly HourCounts[] {
  return [...Map.groupBy(found, accountOfCount)].flatMap(([accountId, ofOne]) => {
    if (ofOne.length <= MOST_CLUSTERS) return ofOne;
    const most = ofOne.toSorted((a, b) => b.total - a.total);
    const others = most.slice(MOST_CLUSTERS);
    const [{ hour } = { hour: epochMillis(0) }] = others;
    const expires = Math.max(...others.map((each) => each.expires));
    const rest = { ...sumOf(others), hour, clusterKey: clusterKeyOf({ cluster: '', accountId }), expires };
    return [...most.slice(0, MOST_CLUSTERS), rest];
  });
}

async function lookThroughOpen(through: EpochMillis, service: CountingService, stopAt: EpochMillis): Promise<void> {
  const { counts, clock, looked = {} } = service;
  const now = clock();
  if (looked.at !== undefined && now < looked.at + BETWEEN_LOOKS) return;
  looked.at = now;
  for (const hour of hoursBetween(epochMillis(through + HOUR), hourOf(now))) {
    if (clock() >= stopAt) return;
    const asOf = clock();
    const { counts: found, requests } = await counts.count(hour);
    if (requests > MOST_REQUESTS_OF_HOUR) await counts.keep(withFewClusters(found), asOf);
  }
}
