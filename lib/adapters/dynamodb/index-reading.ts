import type { RecordPage, RecordReading } from '../../ports/records.ts';
import { type Entries, MergedReading, type Merging } from './merged-reading.ts';
import type { Bounds, IndexPartition } from './record-ranges.ts';
import type { Item } from './requests.ts';

export interface IndexAsked extends Omit<Merging, 'partitions' | 'bounds'> {
  readonly partitions: () => Promise<readonly IndexPartition[]>;
  /** One behind the other. */
  readonly ranges: readonly Bounds[];
  /** Reads the records of entries back. */
  readonly recordsOf: (entries: readonly Item[]) => Promise<Pick<RecordPage, 'records' | 'positions'>>;
}

const NOTHING: Entries = { entries: [] };

/** What lies in ranges of partitions of indexes, page by page. */
export class IndexReading implements RecordReading {
  readonly #asked: IndexAsked;
  #partitions: Promise<readonly IndexPartition[]> | undefined;
  #left: readonly MergedReading[] | undefined;

  constructor(asked: IndexAsked) {
    this.#asked = asked;
  }

  async partitions(): Promise<number> {
    return (await this.#known()).length;
  }

  async next(limit: number): Promise<RecordPage> {
    this.#left ??= await this.#begun();
    const entries: Item[] = [];
    let place: string | undefined;
    for (const reading of this.#left) {
      const isFull = entries.length === limit;
      const found = isFull ? NOTHING : await reading.next(limit - entries.length);
      entries.push(...found.entries);
      place = isFull && (await reading.hasNext()) ? String(entries.at(-1)?.sort) : found.place;
      if (place !== undefined) break;
      this.#left = this.#left.slice(1);
    }
    return { ...(await this.#asked.recordsOf(entries)), ...(place !== undefined && { position: place }) };
  }

  async #begun(): Promise<readonly MergedReading[]> {
    const { ranges, ...merging } = this.#asked;
    const partitions = await this.#known();
    return ranges.map((bounds) => new MergedReading({ ...merging, partitions, bounds }));
  }

  #known(): Promise<readonly IndexPartition[]> {
    this.#partitions ??= this.#asked.ranges.length === 0 ? Promise.resolve([]) : this.#asked.partitions();
    return this.#partitions;
  }
}
