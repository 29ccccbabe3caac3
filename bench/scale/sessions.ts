import type { Claim } from '../../lib/claims/claim.ts';

/**
 * A group of equal sessions, each with a claim. Large loads have too many for one object each. Times are in
 * milliseconds.
 */
export interface Sessions {
  count: number;
  /** Time of the first event, and length up to the last. */
  readonly first: number;
  readonly length: number;
  readonly events: number;
  /** Time at which the trail has brought their grants; undefined if it never does. */
  readonly grantAt: number | undefined;
  /** Time at which CloudTrail's event history has them; undefined if it never does. */
  readonly historyAt: number | undefined;
  /** Time since which their grants are known, from any source. */
  knownAt?: number;
  claim?: Claim;
  /** Whether an account invented them. */
  readonly isForged?: boolean;
  /** Whether their records were noted as attributed or unattributed. */
  isNoted?: boolean;
  /** The shard of the claim. */
  shard?: number;
  /** Number of the run of settle that decided them last. */
  run?: number;
  /** The group itself, and the parts split off when a run had no time for all. */
  readonly parts: Sessions[];
}
