import { NOTE_KINDS, NOTED_THINGS, type NoteKind, type SessionView } from '../../../claims/note.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../json.ts';
import { DAY, type EpochMillis, parseInstant } from '../../../time.ts';
import type { NewNote, NotesRequest } from '../../notes/notes.ts';
import { QuestionError } from '../question.ts';
import { Parameters, pairsOf } from './parameters.ts';

const DEFAULT_LIMIT = 100;
const MOST = 1_000;
/** In UTF-16 code units. */
const LONGEST_TEXT = 2_000;
const LONGEST_ABOUT = 1_024;
/** Each month is a request. */
const LONGEST_SINCE = 366 * DAY;
const ABOUT = `Give ${NOTED_THINGS.map((thing) => `${thing}:…`).join(', ')}: what it is about, in ${LONGEST_ABOUT} characters at most.`;

/** @throws QuestionError naming the parameter. */
export function notesRequest(query: string, now: EpochMillis): NotesRequest {
  const given = new Parameters(pairsOf(query), ['about', 'since', 'limit', 'cursor']);
  const [about, since] = [given.text('about'), given.instant('since')];
  const page = { limit: given.whole('limit', DEFAULT_LIMIT, MOST), position: given.text('cursor') };
  if (about !== undefined) {
    if (since !== undefined)
      throw new QuestionError('since', 'All that was written about one thing is told: leave this out.');
    return { about: aboutOf(about), page };
  }
  if (since === undefined) throw new QuestionError('about', 'Give what it is about, or since when.');
  if (since < now - LONGEST_SINCE) throw new QuestionError('since', 'Give a time of the last year.');
  return { since, page };
}

/** Reads the body of a new note. @throws QuestionError naming the field, or `body`. */
export function newNote(body: string): NewNote {
  const parsed = parseJson(body);
  if (!parsed.ok || !isJsonObject(parsed.value))
    throw new QuestionError('body', 'Give a JSON object: {"about": "claim:…", "kind": "note", "text": "…"}.');
  const fields = parsed.value;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    throw new QuestionError(unknown.slice(0, 100), `There is no field of this name; known: ${FIELDS.join(', ')}.`);
  const about = aboutOf(textIn(fields, 'about'));
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

function aboutOf(about: string): string {
  const isThing = NOTED_THINGS.some((thing) => about.startsWith(`${thing}:`) && about.length > thing.length + 1);
  if (!isThing || about.length > LONGEST_ABOUT) throw new QuestionError('about', ABOUT);
  return about;
}

function kindOf(text: string): NoteKind {
  const kind = NOTE_KINDS.find((each) => each === text);
  if (kind === undefined) throw new QuestionError('kind', `Give one of ${NOTE_KINDS.join(', ')}.`);
  return kind;
}
