import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AnythingBody, AuditRecord, RecordsAnswer } from './answers.ts';
import { ApiProblem, ask, type Params } from './api.ts';

/** What came of a question so far. An answer stays in view while the next one is asked for. */
export interface QueryState<T> {
  readonly answer: T | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isBusy: boolean;
  /** Asks the same again. */
  again(): void;
}

/** Asks, and asks anew where the question changes; an answer to an old question never comes into view. Without params it waits. */
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

/** Answers that are read page by page, as somebody asks for more. */
interface Pages<A> {
  readonly pages: readonly A[];
  /** Whether there may be more. */
  readonly hasMore: boolean;
  more(): void;
  readonly problem: ApiProblem | undefined;
  readonly isBusy: boolean;
  /** Whether the first page is there. */
  readonly isKnown: boolean;
  again(): void;
}

/** For a component that is made anew where the question changes. Without params it waits. `first`: what only the first page is asked with. */
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

interface RecordPages extends Omit<Pages<RecordsAnswer>, 'pages'> {
  readonly records: readonly AuditRecord[];
  /** How many were looked through, those that were not meant among them. */
  readonly examined: number;
}

/** What is asked so is answered at once. */
const QUICK: Params = [['quick', 'true']];

/** The same of records: of the newest some hundred at once, then by itself of some thousand. */
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

/** What is known of a text, and whether it is still looked for in what the first answer left out. */
export interface WhoisState extends QueryState<AnythingBody> {
  readonly isLookingOn: boolean;
  /** Why the rest was not looked through; the first answer stands. */
  readonly restProblem: ApiProblem | undefined;
  /** Looks through the rest again. */
  lookOn(): void;
}

/** Asks for a quick answer, and for the full one where that did not look through everything. Without a text it waits. */
export function useWhois(q: string | undefined): WhoisState {
  const asked = q === undefined || q === '' ? undefined : ([['q', q]] as const);
  const quick = useQuery<AnythingBody>('/whois', asked && [...asked, ...QUICK]);
  const full = useQuery<AnythingBody>('/whois', isCut(quick) ? asked : undefined);
  const isAnswered = full.answer !== undefined || isNotFound(full.problem);
  return {
    ...(isAnswered ? full : quick),
    isLookingOn: full.isBusy,
    restProblem: isAnswered ? undefined : full.problem,
    lookOn: full.again,
  };
}

function isNotFound(problem: ApiProblem | undefined): boolean {
  return problem?.status === 404;
}

/** Whether the service says that it did not look through everything, whatever it found. */
function isCut({ answer, problem }: QueryState<AnythingBody>): boolean {
  const bodies = answer === undefined ? [problem?.body] : 'answers' in answer ? answer.answers : [answer];
  return bodies.some((body) => typeof body === 'object' && body !== null && Reflect.get(body, 'complete') === false);
}
