/** A cluster of the function's own account and Region, as EKS describes it. */
export interface FoundCluster {
  readonly name: string;
  readonly region: string;
  /** EKS's word: `CREATING`, `ACTIVE` … */
  readonly status: string;
  /** Whether the audit log goes to CloudWatch Logs. */
  readonly auditLog: boolean;
  /** Chosen by whoever may tag the cluster. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A cluster that EKS lists and does not describe: why, in words. */
export interface UndescribedCluster {
  readonly name: string;
  readonly why: string;
}

/** A subscription filter of a log group (CloudWatch Logs API Reference, SubscriptionFilter). */
export interface LogFilter {
  readonly name: string;
  readonly pattern: string;
  /** ARN of what the events go to. */
  readonly destination: string;
}

/** The clusters of an account and Region, and the subscription filters of their log groups. */
export interface ClusterLogs {
  /** @throws where EKS does not answer at all. */
  clusters(): Promise<readonly (FoundCluster | UndescribedCluster)[]>;
  /** The cluster of that name; undefined where there is none. */
  cluster(name: string): Promise<FoundCluster | UndescribedCluster | undefined>;
  /** The log group's filters, two at most; undefined where there is no such log group. */
  filtersOf(logGroup: string): Promise<readonly LogFilter[] | undefined>;
  /** Makes the filter, or changes the one of its name in its place, without a gap. */
  put(logGroup: string, filter: LogFilter): Promise<void>;
  remove(logGroup: string, name: string): Promise<void>;
}
