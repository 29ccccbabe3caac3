import type { Question } from '../attribution/questions.ts';
import type { Claim, ClaimIntent, ListedStatus } from '../claims/claim.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position } from './paging.ts';
import type { FaultyItem } from './stored-items.ts';

export interface ClaimPage {
  readonly claims: readonly Claim[];
  /** For each of the claims, where a page would end behind it. */
  readonly positions: readonly Position[];
  readonly position?: Position;
}

/** The claims: settle's queue, what each of them waits for, and what `/sessions` lists. */
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
  /** Newest first by the last event, without those that cannot be read. @throws PositionError where the page's position is none of the store's. */
  list(status: ListedStatus, page: Page): Promise<ClaimPage>;
  /** Notes that the claim waits for answers to these questions. Answers whether any of them is new. */
  waitFor(id: string, questions: readonly Question[]): Promise<boolean>;
  /** The ids of the claims that wait for an answer to the question; never late. */
  waitingFor(question: Question): Promise<readonly string[]>;
  /** The claim waits for answers to these questions no more. */
  waitNoMore(id: string, questions: readonly Question[]): Promise<void>;
  /**
   * Notes before a batch is stored which claims it will open, so that a crash in between loses none. A delivery that is
   * tried again, with grants that came meanwhile, adds to what it announced before.
   */
  announce(delivery: string, openings: readonly ClaimIntent[], now: EpochMillis): Promise<void>;
  /** All of the batch's claims are open. */
  withdraw(delivery: string): Promise<void>;
  /** The claims of this announcement are open. One that was made again since it was read stays. */
  fulfil(announcement: AnnouncedIntents): Promise<void>;
  /** What was announced before the time and never withdrawn. A batch of many claims is announced in several parts. */
  forgotten(before: EpochMillis): Promise<Forgotten>;
}

export interface Backlog {
  readonly open: number;
  /** The earliest due time, or time since when an answer is held back; it may lie ahead. */
  readonly overdueSince?: EpochMillis;
  /** Of those that are due first: what cannot be read, as of another version, and so is never decided. */
  readonly faulty: readonly FaultyItem[];
}

export interface Forgotten {
  readonly announcements: readonly AnnouncedIntents[];
  readonly faulty: readonly FaultyItem[];
}

export interface AnnouncedIntents {
  readonly delivery: string;
  /** Which part of the delivery's claims: opaque, the same for the same claims. */
  readonly part: string;
  readonly at: EpochMillis;
  readonly openings: readonly ClaimIntent[];
}
