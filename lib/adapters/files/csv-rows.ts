import { parse } from 'csv-parse/sync';
import { isCollectedField } from '../../envelopes/collectors.ts';
import { isTrailColumn } from '../../envelopes/trail-rows.ts';
import { Effort } from './effort.ts';
import type { FramingSink, Spot } from './framing-sink.ts';
import { LONGEST_VALUE } from './limits.ts';

/** The columns by which a CSV is recognized. It must have all of one list, in any letter case. */
const KNOWN_HEADERS: readonly (readonly string[])[] = [
  ['@message'], // Logs Insights
  ['timestamp', 'message'], // the console of CloudWatch Logs
  ['_raw'], // Splunk
  ['eventname', 'useridentity'], // a table of the trail in Athena or CloudTrail Lake
];

/** The longest header in characters. */
const LONGEST_HEADER = 64 * 1024;

/** Returns whether a file's first line is the header of a known CSV. */
export function isCsvHeader(line: string): boolean {
  if (line.startsWith('{') || line.startsWith('[') || line.length > LONGEST_HEADER) return false;
  const columns = new Set((cells(line) ?? []).map((column) => column.toLowerCase()));
  return KNOWN_HEADERS.some((known) => known.every((column) => columns.has(column)));
}

interface Line {
  readonly text: string;
  readonly spot: Spot;
}

/**
 * Joins the lines of a CSV to rows, because quoted fields can contain line breaks. If a row was cut within quotes, it
 * continues into the rows after it. If such a row cannot be read, only its first line is set aside, and the others are
 * read again.
 */
export class CsvRows {
  readonly #columns: ReadonlyMap<string, number>;
  readonly #sink: FramingSink;
  readonly #effort: Effort;
  #row: Line[] = [];
  #length = 0;
  #isQuoted = false;

  constructor(header: string, sink: FramingSink, effort = new Effort()) {
    this.#columns = ownColumns(cells(header) ?? []);
    this.#sink = sink;
    this.#effort = effort;
  }

  line(text: string, spot: Spot): void {
    if (this.#row.length === 0 && text.trim() === '') return;
    this.#row.push({ text, spot });
    this.#length += text.length;
    this.#effort.spend(text.length);
    if (hasOddQuotes(text)) this.#isQuoted = !this.#isQuoted;
    if (!this.#isQuoted) this.#endRow();
    else if (this.#length > LONGEST_VALUE) this.#setAsideFirst(this.#takeRow());
  }

  end(): void {
    while (this.#row.length > 0) this.#setAsideFirst(this.#takeRow());
  }

  #takeRow(): readonly Line[] {
    const row = this.#row;
    this.#row = [];
    this.#length = 0;
    this.#isQuoted = false;
    return row;
  }

  #endRow(): void {
    this.#effort.spend(this.#length + this.#columns.size);
    const row = this.#takeRow();
    const values = cells(row.map(({ text }) => text).join('\n'));
    if (values === undefined) return this.#setAsideFirst(row);
    const named = [...this.#columns].flatMap(([column, index]) => {
      const value = values[index] ?? '';
      return value === '' ? [] : [[column, value] as const];
    });
    this.#sink.row(Object.fromEntries(named), row[0]?.spot ?? UNKNOWN_SPOT);
  }

  #setAsideFirst([first, ...others]: readonly Line[]): void {
    if (first !== undefined) this.#sink.reject('invalid-csv', first.spot, first.text);
    for (const { text, spot } of others) this.line(text, spot);
  }
}

/** Limits the columns. Every row has all of them, so a header with thousands would make each row long. */
const MOST_COLUMNS = 64;

/**
 * Returns the positions of the columns to read. These are the ones of Logs Insights itself (`@message`), or else those
 * of a known form. The author of a query chooses all other columns.
 */
function ownColumns(header: readonly string[]): ReadonlyMap<string, number> {
  const isOwn = header.includes('@message')
    ? (column: string) => column.startsWith('@')
    : (column: string) => isCollectedField(column) || isTrailColumn(column);
  return new Map(
    header.flatMap((column, index) => (isOwn(column) ? [[column, index] as const] : [])).slice(0, MOST_COLUMNS),
  );
}

const UNKNOWN_SPOT: Spot = { place: () => 'row', mayBePart: false };

function hasOddQuotes(text: string): boolean {
  let isOdd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}

function cells(row: string): readonly string[] | undefined {
  try {
    return parse(row.replace(/\r$/, ''), { relax_column_count: true, trim: true })[0];
  } catch {
    return undefined; // The caller sets the row aside.
  }
}
