import { METRICS } from '../metrics.ts';

/**
 * What one thing costs at most, in DynamoDB's write units of 1 KB, all indexes counted. Tests hold each of them
 * (test/contract/write-units, claim-cost, count-cost), so that none grows unseen.
 */
export const WRITE_UNITS = {
  /** An audit record that is attributed at once. */
  record: 5,
  /** One that is stored first and corrected later. */
  correctedRecord: 7,
  /** A session, for all of its first hour, where its grant is known. */
  session: 16,
  /** A session whose grant comes ten minutes after its first event. */
  lateSession: 39,
  /** Each further hour in which a session's key is used. */
  hourOfKey: 14,
  /** A pod, or an object that pods come from, that is created. */
  createdPod: 1,
  /** The counters of `/summary`, for 1,000 records in batches of 50, announced before they are stored; more in smaller ones. */
  countersOfThousand: 260,
} as const;

/** What a record takes in the table, its entries in the indexes included, in bytes. */
export const RECORD_BYTES = 2_048;
/** Lambda seconds for an event, at 1 GB: as measured on a laptop, not on Lambda. */
export const INGEST_SECONDS = 0.02;
export const SETTLE_SECONDS = 0.5;
/** Settle runs each minute. */
export const SETTLE_RUNS_OF_DAY = 1_440;
/** What a stack has whether or not anything happens. */
export const STACK = { metrics: Object.keys(METRICS).length, alarms: 39, alarmsOfFurtherCluster: 2 } as const;
