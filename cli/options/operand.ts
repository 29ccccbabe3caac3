import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { isRegion } from './aws-options.ts';

/** Options that take several values, each with a test whether a word can be one of its values. */
const TAKERS: Readonly<Record<string, (word: string) => boolean>> = {
  '--audit': isPath,
  '--cloudtrail': isPath,
  '--region': isRegion,
};

function isPath(word: string): boolean {
  return word === '-' || isS3Path(word) || existsSync(word);
}

/** Matches words that look like files. For a command without arguments, such a word is a mistyped path. */
const FILE_LIKE = /\/|\.(?:jsonl?|log|txt|csv|ya?ml|gz|bz2|zst|zip|tar|tgz|parquet)$/i;

/**
 * Returns the words with the arguments in front of the options. Otherwise an option with several values would take the
 * arguments after it. Example: in `related --audit a --cloudtrail b 7a0e…`, the last word is not a path. So arguments
 * may be given before or after the options. Moves a name even if the command takes no arguments. Then the error can say
 * what to do with the name.
 */
export function withArgumentFirst(words: readonly string[], program: Command): readonly string[] {
  const [name = '', ...rest] = words;
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined || rest.includes('--')) return words;
  const [first, ...parts] = partsOf(rest);
  const leading = first?.values ?? [];
  const isGiven = parts.some((part) => part.values.length > mostValues(part.flag, command));
  const most = isGiven ? 0 : Math.max(command.registeredArguments.length, 1) - leading.length;
  const isPathMeant = (word: string) => command.registeredArguments.length === 0 && FILE_LIKE.test(word);
  const movedOf = ({ flag, values }: Part) => {
    const last = values.slice(values.length - Math.max(Math.min(most, values.length - 1), 0));
    return last.slice(last.findLastIndex((word) => TAKERS[flag]?.(word) !== false || isPathMeant(word)) + 1);
  };
  const taker = parts.findLast((part) => movedOf(part).length > 0);
  if (taker === undefined) return words;
  const moved = movedOf(taker);
  const left = parts.flatMap((part) => [
    part.flag,
    ...(part === taker ? part.values.slice(0, -moved.length) : part.values),
  ]);
  return [name, ...leading, ...moved, ...left];
}

/** An option and the words after it, up to the next option. The first part has no option. */
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

/** Returns how many of the following words the option takes at most. `--flag=value` takes none. */
function mostValues(flag: string, { options }: Command): number {
  const option = options.find(({ long, short }) => long === flag || short === flag);
  if (option === undefined || option.isBoolean()) return 0;
  return option.variadic ? Number.POSITIVE_INFINITY : 1;
}
