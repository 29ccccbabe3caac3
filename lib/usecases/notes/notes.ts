import type { TextDigest } from '../../claims/identity.ts';
import type { Author, Note } from '../../claims/note.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Notes } from '../../ports/notes.ts';
import type { Page } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, formatInstant } from '../../time.ts';

export type NotesRequest =
  | { readonly about: string; readonly page: Page }
  | { readonly about?: undefined; readonly since: EpochMillis; readonly page: Page };

/** `clientToken`: chosen by whoever sends it, the same where the same is sent again. */
export type NewNote = Pick<Note, 'about' | 'kind' | 'text' | 'seen'> & { readonly clientToken?: string };

/** A note as it is told. Its texts come from people: show them escaped. */
export interface ToldNote extends Omit<Note, 'when'> {
  readonly when: string;
}

export interface NotesAnswer {
  readonly notes: readonly ToldNote[];
  /** Absent after the last page. */
  readonly cursor?: string;
}

export interface NotesService {
  readonly notes: Notes;
  readonly clock: Clock;
}

/** @throws PositionError where the cursor is none that was given out. */
export async function listNotes(request: NotesRequest, { notes, clock }: NotesService): Promise<NotesAnswer> {
  const found =
    request.about === undefined
      ? await notes.between(request.since, clock(), request.page)
      : await notes.about(request.about, request.page);
  const { position } = found;
  return { notes: found.notes.map(told), ...(position !== undefined && { cursor: position }) };
}

/**
 * Keeps a note of whoever wrote it. The same of one author with the same token, within a day, is one note; without a token
 * the same twice is two. `chance`: tells apart what is written at one moment.
 */
export async function takeNote(
  note: NewNote,
  who: Author,
  { notes, clock, digest, chance }: NotesService & { readonly digest: TextDigest; readonly chance: () => string },
): Promise<ToldNote> {
  const when = epochMillis(Math.floor(clock()));
  const { about, kind, text, seen, clientToken } = note;
  const own = clientToken === undefined ? [when, chance()] : [clientToken];
  const id = digest(JSON.stringify([about, kind, text, who.id, ...own])).slice(0, 22);
  return told(await notes.add({ id, about, kind, text, who, when, ...(seen && { seen }) }));
}

/** A note as it is told. */
export function told({ when, ...note }: Note): ToldNote {
  return { ...note, when: formatInstant(when) };
}
