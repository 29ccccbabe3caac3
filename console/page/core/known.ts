import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { KnownKind } from '../../../lib/claims/known.ts';
import { clusterText } from '../../../lib/identity/cluster.ts';
import type { KnownAnswer } from './answers.ts';
import { ApiProblem, ask, type Params } from './api.ts';
import { type QueryState, useQuery } from './query.ts';
import type { Suggestion } from './question-text.ts';
import { isTimeKnown } from './range.ts';

/** The parameters of `/known` for the first suggestions. Clusters come with their namespaces. */
export const NAMES = namesQuery(['actor', 'role', 'namespace']);

/** The names that records have and that were loaded, by kind, name and cluster. */
export const knownNames = signal<ReadonlyMap<string, Suggestion>>(new Map());
/**
 * Kinds with more names than were loaded: their names are requested while the user types. Undefined before the first
 * request.
 */
let cutKinds: readonly KnownKind[] | undefined;

function namesQuery(kinds: readonly KnownKind[], prefix = ''): Params {
  const begun = prefix === '' ? [] : [['prefix', prefix] as const];
  return [...kinds.map((kind) => ['kind', kind] as const), ['limit', '1000'], ...begun];
}

/** Loads the names for suggestions, once. If the service refuses, there are no suggestions. */
export async function learnNames(): Promise<void> {
  if (cutKinds === undefined) learnAll(await askNames(NAMES));
}

/** Adds the answer to `NAMES` to the suggestions. */
export function learnAll({ known, more = [] }: KnownAnswer): void {
  cutKinds = more;
  addNames(known);
}

/** Loads names with this prefix, of the kinds that are not loaded completely. */
export async function learnMore(prefix: string): Promise<void> {
  if (cutKinds?.length) addNames((await askNames(namesQuery(cutKinds, prefix))).known);
}

async function askNames(names: Params): Promise<KnownAnswer> {
  cutKinds ??= [];
  return ask<KnownAnswer>('/known', names).catch((error: unknown) => {
    if (error instanceof ApiProblem) return { known: [] };
    throw error;
  });
}

function addNames(names: readonly Suggestion[]): void {
  const all = new Map(knownNames.value);
  for (const named of names) {
    const { kind, name, cluster, clusterArn, accountId, origin, id } = named;
    all.set(JSON.stringify([kind, name, clusterText(named), id]), named);
    if (kind === 'namespace' && cluster)
      all.set(JSON.stringify(['cluster', clusterText(named)]), {
        kind: 'cluster',
        name: cluster,
        arn: clusterArn,
        accountId,
        origin,
      });
  }
  for (const [key, { name }] of all) if (name === '-' || name === '') all.delete(key);
  knownNames.value = all;
}

/** Queries `/known`. Also requests the time of the newest record, if it was unknown when the view opened. */
export function useKnownQuery(params: Params | undefined): QueryState<KnownAnswer> {
  const asksTime = useRef(!isTimeKnown.value).current;
  return useQuery('/known', params && asksTime ? [...params, ['newest', 'true']] : params);
}
