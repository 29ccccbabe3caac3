import type { KeptRecord } from '../../claims/kept-record.ts';
import { matcherOf } from '../query/filter.ts';
import { pagesOf, type RecordPages } from '../query/pages.ts';
import { isInRange, type RecordsQuestion } from '../query/question.ts';
import { latestStages, requestsIn } from './requests.ts';

/** One question of a report about a time span, and who takes the records that it finds. */
export interface RequestsQuery {
  readonly question: RecordsQuestion;
  /** So many records are looked through at most, about. */
  readonly most?: number;
  /** Each request once, by the record of one of its stages: the latest, where records come in the order of time. */
  take(record: KeptRecord): void;
}

/** How far the records were read for a question. */
export interface ReadingExtent {
  /** Whether to the end. */
  readonly isWhole: boolean;
  readonly examined: number;
}

/** Where reports find what was done: files, the API, or the tables. */
export interface RequestSource {
  /** Returns how far was read for each query, in their order. @throws what the place behind it throws where it is out of reach. */
  read(queries: readonly RequestsQuery[]): Promise<readonly ReadingExtent[]>;
}

/** Requests that a question found, each by its latest stage. */
export interface FoundRequests {
  readonly records: readonly KeptRecord[];
  readonly isWhole: boolean;
}

/** Returns the requests of one question, in the order in which they came; `most` as in `RequestsQuery`. */
export async function requestsFrom(
  source: RequestSource,
  question: RecordsQuestion,
  most: number,
): Promise<FoundRequests> {
  const records: KeptRecord[] = [];
  const [looked] = await source.read([{ question, most, take: (record) => records.push(record) }]);
  return { records: latestStages(records), isWhole: looked?.isWhole === true };
}

/** Returns a source of records that are read once for all queries of a call; `isNewOf` makes for each call what refuses records that count for nothing. */
export function sourceOfRecords(
  visit: (take: (record: KeptRecord) => void) => Promise<void>,
  isNewOf: () => (record: KeptRecord) => boolean = () => () => true,
): RequestSource {
  return {
    async read(queries) {
      const meant = queries.map(({ question: { filter, range }, take }) => ({ take, range, isOf: matcherOf(filter) }));
      const isNew = isNewOf();
      let examined = 0;
      await visit((record) => {
        examined += 1;
        const takers = meant.filter(({ isOf, range }) => isInRange(record, range) && isOf(record));
        if (takers.length === 0 || !isNew(record)) return;
        for (const { take } of takers) take(record);
      });
      return queries.map(() => ({ isWhole: true, examined }));
    },
  };
}

/** Records that a report of an incident looks through for one question: more are for a shorter time range. */
export const MOST_READ = 20_000;

/** What limits the reading of pages. */
export interface PageLimits {
  /** Records of a page. */
  readonly limit?: number | undefined;
  /** Whether no further page may be asked for. */
  isUsedUp?(): boolean;
  /** Whether an error only says that one question is too large: its answer ends there, and the others are answered. */
  isTooLarge?(error: unknown): boolean;
}

/** Returns a source that is asked query by query, page by page: of each the newest records. */
export function sourceOfPages(pages: RecordPages, limits: PageLimits = {}): RequestSource {
  return {
    async read(queries) {
      const looked: ReadingExtent[] = [];
      for (const query of queries) looked.push(await readPages(query, pages, limits));
      return looked;
    },
  };
}

async function readPages(
  { take, ...query }: RequestsQuery,
  pages: RecordPages,
  limits: PageLimits,
): Promise<ReadingExtent> {
  const looked = { isWhole: false, examined: 0 };
  if (limits.isUsedUp?.() === true) return looked;
  try {
    for await (const { record } of requestsIn(recordsOf(query, pages, limits, looked))) take(record);
  } catch (error) {
    if (limits.isTooLarge?.(error) !== true) throw error;
    looked.isWhole = false;
  }
  return looked;
}

async function* recordsOf(
  { question, most = Number.POSITIVE_INFINITY }: Omit<RequestsQuery, 'take'>,
  pages: RecordPages,
  { limit, isUsedUp }: PageLimits,
  looked: { isWhole: boolean; examined: number },
): AsyncGenerator<KeptRecord> {
  for await (const { records, examined, isLast } of pagesOf(question, pages, { limit })) {
    looked.examined += examined;
    looked.isWhole = isLast;
    yield* records;
    // Where the cost is limited, a page of nothing is one that may cost no more.
    if (looked.examined >= most || (isUsedUp !== undefined && (examined === 0 || isUsedUp()))) return;
  }
}
