import { parse } from 'csv-parse/sync';
import type { FramingSink } from './framing.ts';

const LONGEST_ROW = 8 * 1024 * 1024;

/** Whether a file's first line is the header of a Logs Insights answer exported as CSV. */
export function isCsvHeader(line: string): boolean {
  return !line.startsWith('{') && /(?:^|,)"?@message"?(?:,|$)/.test(line);
}

/** Puts the lines of a CSV together to rows, whose quoted fields may hold line breaks. */
export class InsightsCsv {
  readonly #columns: readonly string[];
  readonly #sink: FramingSink;
  #row = '';
  #rows = 0;

  constructor(header: string, sink: FramingSink) {
    this.#columns = cells(header) ?? [];
    this.#sink = sink;
  }

  line(text: string): void {
    if (this.#row === '' && text.trim() === '') return;
    this.#row += this.#row === '' ? text : `\n${text}`;
    const quotes = this.#row.split('"').length - 1;
    if (quotes % 2 === 0 || this.#row.length > LONGEST_ROW) this.#endRow();
  }

  end(): void {
    if (this.#row !== '') this.#endRow();
  }

  #endRow(): void {
    this.#rows += 1;
    const row = this.#rows;
    const place = () => `row ${row}`;
    const text = this.#row;
    this.#row = '';
    const values = cells(text.replace(/\r$/, ''));
    if (values === undefined) return this.#sink.reject('invalid-json', place, text);
    const named = this.#columns.map((column, index) => [column, values[index] ?? ''] as const);
    this.#sink.row(Object.fromEntries(named), place);
  }
}

function cells(row: string): readonly string[] | undefined {
  try {
    return parse(row, { relax_column_count: true })[0];
  } catch {
    return undefined; // told to the sink by the caller, as the row's rejection
  }
}
