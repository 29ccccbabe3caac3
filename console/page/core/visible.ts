import { escapeForTerminal, UNSAFE, writtenOut } from '../../../lib/words/escape.ts';

/** A piece of a text that is safe to show: characters that browsers obey or hide are escaped. */
interface Piece {
  readonly text: string;
  /** Whether the piece is an escape such as `\u202e`. */
  readonly isHidden: boolean;
}

/** The usual texts, in which nothing is hidden and no letter looks like another. */
const PLAIN = /^(?:[!-~]+(?: [!-~]+)*)?$/;
/** Unsafe characters and extra spaces. Browsers merge spaces, so that two names would look the same. */
const APART = new RegExp(`((?:${UNSAFE.source})+|^ +| +$|(?<= ) +)`, 'u');

/** Splits a text into pieces, in order. Escapes the characters that the command line escapes, and extra spaces. */
export function visiblePieces(text: string): readonly Piece[] {
  if (PLAIN.test(text)) return [{ text, isHidden: false }];
  return text
    .split(APART)
    .map((part, at) => (at % 2 === 1 ? { text: writtenOut(part), isHidden: true } : { text: part, isHidden: false }))
    .filter((piece) => piece.text !== '');
}

/**
 * Variants of Latin letters and ASCII signs: mathematical, phonetic, full width, small capitals. Also scripts with
 * letters that look like Latin capitals.
 */
const DRESSED =
  /[\u0131\u0251\u0261\u1d00-\u1d2b\u2010-\u2012\u2024\u2044\u2100-\u217f\u2212\u2215\u2236\ua789\ufe50-\ufe6b\uff01-\uff5e\u{1d400}-\u{1d7ff}\p{sc=Cher}\p{sc=Lisu}\p{sc=Copt}]/u;
const LATIN = /\p{sc=Latn}/u;
/** Letters of scripts that are mixed with Latin letters only to deceive. */
const FOREIGN = /[^\P{L}\p{sc=Latn}\p{sc=Hani}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]/u;
/** Texts whose letters are all Cyrillic, Greek or Armenian and look like Latin ones. */
const TWINS = /^[\P{L}асеорхуіјѕһԁԛԝӏѵανικορυϲϳոսօհАСЕОРХУІЈЅҺԀԚԜӀѴВКМНТҮԌΑΝΙΚΟΡΥΒΕΖΗΜΤΧϹͿՈՍՕՀԼ]*$/u;

/**
 * Returns a warning if the text can be mistaken for another one. Such a text mixes scripts, or has variants of Latin
 * letters and signs. Or all its letters are of another script, but look Latin. Source: Unicode Technical Standard 39,
 * "Mixed-Script Detection", "Whole-Script Confusables", "Highly Restrictive".
 */
export function lookAlike(text: string): string | undefined {
  if (PLAIN.test(text)) return undefined;
  const isAlike = DRESSED.test(text) || (FOREIGN.test(text) && (LATIN.test(text) || TWINS.test(text)));
  return isAlike ? 'Contains letters that look like other letters. The name may be a fake.' : undefined;
}

/** Returns the text with unsafe characters escaped, for places without markup: titles and labels. */
export function writtenText(text: string): string {
  return escapeForTerminal(text);
}
