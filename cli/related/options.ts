import type { EpochMillis } from '../../lib/time.ts';
import type { ServiceOptions } from '../access/service-access.ts';
import type { OutputOptions } from '../options/output-options.ts';
import type { RuleOptions } from '../options/rule-options.ts';

/** The options of `related`, as the command line gives them. */
export interface RelatedOptions extends ServiceOptions, RuleOptions, OutputOptions<'text' | 'json'> {
  readonly at?: EpochMillis;
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly logGroup: readonly string[];
  readonly trailLogGroup?: string;
  readonly cluster?: string;
  readonly requestPayer?: boolean;
}
