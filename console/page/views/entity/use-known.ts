import { useEffect } from 'preact/hooks';
import type { KnownAnswer } from '../../core/answers.ts';
import { useAskedKnown } from '../../core/asked-known.ts';
import { timeIsTold } from '../../core/newest.ts';
import { knownBy, rowsOf, type Subject } from './subject.ts';

/** What the directory knows of it; where the logs end is asked with it, where that is not known yet. */
export function useKnown(subject: Subject): KnownAnswer['known'] {
  const names = knownBy(subject);
  const { answer, problem } = useAskedKnown(
    names && [
      ['kind', names.kind],
      ...(names.prefix === '' ? [] : ([['prefix', names.prefix]] as const)),
      ['limit', '1000'],
    ],
  );
  useEffect(() => {
    if (answer ?? problem) timeIsTold(answer?.newest);
  }, [answer, problem]);
  return rowsOf(subject, answer?.known ?? []);
}
