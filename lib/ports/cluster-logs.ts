/** A cluster of the function's own account and Region, as EKS describes it. */
export interface FoundCluster {
  readonly name: string;
  readonly region: string;
  /** The status that EKS states: `CREATING`, `ACTIVE` and so on. */
  readonly status: string;
  /** Whether the audit log goes to CloudWatch Logs. */
  readonly auditLog: boolean;
  /** The tags. Whoever may tag the cluster chooses them. */
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
  /** The ARN of the destination of the events. */
  readonly destination: string;
  /** The system fields that it adds to each event (`SYSTEM_FIELDS`). */
  readonly systemFields: readonly string[];
  /** What else selects events: the filter's `fieldSelectionCriteria`. Absent if nothing does. */
  readonly condition?: string | undefined;
  /** Present if it delivers the events as the log group's transformer writes them (`applyOnTransformedLogs`). */
  readonly isOfTransformed?: true | undefined;
}

/** The clusters of an account and Region, and the subscription filters of their log groups. */
export interface ClusterLogs {
  /**
   * Returns the clusters.
   * @throws an error if EKS does not answer.
   */
  clusters(): Promise<readonly (FoundCluster | UndescribedCluster)[]>;
  /** Returns the cluster of this name. Undefined if there is none. */
  cluster(name: string): Promise<FoundCluster | UndescribedCluster | undefined>;
  /** Returns the filters of the log group, two at most. Undefined if the log group does not exist. */
  filtersOf(logGroup: string): Promise<readonly LogFilter[] | undefined>;
  /** Creates the filter. If `before` is given, replaces that one, which has the same name, without a gap. */
  put(logGroup: string, filter: LogFilter, before?: LogFilter): Promise<void>;
  remove(logGroup: string, name: string): Promise<void>;
  /** Returns the names of all log groups of clusters, even of clusters that were deleted. */
  logGroups(): Promise<readonly string[]>;
  /** Returns whether a note says that the filter of this name was removed on purpose. */
  hasNote(logGroup: string, name: string): Promise<boolean>;
  /** Notes that the filter of this name was removed on purpose. The log group must exist. */
  addNote(logGroup: string, name: string): Promise<void>;
  removeNote(logGroup: string, name: string): Promise<void>;
}
