import type { Status } from '../../attribution/reasons.ts';
import type { CountedRecord } from '../../counts/contribution.ts';
import { lagPlace } from '../../counts/lag.ts';
import { traitsOf } from '../../counts/traits.ts';
import { clusterKeyOf } from '../../identity/cluster.ts';
import type { MetricName } from '../../metrics.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { StoredRecord } from '../../ports/records.ts';
import type { EpochMillis } from '../../time.ts';

/** The revision of a stored record, and when it expires (in epoch seconds) if that is known. */
interface StoredAs {
  readonly revision: number;
  readonly expires?: number | undefined;
}

/**
 * Returns the entry that counts a stored record. Undefined if the record's time cannot be parsed.
 * @param now the time at which the answer was stored. The delay of a final answer is measured up to it.
 */
export function countedRecord(
  { id, at, replayed, record }: StoredRecord,
  { revision, expires }: StoredAs,
  now: EpochMillis,
): CountedRecord | undefined {
  if (at === undefined) return undefined;
  const isLate = record.attribution.provisional || replayed === true;
  const lag = isLate ? undefined : lagPlace(Math.max(0, now - at));
  return { id, revision, at, clusterKey: clusterKeyOf(record), traits: traitsOf(record), lag, expires };
}

const BY_STATUS: Readonly<Record<Status, MetricName>> = {
  attributed: 'Attributed',
  partial: 'Partial',
  ambiguous: 'Ambiguous',
  unattributed: 'Unattributed',
  pending: 'Pending',
  system: 'System',
};

/** Counts a stored answer in the metrics. For a final answer, it also adds the delay since the event. */
export function countAnswer({ record, at }: StoredRecord, now: EpochMillis, metrics: Metrics): void {
  const { status, provisional } = record.attribution;
  metrics.add(BY_STATUS[status], 1);
  if (!provisional && at !== undefined) metrics.add('AttributionLag', Math.max(0, now - at));
}
