import type { EpochMillis } from '../../lib/time.ts';

/** The options of `backfill`, as the command line gives them. */
export interface BackfillOptions {
  readonly table: string;
  readonly cloudtrail?: readonly string[];
  readonly lookup?: boolean;
  readonly region?: readonly string[];
  readonly requestsPerSecond: number;
  readonly audit?: readonly string[];
  readonly cluster?: string;
  /** Names to read from, and `NAME=kind`s that count. */
  readonly logGroup?: readonly string[];
  readonly logStream: string;
  readonly nodeTraffic?: boolean;
  readonly from?: EpochMillis;
  readonly to?: EpochMillis;
  readonly profile?: string;
  readonly requestPayer?: boolean;
  readonly usernameTemplate: readonly string[];
  readonly trustedProxy: readonly string[];
  readonly keepDays: number;
  readonly settleMinutes: number;
  readonly state: string;
  readonly rejects?: string;
}
