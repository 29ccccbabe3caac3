import { nearest } from '../../lib/nearness.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { commandOfOption, isBareWord } from './bare-word.ts';

/** Options that choose where to look. A word beside one of them is hardly a misspelled command. */
const PLACES = ['--api', '--table', '--service', '--cloudtrail', '--profile', '--region', '--audit'];

/** The options of the program itself. */
const PROGRAM_FLAGS = ['-h', '--help', '-V', '--version'];

/**
 * Adds the command `whois` in front of the arguments if they begin with no command. Such arguments are pasted text
 * (`eks-whois <anything>`), or options for text on standard input.
 */
export function withWhois(words: readonly string[], commands: readonly string[]): readonly string[] {
  const [first] = words;
  if (first === undefined) return words;
  if (first === '-') return ['whois', ...words];
  if (first.startsWith('-')) return PROGRAM_FLAGS.includes(first) ? words : ['whois', ...words];
  const names = [...commands, 'help'];
  return names.includes(first) || mayBeMistyped(words, names) ? words : ['whois', ...words];
}

/**
 * Returns whether the words before the first option are a question or an object without quotes. Example:
 * `who deleted pod web-0`.
 */
function isQuestion(words: readonly string[]): boolean {
  const end = words.findIndex((word) => word.startsWith('-'));
  const [first, ...others] = end < 0 ? words : words.slice(0, end);
  return others.length > 0 && recognize([first, ...others].join(' ')).outcome === 'elsewhere';
}

/**
 * Returns whether a bare word may be a misspelled command instead of a name. It may be if it is similar to a command,
 * or if no option says where to look. AWS is not queried for a typing error.
 */
function mayBeMistyped(words: readonly string[], names: readonly string[]): boolean {
  const [first = ''] = words;
  if (!isBareWord(first)) return false;
  const recognition = recognize(first);
  if (recognition.outcome !== 'subjects' || recognition.as !== 'a name') return false;
  if (isQuestion(words)) return false;
  if (nearest(first, names).length > 0 || commandOfOption(first) !== undefined) return true;
  return !words.some((word) => PLACES.some((place) => word === place || word.startsWith(`${place}=`)));
}
