import type { Facts } from '../attribution/facts.ts';
import type { Question } from '../attribution/questions.ts';
import type { LookupGap } from '../claims/lookup-gap.ts';
import type { ReadRange } from '../claims/read-range.ts';
import type { GrantSource } from './sessions.ts';

/** CloudTrail itself, as asked on behalf of one claim or question. It throws where nobody answers. */
export interface Lookups extends GrantSource {
  /** Requests made so far. */
  readonly requests: number;
  /** Accounts and Regions that did not answer so far, or not to the end: they may hold the grant. */
  readonly gaps: readonly LookupGap[];
}

/** Where a claim's look-ups go on. */
export interface LookupProgress {
  /** The claim's id. */
  readonly claim: string;
  /** What was read before. */
  readonly read: readonly ReadRange[];
  /** Requests to each account and Region until others have their turn; what is left is unfinished. */
  readonly share?: number | undefined;
  /** Stores what a page held, before the page counts as read. It throws what the store throws. */
  keep(found: readonly Facts[]): Promise<void>;
}

/**
 * Look-ups that may take many runs: they answer what was found until the time was over, and do not throw where CloudTrail
 * does not answer, since `gaps` says so.
 */
export interface ClaimLookups extends Lookups {
  readonly read: readonly ReadRange[];
  /** Whether these questions can be asked at all: of the others CloudTrail knows nothing, and no request is made. */
  canAsk(questions: readonly Question[]): boolean;
}

/** CloudTrail, anew for each claim. */
export type LookUp = (progress: LookupProgress) => ClaimLookups;
