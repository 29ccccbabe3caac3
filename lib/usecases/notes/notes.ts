import type { TextDigest } from '../../claims/identity.ts';
import {
  type Author,
  NOTE_KINDS,
  NOTED_THINGS,
  type Note,
  type NoteKind,
  type SessionView,
} from '../../claims/note.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../json.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Notes } from '../../ports/notes.ts';
import type { Page } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, formatInstant, parseInstant } from '../../time.ts';
import { QuestionError } from '../query/question.ts';

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

/** In UTF-16 code units. */
const LONGEST_TEXT = 2_000;
const LONGEST_ABOUT = 1_024;
const ABOUT = `Give ${NOTED_THINGS.map((thing) => `${thing}:…`).join(', ')}: what it is about, in ${LONGEST_ABOUT} characters at most.`;

/** Reads the body of a new note. @throws QuestionError naming the field, or `body`. */
export function newNote(body: string): NewNote {
  const parsed = parseJson(body);
  if (!parsed.ok || !isJsonObject(parsed.value))
    throw new QuestionError('body', 'Give a JSON object: {"about": "claim:…", "kind": "note", "text": "…"}.');
  const fields = parsed.value;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    throw new QuestionError(unknown.slice(0, 100), `There is no field of this name; known: ${FIELDS.join(', ')}.`);
  const about = notedThing(textIn(fields, 'about'));
  const kind = kindOf(textIn(fields, 'kind'));
  const text = textIn(fields, 'text').trim();
  if (text.length > LONGEST_TEXT) throw new QuestionError('text', `Give ${LONGEST_TEXT} characters at most.`);
  if (text === '' && kind === 'note') throw new QuestionError('text', 'Say something.');
  const clientToken = Object.hasOwn(fields, 'clientToken') ? textIn(fields, 'clientToken') : undefined;
  if (clientToken !== undefined && !TOKEN.test(clientToken))
    throw new QuestionError(
      'clientToken',
      'Give 1 to 64 letters, digits, - and _: the same where the same is sent again.',
    );
  const seen = seenIn(fields, kind);
  return { about, kind, text, ...(seen && { seen }), ...(clientToken !== undefined && { clientToken }) };
}

const FIELDS = ['about', 'kind', 'text', 'seen', 'clientToken'];
/** As `ClientToken` of AWS's own APIs: up to 64 characters, of which a UUID is one. */
const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

function textIn(fields: JsonObject, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : '';
  if (typeof value !== 'string') throw new QuestionError(name, 'Give a text.');
  return value.toWellFormed();
}

/** In characters: a time to the nanosecond has 30. */
const LONGEST_TIME = 40;

function seenIn({ seen }: JsonObject, kind: NoteKind): SessionView | undefined {
  if (seen === undefined) return undefined;
  if (kind !== 'looked-at') throw new QuestionError('seen', 'Give it with looked-at alone.');
  const { count, last, ...more } = isJsonObject(seen) ? seen : { none: seen };
  const isCount = count === undefined || (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0);
  const isTime =
    last === undefined || (typeof last === 'string' && last.length <= LONGEST_TIME && parseInstant(last) !== undefined);
  if (!isCount || !isTime || Object.keys(more).length > 0)
    throw new QuestionError('seen', 'Give {"count": how many records there were, "last": the newest\'s time}.');
  return { ...(count !== undefined && { count }), ...(last !== undefined && { last }) };
}

/** What a note is about, as it was given. @throws QuestionError where it is nothing that notes are about. */
export function notedThing(about: string): string {
  const isThing = NOTED_THINGS.some((thing) => about.startsWith(`${thing}:`) && about.length > thing.length + 1);
  if (!isThing || about.length > LONGEST_ABOUT) throw new QuestionError('about', ABOUT);
  return about;
}

function kindOf(text: string): NoteKind {
  const kind = NOTE_KINDS.find((each) => each === text);
  if (kind === undefined) throw new QuestionError('kind', `Give one of ${NOTE_KINDS.join(', ')}.`);
  return kind;
}
