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
  readonly origin?: LogOrigin | undefined;
}

/** The site of an event that nothing is known about. */
export const NOWHERE: EventSite = {};

/**
 * Returns the site with what the user knows of the cluster: its name where the event names none, and its ARN where the
 * event states none and does not name another cluster.
 */
export function knownSite(site: EventSite, known: ClusterFields): EventSite {
  if (site.clusterArn !== undefined || (known.cluster ?? known.clusterArn) === undefined) return site;
  const ofArn = clusterRef(known.clusterArn)?.name;
  const cluster = site.cluster ?? known.cluster ?? ofArn;
  const clusterArn = cluster === ofArn ? known.clusterArn : undefined;
  return cluster === site.cluster && clusterArn === undefined ? site : { ...site, cluster, clusterArn };
}
