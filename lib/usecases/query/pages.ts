import type { KeptRecord } from '../../claims/kept-record.ts';
import type { PersonRow } from './people.ts';
import type { RecordsQuestion } from './question.ts';
import type { RecordsRequest } from './records-request.ts';

/** The number of records in one response. They have a few hundred kilobytes, which the API's limit allows. */
export const PAGE = 200;

/** A page of records as the service returns it. The last page has no cursor. */
export interface RecordsPage {
  readonly records: readonly KeptRecord[];
  readonly cursor?: string | undefined;
  /** The number of records that were read for the page. Absent if the service does not report it. */
  readonly examined?: number | undefined;
  /** False if the records are not sorted by time, because too many have one audit ID. */
  readonly inOrder?: false | undefined;
  /** The clusters that the name of a cluster in the question can mean. Present if there are several. */
  readonly clusters?: readonly string[] | undefined;
  /** True if a name in the question means several people, as in `RecordsAnswer`. */
  readonly ambiguousName?: true | undefined;
  readonly people?: readonly PersonRow[] | undefined;
}

/** Requests one page of the answer to a question, from the API or from the tables. */
export type RecordPages = (request: RecordsRequest, signal?: AbortSignal) => Promise<RecordsPage>;

/** One page of an answer, and how many records were read for it. */
export interface ReadPage {
  readonly records: readonly KeptRecord[];
  readonly examined: number;
  readonly isInOrder: boolean;
  readonly isLast: boolean;
  /** The clusters that the name of a cluster in the question can mean, if there are several. */
  readonly clusters: readonly string[];
  readonly isNameAmbiguous: boolean;
  readonly people: readonly PersonRow[];
}

interface Reading {
  /** The maximum number of records in a page. */
  readonly limit?: number | undefined;
  /** The maximum number of pages. */
  readonly most?: number | undefined;
}

/**
 * Yields the pages of an answer. Reads each page only when the caller needs it.
 * @throws the errors of `pages`.
 */
export async function* pagesOf(
  question: RecordsQuestion,
  pages: RecordPages,
  { limit = PAGE, most = Number.POSITIVE_INFINITY }: Reading = {},
): AsyncGenerator<ReadPage> {
  for await (const page of cursorPages((cursor) => pages({ question, limit, cursor }), most)) {
    const { records, examined = records.length, clusters = [] } = page;
    yield {
      records,
      examined,
      isInOrder: page.inOrder !== false,
      isLast: page.cursor === undefined,
      clusters,
      isNameAmbiguous: page.ambiguousName === true,
      people: page.people ?? [],
    };
  }
}

/**
 * Yields at most `most` pages of any list. Each page is read only when the caller asks for it. The last page of the
 * list has no cursor.
 */
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

/**
 * Yields the records of an answer. Reads each page only when the caller needs it.
 * @throws the errors of `pages`.
 */
export async function* allRecords(
  question: RecordsQuestion,
  pages: RecordPages,
  reading: Reading = {},
): AsyncGenerator<KeptRecord> {
  for await (const { records } of pagesOf(question, pages, reading)) yield* records;
}
