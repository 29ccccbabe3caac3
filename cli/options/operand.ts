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

/** Matches words that look like files. If one does not exist, it is a typing error, and no argument. */
const FILE_LIKE = /\/|\.(?:jsonl?|log|txt|csv|ya?ml|gz|bz2|zst|zip|tar|tgz|parquet)$/i;

/**
 * Moves the arguments in front of the options if an option with several values would take them: in `related --audit a
 * --cloudtrail b 7a0e…`, the last word is not a path. So arguments may be given before or after the options. A word that
 * looks like a name is moved even if the command takes no arguments, so that the error can say what to do with it.
 * Returns the words.
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

/** Returns how many of the words after it the option takes. `--flag=value` takes none. */
function mostValues(flag: string, { options }: Command): number {
  const option = options.find(({ long, short }) => long === flag || short === flag);
  if (option === undefined || option.isBoolean()) return 0;
  return option.variadic ? Number.POSITIVE_INFINITY : 1;
}
