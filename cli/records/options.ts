import type { EpochMillis } from '../../lib/time.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { RecordsAccess, RecordsPlace } from '../access/files-access.ts';
import type { RecordFormatName } from '../format/formats.ts';
import { asksFiles } from '../options/files-options.ts';
import type { OutputOptions } from '../options/output-options.ts';
import { type QuestionOptions, questionFrom, selectiveQuestion } from '../options/question-options.ts';
import type { ShownOptions } from '../options/shown-options.ts';
import type { ViewOptions } from '../options/view-options.ts';
import type { SameOptions } from './same.ts';

export interface RecordsOptions
  extends RecordsPlace,
    QuestionOptions,
    SameOptions,
    OutputOptions<RecordFormatName>,
    Omit<ViewOptions, 'headers'>,
    ShownOptions {
  readonly limit?: number;
  readonly maxPages?: number;
  /** The pause between two queries of `--follow`, in milliseconds. */
  readonly interval: number;
  readonly summary?: boolean;
  /** The beginning of the other time range. */
  readonly compare?: EpochMillis;
  readonly allClusters?: boolean;
}

/**
 * Returns the question. A service needs a time range or a filter, because nobody reads all that it has.
 * @throws CommandError if an option is wrong, or a filter is missing.
 */
export function recordsQuestion(options: RecordsOptions): RecordsQuestion {
  return asksFiles(options) ? questionFrom(options) : selectiveQuestion(options);
}

/** A question, and what answers it. */
export interface RecordsQuery {
  readonly options: RecordsOptions;
  readonly question: RecordsQuestion;
  readonly service: RecordsAccess;
}
