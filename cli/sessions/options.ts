import type { Flag } from '../../lib/attribution/flags.ts';
import type { ListedStatus } from '../../lib/claims/claim.ts';
import type { ServiceOptions } from '../access/service-access.ts';
import type { OutputOptions } from '../options/output-options.ts';
import type { RangeOptions } from '../options/time-range.ts';
import type { ViewOptions } from '../options/view-options.ts';
import type { GroupFormat } from '../records/groups/group-rows.ts';

export interface SessionsOptions extends ServiceOptions, RangeOptions, OutputOptions<GroupFormat>, ViewOptions {
  readonly status?: ListedStatus;
  readonly flag?: readonly Flag[];
  readonly forged?: boolean;
  readonly cluster?: readonly string[];
  readonly namespace?: readonly string[];
  readonly actor?: readonly string[];
  readonly role?: readonly string[];
  readonly session?: readonly string[];
}
