import type { EpochMillis } from '../time.ts';

/** A time in which the service heard nothing from the CloudTrail of an account and Region, for longer than is usual there. */
export interface Silence {
  readonly accountId: string;
  readonly region: string;
  /** The time at which the source was last heard before the silence. */
  readonly from: EpochMillis;
  /** The time at which it was heard again. Absent while the silence lasts. */
  readonly to?: EpochMillis | undefined;
}
