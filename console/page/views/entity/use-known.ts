import { useEffect, useRef } from 'preact/hooks';
import type { KnownAnswer } from '../../core/answers.ts';
import { useAsked } from '../../core/asked.ts';
import { isTimeKnown, timeIsTold } from '../../core/newest.ts';
import { knownBy, rowsOf, type Subject } from './subject.ts';

/** What the directory knows of it; where the logs end is asked with it, where that is not known yet. */
export function useKnown(subject: Subject): KnownAnswer['known'] {
  const names = knownBy(subject);
  const asksTime = useRef(!isTimeKnown.value).current;
  const { answer, problem } = useAsked<KnownAnswer>(
    '/known',
    names && [
      ['kind', names.kind],
      ...(names.prefix === '' ? [] : ([['prefix', names.prefix]] as const)),
      ['limit', '1000'],
      ...(asksTime ? ([['newest', 'true']] as const) : []),
    ],
  );
  useEffect(() => {
    if (answer ?? problem) timeIsTold(answer?.newest);
  }, [answer, problem]);
  return rowsOf(subject, answer?.known ?? []);
}
