import type { FilterChange } from '../cloudtrail/filter-change.ts';
import type { HeardKind, Heartbeat } from '../heartbeats/heartbeat.ts';
import type { StackReport } from '../heartbeats/report.ts';
import type { RollOut } from '../heartbeats/roll-out.ts';
import type { ClusterKey } from '../identity/cluster.ts';
import type { EpochMillis } from '../time.ts';

/** A heartbeat, before and after something was heard. */
export interface HeartbeatChange {
  readonly before: Heartbeat | undefined;
  readonly after: Heartbeat;
}

export interface HearOptions {
  /** The account that handed the events over. Absent if they are from the service's own account. */
  readonly sender?: string | undefined;
  /** Whether something that was never heard before is noted. By default, it is. */
  readonly mayBegin?: boolean | undefined;
}

/** The times at which each source of grants and each cluster was last heard. */
export interface Heartbeats {
  /**
   * Notes that events of these times arrived. It writes at most once a minute, unless the events begin or end a pause.
   * @returns the change. Undefined if nothing was written. `over-limit` if it was never heard before, and the account
   *   that handed it over has its maximum already.
   */
  hear(
    kind: HeardKind,
    id: string,
    times: readonly EpochMillis[],
    options?: HearOptions,
  ): Promise<HeartbeatChange | 'over-limit' | undefined>;
  /**
   * Notes that events of these times arrived long after they happened, as in a backfill. They end pauses, but nothing
   * counts as heard now.
   * @returns the change. Undefined if there is none.
   */
  fill(kind: HeardKind, id: string, times: readonly EpochMillis[]): Promise<HeartbeatChange | undefined>;
  /** Returns all heartbeats of the kind, in no particular order. */
  all(kind: HeardKind): Promise<readonly Heartbeat[]>;
  /**
   * Stores the latest report of a stack, with the time since which each of its clusters has been reported. If the
   * account has stacks in its maximum of Regions (`MOST_REGIONS`), stores nothing.
   * @returns whether the report was stored.
   */
  report(report: StackReport): Promise<boolean>;
  /**
   * Stores the latest change of a subscription filter of the cluster's log group. Ignores a change that is older than
   * the stored one.
   */
  changeFilter(cluster: ClusterKey, change: FilterChange): Promise<void>;
  /** Returns the latest change of the subscription filters of each of these clusters, in no particular order. */
  filterChanges(clusters: readonly ClusterKey[]): Promise<readonly FilterChange[]>;
  /** Returns the latest report of each stack, in no particular order. */
  reports(): Promise<readonly StackReport[]>;
  /**
   * Stores the latest roll-out that an account reports, at most one a minute. It also stores since when each spoke has
   * been reported as deployed.
   */
  rollOut(rollOut: RollOut): Promise<void>;
  /** Returns the latest roll-out that each account reported, in no particular order. */
  rollOuts(): Promise<readonly RollOut[]>;
}
