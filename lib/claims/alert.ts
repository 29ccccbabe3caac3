import type { Reason } from '../attribution/reasons.ts';
import type { AlertCause } from './alert-cause.ts';
import type { Claim, ClaimTally } from './claim.ts';

/**
 * What is told about a claim, once for each cause; `resolved` takes an earlier one back.
 * Trust: usernames, session names and namespaces are data from whoever called: show them escaped.
 */
export interface Alert {
  readonly kind: 'alert' | 'resolved';
  readonly claimId: string;
  readonly causes: readonly AlertCause[];
  /** Who the caller claims to be. */
  readonly caller: Pick<Claim['caller'], 'kind' | 'uid' | 'username' | 'sessionName' | 'accessKeyId' | 'arn'>;
  readonly clusters: readonly string[];
  /** From where, of an anonymous caller, who has no other identity. */
  readonly addresses?: readonly string[];
  readonly first?: string;
  readonly last?: string;
  readonly count: number;
  readonly verbs: readonly string[];
  readonly namespaces: readonly string[];
  readonly reasons: readonly Reason[];
  /** Who it is, or could be, in words. */
  readonly actors: readonly string[];
  /** Accounts and Regions that did not answer by the deadline: the grant may lie there. Absent: all did. */
  readonly unanswered?: readonly string[];
  readonly nextStep: string;
  /** A command that shows the records. */
  readonly query: string;
  readonly tally: ClaimTally;
}
