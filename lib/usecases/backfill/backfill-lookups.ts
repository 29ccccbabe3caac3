import { GRANT_EVENTS } from '../../cloudtrail/evidence-events.ts';
import type { ErrorCode } from '../../error-code.ts';
import { textAt } from '../../json.ts';
import type { HistoryPage, TrailHistory } from '../../ports/histories.ts';
import { type EpochMillis, epochMillis, parseInstant } from '../../time.ts';
import { storeGrants } from '../grants/grants.ts';
import { readBatch } from '../ingest/batch.ts';
import type { Backfill } from './backfill.ts';

export interface BackfillRange {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  /** Whether the end was given; else it is now, and stays what it was when the backfill began. */
  readonly endGiven: boolean;
}

/** An account's Region that did not answer. */
export interface HistoryFailure {
  readonly name: string;
  readonly cause: unknown;
}

/**
 * Loads the grants of a time range out of CloudTrail's event history: every account and Region side by side, each event
 * name from the newest grant to the oldest. A Region that does not answer ends its own part only.
 * @throws what a store throws, or the signal's reason.
 */
export async function backfillLookups(
  histories: readonly TrailHistory[],
  range: BackfillRange,
  work: Backfill,
): Promise<readonly HistoryFailure[]> {
  const failures = await Promise.all(histories.map((history) => backfillHistory(history, range, work)));
  return failures.flatMap((failure) => failure ?? []);
}

async function backfillHistory(
  history: TrailHistory,
  range: BackfillRange,
  work: Backfill,
): Promise<HistoryFailure | undefined> {
  try {
    for (const eventName of GRANT_EVENTS) await backfillEvents(history, eventName, range, work);
    return undefined;
  } catch (error) {
    work.signal.throwIfAborted();
    if (error instanceof UnansweredError) return { name: history.name, cause: error.cause };
    throw error;
  }
}

class UnansweredError extends Error {
  readonly code = 'unanswered' satisfies ErrorCode;
}

/**
 * Pages go from the newest to the oldest; the bookmark is the time of the oldest record so far, which the next run begins
 * with: tokens are soon of no use, times are not.
 */
async function backfillEvents(
  history: TrailHistory,
  eventName: string,
  { from, to: end, endGiven }: BackfillRange,
  work: Backfill,
): Promise<void> {
  const mark = `${work.target} lookup ${history.name} ${eventName} ${from} ${endGiven ? end : 'now'}`;
  const known = work.bookmarks.of(mark);
  const to = known?.to ?? end;
  const start = epochMillis(known?.reached ?? to);
  let reached: number = start;
  let token: string | undefined;
  while (known?.done !== true) {
    work.signal.throwIfAborted();
    const page = await history.page({ eventName, from, to: start }, token).catch((cause: unknown) => {
      throw new UnansweredError(history.name, { cause });
    });
    reached = Math.min(reached, await storePage(page, `LookupEvents ${history.name}`, work));
    token = page.nextToken;
    await work.bookmarks.set(mark, { done: token === undefined, reached, to });
    if (token === undefined) break;
    work.progress(mark, (to - reached) / Math.max(1, to - from));
  }
  work.progress(mark, 1);
}

/** Stores a page's grants; answers the time of the oldest record. */
async function storePage(page: HistoryPage, place: string, { service }: Backfill): Promise<number> {
  const delivery = { Events: page.records.map((CloudTrailEvent) => ({ CloudTrailEvent })) };
  const { trail, rejected } = readBatch(delivery, place, {
    inflate: () => ({ ok: false, reason: 'awslogs-data-unreadable' }),
  });
  await storeGrants(trail, service);
  if (rejected.length > 0) await service.rejects.keep(rejected);
  const times = trail.flatMap(({ record }) => parseInstant(textAt(record, 'eventTime') ?? '') ?? []);
  return Math.min(Number.POSITIVE_INFINITY, ...times);
}
