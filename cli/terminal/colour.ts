import { styleText } from 'node:util';

/** What a cell is to be seen as: what is wrong, what is doubtful, what is beside the point, or whose it is. */
export type Tone = 'wrong' | 'doubtful' | 'faint' | 'head' | { readonly of: string };

const COLOURS = { wrong: 'red', doubtful: 'yellow', faint: 'gray', head: 'bold' } as const;
/** Of people: none that warns. */
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

/** The text in its tone; as it is where it has none. What it holds is escaped before. */
export function toned(text: string, tone: Tone | undefined): string {
  if (tone === undefined || text === '') return text;
  const style = typeof tone === 'string' ? COLOURS[tone] : colourOf(tone.of);
  return styleText(style, text, { validateStream: false });
}

/** The same for the same text, in whatever run. */
function colourOf(text: string): (typeof OF_PEOPLE)[number] {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return OF_PEOPLE[sum % OF_PEOPLE.length] ?? 'cyan';
}

/** The sequences that `toned` writes, and no others. */
const OWN = new RegExp(`(${String.fromCharCode(27)}\\[(?:1|2[24]|3[0-9]|9[0-7])m)`);

/** Does something to all of a text but the colours in it. */
export function betweenColours(text: string, change: (part: string) => string): string {
  return text
    .split(OWN)
    .map((part, at) => (at % 2 === 1 ? part : change(part)))
    .join('');
}
