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

/** A note to store. The client chooses `clientToken`, and sends the same one if it repeats the note. */
export type NewNote = Pick<Note, 'about' | 'kind' | 'text' | 'seen'> & { readonly clientToken?: string };

/** A note as the API returns it. People wrote its texts, so escape them before display. */
export interface NoteView extends Omit<Note, 'when'> {
  readonly when: string;
}

export interface NotesAnswer {
  readonly notes: readonly NoteView[];
  /** The cursor of the next page. Absent after the last page. */
  readonly cursor?: string;
}

export interface NotesService {
  readonly notes: Notes;
  readonly clock: Clock;
}

/**
 * Returns a page of notes.
 * @throws PositionError if the cursor was not issued by this service.
 */
export async function listNotes(request: NotesRequest, { notes, clock }: NotesService): Promise<NotesAnswer> {
  const found =
    request.about === undefined
      ? await notes.between(request.since, clock(), request.page)
      : await notes.about(request.about, request.page);
  const { position } = found;
  return { notes: found.notes.map(noteView), ...(position !== undefined && { cursor: position }) };
}

/**
 * Stores a note of its author. If the author sends it again with the same token within a day, no second note is stored.
 * Without a token, it is stored again.
 * @param chance returns a random text, which distinguishes notes written at the same moment.
 */
export async function takeNote(
  note: NewNote,
  who: Author,
  { notes, clock, digest, chance }: NotesService & { readonly digest: TextDigest; readonly chance: () => string },
): Promise<NoteView> {
  const when = epochMillis(Math.floor(clock()));
  const { about, kind, text, seen, clientToken } = note;
  const own = clientToken === undefined ? [when, chance()] : [clientToken];
  const id = digest(JSON.stringify([about, kind, text, who.id, ...own])).slice(0, 22);
  return noteView(await notes.add({ id, about, kind, text, who, when, ...(seen && { seen }) }));
}

/** Returns a note as the API shows it. */
export function noteView({ when, ...note }: Note): NoteView {
  return { ...note, when: formatInstant(when) };
}

/** The longest text of a note, in UTF-16 code units. */
const LONGEST_TEXT = 2_000;
const LONGEST_ABOUT = 1_024;
const ABOUT = `Give the subject of the note as ${NOTED_THINGS.map((thing) => `${thing}:…`).join(' or ')}, in ${LONGEST_ABOUT} characters at most.`;

/**
 * Parses the body of a new note.
 * @throws QuestionError that names the wrong field, or `body`.
 */
export function newNote(body: string): NewNote {
  const parsed = parseJson(body);
  if (!parsed.ok || !isJsonObject(parsed.value))
    throw new QuestionError('body', 'Give a JSON object: {"about": "claim:…", "kind": "note", "text": "…"}.');
  const fields = parsed.value;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    throw new QuestionError(
      unknown.slice(0, 100),
      `There is no field of this name. The fields are ${FIELDS.join(', ')}.`,
    );
  const about = notedThing(textIn(fields, 'about'));
  const kind = kindOf(textIn(fields, 'kind'));
  const text = textIn(fields, 'text').trim();
  if (text.length > LONGEST_TEXT) throw new QuestionError('text', `Give ${LONGEST_TEXT} characters at most.`);
  if (text === '' && kind === 'note') throw new QuestionError('text', 'The text is empty.');
  const clientToken = Object.hasOwn(fields, 'clientToken') ? textIn(fields, 'clientToken') : undefined;
  if (clientToken !== undefined && !TOKEN.test(clientToken))
    throw new QuestionError(
      'clientToken',
      'Give 1 to 64 letters, digits, - and _. Repeat the token when you send the same note again.',
    );
  const seen = seenIn(fields, kind);
  return { about, kind, text, ...(seen && { seen }), ...(clientToken !== undefined && { clientToken }) };
}

const FIELDS = ['about', 'kind', 'text', 'seen', 'clientToken'];
/** A client's token, like `ClientToken` of AWS's own APIs: up to 64 characters, for example a UUID. */
const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

function textIn(fields: JsonObject, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : '';
  if (typeof value !== 'string') throw new QuestionError(name, 'Give a text.');
  return value.toWellFormed();
}

/** The longest time, in characters. A time to the nanosecond has 30. */
const LONGEST_TIME = 40;

function seenIn({ seen }: JsonObject, kind: NoteKind): SessionView | undefined {
  if (seen === undefined) return undefined;
  if (kind !== 'reviewed') throw new QuestionError('seen', 'Give it only with kind reviewed.');
  const { count, last, ...more } = isJsonObject(seen) ? seen : { none: seen };
  const isCount = count === undefined || (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0);
  const isTime =
    last === undefined || (typeof last === 'string' && last.length <= LONGEST_TIME && parseInstant(last) !== undefined);
  if (!isCount || !isTime || Object.keys(more).length > 0)
    throw new QuestionError('seen', 'Give {"count": number of records, "last": time of the newest record}.');
  return { ...(count !== undefined && { count }), ...(last !== undefined && { last }) };
}

/**
 * Checks what a note is about, and returns it.
 * @throws QuestionError if notes cannot be about it.
 */
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
