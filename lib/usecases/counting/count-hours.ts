import { hourOf, hoursBetween, isClosed, MARK_RESTS } from '../../counts/hours.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CountProgress, CountStore } from '../../ports/counts.ts';
import type { FaultyItem } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis, HOUR, MINUTE } from '../../time.ts';

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
/** The most requests that a question makes to read the entries of one hour itself. */
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
  for (const marked of await counts.marked(epochMillis(clock() - MARK_RESTS))) {
    if (clock() >= stopAt) break;
    faulty.push(...(await countHour(marked.hour, service)));
    await counts.unmark(marked);
  }
  await lookThroughOpen(through, service, stopAt);
  await counts.advance({ ...progress, through, at: clock() });
  return faulty;
}

function begun(now: EpochMillis): CountProgress {
  return { since: now, through: epochMillis(hourOf(now) - BEFORE), at: now };
}

async function countHour(hour: EpochMillis, { counts, clock }: CountingService): Promise<readonly FaultyItem[]> {
  const asOf = clock();
  const { counts: found, faulty } = await counts.count(hour);
  await counts.keep(found, asOf);
  return faulty;
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
    if (requests > MOST_REQUESTS_OF_HOUR) await counts.keep(found, asOf);
  }
}
