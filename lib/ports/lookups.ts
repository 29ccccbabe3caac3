import type { Facts } from '../attribution/facts.ts';
import type { Question } from '../attribution/questions.ts';
import type { LookupGap } from '../claims/lookup-gap.ts';
import type { ReadRange } from '../claims/read-range.ts';
import type { GrantSource } from './sessions.ts';

/** Look-ups in CloudTrail for one claim or one question. Its methods throw an error if CloudTrail does not answer. */
export interface Lookups extends GrantSource {
  /** The number of requests that were made so far. */
  readonly requests: number;
  /** The accounts and Regions that did not answer, or not completely, so that they may have the grant. */
  readonly gaps: readonly LookupGap[];
  /**
   * Notes an account whose CloudTrail may have the grants: that of the caller, or of a grant's caller. If the service
   * may ask every account of an organization, it asks this one too.
   */
  noteAccount(account: string | undefined): void;
}

/** From where a claim's look-ups go on. */
export interface LookupProgress {
  /** The claim's ID. */
  readonly claim: string;
  /** The ranges that were read before. */
  readonly read: readonly ReadRange[];
  /** The maximum number of requests to each account and Region in this turn. Look-ups that need more do not end. */
  readonly share?: number | undefined;
  /**
   * Stores the facts of a page, before the page counts as read.
   * @throws the errors of the store.
   */
  keep(found: readonly Facts[]): Promise<void>;
}

/**
 * Look-ups that can take many runs. They return the facts that were found in time. If CloudTrail does not answer,
 * `gaps` says so, and no error is thrown.
 */
export interface ClaimLookups extends Lookups {
  readonly read: readonly ReadRange[];
  /** Returns whether CloudTrail can answer these questions. For other questions, no request is made. */
  canAsk(questions: readonly Question[]): boolean;
}

/** Starts the look-ups of a claim. */
export type LookUp = (progress: LookupProgress) => ClaimLookups;
