import { type ClusterFields, clusterRef } from '../identity/cluster.ts';

/** The log that had an event, as its envelope and AWS state it. Parts that nobody states are absent. */
export interface LogOrigin {
  /** The log group's name. */
  readonly logGroup?: string | undefined;
  readonly logStream?: string | undefined;
  /** The account that owns the log group. If it is a centralized one, it holds a copy of another account's log. */
  readonly owner?: string | undefined;
  /**
   * The account whose stack handed the event over to the hub, as AWS states it. Absent if the event came from the hub's
   * own log group.
   */
  readonly handedOverBy?: string | undefined;
}

/** The site of an event: its cluster, and the log that had it. Events of one delivery share one object. */
export interface EventSite extends ClusterFields {
  /**
   * Whether the account and the Region are those in which the event was first written. If not, they may be those of a
   * log group that holds a copy.
   */
  readonly isFirstWritten?: boolean;
  readonly origin?: LogOrigin | undefined;
}

/** The site of an event that nothing is known about. */
export const NOWHERE: EventSite = {};

/** The cluster of the audit events that are read, as the user states it. */
export interface KnownCluster extends Pick<ClusterFields, 'cluster' | 'clusterArn'> {
  /** The account whose log groups hold copies of the cluster's log, as in centralized log groups. */
  readonly copiedTo?: string | undefined;
  /**
   * Receives the account that owns a log group whose events may be the cluster's. They do not count as the cluster's,
   * because the account is neither the cluster's nor `copiedTo`.
   */
  readonly leave?: (owner: string) => void;
}

/**
 * Returns the site with what the user knows of the cluster: its name where the event names none, and its ARN where the
 * event names no other cluster and no other account (CONTRACT, rule 9.8).
 */
export function knownSite(site: EventSite, known: KnownCluster): EventSite {
  const { clusterArn, copiedTo, leave } = known;
  const ref = clusterRef(clusterArn);
  const cluster = site.cluster ?? known.cluster ?? ref?.name;
  if (ref === undefined || cluster !== ref.name) return cluster === site.cluster ? site : { ...site, cluster };
  const account = accountOf(site);
  const isCopy = site.isFirstWritten !== true && account !== undefined && account === copiedTo;
  if (isCopy || mayBeOf(site, account, ref.accountId)) return { ...site, cluster, clusterArn, accountId: undefined };
  const owner = account ?? site.origin?.owner ?? ref.accountId;
  if (site.isFirstWritten !== true && owner !== ref.accountId) leave?.(owner);
  return site;
}

/** Returns the account of the event's cluster, as the envelope states it. */
function accountOf({ clusterArn, accountId }: EventSite): string | undefined {
  return clusterRef(clusterArn)?.accountId ?? accountId;
}

/**
 * Returns whether the event can be of this account: it states no ARN and no other account. If it states two accounts,
 * one of them is another.
 */
function mayBeOf({ clusterArn, origin }: EventSite, account: string | undefined, own: string): boolean {
  const isUnowned = account === undefined && origin?.owner === undefined;
  return clusterArn === undefined && (isUnowned || account === own);
}
