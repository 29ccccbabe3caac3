/** A piece of a text as it may be shown; what the browser would obey or hide is written out. */
export interface Piece {
  readonly text: string;
  /** Written out: `\u202e`. */
  readonly isHidden: boolean;
}

/** Control, format and bidirectional characters, odd blanks and lone surrogates: they could forge what is read. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0]|\p{Cs}/u;
const EACH = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0]|\p{Cs}/gu;

/** Nearly every text: nothing in it is hidden, or looks like something else. */
const PLAIN = /^[ -~]*$/;

/** The text in pieces, in its order. */
export function visiblePieces(text: string): readonly Piece[] {
  if (PLAIN.test(text) || !HIDDEN.test(text)) return [{ text, isHidden: false }];
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of text.matchAll(EACH)) {
    if (found.index > at) pieces.push({ text: text.slice(at, found.index), isHidden: false });
    const [sign] = found;
    pieces.push({ text: writtenOut(sign), isHidden: true });
    at = found.index + sign.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isHidden: false });
  return pieces;
}

function writtenOut(sign: string): string {
  return `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
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
  return visiblePieces(text)
    .map((piece) => piece.text)
    .join('');
}
