import type { KnownKind, KnownName } from '../../../lib/claims/known.ts';

/** Something that records name, with what says which one it is. */
export type Named = Pick<KnownName, 'kind' | 'name' | 'cluster' | 'arn' | 'id'>;

const MOST = 8;
const LONGEST = 100;
/** Namespaces first: they are short words, which many names of roles begin with. */
const ORDER: readonly KnownKind[] = ['cluster', 'namespace', 'actor', 'role'];

/** The known names that a text may be the beginning of, then those that hold it; each once. */
export function completions(text: string, names: Iterable<Named>): readonly Named[] {
  const sought = text.trim().toLowerCase();
  if (sought === '' || sought.length > LONGEST) return [];
  const found: { readonly named: Named; readonly rank: number }[] = [];
  for (const named of names) {
    const at = named.name.toLowerCase().indexOf(sought);
    if (at >= 0) found.push({ named, rank: (at > 0 ? ORDER.length : 0) + ORDER.indexOf(named.kind) });
  }
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map(({ named }) => named);
}
