import type { Status } from '../../attribution/reasons.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import { addLogName } from '../../envelopes/counted-group.ts';
import type { RejectReason } from '../../envelopes/reject.ts';
import type { IgnoredPiece, LeftOut } from '../../envelopes/unwrap.ts';

/** Counts of one run of `attribute`, for its summary and for comparing runs. */
export class RunCounts {
  records = 0;
  duplicates = 0;
  /** The number of records that were written before a later copy contradicted them. */
  lateConflicts = 0;
  /** The number of CloudTrail records that were read, and the number of grants in them. */
  trailRecords = 0;
  grants = 0;
  readonly byStatus = new Map<Status, number>();
  readonly byReason = new Map<string, number>();
  readonly rejected = new Map<RejectReason, number>();
  /** Number of pieces of each input that could not be read. A file that is in both inputs counts in both. */
  readonly unread = { audit: 0, cloudtrail: 0 };
  readonly ignored = new Map<LeftOut, number>();
  /** Number of ignored pieces in each input, apart from CloudTrail records and audit events. */
  readonly otherData = { audit: 0, cloudtrail: 0 };
  /** Configured templates and proxies that matched no event, as they were written. */
  unmet: { readonly templates: readonly string[]; readonly proxies: readonly string[] } = {
    templates: [],
    proxies: [],
  };

  /** Some of the names of logs whose pieces were left out as `other-origin`. */
  readonly otherOrigins = new Set<string>();

  /**
   * Counts a piece of an input that is neither an audit event nor a CloudTrail record.
   * @param name the log that the piece comes from, if it is left out because of its log.
   */
  ignoreOther(what: IgnoredPiece, input: keyof RunCounts['otherData'], name?: string): void {
    this.otherData[input] += 1;
    addLogName(this.otherOrigins, name);
    increment(this.ignored, what);
  }

  record({ attribution }: Pick<AuditRecord, 'attribution'>): void {
    this.records += 1;
    increment(this.byStatus, attribution.status);
    if (attribution.reason !== undefined) increment(this.byReason, `${attribution.status} ${attribution.reason}`);
  }
}

export function increment<K>(counts: Map<K, number>, key: K, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
