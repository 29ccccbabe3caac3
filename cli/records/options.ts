import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { ServiceAccess, ServiceOptions } from '../access/service-access.ts';
import type { RecordFormatName } from '../format/formats.ts';
import type { OutputOptions } from '../options/output-options.ts';
import type { QuestionOptions } from '../options/question-options.ts';
import type { ViewOptions } from '../options/view-options.ts';
import type { SameOptions } from './same.ts';

export interface RecordsOptions
  extends ServiceOptions,
    QuestionOptions,
    SameOptions,
    OutputOptions<RecordFormatName>,
    ViewOptions {
  readonly limit?: number;
  readonly maxPages?: number;
  /** Milliseconds. */
  readonly interval: number;
  readonly summary?: boolean;
  readonly allClusters?: boolean;
}

/** A question, and the service to ask. */
export interface RecordsQuery {
  readonly options: RecordsOptions;
  readonly question: RecordsQuestion;
  readonly service: ServiceAccess;
}
