import type { Command } from 'commander';
import { nearest } from '../../lib/nearness.ts';
import { recognise } from '../../lib/recognise/recognise.ts';
import { isBareWord } from './bare-word.ts';

/** Where somebody is asked about: with one of these a word can hardly be a mistyped command. */
const PLACES = ['--api', '--table', '--service', '--cloudtrail', '--profile', '--region', '--audit'];

/**
 * The arguments with the command `whois` in front, where they are no command's but something that was pasted
 * (`eks-whois <anything>`), or options only, which belong to what is piped in.
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
 * A bare word can be a name as well as a command. It is a command's name mistyped where it is near one, and also where
 * nothing says whom to ask: AWS is not asked for a typing error.
 */
function mayBeMistyped(words: readonly string[], program: Command): boolean {
  const [first = ''] = words;
  if (!isBareWord(first)) return false;
  const recognised = recognise(first);
  if (recognised.outcome !== 'subjects' || recognised.as !== 'a name') return false;
  if (nearest(first, commandNames(program)).length > 0) return true;
  return !words.some((word) => PLACES.some((place) => word === place || word.startsWith(`${place}=`)));
}

function commandNames(program: Command): readonly string[] {
  return [...program.commands.map((each) => each.name()), 'help'];
}
