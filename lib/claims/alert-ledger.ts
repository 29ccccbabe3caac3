import { type EpochMillis, epochMillis, HOUR } from '../time.ts';
import { type AlertGroup, classOf, groupId, type NoticeClass } from './alert-group.ts';
import type { TextDigest } from './identity.ts';

/** A group that a message or a digest reported. */
export interface GroupNotice {
  /** The digest of its `groupId`, which can have a thousand bytes: the ledger is one item of 400 KB. */
  readonly group: string;
  readonly of: NoticeClass;
  readonly by: 'message' | 'digest';
  readonly at: EpochMillis;
  /** The claim of the message. If it was noted but not sent, the claim sends it again. Absent for a digest. */
  readonly claim?: string;
  /** The accounts that sent the records. */
  readonly senders: readonly string[];
}

/** The recent messages, as far as they decide whether the next one can be sent at once. */
export interface AlertLedger {
  readonly notices: readonly GroupNotice[];
  /** The time at which the last digest was sent. Absent if more alerts waited than it could have: the next one is then sent at once. */
  readonly digestAt?: EpochMillis;
}

export const EMPTY_LEDGER: AlertLedger = { notices: [] };

/** The maximum number of messages per hour about records of one account, without digests. Further alerts wait. */
export const MOST_AN_HOUR: Readonly<Record<NoticeClass, number>> = { grave: 10, usual: 10, resolved: 4 };

/** All accounts together may have so many times the messages of one. If two accounts use up their share, the others still have one. */
export const MOST_IN_ALL = 3;

/** The maximum number of groups that are remembered from a digest, the largest first. For the others, the next alert may be sent at once. */
const MOST_OF_A_DIGEST = 50;
/** The maximum number of groups that are remembered from all digests of a window. The latest ones stay. */
const MOST_OF_DIGESTS = 200;

/** How the ledger is kept. */
export interface LedgerRules {
  /** The time for which further alerts of a group are held after the first, in milliseconds. With 0, none is held. */
  readonly window: number;
  readonly digest: TextDigest;
}

/** An alert that is about to be sent, or to wait. */
export interface PlannedNotice {
  readonly group: AlertGroup;
  readonly claimId: string;
}

/**
 * Returns whether an alert can be sent at once. It can if no message about the group was sent within the window, and this hour has room for
 * one: in all, and for one of the accounts that sent the records. With a window of 0, every alert can.
 */
export function goesAtOnce(
  ledger: AlertLedger,
  { group, claimId }: PlannedNotice,
  { window, digest }: LedgerRules,
  now: EpochMillis,
): boolean {
  if (window === 0) return true;
  const id = digest(groupId(group));
  const notices = ledger.notices.filter(isOfAnother(id, claimId));
  if (notices.some((each) => each.group === id && each.at > now - window)) return false;
  const most = MOST_AN_HOUR[classOf(group)];
  const sent = notices.filter(({ of, by, at }) => by === 'message' && of === classOf(group) && at > now - HOUR);
  const hasRoom = (sender: string) => sent.filter(({ senders }) => senders.includes(sender)).length < most;
  return sent.length < MOST_IN_ALL * most && group.senders.some(hasRoom);
}

/** Returns the ledger with a message about the group. */
export function noteMessage(
  ledger: AlertLedger,
  { group, claimId }: PlannedNotice,
  { window, digest }: LedgerRules,
  now: EpochMillis,
): AlertLedger {
  const entry = entryOf(group, 'message', digest, now);
  const others = recent(ledger, window, now).filter(isOfAnother(entry.group, claimId));
  return { ...ledger, notices: [...others, { ...entry, claim: claimId }] };
}

/** Returns a function that says whether a notice is about another group or claim. A claim sends its own again if it was interrupted. */
function isOfAnother(id: string, claimId: string): (notice: GroupNotice) => boolean {
  return (each) => each.group !== id || each.claim !== claimId;
}

/**
 * Returns the ledger after a digest of these groups, the largest first. Each of them has a new window.
 * @param hasMore whether more alerts wait than the digest can have.
 */
export function noteDigest(
  ledger: AlertLedger,
  groups: readonly AlertGroup[],
  { window, digest }: LedgerRules,
  now: EpochMillis,
  hasMore = false,
): AlertLedger {
  const entries = groups.slice(0, MOST_OF_A_DIGEST).map((group) => entryOf(group, 'digest', digest, now));
  const { message = [], digest: before = [] } = Object.groupBy(recent(ledger, window, now), ({ by }) => by);
  const notices = [...message, ...[...before, ...entries].slice(-MOST_OF_DIGESTS)];
  return hasMore ? { notices } : { notices, digestAt: now };
}

/** Returns when an alert that waits now is due: at the end of the group's window, or one window from now if the group has none. */
export function dueOf(
  { notices }: AlertLedger,
  group: AlertGroup,
  { window, digest }: LedgerRules,
  now: EpochMillis,
): EpochMillis {
  const id = digest(groupId(group));
  const ends = notices.flatMap((each) => (each.group === id && each.at > now - window ? [each.at + window] : []));
  return epochMillis(Math.min(now + window, ...ends));
}

/**
 * Returns whether a digest is due: the first waiting alert is due, and the window of the last digest has ended. The window does not count
 * if more alerts waited than that digest could have.
 * @param due the earliest due time of the waiting alerts.
 */
export function isDigestDue(
  { digestAt }: AlertLedger,
  due: EpochMillis,
  { window }: Pick<LedgerRules, 'window'>,
  now: EpochMillis,
): boolean {
  return window === 0 || (due <= now && (digestAt === undefined || digestAt + window <= now));
}

function entryOf(group: AlertGroup, by: GroupNotice['by'], digest: TextDigest, at: EpochMillis): GroupNotice {
  return { group: digest(groupId(group)), of: classOf(group), by, at, senders: group.senders };
}

/** Returns the notices that still matter: those of the window, and messages of the hour, which are counted. */
function recent({ notices }: AlertLedger, window: number, now: EpochMillis): readonly GroupNotice[] {
  return notices.filter(({ by, at }) => at > now - (by === 'message' ? Math.max(HOUR, window) : window));
}
