import { signal } from '@preact/signals';
import type { KnownKind } from '../../../lib/claims/known.ts';
import type { KnownAnswer } from './answers.ts';
import { ApiProblem, ask } from './api.ts';
import type { Named } from './completions.ts';

/** Kinds that are asked for: the clusters are those of the namespaces. */
const ASKED: readonly KnownKind[] = ['actor', 'role', 'namespace'];
const PAGE = '1000';

/** What records name, as far as it was asked for: each under what tells it from others. */
export const knownNames = signal<ReadonlyMap<string, Named>>(new Map());
/** Kinds of which there are more than one answer holds: these are asked for by what is typed. */
let cutKinds: readonly KnownKind[] = [];
let isAsked = false;

/** Asks once for what can be completed; nothing is completed where the service refuses. */
export async function learnNames(): Promise<void> {
  if (isAsked) return;
  isAsked = true;
  const cut = await Promise.all(ASKED.map((kind) => learnKind(kind, '')));
  cutKinds = ASKED.filter((_, index) => cut[index]);
}

/** The names that begin so, of kinds of which not all are known here. */
export async function learnMore(prefix: string): Promise<void> {
  await Promise.all(cutKinds.map((kind) => learnKind(kind, prefix)));
}

/** Answers whether there are more. */
async function learnKind(kind: KnownKind, prefix: string): Promise<boolean> {
  const asked = [['kind', kind], ['limit', PAGE], ...(prefix === '' ? [] : [['prefix', prefix] as const])] as const;
  try {
    const { known, cursor } = await ask<KnownAnswer>('/known', asked, new AbortController().signal);
    learnt(known);
    return cursor !== undefined;
  } catch (error) {
    if (error instanceof ApiProblem) return false;
    throw error;
  }
}

/** Names that some answer holds. */
export function learnt(names: readonly Named[]): void {
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
