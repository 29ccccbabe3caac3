import { DAY, type EpochMillis, epochMillis, startOfDay } from '../time.ts';

/**
 * The kinds of input that a ceiling leaves out of an account: allowed reads, or the whole deliveries that it hands
 * over.
 */
export const GAP_KINDS = ['reads', 'deliveries'] as const;
export type GapKind = (typeof GAP_KINDS)[number];

/**
 * A time range in which events of an account were left out, because the account was over its ceiling for the day. Both
 * ends are included.
 */
export interface CeilingGap {
  /** The account whose events were left out. Absent if the user may see some clusters only. */
  readonly accountId?: string | undefined;
  readonly what: GapKind;
  /** The time of the earliest event that may have been left out. */
  readonly since: EpochMillis;
  /** The end of the day (UTC). The next day has a ceiling of its own. */
  readonly until: EpochMillis;
}

/**
 * How late an event can arrive, in milliseconds. SQS keeps it for 14 days. A gap begins no earlier than that, whatever
 * time an event states.
 */
export const LATEST_DELIVERY = 14 * DAY;

/** Returns the gap from the time `since` to the end of today (UTC). */
export function newGap(accountId: string, what: GapKind, since: EpochMillis, now: EpochMillis): CeilingGap {
  const [earliest, until] = [now - LATEST_DELIVERY, startOfDay(now) + DAY - 1];
  return {
    accountId,
    what,
    since: epochMillis(Math.max(earliest, Math.min(since, now))),
    until: epochMillis(until),
  };
}

/** Returns whether the gap and the time range overlap. */
export function overlaps(
  { since, until }: CeilingGap,
  { from, to }: { readonly from?: EpochMillis | undefined; readonly to?: EpochMillis | undefined },
): boolean {
  return (to === undefined || since <= to) && (from === undefined || until >= from);
}
