import type { Note } from '../claims/note.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position } from './paging.ts';

export interface NotePage {
  /** The notes of the page, the newest first. */
  readonly notes: readonly Note[];
  /** The position of the next page. Absent after the last page. */
  readonly position?: Position;
}

/** Notes that people wrote. They can only be added. Reads are consistent. */
export interface Notes {
  /** Returns the stored note. If a note with this ID exists, that one is returned with its own time. */
  add(note: Note): Promise<Note>;
  /**
   * Returns the notes about one thing, newest first. `about` is as in `Note`.
   * @throws PositionError if the page's position was not issued by this store.
   */
  about(about: string, page: Page): Promise<NotePage>;
  /**
   * Returns the notes from `since` to `until`, newest first, about anything.
   * @throws PositionError like `about`.
   */
  between(since: EpochMillis, until: EpochMillis, page: Page): Promise<NotePage>;
}
