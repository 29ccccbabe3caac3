import { DAY, type EpochMillis, epochMillis, formatInstant } from '../time.ts';

/** The volume that the clusters of one account sent on one day (UTC). */
export interface Volume {
  /** The number of records that were stored for the first time. */
  readonly recorded: number;
  /**
   * The number of events that another account handed over, and that took work without giving a new record: repeated ones, rejected
   * messages, and `OF_ATTEMPT` for each attempt that broke off and each delivery that was refused. A report of a stack counts as
   * one event, and one more for each of its clusters.
   */
  readonly attempted: number;
  /** The number of allowed reads that were left out, because the account was over its ceiling. */
  readonly leftOutReads: number;
  /** The number of whole deliveries that were left out, because the account was far over its ceiling. */
  readonly leftOutDeliveries: number;
  /**
   * The number of CloudTrail records that EventBridge delivered for the account. They have the same ceiling as events,
   * but count separately.
   */
  readonly grants: number;
  /** The number of CloudTrail records that were left out, because the account was far over its ceiling. */
  readonly leftOutGrants: number;
  /** The number of clusters that were heard for the first time. The account chooses their names. */
  readonly newClusters: number;
  /** The number of new clusters that are not watched, because the account already has as many as it can have. */
  readonly leftOutClusters: number;
}

/** The volume of an account today. */
export interface AccountVolume extends Volume {
  readonly accountId: string;
}

export const NO_VOLUME: Volume = {
  recorded: 0,
  attempted: 0,
  leftOutReads: 0,
  leftOutDeliveries: 0,
  grants: 0,
  leftOutGrants: 0,
  newClusters: 0,
  leftOutClusters: 0,
};

/**
 * If another account has sent this many times its ceiling, its whole deliveries are left out. Between the ceiling and this, only
 * allowed reads are left out. So a flood must be ten times as large before it can hide a change.
 */
export const FAR_OVER = 10;

/**
 * The number of events that an attempt at a delivery counts as before its work begins. It counts if the attempt before
 * broke off, or if the delivery has several slices. An attempt of a minute, the time-out, costs as much as 2,300
 * records.
 */
export const OF_ATTEMPT = 2_000;

/**
 * The maximum number of clusters of another account that are newly watched in one day. Whoever hands events over can invent names of
 * clusters, and settle reads all heartbeats each minute. EKS allows 100 clusters in an account and Region by default.
 */
export const MOST_NEW_CLUSTERS = 200;

/**
 * The maximum number of watched clusters whose logs another account hands over. They stay for as long as records are kept, so the limit of
 * a day alone would let them grow without end.
 */
export const MOST_CLUSTERS = 1_000;

export function sumOf(one: Volume, other: Partial<Volume>): Volume {
  return {
    recorded: one.recorded + (other.recorded ?? 0),
    attempted: one.attempted + (other.attempted ?? 0),
    leftOutReads: one.leftOutReads + (other.leftOutReads ?? 0),
    leftOutDeliveries: one.leftOutDeliveries + (other.leftOutDeliveries ?? 0),
    grants: one.grants + (other.grants ?? 0),
    leftOutGrants: one.leftOutGrants + (other.leftOutGrants ?? 0),
    newClusters: one.newClusters + (other.newClusters ?? 0),
    leftOutClusters: one.leftOutClusters + (other.leftOutClusters ?? 0),
  };
}

/**
 * Returns whether the account is over its ceiling, so that its allowed reads are left out.
 * @param ceiling the number of events of an account and day; 0 for no ceiling.
 */
export function isOver(volume: Volume, ceiling: number): boolean {
  return ceiling > 0 && countedIn(volume) >= ceiling;
}

/** Returns whether the account is so far over its ceiling that whole deliveries are left out. Applies only to deliveries that an account hands over. */
export function isFarOver(volume: Volume, ceiling: number): boolean {
  return ceiling > 0 && countedIn(volume) >= FAR_OVER * ceiling;
}

/**
 * Returns whether EventBridge delivered so many CloudTrail records of the account that further ones are left out.
 * Events do not count here. So a flood of requests to a cluster cannot hide the grants of whoever sends it.
 */
export function isFarOverInGrants({ grants }: Volume, ceiling: number): boolean {
  return ceiling > 0 && grants >= FAR_OVER * ceiling;
}

/** Returns whether events or CloudTrail records of the account are left out. */
export function isLeftOut(volume: Volume, ceiling: number): boolean {
  return isOver(volume, ceiling) || volume.leftOutGrants > 0;
}

/** Returns the number of events that count towards the ceiling. */
function countedIn({ recorded, attempted }: Volume): number {
  return recorded + attempted;
}

/** Returns whether new clusters of the account are not watched. */
export function hasManyNewClusters({ newClusters, leftOutClusters }: Volume): boolean {
  return newClusters >= MOST_NEW_CLUSTERS || leftOutClusters > 0;
}

/** Returns the day of a time (UTC), as `2026-11-30`. */
export function dayOf(at: EpochMillis): string {
  return formatInstant(epochMillis(Math.floor(at / DAY) * DAY)).slice(0, 'YYYY-MM-DD'.length);
}
