import type { KnownRow } from '../known-query.ts';
import type { Values } from './others.ts';

/** Namespaces that one question names, of one cluster: each page takes a request or more for each. */
const AT_ONCE = 50;
/** So many are merged in one question by flags alone, newest first over all. */
const FEW = 100;

/** Some namespaces that are looked through by one question. */
interface Places {
  readonly values: Values;
  readonly count: number;
}

/**
 * Where records are looked for of which no more than a flag is known: by one question where there are few namespaces, else first
 * in those that are proven to exist, which nobody can invent, the latest seen first, and then wherever else there was anything.
 */
export interface PlacesToSearch {
  readonly proven: readonly Places[];
  /** Namespaces besides; in them it is looked last. */
  readonly others: number;
  readonly all: number;
}

export function placesToSearch(known: readonly KnownRow[]): PlacesToSearch {
  const all = known.length;
  if (all <= FEW) return { proven: [], others: all, all };
  const proven = known.filter((row) => row.proven === true);
  const byCluster = Map.groupBy(proven.toSorted(latestFirst), ({ cluster = '' }) => cluster);
  return {
    proven: inTurns([...byCluster].map(([cluster, rows]) => questions(cluster, rows))),
    others: all - proven.length,
    all,
  };
}

/** The first of each, then the second: whoever has a cluster of his own may have as many namespaces in it as he likes. */
function inTurns(ofClusters: readonly (readonly Places[])[]): Places[] {
  const rounds = Math.max(0, ...ofClusters.map((each) => each.length));
  return Array.from({ length: rounds }, (_, at) => ofClusters.flatMap((each) => each[at] ?? [])).flat();
}

/** Of records that name no cluster, which nobody can ask for, by the namespace alone. */
function questions(cluster: string, rows: readonly KnownRow[]): Places[] {
  const of: Values = cluster === '' ? [] : [{ name: 'cluster', value: cluster }];
  return Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, at) => {
    const some = rows.slice(at * AT_ONCE, (at + 1) * AT_ONCE);
    return {
      values: [...of, ...some.map(({ name }) => ({ name: 'namespace', value: name }) as const)],
      count: some.length,
    };
  });
}

/** Exact to the day, as the directory is; of one day in the order of the names. */
function latestFirst(a: KnownRow, b: KnownRow): number {
  const day = ({ last }: KnownRow) => last.slice(0, 'YYYY-MM-DD'.length);
  if (day(a) !== day(b)) return day(a) < day(b) ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}

interface SearchGaps {
  /** Number of namespaces left that are proven to exist, and of those that no record proves. */
  readonly proven: number;
  readonly others: number;
  readonly all: number;
  /** Whether the directory was read to its end. */
  readonly isWhole: boolean;
}

/** Returns a sentence that names the places that were not searched. */
export function notSearched({ proven, others, all, isWhole }: SearchGaps): string {
  const parts = [
    ...(proven === 0 ? [] : [`${proven} of ${all} namespaces`]),
    ...(others === 0 ? [] : [`${others} namespaces that no record proves to exist`]),
    ...(isWhole ? [] : [`the namespaces after the first ${all}`]),
  ];
  const where = parts.length === 0 ? 'places outside the known namespaces' : parts.join(', ');
  return `Not searched for others who used this name: ${where}. To search there, run eks-whois records --flag with --cluster and --namespace.`;
}
