import type { KeptRecord } from '../../claims/kept-record.ts';
import type { RecordsQuestion } from './question.ts';
import type { RecordsRequest } from './records-request.ts';

/** Records that one request asks for: some hundred kilobytes, well within what an API answers. */
export const PAGE = 200;

/** A page of records as the service answers it. The last of all has no cursor. */
export interface RecordsPage {
  readonly records: readonly KeptRecord[];
  readonly cursor?: string | undefined;
  /** Records that were read for it; absent where the service does not say. */
  readonly examined?: number | undefined;
  /** So many bear one audit id that they come in no order of time. */
  readonly inOrder?: false | undefined;
}

/** Answers one page of a question: the API, or the tables. */
export type RecordPages = (request: RecordsRequest, signal?: AbortSignal) => Promise<RecordsPage>;

/** One page of an answer, and what it took. */
interface ReadPage {
  readonly records: readonly KeptRecord[];
  readonly examined: number;
  readonly isInOrder: boolean;
  readonly isLast: boolean;
}

interface Reading {
  /** Records of a page. */
  readonly limit?: number | undefined;
  /** Pages that are read. */
  readonly most?: number | undefined;
}

/** The pages of an answer, as they are needed. @throws what `pages` throws. */
export async function* pagesOf(
  question: RecordsQuestion,
  pages: RecordPages,
  { limit = PAGE, most = Number.POSITIVE_INFINITY }: Reading = {},
): AsyncGenerator<ReadPage> {
  for await (const page of cursorPages((cursor) => pages({ question, limit, cursor }), most)) {
    const { records, examined = records.length } = page;
    yield { records, examined, isInOrder: page.inOrder !== false, isLast: page.cursor === undefined };
  }
}

/** The pages of any list, as they are needed, so many at most. The last of all has no cursor. */
export async function* cursorPages<P extends { readonly cursor?: string | undefined }>(
  ask: (cursor: string | undefined) => Promise<P>,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<P> {
  let cursor: string | undefined;
  for (let read = 0; read === 0 || (cursor !== undefined && read < most); read += 1) {
    const page = await ask(cursor);
    cursor = page.cursor;
    yield page;
  }
}

/** The records of a question, page after page, as they are needed. @throws what `pages` throws. */
export async function* allRecords(
  question: RecordsQuestion,
  pages: RecordPages,
  reading: Reading = {},
): AsyncGenerator<KeptRecord> {
  for await (const { records } of pagesOf(question, pages, reading)) yield* records;
}
