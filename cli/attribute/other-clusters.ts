import { nearest } from '../../lib/nearness.ts';
import { quoted } from '../../lib/shell.ts';
import { note } from '../failures/faults.ts';

/** Told one by one as they are met; of more it is said at the end how many. */
const MOST_TOLD = 4;

/**
 * The clusters of the records that are shown, beside the one that `--cluster` names where files name none. Whoever took it
 * for a filter is told of them before their records are shown.
 */
export class OtherClusters {
  readonly #named: string;
  readonly #told = new Set<string>();
  readonly #others = new Set<string>();
  #names = false;

  constructor(named: string) {
    this.#named = named;
  }

  read(cluster: string | undefined): void {
    if (cluster === this.#named) this.#names = true;
    else if (cluster !== undefined) this.#others.add(cluster);
  }

  shown(cluster: string | undefined): void {
    if (cluster === undefined || cluster === this.#named || this.#told.has(cluster)) return;
    this.#told.add(cluster);
    if (this.#told.size <= MOST_TOLD) note(this.#wordsOf(cluster));
  }

  #wordsOf(cluster: string): string {
    const how = `--not-cluster ${quoted(cluster)} leaves them out`;
    return this.#told.size > 1
      ? `Those of ${cluster} are shown, too: ${how}.`
      : `--cluster names the cluster where files name none, and leaves none out: these name ${cluster}, whose records are shown; ${how}.`;
  }

  /** What is told at the end. */
  said(): readonly string[] {
    const untold = this.#told.size - MOST_TOLD;
    const near = nearest(this.#named, this.#others);
    const instead = near.length > 0 ? `; near it: ${near.join(', ')}` : '';
    return [
      ...(untold > 0 ? [`There are records of ${untold} more clusters: -o wide and --summary name them.`] : []),
      ...(this.#names || this.#others.size === 0
        ? []
        : [`--cluster ${quoted(this.#named)} named no record: the files name their clusters themselves${instead}.`]),
    ];
  }
}
