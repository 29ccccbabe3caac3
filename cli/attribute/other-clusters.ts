import { quoted } from '../../lib/shell.ts';

/** Named in what is told; of more it is said how many. */
const MOST_NAMED = 4;

/** The clusters of the records that are shown, beside the one that `--cluster` names where files name none. */
export class OtherClusters {
  readonly #named: string;
  readonly #others = new Set<string>();

  constructor(named: string) {
    this.#named = named;
  }

  shown(cluster: string | undefined): void {
    if (cluster !== undefined && cluster !== this.#named) this.#others.add(cluster);
  }

  /** What whoever took `--cluster` for a filter is to know. */
  said(): readonly string[] {
    const names = [...this.#others].sort();
    if (names.length === 0) return [];
    const named = names.slice(0, MOST_NAMED);
    const more = names.length > named.length ? ` and ${names.length - named.length} more` : '';
    const how = named.map((name) => `--not-cluster ${quoted(name)}`).join(' ');
    return [`There are records of other clusters (${named.join(', ')}${more}): leave them out with ${how}.`];
  }
}
