/** A cluster of the function's own account and Region, as EKS describes it. */
export interface FoundCluster {
  readonly name: string;
  readonly region: string;
  /** Status by EKS: `CREATING`, `ACTIVE` … */
  readonly status: string;
  /** Whether the audit log goes to CloudWatch Logs. */
  readonly auditLog: boolean;
  /** Tags, chosen by whoever may tag the cluster. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A cluster that EKS lists but does not describe, with the reason in words. */
export interface UndescribedCluster {
  readonly name: string;
  readonly why: string;
}

/** A subscription filter of a log group (CloudWatch Logs API Reference, SubscriptionFilter). */
export interface LogFilter {
  readonly name: string;
  readonly pattern: string;
  /** ARN of the destination of the events. */
  readonly destination: string;
  /** The system fields that it adds to each event (`SYSTEM_FIELDS`). */
  readonly systemFields: readonly string[];
  /** What else selects the events: the filter's `fieldSelectionCriteria`. Absent if nothing does. */
  readonly condition?: string | undefined;
  /** Present if it delivers the events as the log group's transformer writes them (`applyOnTransformedLogs`). */
  readonly isOfTransformed?: true | undefined;
}

/** The clusters of an account and Region, and the subscription filters of their log groups. */
export interface ClusterLogs {
  /**
   * Lists the clusters.
   * @throws if EKS does not answer.
   */
  clusters(): Promise<readonly (FoundCluster | UndescribedCluster)[]>;
  /** Returns the cluster of this name; undefined if there is none. */
  cluster(name: string): Promise<FoundCluster | UndescribedCluster | undefined>;
  /** Returns the log group's filters, two at most; undefined if the log group does not exist. */
  filtersOf(logGroup: string): Promise<readonly LogFilter[] | undefined>;
  /** Creates the filter, or replaces the one of the same name, `before`, without a gap. */
  put(logGroup: string, filter: LogFilter, before?: LogFilter): Promise<void>;
  remove(logGroup: string, name: string): Promise<void>;
  /** Lists the names of all log groups of clusters, also of clusters that were deleted. */
  logGroups(): Promise<readonly string[]>;
  /** Returns whether a note says that the filter of this name was removed on purpose. */
  hasNote(logGroup: string, name: string): Promise<boolean>;
  /** Notes that the filter of this name was removed on purpose. The log group must exist. */
  addNote(logGroup: string, name: string): Promise<void>;
  removeNote(logGroup: string, name: string): Promise<void>;
}
