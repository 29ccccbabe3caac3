import { isJsonObject, parseJson, textAt } from '../json.ts';

/** Where an answer ended, across the lists that it was put together from. It says nothing of what was asked. */
export interface Cursor {
  /** Of the list of claims, where there is one: from where it was read. */
  readonly claims?: string | undefined;
  /** The list's own name, where several are read one after the other. */
  readonly list?: string | undefined;
  /** The claim whose records are being read. */
  readonly claim?: string | undefined;
  readonly records?: string | undefined;
}

/** A cursor that was not given out by this service. */
export class CursorError extends Error {
  readonly code = 'cursor';
}

/** All of a cursor's texts are ASCII: digests, and places in an order. */
export function writeCursor(cursor: Cursor): string {
  return btoa(JSON.stringify(cursor)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** What a cursor of one kind of question has, and no other: `needs` always, `may` where the page ended so. */
export interface CursorShape {
  readonly needs: readonly (keyof Cursor)[];
  readonly may: readonly (keyof Cursor)[];
  /** Whether the cursor's list is one of the question's. */
  readonly hasList?: (list: string) => boolean;
}

/**
 * Without a text, the beginning.
 * @throws CursorError where the text is none of ours, or was given out for a question of another kind: it would
 * silently begin somewhere else.
 */
export function readCursor(text: string | undefined, { needs, may, hasList }: CursorShape): Cursor {
  if (text === undefined) return {};
  const parsed = parseJson(decoded(text));
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new CursorError('The cursor is not one that /records gave out.');
  const { value } = parsed;
  const cursor = {
    claims: textAt(value, 'claims'),
    list: textAt(value, 'list'),
    claim: textAt(value, 'claim'),
    records: textAt(value, 'records'),
  };
  const isWhole = needs.every((name) => cursor[name] !== undefined);
  const fits = Object.keys(value).every((name) => [...needs, ...may].some((known) => known === name));
  const isListed = cursor.list === undefined || hasList === undefined || hasList(cursor.list);
  if (isWhole && fits && isListed) return cursor;
  throw new CursorError('The cursor is not one that /records gave out for this question.');
}

function decoded(text: string): string {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return ''; // read as no cursor by the caller
  }
}
