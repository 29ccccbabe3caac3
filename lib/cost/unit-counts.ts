import { METRICS } from '../metrics.ts';

/**
 * Most DynamoDB write units (of 1 KB, all indexes included) for one item of each kind. Tests hold each of them
 * (test/contract/write-units, claim-cost, count-cost).
 */
export const WRITE_UNITS = {
  /** An audit record that is attributed at once. */
  record: 6,
  /** An audit record that is stored first and corrected later. */
  correctedRecord: 8,
  /** A session in its first hour, if its grant is known. */
  session: 17,
  /** A session whose grant arrives ten minutes after its first event. */
  lateSession: 39,
  /** Each further hour in which a session's key is used. */
  hourOfKey: 14,
  /** A new pod, or a new owner of pods. */
  createdPod: 1,
  /**
   * The counters of `/summary` for 1,000 records in batches of 50, including their announcements. Smaller batches cost
   * more.
   */
  countersOfThousand: 285,
} as const;

/** Bytes of a record in the table, including its index entries. */
export const RECORD_BYTES = 2_320;
/** Lambda seconds for an event, at 1 GB. Measured on a laptop, not on Lambda. */
export const INGEST_SECONDS = 0.02;
export const SETTLE_SECONDS = 0.5;
/** Runs of settle a day: one each minute. */
export const SETTLE_RUNS_OF_DAY = 1_440;
/** Fixed parts of a stack that cost money even without load. */
export const STACK = { metrics: Object.keys(METRICS).length, alarms: 39, alarmsOfFurtherCluster: 2 } as const;
