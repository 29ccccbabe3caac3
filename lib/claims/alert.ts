import type { Reason } from '../attribution/reasons.ts';
import { present } from '../json.ts';
import type { AlertCause } from './alert-cause.ts';
import type { Claim, ClaimSummary } from './claim.ts';

/**
 * A message about a claim, for one or more causes. The kind `resolved` takes an earlier alert back.
 * Trust: callers choose usernames, session names and namespaces. Escape them before display.
 */
export interface Alert {
  readonly kind: 'alert' | 'resolved';
  readonly claimId: string;
  readonly causes: readonly AlertCause[];
  /** The caller, as the audit events state it. */
  readonly caller: Pick<Claim['caller'], 'kind' | 'uid' | 'username' | 'sessionName' | 'accessKeyId' | 'arn'>;
  readonly clusters: readonly string[];
  /** The source IPs of an anonymous caller, which are the caller's only identity. */
  readonly addresses?: readonly string[];
  readonly first?: string;
  readonly last?: string;
  readonly count: number;
  readonly verbs: readonly string[];
  readonly namespaces: readonly string[];
  readonly reasons: readonly Reason[];
  /** The label of the actor, or of all possible actors. */
  readonly actors: readonly string[];
  /**
   * The actors that other copies of the events name, and where each copy comes from. Only with `conflicting-copies`.
   */
  readonly conflicts?: readonly string[];
  /**
   * The accounts and Regions that did not answer before the deadline, so that they may have the grant. Absent if all
   * answered.
   */
  readonly unanswered?: readonly string[];
  readonly nextStep: string;
  /** A command that shows the records. */
  readonly query: string;
  readonly summary: ClaimSummary;
}

/**
 * Returns an alert with half of each list of names, because callers can choose long names. Returns the same alert if no
 * list has more than one entry.
 */
export function withShorterLists(alert: Alert): Alert {
  const { clusters, verbs, namespaces, actors, conflicts, summary } = alert;
  const lists = present({ clusters, verbs, namespaces, actors, conflicts });
  if (Object.values(lists).every(({ length }) => length < 2)) return alert;
  const shorter = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, halfOf(list)]));
  return { ...alert, ...shorter, summary: { ...summary, ...shorter } };
}

function halfOf<T>(list: readonly T[]): readonly T[] {
  return list.slice(0, Math.ceil(list.length / 2));
}
