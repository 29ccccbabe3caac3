import { Argument, Command, InvalidArgumentError, Option } from 'commander';

/** Options of `npm run bench`. */
export interface BenchOptions {
  /** Rows to run; if empty, all of them. */
  readonly families: readonly string[];
  readonly sizes: AllSizes;
  /** Folder for the growth curves; undefined for none. */
  readonly charts: string | undefined;
}

/** Sizes of the work of each row. `--<name> <count>` changes one. */
const SIZES = {
  audit: [200_000, 'audit events that attribute reads'],
  grants: [100_000, 'AssumeRole records that it reads with them'],
  pairs: [3, 'times that two programs run in turns'],
  starts: [9, 'starts of each program, for cold-start and start-up'],
  week: [100_000, "audit events of a person's own week, for local"],
  sessions: [100_000, 'grants in the large table that whois asks: 1 KB of disk each; the goal is stated of 10000000'],
  questions: [500, 'questions of whois in one run'],
  warm: [200, 'questions of whois before those, which are not counted'],
  trail: [10_000, 'AssumeRole events in the history that whois-cloudtrail asks'],
  records: [100_000, 'records of one claim at most, for growth'],
  named: [100_000, 'grants of one name at most, for growth'],
  claims: [100_000, 'open claims at most, for growth; the goal is stated of 1000000, which take 6.4 GB'],
} as const satisfies Readonly<Record<string, readonly [size: number, of: string]>>;

export type AllSizes = Readonly<Record<keyof typeof SIZES, number>>;

/**
 * Parses the command line, without the program's name.
 * @throws CommanderError if it is invalid, after a sentence on standard error.
 */
export function benchOptions(args: readonly string[], families: readonly string[]): BenchOptions {
  const command = new Command('npm run bench --')
    .description('Each row of docs/performance.md as a JSON line, with both figures and their ratio.')
    .addArgument(new Argument('[row...]', 'some of the rows; without it all').choices(families))
    .option('--charts <folder>', 'draw how costs grow, a file for each row that says it')
    .exitOverride();
  for (const [name, [size, text]] of Object.entries(SIZES)) {
    command.addOption(new Option(`--${name} <count>`, text).default(size).argParser(count));
  }
  const { charts, ...sizes } = command.parse(args, { from: 'user' }).opts<AllSizes & { readonly charts?: string }>();
  return { families: command.args, sizes, charts };
}

function count(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 1 on, such as 10000.');
}
