import { accountOfKey, type ClusterKey, clusterKeyOf } from '../../../identity/cluster.ts';
import { byTurns } from '../../../turns.ts';
import type { KnownRow } from '../known-row.ts';
import type { Values } from './others.ts';

/**
 * The maximum number of namespaces of one cluster in one question. Each of them takes at least one request for each
 * page.
 */
const AT_ONCE = 50;
/**
 * The largest number of namespaces that one question by flags alone covers. Its results are merged, the newest first.
 */
const FEW = 100;

/** Some namespaces that one question searches. */
interface Places {
  readonly values: Values;
  readonly count: number;
}

/**
 * The places to search for records by their flag alone. If there are few namespaces, one question covers all. Otherwise
 * the namespaces that are proven to exist come first, since nobody can invent them. Of these, the last seen come first.
 * All other namespaces come last.
 */
export interface PlacesToSearch {
  readonly proven: readonly Places[];
  /** The number of other namespaces. They are searched last. */
  readonly others: number;
  readonly all: number;
}

export function placesToSearch(known: readonly KnownRow[]): PlacesToSearch {
  const all = known.length;
  if (all <= FEW) return { proven: [], others: all, all };
  const proven = known.filter((row) => row.proven === true);
  const byCluster = Map.groupBy(proven.toSorted(latestFirst), clusterKeyOf);
  return {
    proven: inTurns([...byCluster]),
    others: all - proven.length,
    all,
  };
}

/**
 * Returns the questions in a fair order. The accounts take turns, and so do the clusters within an account. The owner
 * of an account can create any number of clusters and namespaces, which must not delay the others.
 */
function inTurns(ofClusters: readonly (readonly [ClusterKey, readonly KnownRow[]])[]): readonly Places[] {
  const byAccount = Map.groupBy(ofClusters, ([key]) => accountOfKey(key));
  return byTurns([...byAccount.values()].map((of) => byTurns(of.map(([key, rows]) => questions(key, rows)))));
}

function questions(key: ClusterKey, rows: readonly KnownRow[]): Places[] {
  const of: Values = [{ name: 'cluster', value: key }];
  return Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, at) => {
    const some = rows.slice(at * AT_ONCE, (at + 1) * AT_ONCE);
    return {
      values: [...of, ...some.map(({ name }) => ({ name: 'namespace', value: name }) as const)],
      count: some.length,
    };
  });
}

/** Sorts by the day last seen, newest first, then by name. The directory only knows the day. */
function latestFirst(a: KnownRow, b: KnownRow): number {
  const day = ({ last }: KnownRow) => last.slice(0, 'YYYY-MM-DD'.length);
  if (day(a) !== day(b)) return day(a) < day(b) ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}

interface SearchGaps {
  /** The number of unsearched namespaces that are proven to exist. */
  readonly proven: number;
  /** The number of unsearched namespaces that no record proves to exist. */
  readonly others: number;
  readonly all: number;
  /** Whether the directory was read to its end. */
  readonly isComplete: boolean;
}

/** Returns a sentence that names the places that were not searched. */
export function notSearched({ proven, others, all, isComplete }: SearchGaps): string {
  const parts = [
    ...(proven === 0 ? [] : [`${proven} of ${all} namespaces`]),
    ...(others === 0 ? [] : [`${others} namespaces that no record proves to exist`]),
    ...(isComplete ? [] : [`the namespaces after the first ${all}`]),
  ];
  const where = parts.length === 0 ? 'places outside the known namespaces' : parts.join(', ');
  return `Not searched for others who used this name: ${where}. To search there, run eks-whois records --flag FLAG --cluster NAME --namespace NAME.`;
}
