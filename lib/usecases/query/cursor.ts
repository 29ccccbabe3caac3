import type { ErrorCode } from '../../error-code.ts';
import { isJsonObject, type JsonObject, parseJson, textAt } from '../../json.ts';

/** Where an answer ended, across the lists that it was put together from. It says nothing of what was asked. */
export interface Cursor {
  /** Of the lists of claims, where there are some: from where they were read. */
  readonly claims?: string | undefined;
  /** Which of more places than are merged at once are being read: see `GroupedPlaces`. */
  readonly group?: string | undefined;
  /** The claim whose records are being read. */
  readonly claim?: string | undefined;
  readonly records?: string | undefined;
  /** The status whose list is being read. */
  readonly status?: string | undefined;
  /** What the notes of claims that were read are salted with: see `Sweep`. */
  readonly salt?: string | undefined;
  /** Which claims were read, whether not all are noted, since when, and whether their lists are read upwards: see `Sweep`. */
  readonly read?: string | undefined;
  readonly full?: string | undefined;
  readonly since?: string | undefined;
  readonly up?: string | undefined;
  /** Of which question the list is, as `tagOf` writes it. */
  readonly of?: string | undefined;
}

/** A cursor that was not given out by this service. */
export class CursorError extends Error {
  readonly code = 'cursor' satisfies ErrorCode;
}

/** What tells the cursors of two questions apart, and says nothing of them: 32 bits, by FNV-1a. */
export function tagOf(asked: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(asked)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(36);
}

/** What was read stands as it is behind the rest: it is the most, and a third longer where it is encoded again. */
export function writeCursor({ read, ...cursor }: Cursor): string {
  const text = encodedText(JSON.stringify(cursor));
  return read === undefined ? text : `${text}~${read}`;
}

/** In letters that stand as they are in an address and in JSON. */
export function encodedText(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** What a cursor of one kind of question has, and no other: `needs` always, `may` where the page ended so. */
export interface CursorShape {
  readonly needs: readonly (keyof Cursor)[];
  readonly may: readonly (keyof Cursor)[];
  /** The question's tag. */
  readonly of: string;
  /** Where it was asked. */
  readonly path?: '/sessions';
}

/**
 * Without a text, the beginning.
 * @throws CursorError where the text is none of ours, or was given out for a question of another kind: it would
 * silently begin somewhere else.
 */
export function readCursor(text: string | undefined, { needs, may, of, path }: CursorShape): Cursor {
  if (text === undefined) return {};
  const by = path ?? '/records';
  const [before = '', read] = text.split('~');
  const parsed = parseJson(decodedText(before));
  if (!parsed.ok || !isJsonObject(parsed.value))
    throw new CursorError(`This cursor was not issued by ${by}. Start again without a cursor.`);
  const value: JsonObject = { ...parsed.value, ...(read !== undefined && { read }) };
  if (EARLIER.some((name) => value[name] !== undefined))
    throw new CursorError('This cursor is from an earlier version of the service. Start again without a cursor.');
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
  const isWhole = needs.every((name) => cursor[name] !== undefined);
  const fits = Object.keys(value).every((name) => [...needs, ...may].some((known) => known === name));
  if (isWhole && fits && cursor.of === of) return cursor;
  throw new CursorError(`This cursor was not issued by ${by} for this query. Start again without a cursor.`);
}

/**
 * What cursors of claims had that were read downwards again and again: which of them were read is not to be told from it. And the
 * sessions that a page had read by session or key, as far as there was room for them.
 */
const EARLIER = ['again', 'until', 'list'];

/** What `encodedText` made; empty where it made no such text, which is read as no cursor, or no position. */
export function decodedText(text: string): string {
  try {
    const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return '';
  }
}
