import { type Command, InvalidArgumentError, Option } from 'commander';
import { nearest } from '../../lib/nearness.ts';
import { CSV_COLUMNS } from '../../lib/words/record-csv.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { GROUPS, type Topic } from '../help/command-help.ts';

/** The options that choose which rows and fields are shown, and in which order. */
export interface ShownOptions {
  readonly reverse?: boolean;
  /** False after `--no-headers`. */
  readonly headers?: boolean;
}

/** The same for a list that is read completely. */
export interface LimitOptions extends ShownOptions {
  readonly limit?: number;
}

/** Returns the first rows, as many as `--limit` says, in the order of `--reverse`. */
export function limited<Row>(rows: readonly Row[], { limit, reverse }: LimitOptions): readonly Row[] {
  const first = rows.slice(0, limit);
  return reverse === true ? first.reverse() : first;
}

/** Says that there are more rows than are shown. */
export function cutText(shown: readonly unknown[], all: readonly unknown[]): string {
  return shown.length < all.length ? '; there are more (--limit reached)' : '';
}

/** The same for records, whose fields have names. */
export interface ShownFields extends ShownOptions {
  readonly sort?: string;
  readonly fields?: readonly string[];
}

/** Adds the options for the order of rows and for headers. */
export function withOrder(command: Command): Command {
  const options = [
    new Option('--reverse', 'show the rows in the reverse order'),
    new Option('--no-headers', 'leave out the header of a table or of CSV'),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUPS.output));
  return command;
}

/** Adds these and the options for the fields of records. Before the command runs, `--json` becomes `--fields` and the format. */
export function withFields(command: Command): Command {
  const options = [
    new Option('--sort <field>', 'sort by this field, ascending').argParser(fieldOf),
    new Option('--fields <fields>', 'only these fields, as in the columns of CSV: time,actorName,verb').argParser(
      fieldsOf,
    ),
    new Option('--json <fields>', 'the same as JSON: a list of objects with these fields').argParser(fieldsOf),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUPS.output));
  return withOrder(command).hook('preAction', () => {
    const { json, fields } = command.opts<{ json?: readonly string[]; fields?: readonly string[] }>();
    if (json === undefined) return;
    if (fields !== undefined || command.getOptionValueSource('format') === 'cli')
      throw wrongUsage('--json already chooses the fields and the format. Leave --fields and --output out.');
    command.setOptionValue('fields', json);
    command.setOptionValue('format', 'json');
  });
}

function fieldsOf(text: string): readonly string[] {
  return text.split(',').map((name) => fieldOf(name.trim()));
}

function fieldOf(name: string): string {
  if (CSV_COLUMNS.has(name)) return name;
  const near = nearest(name, CSV_COLUMNS.keys());
  const meant =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Give one of ${[...CSV_COLUMNS.keys()].join(', ')}.`;
  throw new InvalidArgumentError(meant);
}

/** Explains fields and order in the long help. */
export const FIELDS_TOPIC: Topic = {
  heading: 'Fields and order:',
  text: `
--fields, --json and --sort take the names of CSV's columns: ${[...CSV_COLUMNS.keys()].slice(0, 9).join(', ')}, … (docs/output.md).
--limit takes the newest records; --sort and --reverse only order what is shown. Rows without the field come last.`,
};
