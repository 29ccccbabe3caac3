import { type EpochMillis, epochMillis, HOUR } from '../time.ts';
import { type AlertGroup, classOf, groupId, type NoticeClass } from './alert-group.ts';

/** A group that a message or a digest reported. */
export interface GroupNotice {
  /** See `groupId`. */
  readonly group: string;
  readonly of: NoticeClass;
  readonly by: 'message' | 'digest';
  readonly at: EpochMillis;
}

/** The recent messages, as far as they decide whether the next one can be sent at once. */
export interface AlertLedger {
  readonly notices: readonly GroupNotice[];
  /** When the last digest was sent. */
  readonly digestAt?: EpochMillis;
}

export const EMPTY_LEDGER: AlertLedger = { notices: [] };

/** The most messages per hour, without digests. Further alerts wait. */
export const MOST_AN_HOUR: Readonly<Record<NoticeClass, number>> = { grave: 10, usual: 10, resolved: 4 };

/** The most groups that are remembered from a digest, the largest first. For the others, the next alert may be sent at once. */
const MOST_OF_A_DIGEST = 50;

/**
 * Returns whether an alert can be sent at once. It can if no message about the group was sent within the window, and the
 * limit of this hour is not reached. With a window of 0, every alert can.
 * @param window in milliseconds.
 */
export function goesAtOnce({ notices }: AlertLedger, group: AlertGroup, window: number, now: EpochMillis): boolean {
  if (window === 0) return true;
  const id = groupId(group);
  if (notices.some((each) => each.group === id && each.at > now - window)) return false;
  const own = notices.filter(({ of, by, at }) => by === 'message' && of === classOf(group) && at > now - HOUR);
  return own.length < MOST_AN_HOUR[classOf(group)];
}

/** Returns the ledger after a message about the group. */
export function noteMessage(ledger: AlertLedger, group: AlertGroup, window: number, now: EpochMillis): AlertLedger {
  return { ...ledger, notices: [...recent(ledger, window, now), entryOf(group, 'message', now)] };
}

/** Returns the ledger after a digest of these groups, the largest first. Each of them has a new window. */
export function noteDigest(
  ledger: AlertLedger,
  groups: readonly AlertGroup[],
  window: number,
  now: EpochMillis,
): AlertLedger {
  const entries = groups.slice(0, MOST_OF_A_DIGEST).map((group) => entryOf(group, 'digest', now));
  return { notices: [...recent(ledger, window, now), ...entries], digestAt: now };
}

/** Returns when an alert that waits now is due: at the end of the group's window, or one window from now if the group has none. */
export function dueOf({ notices }: AlertLedger, group: AlertGroup, window: number, now: EpochMillis): EpochMillis {
  const id = groupId(group);
  const ends = notices.flatMap((each) => (each.group === id && each.at > now - window ? [each.at + window] : []));
  return epochMillis(Math.min(now + window, ...ends));
}

/**
 * Returns whether a digest is due. It is if the first waiting alert is due, and the window of the last digest has ended.
 * @param due the earliest due time of the waiting alerts.
 */
export function isDigestDue({ digestAt }: AlertLedger, due: EpochMillis, window: number, now: EpochMillis): boolean {
  return window === 0 || (due <= now && (digestAt === undefined || digestAt + window <= now));
}

function entryOf(group: AlertGroup, by: GroupNotice['by'], at: EpochMillis): GroupNotice {
  return { group: groupId(group), of: classOf(group), by, at };
}

function recent({ notices }: AlertLedger, window: number, now: EpochMillis): readonly GroupNotice[] {
  return notices.filter(({ at }) => at > now - Math.max(HOUR, window));
}
