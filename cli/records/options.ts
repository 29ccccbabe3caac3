import type { ServiceOptions } from '../access/service-access.ts';
import type { RecordFormatName } from '../format/record-format.ts';
import type { OutputOptions } from '../options/output-options.ts';
import type { QuestionOptions } from '../options/question-options.ts';
import type { ViewOptions } from '../options/view-options.ts';

export interface RecordsOptions extends ServiceOptions, QuestionOptions, OutputOptions<RecordFormatName>, ViewOptions {
  readonly limit?: number;
  readonly maxPages?: number;
  readonly follow?: boolean;
  /** Milliseconds. */
  readonly interval: number;
  readonly summary?: boolean;
  readonly allClusters?: boolean;
  /** Audit ids of the requests whose role, or address, is asked for. */
  readonly sameRole?: string;
  readonly sameIp?: string;
  /** Milliseconds around that request. */
  readonly window?: number;
}
