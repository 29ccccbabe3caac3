import { styleText } from 'node:util';

/**
 * The meaning of a cell's color: wrong, doubtful, unimportant, or a heading. `of` is a text, such as an actor, with a
 * color of its own.
 */
export type Tone = 'wrong' | 'doubtful' | 'faint' | 'head' | { readonly of: string };

const COLOURS = { wrong: 'red', doubtful: 'yellow', faint: 'gray', head: 'bold' } as const;
/** Colors for actors. None of them is a warning color. */
const OF_PEOPLE = [
  'cyan',
  'magenta',
  'blue',
  'green',
  'cyanBright',
  'magentaBright',
  'blueBright',
  'greenBright',
] as const;

/** Returns the text in its tone, or unchanged without one. The caller has escaped it. */
export function toned(text: string, tone: Tone | undefined): string {
  if (tone === undefined || text === '') return text;
  const style = typeof tone === 'string' ? COLOURS[tone] : colourOf(tone.of);
  return styleText(style, text, { validateStream: false });
}

/** Returns the same color for the same text in every run. */
function colourOf(text: string): (typeof OF_PEOPLE)[number] {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return OF_PEOPLE[sum % OF_PEOPLE.length] ?? 'cyan';
}

/** Matches the sequences that `toned` writes, and no others. */
const OWN = new RegExp(`(${String.fromCharCode(27)}\\[(?:1|2[24]|3[0-9]|9[0-7])m)`);

/** Applies a function to all of a text but its color sequences. */
export function betweenColours(text: string, change: (part: string) => string): string {
  return text
    .split(OWN)
    .map((part, at) => (at % 2 === 1 ? part : change(part)))
    .join('');
}
