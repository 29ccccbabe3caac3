import type { Facts } from '../attribution/facts.ts';
import type { Question } from '../attribution/questions.ts';
import type { LookupGap } from '../claims/lookup-gap.ts';
import type { ReadRange } from '../claims/read-range.ts';
import type { GrantSource } from './sessions.ts';

/** Look-ups in CloudTrail for one claim or one question. Methods throw if CloudTrail does not answer. */
export interface Lookups extends GrantSource {
  /** Requests made so far. */
  readonly requests: number;
  /** Accounts and Regions that did not answer, or not completely. They may hold the grant. */
  readonly gaps: readonly LookupGap[];
  /**
   * Notes an account whose CloudTrail may have the grants: that of the caller, or of a grant's caller. If the service
   * may ask every account of an organization, it then asks this one too.
   */
  noteAccount(account: string | undefined): void;
}

/** The state from which a claim's look-ups resume. */
export interface LookupProgress {
  /** The claim's ID. */
  readonly claim: string;
  /** Ranges read before. */
  readonly read: readonly ReadRange[];
  /** The maximum number of requests to each account and Region in this turn. Look-ups that need more are left unfinished. */
  readonly share?: number | undefined;
  /**
   * Stores the facts of a page, before the page counts as read.
   * @throws the errors of the store.
   */
  keep(found: readonly Facts[]): Promise<void>;
}

/**
 * Look-ups that may take many runs. They return the facts that were found in time, and do not throw if CloudTrail does not
 * answer: `gaps` reports that.
 */
export interface ClaimLookups extends Lookups {
  readonly read: readonly ReadRange[];
  /** Returns whether CloudTrail can answer these questions. For others no request is made. */
  canAsk(questions: readonly Question[]): boolean;
}

/** Starts the look-ups of a claim. */
export type LookUp = (progress: LookupProgress) => ClaimLookups;
