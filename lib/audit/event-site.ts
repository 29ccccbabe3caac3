import { type ClusterFields, clusterRef } from '../identity/cluster.ts';

/** The log that had an event, as its envelope and AWS state it. Parts that are not stated are absent. */
export interface LogOrigin {
  /** The name of the log group. */
  readonly logGroup?: string | undefined;
  readonly logStream?: string | undefined;
  /** The account that owns the log group. A centralized log group has a copy of another account's log. */
  readonly owner?: string | undefined;
  /**
   * The account whose stack handed the event over to the hub, as AWS states it. Absent if the event came from one of
   * the hub's own log groups.
   */
  readonly handedOverBy?: string | undefined;
}

/** Where an event came from: its cluster, and the log that had it. The events of one delivery share one object. */
export interface EventSite extends ClusterFields {
  /**
   * Whether the account and the Region are those that wrote the event first. Otherwise they can be those of a log group
   * with a copy.
   */
  readonly isFirstWritten?: boolean;
  readonly origin?: LogOrigin | undefined;
}

/** The site of an event that nothing is known about. */
export const NOWHERE: EventSite = {};

/** What the user states about the cluster of the audit events that are read. */
export interface KnownCluster extends Pick<ClusterFields, 'cluster' | 'clusterArn'> {
  /** The account whose log groups have copies of the cluster's log, as centralized log groups do. */
  readonly copiedTo?: string | undefined;
  /**
   * Receives the owner of a log group whose events may be the cluster's. They do not count as the cluster's, because
   * that account is neither the cluster's own nor `copiedTo`.
   */
  readonly leave?: (owner: string) => void;
}

/**
 * Returns the site with what the user states about the cluster. The name is added if the event names no cluster. The
 * ARN is added if the event names no other cluster and no other account (CONTRACT, rule 9.8).
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
 * Returns whether the event can be of this account. It must state no ARN and no other account. If it states two
 * accounts, one of them is another one.
 */
function mayBeOf({ clusterArn, origin }: EventSite, account: string | undefined, own: string): boolean {
  const isUnowned = account === undefined && origin?.owner === undefined;
  return clusterArn === undefined && (isUnowned || account === own);
}
