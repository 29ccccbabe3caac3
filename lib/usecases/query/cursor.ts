import type { ErrorCode } from '../../error-code.ts';
import { isJsonObject, type JsonObject, parseJson, textAt } from '../../json.ts';

/** The place where a page ended, in the lists from which the answer is made. It does not contain the question. */
export interface Cursor {
  /** The position in the lists of claims, if the answer is made from them. */
  readonly claims?: string | undefined;
  /** The group of places that is being read, if there are too many places to merge (see `GroupedPlaces`). */
  readonly group?: string | undefined;
  /** The claim whose records are being read. */
  readonly claim?: string | undefined;
  readonly records?: string | undefined;
  /** The status whose list of claims is being read. */
  readonly status?: string | undefined;
  /** The salt of the notes on claims (see `Sweep`). */
  readonly salt?: string | undefined;
  /**
   * Fields of a `Sweep`. `read` has the notes, `full` says that some claims have no note, `up` that the lists are being
   * read up, and `since` has the time.
   */
  readonly read?: string | undefined;
  readonly full?: string | undefined;
  readonly since?: string | undefined;
  readonly up?: string | undefined;
  /** The tag of the question (`tagOf`). */
  readonly of?: string | undefined;
}

/** The error for a cursor that this service did not issue. */
export class CursorError extends Error {
  readonly code = 'cursor' satisfies ErrorCode;
}

/**
 * Returns a tag of 32 bits for a question, made by FNV-1a. The tag does not reveal the question. Different questions
 * nearly always have different tags.
 */
export function tagOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(36);
}

/**
 * Returns the cursor as text. `read` is appended as it is. It is the longest part, and encoding would make it a third
 * longer.
 */
export function writeCursor({ read, ...cursor }: Cursor): string {
  const text = encodedText(JSON.stringify(cursor));
  return read === undefined ? text : `${text}~${read}`;
}

/** Encodes the text in characters that need no escape in a URL or in JSON. */
export function encodedText(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * The fields that cursors of one kind of question have. Those in `needs` are always present, those in `may` only on
 * some pages. No other fields are allowed.
 */
export interface CursorShape {
  readonly needs: readonly (keyof Cursor)[];
  readonly may: readonly (keyof Cursor)[];
  /** The tag of the question (see `tagOf`). */
  readonly of: string;
  /** The path of the question, if it is not `/records`. */
  readonly path?: '/sessions' | '/changes';
}

/**
 * Parses a cursor. Without a text, returns the beginning.
 * @throws CursorError if the service did not issue the text, or issued it for another question. Such a cursor would
 * start at a wrong place without a warning.
 */
export function readCursor(text: string | undefined, { needs, may, of, path }: CursorShape): Cursor {
  if (text === undefined) return {};
  const by = path ?? '/records';
  const [before = '', read] = text.split('~');
  const parsed = parseJson(decodedText(before));
  if (!parsed.ok || !isJsonObject(parsed.value))
    throw new CursorError(`This cursor was not issued by ${by}. Start again without a cursor.`);
  const value: JsonObject = { ...parsed.value, ...(read !== undefined && { read }) };
  const cursor = {
    claims: textAt(value, 'claims'),
    group: textAt(value, 'group'),
    claim: textAt(value, 'claim'),
    records: textAt(value, 'records'),
    status: textAt(value, 'status'),
    salt: textAt(value, 'salt'),
    read: textAt(value, 'read'),
    full: textAt(value, 'full'),
    since: textAt(value, 'since'),
    up: textAt(value, 'up'),
    of: textAt(value, 'of'),
  };
  const isComplete = needs.every((name) => cursor[name] !== undefined);
  const fits = Object.keys(value).every((name) => [...needs, ...may].some((known) => known === name));
  if (isComplete && fits && cursor.of === of) return cursor;
  throw new CursorError(`This cursor was not issued by ${by} for this query. Start again without a cursor.`);
}

/** Decodes a text of `encodedText`. Any other text becomes an empty one, which stands for no cursor or no position. */
export function decodedText(text: string): string {
  try {
    const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return '';
  }
}
