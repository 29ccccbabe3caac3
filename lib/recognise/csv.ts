import { areChosenColumns, isReadColumn } from './insights-columns.ts';

/** Whether a text's first line is the header of a Logs Insights answer that was exported as CSV, whatever its columns. */
export function isInsightsCsv(text: string): boolean {
  const end = text.indexOf('\n');
  const header = text.slice(0, Math.min(end < 0 ? text.length : end, 4_096));
  if (end < 0 || header.startsWith('{')) return false;
  if (/(?:^|,)\s*"?@message"?\s*(?:,|\r?$)/.test(header)) return true;
  if (/[{:]/.test(header)) return false; // fields of JSON, of an event in a line
  return areChosenColumns((rowsOf(header)[0] ?? []).map((name) => name.trim()));
}

/** Logs Insights answers with 10,000 rows at most. */
const MOST_ROWS = 10_000;

/**
 * The rows by Insights' own columns, `@message` and the like, and where there is no `@message`, by those that were chosen
 * in its place. Quotes as RFC 4180 has them, since messages hold commas,
 * quotes and line breaks. A row that was cut within its quotes takes in all behind it.
 */
export function insightsRows(text: string): readonly { readonly [column: string]: string }[] {
  const rows = rowsOf(text);
  const columns = (rows.shift() ?? []).map((name) => name.trim());
  const isRead = areChosenColumns(columns) ? isReadColumn : (name: string) => name.startsWith('@');
  const own = columns.flatMap((name, index) => (isRead(name) ? [[name, index] as const] : [])).slice(0, 64);
  return rows
    .filter((row) => row.length > 1 || row[0] !== '')
    .map((row) => Object.fromEntries(own.map(([name, index]) => [name, row[index] ?? ''])));
}

function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at <= text.length && rows.length <= MOST_ROWS; ) {
    const end = quotedEnd(text, at);
    const [value, next] =
      end === undefined ? bareField(text, at) : [text.slice(at + 1, end).replaceAll('""', '"'), end + 1];
    row.push(value.replace(/\r$/, ''));
    const stop = separatorFrom(text, next);
    if (text.charAt(stop) !== ',') {
      rows.push(row);
      row = [];
    }
    at = stop + 1;
  }
  return rows;
}

function bareField(text: string, at: number): [value: string, next: number] {
  const stop = separatorFrom(text, at);
  return [text.slice(at, stop), stop];
}

function separatorFrom(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== ',' && text.charAt(at) !== '\n') at += 1;
  return at;
}

/** Where the closing quote of the field stands that begins there; undefined where it begins with none. */
function quotedEnd(text: string, at: number): number | undefined {
  if (text.charAt(at) !== '"') return undefined;
  let end = text.indexOf('"', at + 1);
  while (end >= 0 && text.charAt(end + 1) === '"') end = text.indexOf('"', end + 2);
  return end < 0 ? text.length : end;
}
