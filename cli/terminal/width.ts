import stringWidth from 'string-width';

/**
 * How many columns of a terminal a text takes: two for a CJK sign or an emoji, none for a combining mark. The text is
 * escaped before (escape.ts), so it holds nothing that a terminal obeys.
 */
export function widthOf(text: string): number {
  return stringWidth(text, { countAnsiEscapeCodes: true });
}

/** The text with blanks behind it, so that it takes at least so many columns of a terminal. */
export function padToWidth(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - widthOf(text), 0));
}
