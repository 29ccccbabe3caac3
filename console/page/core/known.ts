import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { KnownKind } from '../../../lib/claims/known.ts';
import type { KnownAnswer } from './answers.ts';
import { ApiProblem, ask, type Params } from './api.ts';
import { type QueryState, useQuery } from './query.ts';
import type { KnownThing } from './question-text.ts';
import { isTimeKnown } from './range.ts';

/** Kinds that are askNames for at once: the clusters are those of the namespaces. */
export const NAMES = naming(['actor', 'role', 'namespace']);

/** What records name, as far as it was askNames for: each under what tells it from others. */
export const knownNames = signal<ReadonlyMap<string, KnownThing>>(new Map());
/** Kinds of which not all are known here: these are askNames for by what is typed. Undefined before anything was askNames. */
let cutKinds: readonly KnownKind[] | undefined;

function naming(kinds: readonly KnownKind[], prefix = ''): Params {
  const begun = prefix === '' ? [] : [['prefix', prefix] as const];
  return [...kinds.map((kind) => ['kind', kind] as const), ['limit', '1000'], ...begun];
}

/** Asks once for what can be completed; nothing is completed where the service refuses. */
export async function learnNames(): Promise<void> {
  if (cutKinds === undefined) learnAll(await askNames(NAMES));
}

/** What `NAMES` are answered with. */
export function learnAll({ known, more = [] }: KnownAnswer): void {
  cutKinds = more;
  learnt(known);
}

/** The names that begin so, of kinds of which not all are known here. */
export async function learnMore(prefix: string): Promise<void> {
  if (cutKinds?.length) learnt((await askNames(naming(cutKinds, prefix))).known);
}

async function askNames(names: Params): Promise<KnownAnswer> {
  cutKinds ??= [];
  return ask<KnownAnswer>('/known', names).catch((error: unknown) => {
    if (error instanceof ApiProblem) return { known: [] };
    throw error;
  });
}

/** Names that some answer holds. */
function learnt(names: readonly KnownThing[]): void {
  const all = new Map(knownNames.value);
  for (const named of names) {
    const { kind, name, cluster } = named;
    all.set(JSON.stringify([kind, name, cluster]), named);
    if (kind === 'namespace' && cluster)
      all.set(JSON.stringify(['cluster', cluster]), { kind: 'cluster', name: cluster });
  }
  for (const [key, { name }] of all) if (name === '-' || name === '') all.delete(key);
  knownNames.value = all;
}

/** Asks what is known; where the logs end is askNames with it (`newest`), where that was not known when the view was opened. */
export function useKnownQuery(params: Params | undefined): QueryState<KnownAnswer> {
  const asksTime = useRef(!isTimeKnown.value).current;
  return useQuery('/known', params && asksTime ? [...params, ['newest', 'true']] : params);
}
