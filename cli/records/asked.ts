import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import type { RecordsOptions } from './options.ts';

/** What was asked, and whom. */
export interface AskedRecords {
  readonly options: RecordsOptions;
  readonly question: RecordsQuestion;
  readonly service: ServiceAccess;
}
