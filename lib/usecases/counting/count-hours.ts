import { hourOf, hoursBetween, isClosed, MARK_RESTS } from '../../counts/hours.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CountProgress, CountStore } from '../../ports/counts.ts';
import type { FaultyItem } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis, HOUR, MINUTE } from '../../time.ts';

export interface CountingService {
  readonly counts: CountStore;
  readonly clock: Clock;
  /** Kept over runs of one process: when hours that are not over were last looked through. */
  readonly looked?: { at?: EpochMillis } | undefined;
}

/** Hours before the first run whose records came without a mark: see `needsMark`. */
const BEFORE = 3 * HOUR;
/** Hours that are not over are looked through so often, where there is more in them than a question reads. */
const BETWEEN_LOOKS = 5 * MINUTE;
/** Requests of which a question reads the entries of one hour itself. */
export const MOST_REQUESTS_OF_HOUR = 2;

/**
 * Counts the hours that are over, and again those in which something came later; of those that are not over, what is too much
 * for a question to read. Running it again after a crash anywhere changes nothing. One at a time, as settle. Answers entries that
 * cannot be read.
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
