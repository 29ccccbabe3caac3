import { FILTER_CHANGES, GRANT_EVENTS } from '../../cloudtrail/evidence-events.ts';
import type { ErrorCode } from '../../error-code.ts';
import { textAt } from '../../json.ts';
import type { HistoryPage, TrailHistory } from '../../ports/histories.ts';
import { type EpochMillis, epochMillis, parseInstant } from '../../time.ts';
import { storeGrants } from '../grants/grants.ts';
import { noteFilterChanges } from '../heartbeats/filter-changes.ts';
import { fillSilences } from '../heartbeats/hear.ts';
import { readBatch } from '../ingest/batch.ts';
import type { Backfill } from './backfill.ts';

export interface BackfillRange {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  /** Whether the user gave the end. Otherwise it is the time at which the backfill began. */
  readonly endGiven: boolean;
}

/** A Region of an account that did not answer. */
export interface HistoryFailure {
  readonly name: string;
  readonly cause: unknown;
}

/**
 * Loads grants and changes of subscription filters from CloudTrail's event history, for a time range. Accounts and
 * Regions are read concurrently. Each event name is read from the newest record to the oldest. If a Region does not
 * answer, the others continue.
 * @returns the Regions that did not answer.
 * @throws the errors of the stores, or the signal's reason.
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
    for (const eventName of [...GRANT_EVENTS, ...FILTER_CHANGES]) await backfillEvents(history, eventName, range, work);
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
 * Loads the events of one name, page by page from the newest to the oldest. The bookmark is the time of the oldest
 * record so far, where the next run resumes. Page tokens expire too soon to serve as bookmarks.
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

/** Stores the grants of a page. Returns the time of the oldest record, in epoch milliseconds. */
async function storePage(page: HistoryPage, place: string, { service }: Backfill): Promise<number> {
  const delivery = { Events: page.records.map((CloudTrailEvent) => ({ CloudTrailEvent })) };
  const { trail, rejected } = readBatch(delivery, place, {
    inflate: () => ({ ok: false, reason: 'awslogs-data-unreadable' }),
  });
  await storeGrants(trail, service);
  await fillSilences(trail, service);
  await noteFilterChanges(trail, service);
  if (rejected.length > 0) await service.rejects.keep(rejected);
  const times = trail.flatMap(({ record }) => parseInstant(textAt(record, 'eventTime') ?? '') ?? []);
  return Math.min(Number.POSITIVE_INFINITY, ...times);
}
