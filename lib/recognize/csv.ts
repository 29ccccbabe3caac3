import { areChosenColumns, isReadColumn } from './insights-columns.ts';
import { areSentinelColumns } from './sentinel-rows.ts';

/** Returns whether the text is CSV from Logs Insights or Microsoft Sentinel, by the columns in its first line. */
export function isInsightsCsv(text: string): boolean {
  const end = text.indexOf('\n');
  const header = text.slice(0, Math.min(end < 0 ? text.length : end, 4_096));
  if (end < 0 || header.startsWith('{')) return false;
  if (/(?:^|,)\s*"?@message"?\s*(?:,|\r?$)/.test(header)) return true;
  if (/[{:]/.test(header.replaceAll('{}', ''))) return false; // This line is an event in JSON, not a header.
  const columns = columnsOf(rowsOf(header)[0]);
  return areChosenColumns(columns) || areSentinelColumns(columns);
}

export function columnsOf(header: readonly string[] = []): readonly string[] {
  return header.map((name) => name.replace(/^\uFEFF/, '').trim());
}

/** The maximum number of columns that are read. AWSCloudTrail has some 70. */
const MOST_COLUMNS = 100;

/** The maximum number of rows that are read. Logs Insights returns at most 10,000. */
const MOST_ROWS = 10_000;

/**
 * Returns the rows, with the cells of each by their columns. If the query chose columns instead of `@message`, the
 * chosen columns are read. Otherwise only `@message` and `@log` of Logs Insights, or all columns of Microsoft Sentinel.
 * Quotes follow RFC 4180, because messages have commas, quotes and line breaks. If the text ends within quotes, the
 * last cell has the rest.
 */
export function insightsRows(text: string): readonly { readonly [column: string]: string }[] {
  const rows = rowsOf(text);
  const columns = columnsOf(rows.shift());
  const isInsights = areChosenColumns(columns) ? isReadColumn : (name: string) => name.startsWith('@');
  const isRead = areSentinelColumns(columns) ? () => true : isInsights;
  const own = columns.flatMap((name, index) => (isRead(name) ? [[name, index] as const] : [])).slice(0, MOST_COLUMNS);
  return rows
    .filter((row) => row.length > 1 || row[0] !== '')
    .map((row) => Object.fromEntries(own.map(([name, index]) => [name, row[index] ?? ''])));
}

/** Matches column names that can be names of fields. */
export const FIELD_NAME = /^[@_]?[A-Za-z][\w. @()-]{0,63}(?:\{\})?$/;
export const LEAST_FIELDS = 3;

/** The cells of a row, each with its column's name. */
type RowCells = readonly (readonly [name: string, value: string])[];

/**
 * Returns the rows of a table in CSV if all of its column names can be names of fields. Tabs, semicolons or `|` can
 * replace the commas. A row with more or fewer cells than the header becomes undefined. Undefined for any other text.
 */
export function rowsOfFields(
  text: string,
): { readonly names: readonly string[]; readonly rows: readonly (RowCells | undefined)[] } | undefined {
  const plain = /^\s*\|/.test(text) ? withoutFrame(text) : text;
  const end = plain.indexOf('\n');
  const head = plain.slice(0, Math.min(Math.max(end, 0), LONGEST_LINE));
  const separator = ['\t', ';', '|'].find((each) => head.includes(each)) ?? ',';
  const names = columnsOf(rowsOf(head, separator)[0]);
  if (names.length < LEAST_FIELDS || !names.every((name) => FIELD_NAME.test(name))) return undefined;
  const rows = rowsOf(plain.slice(end + 1), separator).filter((row) => row.length > 1 || row[0]?.trim() !== '');
  const cellsOf = (row: readonly string[]): RowCells => names.map((name, at) => [name, (row[at] ?? '').trim()]);
  return { names, rows: rows.map((row) => (row.length === names.length ? cellsOf(row) : undefined)) };
}

/** Removes the frame of a Markdown table: the `|` at both ends of its lines, and the line between header and rows. */
function withoutFrame(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => !RULE.test(line));
  return lines.map((line) => line.trim().replace(/^\|{1,2}|\|{1,2}$/g, '')).join('\n');
}

/** What separates the columns of a table: tabs (copied from a browser), `|` (Markdown and psql), or white space. */
const SEPARATORS: readonly RegExp[] = [/\t/, /\|/, /\s{2,}/];
/** The number of lines in which the column names are searched. A title can come before them. */
const MOST_BEFORE = 20;
const LONGEST_LINE = 8_192;
/** Matches the line between the column names and the rows. */
export const RULE = /^[\s|+:=-]*$/;

/**
 * Returns the rows of a table from Logs Insights, Splunk or a similar tool that is not CSV. They begin below the column
 * names and end at the next empty line. A row with more or fewer cells than columns is skipped. Undefined for any other
 * text.
 */
export function tableRows(text: string): readonly { readonly [column: string]: string }[] | undefined {
  const lines = text.split(/\r?\n/, MOST_ROWS);
  for (const separator of SEPARATORS) {
    const cellsOf = (line: string) =>
      line
        .trim()
        .replace(/^\||\|$/g, '')
        .trim()
        .split(separator)
        .map((cell) => cell.trim());
    const isHead = (line: string) =>
      line.length <= LONGEST_LINE && separator.test(line.trim()) && areChosenColumns(cellsOf(line));
    const begin = lines.slice(0, MOST_BEFORE).findIndex(isHead);
    if (begin < 0) continue;
    const columns = cellsOf(lines[begin] ?? '');
    const below = lines.slice(begin + 1);
    const end = below.findIndex((line) => line.trim() === '');
    const rows = below
      .slice(0, end < 0 ? undefined : end)
      .filter((line) => line.length <= LONGEST_LINE && !RULE.test(line));
    return rows
      .map(cellsOf)
      .filter((cells) => cells.length === columns.length)
      .map((cells) =>
        Object.fromEntries(columns.flatMap((name, at) => (isReadColumn(name) ? [[name, cells[at] ?? '']] : []))),
      );
  }
  return undefined;
}

/** Returns the rows of a CSV with their cells. */
export function rowsOf(text: string, separator = ','): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at <= text.length && rows.length <= MOST_ROWS; ) {
    const end = quotedEnd(text, at);
    const [value, next] =
      end === undefined ? bareField(text, at, separator) : [text.slice(at + 1, end).replaceAll('""', '"'), end + 1];
    row.push(value.replace(/\r$/, ''));
    const stop = separatorFrom(text, next, separator);
    if (text.charAt(stop) !== separator) {
      rows.push(row);
      row = [];
    }
    at = stop + 1;
  }
  return rows;
}

function bareField(text: string, at: number, separator: string): [value: string, next: number] {
  const stop = separatorFrom(text, at, separator);
  return [text.slice(at, stop), stop];
}

function separatorFrom(text: string, from: number, separator: string): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== separator && text.charAt(at) !== '\n') at += 1;
  return at;
}

/** Returns the position of the closing quote of the cell that begins at `at`. Undefined if the cell does not begin with a quote. */
function quotedEnd(text: string, at: number): number | undefined {
  if (text.charAt(at) !== '"') return undefined;
  let end = text.indexOf('"', at + 1);
  while (end >= 0 && text.charAt(end + 1) === '"') end = text.indexOf('"', end + 2);
  return end < 0 ? text.length : end;
}
