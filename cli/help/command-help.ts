import type { Command } from 'commander';

/** A question that people ask, and the command line that answers it. */
export interface Example {
  readonly asks: string;
  /** The command line. It runs in a shell as it is. The help wraps it at spaces. */
  readonly command: string;
}

/** A part of the long help, below a heading of its own. Lines that begin with two spaces stay lines. */
export interface Topic {
  readonly heading: string;
  readonly text: string;
}

/** The help of a command in addition to that of its options and arguments. */
export interface CommandHelp {
  /** The long flags that the short help lists. Without it, the short help lists all options. */
  readonly common?: readonly string[];
  /** A hint that a topic of the long help explains in more words. Only the short help shows it. */
  readonly hint?: string;
  /** The notes that every reader needs. Paragraphs are separated by an empty line. */
  readonly notes?: string;
  /** The topics that only `--help --all` shows. */
  readonly topics?: readonly Topic[];
  /** The short help shows the first three. */
  readonly examples: readonly [Example, Example, Example, ...Example[]];
  readonly exitStatus: string;
}

/** How much help to show. `all` after `--help --all`; otherwise `short`, which is at most a screen or two. */
export type HelpLength = 'short' | 'all';

const HELP = new WeakMap<Command, CommandHelp>();

/** Gives the command its help. */
export function withHelp(command: Command, help: CommandHelp): Command {
  HELP.set(command, help);
  return command;
}

/** Returns what `withHelp` gave the command. */
export function helpOf(command: Command): CommandHelp | undefined {
  return HELP.get(command);
}

/** Returns which help the arguments ask for: `--all` beside `--help`, or after `help`. */
export function helpLengthOf(words: readonly string[]): HelpLength {
  const options = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined);
  const asksForHelp = options[0] === 'help' || options.includes('--help') || options.includes('-h');
  return asksForHelp && options.includes('--all') ? 'all' : 'short';
}

/** The headings below which options are listed, in this order. Others stand in front of them. */
export const GROUPS = {
  input: 'Input:',
  filters: 'Filters:',
  time: 'Time range:',
  place: 'Where to look:',
  rules: 'Attribution rules:',
  s3: 'Amazon S3:',
  output: 'Output:',
} as const;
