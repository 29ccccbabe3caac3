import { fewClusters } from '../../counts/hour-counts.ts';
import { hourOf, hoursBetween, isClosed, MARK_RESTS } from '../../counts/hours.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AccountsWithin, CountProgress, CountStore, MarkedHour } from '../../ports/counts.ts';
import type { FaultyItem } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis, HOUR, MINUTE } from '../../time.ts';
import { inTurns } from '../../turns.ts';

export interface CountingService {
  readonly counts: CountStore;
  readonly clock: Clock;
  /** The last check of open hours. It is kept while the process lives. */
  readonly looked?: LastLook | undefined;
}

/** The time at which open hours were last checked, and where that check ran out of time. */
export interface LastLook {
  at?: EpochMillis;
  stopped?: { readonly hour: EpochMillis; readonly account: string } | undefined;
}

/**
 * How long before the first run counting begins, in milliseconds. Records of these hours have no marks (`needsMark`).
 */
const BEFORE = 3 * HOUR;
/**
 * The interval between checks of open hours, in milliseconds. A question can read only few entries itself, so large
 * hours are counted early.
 */
const BETWEEN_LOOKS = 5 * MINUTE;
/** The maximum number of requests that a question makes to read the entries of one uncounted hour. */
export const MOST_REQUESTS_OF_HOUR = 2;

/**
 * Counts the hours that are over, and counts those again that received late records. Open hours are counted only if
 * they are too large for a question to read. A repeated run after a crash changes nothing. The caller must hold the
 * lease of settle's chores.
 * @returns the entries that cannot be read.
 */
export async function countHours(service: CountingService, stopAt: EpochMillis): Promise<readonly FaultyItem[]> {
  const { counts, clock } = service;
  const faulty: FaultyItem[] = [];
  const known = await counts.progress();
  const progress = known ?? begun(clock());
  let { through, account, lateOf } = progress;
  for (const hour of hoursBetween(epochMillis(through + HOUR), hourOf(clock()))) {
    if (!isClosed(hour, clock()) || clock() >= stopAt) break;
    const counted = await countHour(hour, { after: account }, { ...service, stopAt });
    faulty.push(...counted.faulty);
    account = counted.account;
    if (account !== undefined) break;
    through = hour;
  }
  await lookThroughOpen(through, service, stopAt);
  const late = await countMarked(lateOf, service, stopAt);
  faulty.push(...late.faulty);
  if (late.account !== undefined) lateOf = late.account;
  await counts.advance({ since: progress.since, through, account, lateOf, at: clock() });
  return faulty;
}

function begun(now: EpochMillis): CountProgress {
  return { since: now, through: epochMillis(hourOf(now) - BEFORE), at: now };
}

/** Limits how many marked hours are read for each account. Anybody who forges events can mark any number of hours. */
const MOST_MARKED = 1_000;

/**
 * Counts the hours that received late records, each only for the account that sent them. The accounts take turns, since
 * one account may need the time of a whole run.
 * @param after the account that had the last turn of the previous run. The next account comes first.
 */
async function countMarked(
  after: string | undefined,
  service: CountingService,
  stopAt: EpochMillis,
): Promise<HourOutcome> {
  const { counts, clock } = service;
  const faulty: FaultyItem[] = [];
  let account: string | undefined;
  const marks = await counts.marked(epochMillis(clock() - MARK_RESTS), { most: MOST_MARKED });
  const isNext = ({ accountId }: MarkedHour) => after === undefined || accountId > after;
  const ordered = [...marks.filter(isNext), ...marks.filter((mark) => !isNext(mark))];
  for (const mark of inTurns(ordered, ({ accountId }) => [accountId])) {
    if (clock() >= stopAt) break;
    faulty.push(...(await countHour(mark.hour, { only: mark.accountId }, { ...service, stopAt })).faulty);
    await counts.unmark(mark);
    account = mark.accountId;
  }
  return { faulty, account };
}

/** The outcome of counting an hour, or a part of it. */
interface HourOutcome {
  readonly faulty: readonly FaultyItem[];
  /**
   * The last account that was counted. The next run goes on after it. Absent if nothing was counted or the hour is
   * complete.
   */
  readonly account?: string | undefined;
}

/**
 * Counts accounts of the hour and stores their counts until the time is over. It counts at least one account, so that
 * each run makes progress.
 */
async function countHour(
  hour: EpochMillis,
  within: AccountsWithin,
  { counts, clock, stopAt }: CountingService & { readonly stopAt: EpochMillis },
): Promise<HourOutcome> {
  const faulty: FaultyItem[] = [];
  let asOf = clock();
  for await (const counted of counts.accounts(hour, within)) {
    faulty.push(...counted.faulty);
    await counts.keep(fewClusters(counted.counts), asOf);
    asOf = clock();
    if (asOf >= stopAt) return { faulty, account: counted.accountId };
  }
  return { faulty };
}

/**
 * Checks the open hours, and counts those that are too large for a question to read. It goes on where the last check
 * ran out of time. Call it before late hours are counted, because an account can mark any number of those.
 */
async function lookThroughOpen(through: EpochMillis, service: CountingService, stopAt: EpochMillis): Promise<void> {
  const { counts, clock, looked = {} } = service;
  const now = clock();
  const { at, stopped } = looked;
  if (stopped === undefined && at !== undefined && now < at + BETWEEN_LOOKS) return;
  looked.at = now;
  const first = epochMillis(Math.max(through + HOUR, stopped?.hour ?? 0));
  for (const hour of hoursBetween(first, hourOf(now))) {
    if (clock() >= stopAt) return;
    const after = hour === stopped?.hour ? stopped.account : undefined;
    looked.stopped = undefined;
    const { isComplete } = await counts.count(hour, MOST_REQUESTS_OF_HOUR);
    if (isComplete) continue;
    const { account } = await countHour(hour, { after }, { ...service, stopAt });
    if (account !== undefined) looked.stopped = { hour, account };
  }
}
