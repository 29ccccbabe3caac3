import type { EpochMillis } from '../time.ts';

/** A time in which the service heard nothing from the CloudTrail of an account and Region, for longer than is usual there. */
export interface Silence {
  readonly accountId: string;
  readonly region: string;
  /** When the source was last heard before. */
  readonly from: EpochMillis;
  /** When it was heard again. Absent while the silence lasts. */
  readonly to?: EpochMillis | undefined;
}
