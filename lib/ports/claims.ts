import type { Claim, ListedStatus } from '../claims/claim.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position } from './paging.ts';
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
