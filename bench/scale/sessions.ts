import type { Claim } from '../../lib/claims/claim.ts';

/** Sessions alike, each with a claim: so many that none of a large load needs an object of its own. Times in milliseconds. */
export interface Sessions {
  count: number;
  /** Of the first event, and from it to the last. */
  readonly first: number;
  readonly length: number;
  readonly events: number;
  /** When the table has their grants by the trail; undefined where they never come. */
  readonly grantAt: number | undefined;
  /** When CloudTrail's event history has them; undefined where it never does. */
  readonly historyAt: number | undefined;
  /** Since when their grants are known, whatever told them. */
  knownAt?: number;
  claim?: Claim;
  /** Whether their records were noted as named, or as nobody's. */
  isNoted?: boolean;
  /** In which of settle's runs they were decided last. */
  run?: number;
  /** Itself, and what was split off, where a run had no time for all of them. */
  readonly parts: Sessions[];
}
