import { escapeForTerminal, UNSAFE, writtenOut } from '../../../lib/words/escape.ts';

/** A piece of a text as it may be shown; what the browser would obey or hide is written out. */
interface Piece {
  readonly text: string;
  /** Written out: `\u202e`. */
  readonly isHidden: boolean;
}

/** Nearly every text: nothing in it is hidden, or looks like something else. */
const PLAIN = /^(?:[!-~]+(?: [!-~]+)*)?$/;
/** Of several blanks the browser shows one, and none at the ends: two names would look like one. */
const APART = new RegExp(`((?:${UNSAFE.source})+|^ +| +$|(?<= ) +)`, 'u');

/** The text in pieces, in its order; what the command line writes out for a terminal is written out alike, and odd blanks. */
export function visiblePieces(text: string): readonly Piece[] {
  if (PLAIN.test(text)) return [{ text, isHidden: false }];
  return text
    .split(APART)
    .map((part, at) => (at % 2 === 1 ? { text: writtenOut(part), isHidden: true } : { text: part, isHidden: false }))
    .filter((piece) => piece.text !== '');
}

/** Latin letters and signs of ASCII in other dress: mathematical, phonetic, full width, small capitals; scripts of capitals like them. */
const DRESSED =
  /[\u0131\u0251\u0261\u1d00-\u1d2b\u2010-\u2012\u2024\u2044\u2100-\u217f\u2212\u2215\u2236\ua789\ufe50-\ufe6b\uff01-\uff5e\u{1d400}-\u{1d7ff}\p{sc=Cher}\p{sc=Lisu}\p{sc=Copt}]/u;
const LATIN = /\p{sc=Latn}/u;
/** Letters of scripts that nobody writes beside Latin ones but to deceive. */
const FOREIGN = /[^\P{L}\p{sc=Latn}\p{sc=Hani}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]/u;
/** No letters but Cyrillic, Greek and Armenian ones that look like Latin ones: small ones, and capitals, of which more do. */
const TWINS = /^[\P{L}асеорхуіјѕһԁԛԝӏѵανικορυϲϳոսօհАСЕОРХУІЈЅҺԀԚԜӀѴВКМНТҮԌΑΝΙΚΟΡΥΒΕΖΗΜΤΧϹͿՈՍՕՀԼ]*$/u;

/**
 * Why the text may be read as another one: letters of several scripts that look alike, letters of another one that all look
 * like Latin ones, or Latin letters and signs in other dress.
 * Source: Unicode Technical Standard 39, "Mixed-Script Detection", "Whole-Script Confusables", "Highly Restrictive".
 */
export function lookAlike(text: string): string | undefined {
  if (PLAIN.test(text)) return undefined;
  const isAlike = DRESSED.test(text) || (FOREIGN.test(text) && (LATIN.test(text) || TWINS.test(text)));
  return isAlike ? 'Contains letters that look like other letters. The name may be a fake.' : undefined;
}

/** The text with all that is hidden written out, where it can be nothing but text: in a title, or said aloud. */
export function writtenText(text: string): string {
  return escapeForTerminal(text);
}
