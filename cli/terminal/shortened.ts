import { widthOf } from './width.ts';

/** What is of use only as a whole: a UUID, an AWS id or access key, an account. */
const IDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bA[A-Z0-9]{15,}\b|\b\d{12}\b/gi;
const CUT = '…';

/** The text, with `…` where it took more columns than this. An id in it is there as a whole, or not at all. */
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

/** As many whole characters as so many columns hold. */
function headOf(text: string, width: number): string {
  let [head, left] = ['', width];
  for (const { segment } of characters.segment(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    head += segment;
  }
  return head;
}

/** The text in lines of at most this width, broken at blanks only: a longer word sticks out, so that no id is cut. */
export function brokenAtBlanks(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
