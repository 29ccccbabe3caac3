import type { Command } from 'commander';
import { nearest } from '../../lib/nearness.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { isBareWord } from './bare-word.ts';

/** Options that choose where to look. Beside one of them, a word is hardly a misspelled command. */
const PLACES = ['--api', '--table', '--service', '--cloudtrail', '--profile', '--region', '--audit'];

/**
 * Adds the command `whois` in front of the arguments if they begin with no command: they are pasted text (`eks-whois <anything>`),
 * or options for what is piped in.
 */
export function withWhois(words: readonly string[], program: Command): readonly string[] {
  const [first] = words;
  if (first === undefined) return words;
  if (first === '-') return ['whois', ...words];
  if (first.startsWith('-')) return isOfProgram(first, program) ? words : ['whois', ...words];
  return isCommand(first, program) || mayBeMistyped(words, program) ? words : ['whois', ...words];
}

function isCommand(word: string, program: Command): boolean {
  return word === 'help' || program.commands.some((each) => each.name() === word || each.aliases().includes(word));
}

function isOfProgram(flag: string, program: Command): boolean {
  const known = ['-h', '--help', ...program.options.flatMap(({ long, short }) => [long, short])];
  return known.includes(flag);
}

/**
 * Returns whether a bare word may be a misspelled command instead of a name: it is similar to a command, or no option says where to
 * look. AWS is not queried for a typing error.
 */
function mayBeMistyped(words: readonly string[], program: Command): boolean {
  const [first = ''] = words;
  if (!isBareWord(first)) return false;
  const recognition = recognize(first);
  if (recognition.outcome !== 'subjects' || recognition.as !== 'a name') return false;
  if (nearest(first, commandNames(program)).length > 0) return true;
  return !words.some((word) => PLACES.some((place) => word === place || word.startsWith(`${place}=`)));
}

function commandNames(program: Command): readonly string[] {
  return [...program.commands.map((each) => each.name()), 'help'];
}
