import { type Command, Option } from 'commander';
import { CSV_COLUMNS } from '../../lib/words/record-csv.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { compareBy, type Field, fieldsNamed } from '../format/fields.ts';
import { GROUPS, type Topic } from '../help/command-help.ts';

/** The options that choose which fields are shown. */
export interface FieldOptions {
  readonly fields?: readonly string[];
  /** The fields of `--json`, which `fields` has too. */
  readonly json?: readonly string[];
  /** Whether a table has a head line. False after `--no-headers`. */
  readonly headers?: boolean;
}

/** The options that choose which rows and fields are shown, and in which order. */
export interface ShownOptions extends FieldOptions {
  readonly sort?: string;
  readonly reverse?: boolean;
}

/** The options of a list that is read completely. `limit` is the maximum number of rows to show. */
export interface LimitOptions extends ShownOptions {
  readonly limit?: number;
}

/**
 * Checks the names of fields before anything is read.
 * @throws CommandError for a name that no field has.
 */
export function checkFields<Row>(
  { sort, json, fields = json ?? [] }: ShownOptions,
  known: readonly Field<Row>[],
): void {
  fieldsNamed(fields, known, json === undefined ? '--fields' : '--json');
  if (sort !== undefined) fieldsNamed([sort], known, '--sort');
}

/**
 * Returns the rows to show, as many as `--limit` says. With `--sort` these are the first ones in that order. Without
 * it, `--reverse` turns the first rows around.
 */
export function shownRows<Row>(
  rows: readonly Row[],
  { limit, sort, reverse }: ShownOptions & { readonly limit?: number | undefined },
  fields: readonly Field<Row>[],
): readonly Row[] {
  const turned = (some: readonly Row[]) => (reverse === true ? some.toReversed() : some);
  const [by] = sort === undefined ? [] : fieldsNamed([sort], fields, '--sort');
  if (by === undefined) return turned(rows.slice(0, limit));
  const inOrder = compareBy(by);
  return rows.toSorted(reverse === true ? (a, b) => inOrder(b, a) : inOrder).slice(0, limit);
}

/** Says that there are more rows than are shown. */
export function cutText(shown: readonly unknown[], all: readonly unknown[]): string {
  return shown.length < all.length ? '; there are more (--limit reached)' : '';
}

/** Adds the options for the fields of rows. Before the command runs, `--json` becomes `--fields` and the format. */
export function withFields(command: Command): Command {
  const options = [
    new Option('--fields <fields>', "only these fields, by the names of CSV's columns, separated by commas"),
    new Option('--json <fields>', 'only these fields, as JSON: a list of objects'),
  ];
  for (const option of options) command.addOption(option.argParser(namesOf).helpGroup(GROUPS.output));
  command.addOption(new Option('--no-headers', 'leave out the header of a table or of CSV').helpGroup(GROUPS.output));
  return command.hook('preAction', () => {
    const { json, fields } = command.opts<{ json?: readonly string[]; fields?: readonly string[] }>();
    if (json === undefined) return;
    if (fields !== undefined || command.getOptionValueSource('format') === 'cli')
      throw wrongUsage('--json already chooses the fields and the format. Leave --fields and --output out.');
    command.setOptionValue('fields', json);
    command.setOptionValue('format', 'json');
  });
}

/** Adds these, and the options for the order of rows. */
export function withOrder(command: Command): Command {
  const options = [
    new Option('--sort <field>', 'sort by this field, ascending'),
    new Option('--reverse', 'show the rows in the reverse order'),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUPS.output));
  return withFields(command);
}

function namesOf(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

/** Explains fields and order of records in the long help. */
export const FIELDS_TOPIC: Topic = {
  heading: 'Fields and order:',
  text: `
--fields, --json and --sort take the names of CSV's columns: ${[...CSV_COLUMNS.keys()].slice(0, 9).join(', ')}, … (docs/output.md).
With --summary these are the columns of its CSV: who, kind, account, status, count, …
--limit takes the newest records; --sort and --reverse only order what is shown. Rows without the field come last.`,
};

/** Explains fields and order of another list in the long help. */
export function listFieldsTopic(names: readonly string[]): Topic {
  return {
    heading: 'Fields and order:',
    text: `
--fields, --json and --sort take the names of CSV's columns: ${names.join(', ')}.
With --sort, --limit takes the first rows in that order. Rows without the field come last.`,
  };
}
