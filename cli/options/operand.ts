import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { isRegion } from './aws-options.ts';

/** Options with several values, and whether a word can be one of their values. */
const TAKERS: Readonly<Record<string, (word: string) => boolean>> = {
  '--audit': isPath,
  '--cloudtrail': isPath,
  '--region': isRegion,
};

function isPath(word: string): boolean {
  return word === '-' || isS3Path(word) || existsSync(word);
}

/**
 * Returns the words with the argument in front of the options, if the last option with several values would take it: in `related
 * --audit a --cloudtrail b 7a0e…`, the last word is no path. So the argument may stand before or after the options.
 */
export function withArgumentFirst(words: readonly string[], program: Command): readonly string[] {
  const [name = '', ...rest] = words;
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined || command.registeredArguments.length === 0 || rest.includes('--')) return words;
  const parts = partsOf(rest);
  const hasArgument = parts.some(({ flag, values }) => values.length > mostValues(flag, command));
  const { flag = '', values = [] } = parts.at(-1) ?? {};
  const last = values.at(-1);
  if (hasArgument || values.length < 2 || last === undefined || TAKERS[flag]?.(last) !== false) return words;
  return [name, last, ...rest.slice(0, -1)];
}

/** An option and the words behind it, up to the next option. The first part has no option. */
interface Part {
  readonly flag: string;
  readonly values: string[];
}

function partsOf(words: readonly string[]): readonly Part[] {
  const parts: Part[] = [{ flag: '', values: [] }];
  for (const word of words) {
    if (word.startsWith('-') && word !== '-') parts.push({ flag: word, values: [] });
    else parts.at(-1)?.values.push(word);
  }
  return parts;
}

/** Returns how many of the words behind it the option takes. `--flag=value` takes none. */
function mostValues(flag: string, { options }: Command): number {
  const option = options.find(({ long, short }) => long === flag || short === flag);
  if (option === undefined || option.isBoolean()) return 0;
  return option.variadic ? Number.POSITIVE_INFINITY : 1;
}
