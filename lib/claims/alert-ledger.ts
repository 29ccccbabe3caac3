import { type EpochMillis, epochMillis, HOUR } from '../time.ts';
import { type AlertGroup, classOf, groupId, type NoticeClass } from './alert-group.ts';

/** A group that was told of: by a message of its own, or within a digest. */
export interface GroupNotice {
  /** See `groupId`. */
  readonly group: string;
  readonly of: NoticeClass;
  readonly by: 'message' | 'digest';
  readonly at: EpochMillis;
}

/** What was told of alerts lately: no more than decides what goes out at once. */
export interface AlertLedger {
  readonly told: readonly GroupNotice[];
  /** When the last digest went out. */
  readonly digestAt?: EpochMillis;
}

export const EMPTY_LEDGER: AlertLedger = { told: [] };

/** Messages an hour, but for digests; what is more is held. */
export const MOST_AN_HOUR: Readonly<Record<NoticeClass, number>> = { grave: 10, usual: 10, resolved: 4 };

/** Of a digest so many groups are remembered, the largest: of the others the next alert may go out at once. */
const MOST_OF_A_DIGEST = 50;

/** Whether nothing of the group was told within the window, and the hour's messages are not used up. A window of 0 holds nothing. */
export function goesAtOnce({ told }: AlertLedger, group: AlertGroup, window: number, now: EpochMillis): boolean {
  if (window === 0) return true;
  const id = groupId(group);
  if (told.some((each) => each.group === id && each.at > now - window)) return false;
  const own = told.filter(({ of, by, at }) => by === 'message' && of === classOf(group) && at > now - HOUR);
  return own.length < MOST_AN_HOUR[classOf(group)];
}

/** After a message about the group. */
export function toldOf(ledger: AlertLedger, group: AlertGroup, window: number, now: EpochMillis): AlertLedger {
  return { ...ledger, told: [...recent(ledger, window, now), entryOf(group, 'message', now)] };
}

/** After a digest of these groups, the largest first: each of them has a new window. */
export function digested(
  ledger: AlertLedger,
  groups: readonly AlertGroup[],
  window: number,
  now: EpochMillis,
): AlertLedger {
  const entries = groups.slice(0, MOST_OF_A_DIGEST).map((group) => entryOf(group, 'digest', now));
  return { told: [...recent(ledger, window, now), ...entries], digestAt: now };
}

/** When a notice that is held now is to be told at the latest: when the group's window ends, else a window from now. */
export function dueOf({ told }: AlertLedger, group: AlertGroup, window: number, now: EpochMillis): EpochMillis {
  const id = groupId(group);
  const ends = told.flatMap((each) => (each.group === id && each.at > now - window ? [each.at + window] : []));
  return epochMillis(Math.min(now + window, ...ends));
}

/** Whether it is time for a digest: a window has ended, and that of the last digest. `due` is of the notice that is due first. */
export function isDigestDue({ digestAt }: AlertLedger, due: EpochMillis, window: number, now: EpochMillis): boolean {
  return window === 0 || (due <= now && (digestAt === undefined || digestAt + window <= now));
}

function entryOf(group: AlertGroup, by: GroupNotice['by'], at: EpochMillis): GroupNotice {
  return { group: groupId(group), of: classOf(group), by, at };
}

function recent({ told }: AlertLedger, window: number, now: EpochMillis): readonly GroupNotice[] {
  return told.filter(({ at }) => at > now - Math.max(HOUR, window));
}
