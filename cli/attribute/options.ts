import type { RecordFormatName } from '../format/formats.ts';
import type { OutputOptions } from '../options/output-options.ts';
import type { QuestionOptions } from '../options/question-options.ts';
import type { RuleOptions } from '../options/rule-options.ts';
import type { S3Options } from '../options/s3-options.ts';
import type { FieldOptions } from '../options/shown-options.ts';
import type { VerboseOptions } from '../options/verbose-option.ts';
import type { ViewOptions } from '../options/view-options.ts';
import type { SameOptions } from '../records/same.ts';

/** The options of `eks-whois attribute`, as commander hands them over. */
export interface AttributeOptions
  extends QuestionOptions,
    Omit<SameOptions, 'follow'>,
    OutputOptions<RecordFormatName>,
    RuleOptions,
    S3Options,
    ViewOptions,
    VerboseOptions,
    FieldOptions {
  readonly audit: readonly string[];
  readonly cloudtrail: readonly string[];
  readonly logGroup: readonly string[];
  readonly clusterName?: string;
  readonly clusterArn?: string;
  readonly rejects?: string;
  readonly summary?: boolean;
  readonly limit?: number;
}
