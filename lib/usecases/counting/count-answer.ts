import type { Status } from '../../attribution/reasons.ts';
import type { MetricName } from '../../metrics.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { StoredRecord } from '../../ports/records.ts';
import type { EpochMillis } from '../../time.ts';

const BY_STATUS: Readonly<Record<Status, MetricName>> = {
  attributed: 'Attributed',
  partial: 'Partial',
  ambiguous: 'Ambiguous',
  unattributed: 'Unattributed',
  pending: 'Pending',
  system: 'System',
};

/** Counts an answer that was stored; a final one also by how long after the event it came. */
export function countAnswer({ record, at }: StoredRecord, now: EpochMillis, metrics: Metrics): void {
  const { status, provisional } = record.attribution;
  metrics.add(BY_STATUS[status], 1);
  if (!provisional && at !== undefined) metrics.add('AttributionLag', Math.max(0, now - at));
}
