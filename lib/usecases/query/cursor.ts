import type { ErrorCode } from '../../error-code.ts';
import { isJsonObject, parseJson, textAt } from '../../json.ts';

/** Where an answer ended, across the lists that it was put together from. It says nothing of what was asked. */
export interface Cursor {
  /** Of the lists of claims, where there are some: from where they were read. */
  readonly claims?: string | undefined;
  /** Keys of sessions that were read, as JSON. */
  readonly list?: string | undefined;
  /** Which of more places than are merged at once are being read: see `GroupedPlaces`. */
  readonly group?: string | undefined;
  /** The claim whose records are being read. */
  readonly claim?: string | undefined;
  readonly records?: string | undefined;
  /** Which claims were read, how far a later round over their lists has come, and down to where it goes: see `Round`. */
  readonly read?: string | undefined;
  readonly again?: string | undefined;
  readonly until?: string | undefined;
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

export function writeCursor(cursor: Cursor): string {
  const bytes = new TextEncoder().encode(JSON.stringify(cursor));
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
}

/**
 * Without a text, the beginning.
 * @throws CursorError where the text is none of ours, or was given out for a question of another kind: it would
 * silently begin somewhere else.
 */
export function readCursor(text: string | undefined, { needs, may, of }: CursorShape): Cursor {
  if (text === undefined) return {};
  const parsed = parseJson(decoded(text));
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new CursorError('The cursor is not one that /records gave out.');
  const { value } = parsed;
  const cursor = {
    claims: textAt(value, 'claims'),
    list: textAt(value, 'list'),
    group: textAt(value, 'group'),
    claim: textAt(value, 'claim'),
    records: textAt(value, 'records'),
    read: textAt(value, 'read'),
    again: textAt(value, 'again'),
    until: textAt(value, 'until'),
    of: textAt(value, 'of'),
  };
  const isWhole = needs.every((name) => cursor[name] !== undefined);
  const fits = Object.keys(value).every((name) => [...needs, ...may].some((known) => known === name));
  if (isWhole && fits && cursor.of === of) return cursor;
  throw new CursorError('The cursor is not one that /records gave out for this question.');
}

function decoded(text: string): string {
  try {
    const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return ''; // read as no cursor by the caller
  }
}
