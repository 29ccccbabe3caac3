import stringWidth from 'string-width';
import { terminalOf } from './terminal.ts';

/**
 * Returns how many columns of a terminal a text takes. A CJK character or an emoji takes two, a combining mark takes
 * none. Expects escaped text (escape.ts), without control characters.
 */
export function widthOf(text: string): number {
  return stringWidth(text, { countAnsiEscapeCodes: true });
}

/** Pads the text with blanks to this many columns of a terminal. */
export function padToWidth(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - widthOf(text), 0));
}

/** Matches IDs that are of use only in full: a UUID, an AWS ID or access key, an account. */
const IDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bA[A-Z0-9]{15,}\b|\b\d{12}\b/gi;
const CUT = '…';

/** Shortens the text to this many columns, with `…`. An ID in it stays complete, or is left out. */
export function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 1) return width === 1 ? CUT : '';
  const head = headOf(text, width - 1);
  const id = [...text.matchAll(IDS)].find(
    ({ index, 0: found }) => index < head.length && index + found.length > head.length,
  );
  if (id === undefined) return head + CUT;
  if (id.index > 0) return text.slice(0, id.index) + CUT;
  return CUT + shortened(text.slice(id[0].length), width - 1);
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Returns as many complete characters as fit into these columns. */
function headOf(text: string, width: number): string {
  let [head, left] = ['', width];
  for (const { segment } of characters.segment(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    head += segment;
  }
  return head;
}

/** Breaks the text into lines of this width, at blanks only. A longer word sticks out, so that no ID is cut. */
export function brokenAtBlanks(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/**
 * Returns the text in lines of at most `width` columns, broken at blanks only. A longer word, such as an ARN, sticks
 * out. The first line begins with `first`, the others with `other`. Returns one line if the width is unknown.
 */
export function wrapped(text: string, width: number | undefined, first = '', other = first): string {
  if (width === undefined) return `${first}${text}\n`;
  const lines = brokenAtBlanks(text, Math.max(width, NARROWEST) - Math.max(first.length, other.length));
  const shown = lines.map((line, at) => (at === 0 ? first + line : other + line.trimStart()).trimEnd());
  return `${shown.join('\n')}\n`;
}

/** The minimum width of lines. */
const NARROWEST = 40;

/** Returns the width of the screen for a result. Undefined for a file, and for a pipe unless COLUMNS is set. */
export function screenWidth(outputFile: string | undefined): number | undefined {
  return outputFile !== undefined && outputFile !== '-' ? undefined : terminalOf('never').width;
}
