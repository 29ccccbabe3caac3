import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import type { Mapping } from '../../lib/doctor/mapping.ts';
import type { EpochMillis } from '../../lib/time.ts';

/** What is asked of an account. */
export interface AccountQuestion {
  readonly settings: AwsSettings;
  /** Undefined: all that are enabled. */
  readonly regions: readonly string[] | undefined;
  /** Undefined: all. */
  readonly clusters: readonly string[] | undefined;
  /** Mappings that are known already, from files. */
  readonly mappings: readonly Mapping[];
  readonly connectedAccounts: readonly string[];
  readonly days: number;
  /** Whether Logs Insights is to count what would pass the filter, where no subscription tells it. */
  readonly countEvents: boolean;
  readonly now: EpochMillis;
  /** `<service>-<stage>` of the service that the clusters report to, where it was said. */
  readonly prefix: string | undefined;
}
