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

/** @throws CursorError where the text is none of ours. */
export function readCursor(text: string | undefined): Cursor {
  if (text === undefined) return {};
  const parsed = parseJson(decoded(text));
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new CursorError('The cursor is not one that /records gave out.');
  const { value } = parsed;
  return {
    claims: textAt(value, 'claims'),
    list: textAt(value, 'list'),
    claim: textAt(value, 'claim'),
    records: textAt(value, 'records'),
  };
}

function decoded(text: string): string {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return ''; // read as no cursor by the caller
  }
}
