import type { Question } from '../attribution/questions.ts';
import type { Claim, ClaimIntent, ListedStatus } from '../claims/claim.ts';
import type { DueList } from '../claims/due-list.ts';
import type { PassingQuestion } from '../claims/waits.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position } from './paging.ts';
import type { RecordKey } from './records.ts';
import type { FaultyItem } from './stored-items.ts';

export interface ClaimPage {
  /** The time of the reading by the store's clock, or a little earlier. */
  readonly at: EpochMillis;
  /** 48 random bits for this page, as base64url. Callers cannot foresee them. */
  readonly salt: string;
  readonly claims: readonly Claim[];
  /**
   * For each claim, the position of a page that ends after it. The positions of all lists have one order, the latest
   * text first.
   */
  readonly positions: readonly Position[];
  readonly position?: Position;
  /** Present if the page left out claims because their last event is later than `until`. */
  readonly hasLeftOut?: true;
}

/** A page of a list: from the latest event downwards, or from the oldest upwards. */
export interface ListPage extends Page {
  readonly isUpwards?: boolean;
  /** Leaves out claims whose last event is later than this. It has an effect only downwards. */
  readonly until?: EpochMillis;
}

/** The claims: the queue of settle, and the sessions that `/sessions` lists. */
export interface Claims {
  get(id: string): Promise<Claim | undefined>;
  /** Returns the current state of these claims by ID. Claims that do not exist or cannot be read are left out. */
  registered(ids: readonly string[]): Promise<ReadonlyMap<string, Claim>>;
  /**
   * Changes one claim by a function of its present value. The function is called again if another writer was faster. If
   * it returns undefined, nothing changes.
   */
  change(id: string, change: (claim: Claim | undefined) => Claim | undefined): Promise<Claim | undefined>;
  /** Returns open claims of these lists that are due, the longest overdue first. Claims that cannot be read are left out. */
  due(now: EpochMillis, limit: number, lists?: readonly DueList[]): Promise<readonly Claim[]>;
  /** Returns the lists with more due claims than this. */
  busyLists(now: EpochMillis, most: number): Promise<readonly DueList[]>;
  /**
   * Returns the number of open claims (up to a limit), the time from which the first is overdue or held back, and the
   * faulty ones.
   */
  backlog(): Promise<Backlog>;
  /**
   * Returns a page of the list in the order of last events. Claims that cannot be read are left out.
   * @throws PositionError if the position was not issued by this store.
   */
  list(status: ListedStatus, page: ListPage): Promise<ClaimPage>;
}

export interface Backlog {
  readonly open: number;
  /** The earliest due time, or the time from which an answer is held back. It may lie in the future. */
  readonly overdueSince?: EpochMillis;
  /** Due claims that cannot be read, for example of another version. They are never decided. */
  readonly faulty: readonly FaultyItem[];
}

/** A part of the claims that wait under one key. */
export interface WaitPage {
  /** The claims that wait, each as `waiterOf` names it. */
  readonly waiters: readonly string[];
  readonly after?: string | undefined;
}

/** Claims of one account that wait under one key (`waitIds`), the first of them woken already. */
export interface LeftWaits {
  readonly wait: string;
  /** The account that sent the records of these claims; empty if it is not known. */
  readonly sender: string;
  /** The last claim that is woken, or a text before the first one. */
  readonly after: string;
  /** The time at which the answer came. */
  readonly at: EpochMillis;
  /** Set if another answer came meanwhile, so that all of these claims are to be woken once more from the first on. */
  readonly again?: true | undefined;
}

/** The answers that each claim waits for; a claim is given as `waiterOf` names it. New facts find by them the claims that they may change. */
export interface ClaimWaits {
  /**
   * Stores that the claim waits for answers to these questions, for longer than any present record is kept. Returns
   * whether any of the waits is new.
   */
  add(waiter: string, questions: readonly Question[]): Promise<boolean>;
  /**
   * Returns at most `most` of the claims that wait under the key, in the order of their names, beginning after `after`.
   * Also returns the last of them if there may be more. The read is consistent.
   */
  page(wait: string, most: number, after?: string): Promise<WaitPage>;
  /** Notes claims that are still to be woken. It replaces an earlier note for the same key and account. */
  leave(left: LeftWaits): Promise<void>;
  /**
   * Notes that settle must wake the claims of a note once more, because another answer came while it was waking them.
   * Returns whether there is such a note.
   */
  repeat(left: Pick<LeftWaits, 'wait' | 'sender' | 'at'>): Promise<boolean>;
  /** Returns the first note of the first account after `sender`; undefined if there is none. */
  left(sender?: string): Promise<LeftWaits | undefined>;
  /**
   * Stores how far the claims of the note were woken, or removes the note if no rest is given. Changes nothing if a
   * later answer has changed the note.
   */
  advance(left: LeftWaits, rest: Pick<LeftWaits, 'after' | 'again'> | undefined): Promise<void>;
  /**
   * Removes the claim's waits for these questions. Other kinds of questions stay, because records are found by them.
   */
  remove(waiter: string, questions: readonly PassingQuestion[]): Promise<void>;
}

/**
 * Announcements of the records that a delivery will store and the claims it will open. An announcement stays until the
 * records are counted and the claims are open, so that a crash in between loses none, even if the delivery never comes
 * again.
 */
export interface ClaimIntents {
  /**
   * Announces records and claims. A retry of the delivery, with grants that arrived since, adds to the earlier
   * announcement.
   */
  announce(delivery: string, announced: Announcement, now: EpochMillis): Promise<void>;
  /** Removes the announcement: all records are counted and all claims are open. */
  withdraw(delivery: string): Promise<void>;
  /** Removes one part of an announcement. A part that was announced again since it was read stays. */
  fulfil(announced: AnnouncedIntents): Promise<void>;
  /**
   * Returns announcements made before this time and not removed, in parts; one delivery may have several. The accounts that sent the
   * deliveries take turns. It is an iterator, since after an hour of failures they do not fit into memory.
   * @param isLast returns whether the parts of the account come after all others.
   */
  forgotten(before: EpochMillis, isLast?: (sender: string | undefined) => boolean): AsyncIterable<ForgottenIntents>;
}

export interface ForgottenIntents {
  readonly announced: readonly AnnouncedIntents[];
  readonly faulty: readonly FaultyItem[];
}

export interface Announcement {
  readonly intents: readonly ClaimIntent[];
  /** Keys of the records to be stored. */
  readonly records: readonly RecordKey[];
  /** The account that sent the delivery; absent if it is not known. */
  readonly sender?: string | undefined;
}

export interface AnnouncedIntents extends Announcement {
  readonly delivery: string;
  /** Opaque ID of the part of the announcement; stable. */
  readonly part: string;
  readonly at: EpochMillis;
}

/** The parts of settle's work, each with its own lease: a list of due claims, or what is done once a minute. */
export type LeasedPart = DueList | 'chores';

/** The leases that let one run of settle at a time work on each part. */
export interface Leases {
  /** Takes the lease of the part until this time if it is free, expired or already the owner's. Returns whether it did. */
  take(part: LeasedPart, owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean>;
  release(part: LeasedPart, owner: string): Promise<void>;
}
