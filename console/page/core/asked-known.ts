import { useRef } from 'preact/hooks';
import type { KnownAnswer } from './answers.ts';
import type { Params } from './api.ts';
import { type Asking, useAsked } from './asked.ts';
import { isTimeKnown } from './newest.ts';

/** Asks what is known; where the logs end is asked with it (`newest`), where that was not known when the view was opened. */
export function useAskedKnown(params: Params | undefined): Asking<KnownAnswer> {
  const asksTime = useRef(!isTimeKnown.value).current;
  return useAsked('/known', params && asksTime ? [...params, ['newest', 'true']] : params);
}
