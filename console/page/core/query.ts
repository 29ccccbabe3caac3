import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AnythingBody, AuditRecord, RecordsAnswer } from './answers.ts';
import { ApiProblem, ask, type Params } from './api.ts';

/** The state of a query. The last answer stays while the next one loads. */
export interface QueryState<T> {
  readonly answer: T | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isBusy: boolean;
  /** Sends the same query again. */
  again(): void;
}

/**
 * Queries the API, again whenever the path or the parameters change. Drops answers to earlier parameters. Does nothing
 * while `params` is undefined. The answer is not checked against `T`.
 */
export function useQuery<T>(path: string, params: Params | undefined): QueryState<T> {
  const state = useSignal<Omit<QueryState<T>, 'again'>>({ answer: undefined, problem: undefined, isBusy: false });
  const round = useSignal(0);
  const question = params === undefined ? undefined : JSON.stringify([path, params, round.value]);
  useEffect(() => {
    if (params === undefined) return undefined;
    const stop = new AbortController();
    state.value = { ...state.value, problem: undefined, isBusy: true };
    ask<T>(path, params, stop.signal).then(
      (answer) => {
        state.value = { answer, problem: undefined, isBusy: false };
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const problem = error instanceof ApiProblem ? error : new ApiProblem(0, String(error));
        state.value = { answer: undefined, problem, isBusy: false };
      },
    );
    return () => stop.abort();
  }, [question]);
  const again = () => {
    round.value += 1;
  };
  return { ...state.value, again };
}

/** Answers that are loaded page by page. */
interface Pages<A> {
  readonly pages: readonly A[];
  /** Whether there may be more pages. */
  readonly hasMore: boolean;
  /** Loads the next page. */
  more(): void;
  readonly problem: ApiProblem | undefined;
  readonly isBusy: boolean;
  /** Whether the first page is loaded. */
  readonly isKnown: boolean;
  /** Retries the page that failed. */
  again(): void;
}

/**
 * Queries the API page by page, for a component that is created again when the parameters change. Does nothing while
 * `params` is undefined. The parameters `first` are for the first page only.
 */
export function usePages<A extends { readonly cursor?: string }>(
  path: string,
  params: Params | undefined,
  first: Params = [],
): Pages<A> {
  const read = useSignal<readonly A[]>([]);
  const last = read.value.at(-1);
  const { answer, problem, isBusy, again } = useQuery<A>(
    path,
    params && [...params, ...(last?.cursor === undefined ? first : [['cursor', last.cursor] as const])],
  );
  const pages = answer === undefined || answer === last ? read.value : [...read.value, answer];
  return {
    pages,
    hasMore: pages.at(-1)?.cursor !== undefined,
    more: () => {
      read.value = pages;
    },
    problem,
    isBusy,
    isKnown: pages.length > 0,
    again,
  };
}

/** Records that are loaded page by page. */
interface RecordPages extends Omit<Pages<RecordsAnswer>, 'pages'> {
  readonly records: readonly AuditRecord[];
  /** How many records the service scanned, with those that did not match. */
  readonly examined: number;
}

/** Limits the service to the newest few hundred records, for a fast answer. */
const QUICK: Params = [['quick', 'true']];

/** Queries records: the newest few hundred first, and then, without a click, the next few thousand. */
export function useRecordPages(params: Params): RecordPages {
  const { pages, ...rest } = usePages<RecordsAnswer>('/records', params, QUICK);
  const isFirst = pages.length === 1 && rest.hasMore;
  useEffect(() => {
    if (isFirst) rest.more();
  }, [isFirst]);
  return {
    ...rest,
    isKnown: rest.isKnown && !isFirst,
    records: pages.flatMap(({ records }) => records),
    examined: pages.reduce((sum, { examined }) => sum + examined, 0),
  };
}

/** The state of a search: a fast answer from the newest records, then the full one. */
export interface WhoisState extends QueryState<AnythingBody> {
  /** Whether older records are being searched. */
  readonly isSearchingOlder: boolean;
  /** The reason why older records could not be searched. The fast answer stays. */
  readonly olderProblem: ApiProblem | undefined;
  /** Searches older records again. */
  searchOlder(): void;
}

/**
 * Searches for a text: a fast answer first, then a full one if the fast one is incomplete. Does nothing without a text.
 */
export function useWhois(q: string | undefined, at?: string): WhoisState {
  const moment = at === undefined ? [] : [['at', at] as const];
  const params = q === undefined || q === '' ? undefined : ([['q', q], ...moment] as const);
  const quick = useQuery<AnythingBody>('/whois', params && [...params, ...QUICK]);
  const full = useQuery<AnythingBody>('/whois', isIncomplete(quick) ? params : undefined);
  const isAnswered = full.answer !== undefined || isNotFound(full.problem);
  return {
    ...(isAnswered ? full : quick),
    isSearchingOlder: full.isBusy,
    olderProblem: isAnswered ? undefined : full.problem,
    searchOlder: full.again,
  };
}

function isNotFound(problem: ApiProblem | undefined): boolean {
  return problem?.status === 404;
}

/** Returns whether the service says that it did not scan all records. */
function isIncomplete({ answer, problem }: QueryState<AnythingBody>): boolean {
  const bodies = answer === undefined ? [problem?.body] : 'answers' in answer ? answer.answers : [answer];
  return bodies.some((body) => typeof body === 'object' && body !== null && Reflect.get(body, 'complete') === false);
}
