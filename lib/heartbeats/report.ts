import { type EpochMillis, MINUTE } from '../time.ts';

/** The report of the stack of an account and Region: its version, and the clusters that it chose. */
export interface StackReport {
  /** The account that EventBridge states. */
  readonly accountId: string;
  readonly region: string;
  readonly version: string;
  /** The time at which the hub received it. */
  readonly at: EpochMillis;
  readonly clusters: readonly ReportedCluster[];
  /** The time at which it first reported that it sends the CloudTrail records of its account and Region. Absent if it sends none, or does not know. */
  readonly grantsSince?: EpochMillis | undefined;
  /** Whether it is the last report, because the stack was deleted or finds no more clusters. */
  readonly isLast?: boolean | undefined;
}

export interface ReportedCluster {
  readonly name: string;
  /** The state of its subscription, such as `kept` or `audit-log-off`. */
  readonly standing: string;
  /** Whether no event of the cluster can arrive. */
  readonly isUnheard: boolean;
  /** Why, and what to do. */
  readonly why?: string | undefined;
  /** The time at which it was first reported. */
  readonly since: EpochMillis;
}

/**
 * The maximum number of Regions whose reports are kept for one account. A stack states its Region itself and could invent any, and settle
 * reads all reports each minute. AWS has fewer than 40 Regions in a partition.
 */
export const MOST_REGIONS = 50;

/** The time at which a report came, and whether it is the stack's last. */
export type ReportTime = Pick<StackReport, 'at' | 'isLast'>;

/**
 * Returns whether the report replaces the stored one. A stack reports every ten minutes. A report within a minute of the
 * last one is ignored unless the stack says that it is its last: writing one costs as much as two hundred events.
 */
export function isNewReport({ at, isLast }: ReportTime, before: ReportTime | undefined): boolean {
  if (before === undefined) return true;
  return at >= before.at + MINUTE || (at >= before.at && isLast === true && before.isLast !== true);
}

/** Returns the report with the times at which each cluster was first reported, and at which the stack first sent grants. */
export function withSince(report: StackReport, before: StackReport | undefined): StackReport {
  const known = new Map(before?.clusters.map(({ name, since }) => [name, since]));
  const { grantsSince } = report;
  return {
    ...report,
    ...(grantsSince !== undefined && { grantsSince: before?.grantsSince ?? grantsSince }),
    clusters: report.clusters.map((each) => ({ ...each, since: known.get(each.name) ?? each.since })),
  };
}
