import type { EpochMillis } from '../time.ts';

/** A pause in which the service heard nothing from the CloudTrail of an account and Region, longer than usual there. */
export interface Silence {
  readonly accountId: string;
  readonly region: string;
  /** When the source was last heard before the silence. */
  readonly from: EpochMillis;
  /** When the source was heard again. Absent while the silence lasts. */
  readonly to?: EpochMillis | undefined;
}
