import type { KeptRecord } from '../../claims/kept-record.ts';
import { matcherOf } from '../query/filter.ts';
import type { ReadPage, RecordPages } from '../query/pages.ts';
import { pagesInTurns } from '../query/pages-in-turns.ts';
import { isInRange, type RecordsQuestion } from '../query/question.ts';
import { latestStages, requestsIn } from './requests.ts';

/** A question that a report asks about a time range, and the function that receives the matching records. */
export interface RequestsQuery {
  readonly question: RecordsQuestion;
  /** Limits how many records are read for each account, approximately. */
  readonly most?: number;
  /**
   * Receives each request once, as the record of one of its stages. That is the latest stage if records come in order
   * of time.
   */
  take(record: KeptRecord): void;
}

/** How many records were read for one question, and whether these are all. */
export interface ReadingExtent {
  /** Whether all were read. */
  readonly isComplete: boolean;
  readonly examined: number;
}

/** A source of requests for reports: files, the API, or the tables. */
export interface RequestSource {
  /**
   * Reads all queries. Returns how much was read for each of them, in the same order.
   * @throws the errors of the source if it cannot be reached.
   */
  read(queries: readonly RequestsQuery[]): Promise<readonly ReadingExtent[]>;
}

/** The requests that match a question, each as the record of its latest stage. */
export interface FoundRequests {
  readonly records: readonly KeptRecord[];
  readonly isComplete: boolean;
}

/**
 * Returns the requests that match one question, in the order in which they came.
 * @param most limits the records, as in `RequestsQuery`.
 */
export async function requestsFrom(
  source: RequestSource,
  question: RecordsQuestion,
  most: number,
): Promise<FoundRequests> {
  const records: KeptRecord[] = [];
  const [extent] = await source.read([{ question, most, take: (record) => records.push(record) }]);
  return { records: latestStages(records), isComplete: extent?.isComplete === true };
}

/**
 * Returns a source that reads the records once for all queries of a call.
 * @param isNewOf returns a test for each call. The test refuses records that came before.
 */
export function sourceOfRecords(
  visit: (take: (record: KeptRecord) => void) => Promise<void>,
  isNewOf: () => (record: KeptRecord) => boolean = () => () => true,
): RequestSource {
  return {
    async read(queries) {
      const matchers = queries.map(({ question: { filter, range }, take }) => ({
        take,
        range,
        isOf: matcherOf(filter),
      }));
      const isNew = isNewOf();
      let examined = 0;
      await visit((record) => {
        examined += 1;
        const takers = matchers.filter(({ isOf, range }) => isInRange(record, range) && isOf(record));
        if (takers.length === 0 || !isNew(record)) return;
        for (const { take } of takers) take(record);
      });
      return queries.map(() => ({ isComplete: true, examined }));
    },
  };
}

/**
 * The maximum number of records that a report of an incident reads for one question. If there are more, the user must
 * give a shorter
 * time range.
 */
export const MOST_READ = 20_000;

/** Limits of reading pages. */
export interface PageLimits {
  /** Limits the records of a page. */
  readonly limit?: number | undefined;
  /** Returns whether the budget is used up, so that no further page may be read. */
  isUsedUp?(): boolean;
  /**
   * Returns whether the error only says that one question is too large. Reading then ends for this question, and goes
   * on for the others.
   */
  isTooLarge?(error: unknown): boolean;
}

/** Returns a source that reads the newest records of each query, one query after the other, page by page. */
export function sourceOfPages(pages: RecordPages, limits: PageLimits = {}): RequestSource {
  return {
    async read(queries) {
      const extents: ReadingExtent[] = [];
      for (const query of queries) extents.push(await readPages(query, pages, limits));
      return extents;
    },
  };
}

async function readPages(
  { take, ...query }: RequestsQuery,
  pages: RecordPages,
  limits: PageLimits,
): Promise<ReadingExtent> {
  const extent = { isComplete: false, examined: 0 };
  if (limits.isUsedUp?.() === true) return extent;
  try {
    for await (const { record } of requestsIn(recordsOf(query, pages, limits, extent))) take(record);
  } catch (error) {
    if (limits.isTooLarge?.(error) !== true) throw error;
    extent.isComplete = false;
  }
  return extent;
}

async function* recordsOf(
  { question, most = Number.POSITIVE_INFINITY }: Omit<RequestsQuery, 'take'>,
  pages: RecordPages,
  { limit, isUsedUp }: PageLimits,
  extent: { isComplete: boolean; examined: number },
): AsyncGenerator<KeptRecord> {
  const isSpent = () => isUsedUp?.() === true;
  // If the cost is limited, a page that examined no record means that the budget is used up.
  const isShare = (read: readonly ReadPage[]) =>
    read.reduce((sum, { examined }) => sum + examined, 0) >= most ||
    (isUsedUp !== undefined && (read.at(-1)?.examined === 0 || isSpent()));
  for await (const page of pagesInTurns(question, pages, { limit, isUsedUp: isShare, isSpent })) {
    extent.examined += page.examined;
    extent.isComplete = page.isLast;
    yield* page.records;
  }
}
