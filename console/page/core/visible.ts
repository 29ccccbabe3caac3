import { escapeForTerminal, UNSAFE } from '../../../lib/words/escape.ts';

/** A piece of a text as it may be shown; what the browser would obey or hide is written out. */
export interface Piece {
  readonly text: string;
  /** Written out: `\u202e`. */
  readonly isHidden: boolean;
}

/** Nearly every text: nothing in it is hidden, or looks like something else. */
const PLAIN = /^[ -~]*$/;
const APART = new RegExp(`(${UNSAFE.source})`, 'u');

/** The text in pieces, in its order; what the command line writes out for a terminal is written out alike. */
export function visiblePieces(text: string): readonly Piece[] {
  if (PLAIN.test(text)) return [{ text, isHidden: false }];
  const pieces = text.split(APART).map((part, at) => ({ text: escapeForTerminal(part), isHidden: at % 2 === 1 }));
  return pieces.filter((piece) => piece.text !== '');
}

const LETTERS = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
];
/** Letters of the Latin alphabet in other dress: mathematical, full width, small capitals. */
const DRESSED = /[\u{1d400}-\u{1d7ff}\uff21-\uff3a\uff41-\uff5a\u1d00-\u1d2b\u2100-\u214f]/u;

/**
 * Why the text may be read as another one: letters of several scripts that look alike, or Latin letters in other dress.
 * Source: Unicode Technical Standard 39, "Mixed-Script Detection".
 */
export function lookAlike(text: string): string | undefined {
  if (PLAIN.test(text)) return undefined;
  if (DRESSED.test(text)) return 'Holds letters that only look like the usual ones.';
  const scripts = LETTERS.filter((script) => script.test(text)).length;
  return scripts > 1 ? 'Mixes letters of several scripts that look alike.' : undefined;
}

/** The text with all that is hidden written out, where it can be nothing but text: in a title, or said aloud. */
export function writtenText(text: string): string {
  return escapeForTerminal(text);
}
