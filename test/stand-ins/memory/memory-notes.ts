import type { Note } from '../../../lib/claims/note.ts';
import type { NotePage, Notes } from '../../../lib/ports/notes.ts';
import type { Page } from '../../../lib/ports/paging.ts';
import type { EpochMillis } from '../../../lib/time.ts';
import { checkPlace, type MemoryWorld } from './memory-world.ts';

/** Notes in memory. */
export class MemoryNotes implements Notes {
  readonly #world: MemoryWorld;
  readonly #notes: Note[] = [];

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async add(note: Note): Promise<Note> {
    const kept = this.#notes.find(({ id }) => id === note.id);
    if (kept !== undefined) return kept;
    this.#world.beforeWrite();
    this.#notes.push(note);
    return note;
  }

  async about(about: string, page: Page): Promise<NotePage> {
    return pageOf(
      this.#notes.filter((note) => note.about === about),
      page,
    );
  }

  async between(since: EpochMillis, until: EpochMillis, page: Page): Promise<NotePage> {
    return pageOf(
      this.#notes.filter(({ when }) => when >= since && when <= until),
      page,
    );
  }
}

function pageOf(all: readonly Note[], { limit, position }: Page): NotePage {
  checkPlace(position);
  const ordered = all.toSorted((a, b) => (placeOf(a) > placeOf(b) ? -1 : 1));
  const rest = ordered.filter((note) => position === undefined || placeOf(note) < position);
  const notes = rest.slice(0, limit);
  const last = notes.at(-1);
  return { notes, ...(rest.length > limit && last && { position: placeOf(last) }) };
}

function placeOf({ when, id }: Note): string {
  return `${String(Math.round(when)).padStart(17, '0')} ${id}`;
}
