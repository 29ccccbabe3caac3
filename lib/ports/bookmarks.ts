/** How far a backfill came with one of its sources, so that it can go on after a stop. */
export interface Bookmark {
  readonly done: boolean;
  /** Pieces of a file that are stored; of a time range, the epoch milliseconds up to which it was read. */
  readonly reached: number;
  /** The end of the time range in epoch milliseconds: a range up to "now" keeps its first end. */
  readonly to?: number;
}

/** The bookmarks of a backfill's sources, kept outside of the process. */
export interface Bookmarks {
  of(source: string): Bookmark | undefined;
  set(source: string, bookmark: Bookmark): Promise<void>;
}
