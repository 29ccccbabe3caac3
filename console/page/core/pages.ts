import { useSignal } from '@preact/signals';
import type { AuditRecord, RecordsAnswer } from './answers.ts';
import type { ApiProblem, Params } from './api.ts';
import { useAsked } from './asked.ts';

/** Records that are read page by page, as somebody asks for more. */
export interface Paged {
  readonly records: readonly AuditRecord[];
  /** How many were looked through, those that were not meant among them. */
  readonly examined: number;
  /** Whether there may be more. */
  readonly hasMore: boolean;
  more(): void;
  readonly problem: ApiProblem | undefined;
  readonly isBusy: boolean;
  /** Whether the first page is there. */
  readonly isKnown: boolean;
  again(): void;
}

/** For a component that is made anew where the question changes. */
export function usePages(params: Params): Paged {
  const read = useSignal<readonly RecordsAnswer[]>([]);
  const last = read.value.at(-1);
  const { answer, problem, isBusy, again } = useAsked<RecordsAnswer>('/records', [
    ...params,
    ...(last?.cursor === undefined ? [] : [['cursor', last.cursor] as const]),
  ]);
  const pages = answer === undefined || answer === last ? read.value : [...read.value, answer];
  return {
    records: pages.flatMap(({ records }) => records),
    examined: pages.reduce((sum, { examined }) => sum + examined, 0),
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
