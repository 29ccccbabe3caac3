import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type AllSizes, DEFAULT_SIZES } from './sizes.ts';

/** What `npm run bench -- …` was asked for. */
export interface BenchOptions {
  /** Which rows; empty: all of them. */
  readonly families: readonly string[];
  readonly sizes: AllSizes;
  /** A folder for the growth curves; undefined where none are to be drawn. */
  readonly charts: string | undefined;
}

/** What each size is of, as `--help` says it. */
const SIZES: Readonly<Record<keyof AllSizes, string>> = {
  audit: 'audit events that attribute reads',
  grants: 'AssumeRole records that it reads with them',
  pairs: 'times that two programs run in turns',
  week: "audit events of a person's own week, for local",
  sessions:
    'grants in the large table that whois asks: 1 KB of disk each; 6,000 a second were filled; 10000000 takes half an hour',
  questions: 'questions of whois in one run',
  trail: 'AssumeRole events in the history that whois-cloudtrail asks',
  records: 'records of one claim, for growth',
  named: 'grants of one name, for growth',
  claims: 'open claims, for growth; 1000000 takes 6.4 GB',
};

/**
 * Reads the command line, without the program's own name.
 * @throws CommanderError where it cannot be read, once a sentence about it is written to standard error.
 */
export function benchOptions(args: readonly string[], families: readonly string[]): BenchOptions {
  const command = new Command('npm run bench --')
    .description('Each row of docs/performance.md as a JSON line, with both figures and their ratio.')
    .addArgument(new Argument('[row...]', 'some of the rows; without it all').choices(families))
    .option('--charts <folder>', 'draw how costs grow, a file for each row that says it')
    .exitOverride();
  for (const [name, text] of Object.entries(SIZES)) {
    const size = DEFAULT_SIZES[name as keyof AllSizes]; // our own constant's keys
    command.addOption(new Option(`--${name} <count>`, text).default(size).argParser(count));
  }
  const { charts, ...sizes } = command.parse(args, { from: 'user' }).opts<AllSizes & { readonly charts?: string }>();
  return { families: command.args, sizes, charts };
}

function count(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 1 on, such as 10000.');
}
