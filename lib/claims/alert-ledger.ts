import { type EpochMillis, epochMillis, HOUR } from '../time.ts';
import { type AlertGroup, classOf, groupId, type NoticeClass } from './alert-group.ts';
import type { TextDigest } from './identity.ts';

/** A group that a message or a digest reported. */
export interface GroupNotice {
  /**
   * The digest of the group's `groupId`. The ID itself can have a thousand bytes, and the ledger must fit into one item
   * of 400 KB.
   */
  readonly group: string;
  readonly of: NoticeClass;
  readonly by: 'message' | 'digest';
  readonly at: EpochMillis;
  /**
   * The claim that the message is about. If a crash came between noting and sending, this claim may send the message
   * again. Absent for a digest.
   */
  readonly claim?: string;
  /** The accounts that sent the records. */
  readonly senders: readonly string[];
}

/** The recent messages, which decide whether the next one is sent at once. */
export interface AlertLedger {
  readonly notices: readonly GroupNotice[];
  /**
   * When the last digest was sent. Absent if more alerts waited than that digest could have. In that case, the next
   * digest is sent at once.
   */
  readonly digestAt?: EpochMillis;
}

export const EMPTY_LEDGER: AlertLedger = { notices: [] };

/**
 * Limits the messages in an hour about the records of one account, not counting digests. Further alerts wait for a
 * digest.
 */
export const MOST_AN_HOUR: Readonly<Record<NoticeClass, number>> = { grave: 10, usual: 10, resolved: 4 };

/**
 * How many times the limit of one account all accounts together may use. Even if two accounts use up their share, there
 * is one left for the others.
 */
export const MOST_IN_ALL = 3;

/**
 * Limits how many groups of a digest are remembered, the largest first. The next alert of any other group may be sent
 * at once.
 */
const MOST_OF_A_DIGEST = 50;
/** Limits how many groups of all digests in a window are remembered. The latest ones are kept. */
const MOST_OF_DIGESTS = 200;

/** How the ledger is kept. */
export interface LedgerRules {
  /** How long further alerts of a group wait after the first one, in milliseconds. With 0, no alert waits. */
  readonly window: number;
  readonly digest: TextDigest;
}

/** An alert that will be sent or will wait. */
export interface PlannedNotice {
  readonly group: AlertGroup;
  readonly claimId: string;
}

/**
 * Returns whether an alert can be sent at once. First, no message about its group was sent within the window. Second,
 * the hour has room for a message: in all, and for one of the accounts that sent the records. With a window of 0, every
 * alert can be sent.
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

/**
 * Returns a test for notices: whether they are about another group or another claim. A claim that was interrupted may
 * send its own message again.
 */
function isOfAnother(id: string, claimId: string): (notice: GroupNotice) => boolean {
  return (each) => each.group !== id || each.claim !== claimId;
}

/**
 * Returns the ledger with a digest. A new window begins for each of its groups.
 * @param groups the groups of the digest, the largest first.
 * @param hasMore whether more alerts wait than fit into the digest.
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

/**
 * Returns when an alert that begins to wait is due. This is the end of its group's window, or one window from now if
 * there is none.
 */
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
 * Returns whether a digest is due. The first waiting alert must be due, and the window of the last digest must be over.
 * That window does not count if more alerts waited than the digest could have.
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

/**
 * Returns the notices that still matter: those within the window, and the messages of the last hour, which are counted.
 */
function recent({ notices }: AlertLedger, window: number, now: EpochMillis): readonly GroupNotice[] {
  return notices.filter(({ by, at }) => at > now - (by === 'message' ? Math.max(HOUR, window) : window));
}
