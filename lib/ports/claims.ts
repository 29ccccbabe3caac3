import type { Question } from '../attribution/questions.ts';
import type { Claim, ClaimIntent, ListedStatus } from '../claims/claim.ts';
import type { PassingQuestion } from '../claims/waits.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position } from './paging.ts';
import type { RecordKey } from './records.ts';
import type { FaultyItem } from './stored-items.ts';

export interface ClaimPage {
  /** When it was read, by the store's clock; not later. */
  readonly at: EpochMillis;
  /** Drawn by chance for this page, 48 bits as base64url: nobody who makes claims foresees it. */
  readonly salt: string;
  readonly claims: readonly Claim[];
  /** For each of the claims, where a page would end behind it. The places of all lists stand in one order, the latest text first. */
  readonly positions: readonly Position[];
  readonly position?: Position;
}

/** A page of a list: downwards from its latest event, or upwards from its oldest. */
export interface ListPage extends Page {
  readonly isUpwards?: boolean;
}

/** The claims: settle's queue, and what `/sessions` lists. */
export interface Claims {
  get(id: string): Promise<Claim | undefined>;
  /** Those of the claims that are there, by id, as they are now; one that cannot be read counts as not there. */
  registered(ids: readonly string[]): Promise<ReadonlyMap<string, Claim>>;
  /**
   * Changes one claim by a function of what it is now, which may be called again where somebody else was faster.
   * Undefined as its answer: nothing is to be changed.
   */
  change(id: string, change: (claim: Claim | undefined) => Claim | undefined): Promise<Claim | undefined>;
  /** Open claims whose time has come, the longest overdue first; those that cannot be read are left out. */
  due(now: EpochMillis, limit: number): Promise<readonly Claim[]>;
  /** How many claims are open, up to a limit, since when the first of them is overdue or held back, and which are faulty. */
  backlog(): Promise<Backlog>;
  /** In the order of their last events, without those that cannot be read. @throws PositionError where the page's position is none of the store's. */
  list(status: ListedStatus, page: ListPage): Promise<ClaimPage>;
}

export interface Backlog {
  readonly open: number;
  /** The earliest due time, or time since when an answer is held back; it may lie ahead. */
  readonly overdueSince?: EpochMillis;
  /** Of those that are due first: what cannot be read, as of another version, and so is never decided. */
  readonly faulty: readonly FaultyItem[];
}

/** Which answers each claim waits for: what comes finds by them the claims that it may change. */
export interface ClaimWaits {
  /**
   * The claim waits for answers to these questions, for longer than any record is kept that there is now. Answers whether any of
   * these waits is new.
   */
  add(claimId: string, questions: readonly Question[]): Promise<boolean>;
  /** The ids of the claims that wait for an answer to the question; never late. */
  claimIdsOf(question: Question): Promise<readonly string[]>;
  /** The claim waits for answers to these questions no more. By the others its records are found: they stay. */
  remove(claimId: string, questions: readonly PassingQuestion[]): Promise<void>;
}

/**
 * Which records a delivery is about to store, and which claims it is about to open, announced before it stores any, until it has
 * counted the records and opened the claims: a crash in between loses none, also where the delivery never comes again.
 */
export interface ClaimIntents {
  /** A delivery that is tried again, with grants that came meanwhile, adds to what it announced before. */
  announce(delivery: string, announced: Announcement, now: EpochMillis): Promise<void>;
  /** All of the delivery's records are counted, and its claims are open. */
  withdraw(delivery: string): Promise<void>;
  /** The claims of this part are open, and its records counted. A part that was announced again since it was read stays. */
  fulfil(announced: AnnouncedIntents): Promise<void>;
  /**
   * What was announced before the time and never withdrawn, in parts: of one delivery there may be several. It comes some at a
   * time, since after an hour of failures it is more than fits into memory.
   */
  forgotten(before: EpochMillis): AsyncIterable<ForgottenIntents>;
}

export interface ForgottenIntents {
  readonly announced: readonly AnnouncedIntents[];
  readonly faulty: readonly FaultyItem[];
}

export interface Announcement {
  readonly intents: readonly ClaimIntent[];
  /** Records that are about to be stored. */
  readonly records: readonly RecordKey[];
}

export interface AnnouncedIntents extends Announcement {
  readonly delivery: string;
  /** Which part of what the delivery announced: opaque, the same for the same. */
  readonly part: string;
  readonly at: EpochMillis;
}

/** One settle at a time. */
export interface Lease {
  /** Whether the lease is the owner's until then: it was free, over, or the owner's already. */
  take(owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean>;
  release(owner: string): Promise<void>;
}
