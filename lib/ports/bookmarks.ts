/** The progress of a backfill with one of its sources, so that it can resume. */
export interface Bookmark {
  readonly done: boolean;
  /**
   * How far the source was read. For a file, the number of stored pieces. For a time range, the epoch milliseconds up
   * to which it was read.
   */
  readonly reached: number;
  /** The end of the time range in epoch milliseconds. A range up to "now" keeps its first end. */
  readonly to?: number;
}

/** The bookmarks of all sources, stored outside the process. */
export interface Bookmarks {
  of(source: string): Bookmark | undefined;
  set(source: string, bookmark: Bookmark): Promise<void>;
}
