import type { Question } from '../attribution/questions.ts';
import type { Claim, ClaimIntent, ListedStatus } from '../claims/claim.ts';
import type { DueList } from '../claims/due-list.ts';
import type { PassingQuestion } from '../claims/waits.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position } from './paging.ts';
import type { RecordKey } from './records.ts';
import type { FaultyItem } from './stored-items.ts';

export interface ClaimPage {
  /** The time of the reading, by the store's clock, or slightly earlier. */
  readonly at: EpochMillis;
  /** 48 random bits for this page, as base64url. Callers cannot foresee them. */
  readonly salt: string;
  readonly claims: readonly Claim[];
  /**
   * The position of a page that ends after it, for each claim. The positions of all lists have one order, the latest
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
   * Changes one claim by a function of its present value. If another writer was faster, the function is called again.
   * If it returns undefined, nothing changes.
   * @returns the claim as it is stored then.
   */
  change(id: string, change: (claim: Claim | undefined) => Claim | undefined): Promise<Claim | undefined>;
  /**
   * Returns open claims of these lists that are due, the longest overdue first. Claims that cannot be read are left
   * out.
   */
  due(now: EpochMillis, limit: number, lists?: readonly DueList[]): Promise<readonly Claim[]>;
  /** Returns the lists with more due claims than this. */
  busyLists(now: EpochMillis, most: number): Promise<readonly DueList[]>;
  /**
   * Returns the number of open claims, up to a limit. Also returns the time since which the first one is overdue or
   * held back, and the faulty claims.
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
  /** The earliest due time, or the time since which an answer is held back. It can be in the future. */
  readonly overdueSince?: EpochMillis;
  /** The due claims that cannot be read, for example from another version. They are never decided. */
  readonly faulty: readonly FaultyItem[];
}

/** Some of the claims that wait under one key. */
export interface WaitPage {
  /** The claims that wait, each as `waiterOf` names it. */
  readonly waiters: readonly string[];
  readonly after?: string | undefined;
}

/** Claims of one account that wait under one key (`waitIds`). The first of them have already been woken. */
export interface LeftWaits {
  readonly wait: string;
  /** The account that sent the records of these claims. Empty if it is not known. */
  readonly sender: string;
  /** The last claim that was woken, or a text that sorts before the first one. */
  readonly after: string;
  /** The time at which the fact came that wakes them. */
  readonly at: EpochMillis;
  /** Present if another fact came in the meantime. All of these claims must then be woken once more. */
  readonly again?: true | undefined;
}

/**
 * What each claim waits for. A claim is named as by `waiterOf`. New facts find the claims here that they may change.
 */
export interface ClaimWaits {
  /**
   * Stores that the claim waits for answers to these questions, for longer than any present record is kept. Returns
   * whether one of the waits is new.
   */
  add(waiter: string, questions: readonly Question[]): Promise<boolean>;
  /**
   * Returns at most `most` of the claims that wait under the key, in the order of their names, after `after`. If there
   * may be more, it also returns the last of them. The read is consistent.
   */
  page(wait: string, most: number, after?: string): Promise<WaitPage>;
  /** Notes claims that must still be woken. It replaces an earlier note for the same key and account. */
  leave(left: LeftWaits): Promise<void>;
  /**
   * Notes that settle must wake the claims of a note once more. Another fact came while it was waking them.
   * Returns whether there is such a note.
   */
  repeat(left: Pick<LeftWaits, 'wait' | 'sender' | 'at'>): Promise<boolean>;
  /** Returns the first note of the first account after `sender`. Undefined if there is none. */
  left(sender?: string): Promise<LeftWaits | undefined>;
  /**
   * Stores up to where the claims of the note were woken. If `rest` is undefined, removes the note. If a later fact has
   * changed the note, changes nothing.
   */
  advance(left: LeftWaits, rest: Pick<LeftWaits, 'after' | 'again'> | undefined): Promise<void>;
  /**
   * Removes the claim's waits for these questions. Other kinds of questions stay, because records are found by them.
   */
  remove(waiter: string, questions: readonly PassingQuestion[]): Promise<void>;
}

/**
 * Announcements of the records that a delivery will store, and of the claims that it will open. An announcement stays
 * until the records are counted and the claims are open. So a crash in between loses none of them, even if the delivery
 * never comes again.
 */
export interface ClaimIntents {
  /** Announces records and claims. If a retry knows more grants, it adds to the earlier announcement. */
  announce(delivery: string, announced: Announcement, now: EpochMillis): Promise<void>;
  /** Removes the announcement, after all records were counted and all claims opened. */
  withdraw(delivery: string): Promise<void>;
  /** Removes one part of an announcement. If the part was announced again since it was read, it stays. */
  fulfil(announced: AnnouncedIntents): Promise<void>;
  /**
   * Returns announcements that were made before this time and not removed, in parts. One delivery can have several. The
   * accounts that sent the deliveries take turns. It is an iterator, because the parts do not fit into memory after an
   * hour of failures.
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
  /** The keys of the records that will be stored. */
  readonly records: readonly RecordKey[];
  /** The account that sent the delivery. Absent if it is not known. */
  readonly sender?: string | undefined;
}

export interface AnnouncedIntents extends Announcement {
  readonly delivery: string;
  /** The ID of the part of the announcement. It stays the same, and only the store understands it. */
  readonly part: string;
  readonly at: EpochMillis;
}

/** The parts of settle's work, each with its own lease: a list of due claims, or the chores of each minute. */
export type LeasedPart = DueList | 'chores';

/** The leases by which only one run of settle at a time works on each part. */
export interface Leases {
  /**
   * Takes the lease of the part until this time, if it is free, expired or already the owner's. Returns whether it did.
   */
  take(part: LeasedPart, owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean>;
  release(part: LeasedPart, owner: string): Promise<void>;
}
