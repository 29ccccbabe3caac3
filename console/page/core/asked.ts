import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiProblem, ask, type Params } from './api.ts';

/** What came of a question so far. An answer stays in view while the next one is asked for. */
export interface Asking<T> {
  readonly answer: T | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isBusy: boolean;
  /** Asks the same again. */
  again(): void;
}

/** Asks, and asks anew where the question changes; an answer to an old question never comes into view. Without params it waits. */
export function useAsked<T>(path: string, params: Params | undefined): Asking<T> {
  const state = useSignal<Omit<Asking<T>, 'again'>>({ answer: undefined, problem: undefined, isBusy: false });
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
