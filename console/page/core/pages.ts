import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AuditRecord, RecordsAnswer } from './answers.ts';
import type { ApiProblem, Params } from './api.ts';
import { useAsked } from './asked.ts';

/** Answers that are read page by page, as somebody asks for more. */
export interface Pages<A> {
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
export function usePagesOf<A extends { readonly cursor?: string }>(
  path: string,
  params: Params | undefined,
  first: Params = [],
): Pages<A> {
  const read = useSignal<readonly A[]>([]);
  const last = read.value.at(-1);
  const { answer, problem, isBusy, again } = useAsked<A>(
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

export interface Paged extends Omit<Pages<RecordsAnswer>, 'pages'> {
  readonly records: readonly AuditRecord[];
  /** How many were looked through, those that were not meant among them. */
  readonly examined: number;
}

/** What is asked so is answered at once. */
export const QUICK: Params = [['quick', 'true']];

/** The same of records: of the newest some hundred at once, then by itself of some thousand. */
export function usePages(params: Params): Paged {
  const { pages, ...rest } = usePagesOf<RecordsAnswer>('/records', params, QUICK);
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
