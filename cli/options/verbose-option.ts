import { Option } from 'commander';
import { GROUPS } from '../help/command-help.ts';

/** The value of `-v`. */
export interface VerboseOptions {
  readonly verbose?: boolean;
}

/** Returns `-v`, the same for every command that reads files. */
export function verboseOption(): Option {
  return new Option(
    '-v, --verbose',
    'with files: say what was read, even if standard error is not a terminal',
  ).helpGroup(GROUPS.output);
}

/**
 * Returns whether a summary of the input is written. Programs that read standard error get only what they have to know.
 */
export function summarizesInput({ verbose }: VerboseOptions): boolean {
  return verbose === true || process.stderr.isTTY === true;
}
