import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { ServiceAccess } from '../access/service-access.ts';

/** Records that one request asks for: some hundred kilobytes, well within what an API answers. */
export const PAGE = 200;

/** One page of an answer, and what it took. */
export interface Page {
  readonly records: readonly AuditRecord[];
  readonly examined: number;
  readonly isInOrder: boolean;
  readonly isLast: boolean;
}

export interface Reading {
  /** Records of a page. */
  readonly limit?: number | undefined;
  /** Pages that are read. */
  readonly most?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The pages of an answer, as they are needed. @throws CommandError as `ServiceAccess`. */
export async function* pagesOf(
  question: RecordsQuestion,
  service: ServiceAccess,
  { limit = PAGE, most = Number.POSITIVE_INFINITY, signal }: Reading = {},
): AsyncGenerator<Page> {
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await service.records({ question, limit: Math.min(limit, PAGE), cursor }, signal);
    cursor = page.cursor;
    const isLast = cursor === undefined;
    const { records, examined = records.length } = page;
    yield { records, examined, isInOrder: page.inOrder !== false, isLast };
    if (isLast || pages >= most) return;
  }
}

/** The records of a question, page after page, as they are needed. @throws CommandError as `ServiceAccess`. */
export async function* allRecords(
  question: RecordsQuestion,
  service: ServiceAccess,
  reading: Reading = {},
): AsyncGenerator<AuditRecord> {
  for await (const { records } of pagesOf(question, service, reading)) yield* records;
}
