import { actorLabel } from '../../attribution/actor-names.ts';
import type { Attribution } from '../../attribution/attribution.ts';
import type { Status } from '../../attribution/reasons.ts';
import type { RejectReason } from '../../envelopes/reject.ts';
import type { LeftOut } from '../../envelopes/unwrap.ts';

/** What was counted while attributing: for the summary, and for whoever holds a run against another. */
export class RunCounts {
  records = 0;
  duplicates = 0;
  /** Of CloudTrail's records that were read as such, and how many grants are known by them. */
  trailRecords = 0;
  grants = 0;
  readonly byStatus = new Map<Status, number>();
  readonly byReason = new Map<string, number>();
  readonly byActor = new Map<string, number>();
  readonly rejected = new Map<RejectReason, number>();
  readonly ignored = new Map<LeftOut, number>();
  /** What was configured and fit no event, as it was written. */
  unmet: { readonly templates: readonly string[]; readonly proxies: readonly string[] } = {
    templates: [],
    proxies: [],
  };

  record(attribution: Attribution): void {
    this.records += 1;
    increment(this.byStatus, attribution.status);
    if (attribution.reason !== undefined) increment(this.byReason, `${attribution.status} ${attribution.reason}`);
    const { actor } = attribution;
    if (actor !== undefined) increment(this.byActor, actorLabel(actor));
  }
}

export function increment<K>(counts: Map<K, number>, key: K, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
