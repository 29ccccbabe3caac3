import { DAY, type EpochMillis, epochMillis, startOfDay } from '../time.ts';

/** What a ceiling leaves out of an account: allowed reads, or the whole deliveries that it hands over. */
export const GAP_KINDS = ['reads', 'deliveries'] as const;
export type GapKind = (typeof GAP_KINDS)[number];

/** A time of which events of an account were left out, because it was over its ceiling on a day. Both ends are included. */
export interface CeilingGap {
  /** Absent for somebody who may see some clusters only. */
  readonly accountId?: string | undefined;
  readonly what: GapKind;
  /** The time of the earliest event that may have been left out. */
  readonly since: EpochMillis;
  /** The end of the day (UTC), with which the ceiling begins anew. */
  readonly until: EpochMillis;
}

/** How late an event can be, in milliseconds: SQS keeps it for 14 days. An event that states an earlier time moves no gap further back. */
export const LATEST_DELIVERY = 14 * DAY;

/** Returns the gap that is noted now. */
export function newGap(accountId: string, what: GapKind, since: EpochMillis, now: EpochMillis): CeilingGap {
  const [earliest, until] = [now - LATEST_DELIVERY, startOfDay(now) + DAY - 1];
  return {
    accountId,
    what,
    since: epochMillis(Math.max(earliest, Math.min(since, now))),
    until: epochMillis(until),
  };
}

/** Returns whether the gap has a time of the range. */
export function overlaps(
  { since, until }: CeilingGap,
  { from, to }: { readonly from?: EpochMillis | undefined; readonly to?: EpochMillis | undefined },
): boolean {
  return (to === undefined || since <= to) && (from === undefined || until >= from);
}
