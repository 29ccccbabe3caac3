import type { Note } from '../claims/note.ts';
import type { EpochMillis } from '../time.ts';
import type { Page, Position } from './paging.ts';

export interface NotePage {
  /** The newest first. */
  readonly notes: readonly Note[];
  /** Absent after the last page. */
  readonly position?: Position;
}

/** What people wrote: notes are added, and nothing else. Never late. */
export interface Notes {
  /** The note as it is kept: of one that was added under this id before, with the time of then. */
  add(note: Note): Promise<Note>;
  /** @throws PositionError where the page's position is none of the store's. */
  about(about: string, page: Page): Promise<NotePage>;
  /** Those from one time up to another, whatever they are about. @throws PositionError as `about`. */
  between(since: EpochMillis, until: EpochMillis, page: Page): Promise<NotePage>;
}
