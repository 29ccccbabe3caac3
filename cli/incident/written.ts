import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import type { Block, Line } from '../../lib/words/document.ts';
import { escapeForTerminal, plainJson } from '../../lib/words/escape.ts';
import { markdownDocument } from '../../lib/words/markdown.ts';
import { type Column, fittedTable, type Layout } from '../terminal/fitted-table.ts';
import { textTable } from '../terminal/text-table.ts';
import { wrapped } from '../terminal/width.ts';
import type { IncidentFormat } from './options.ts';
import { certaintyText, reportDocument } from './report-document.ts';

/** Of text, the terminal is so many columns wide; undefined where it is written whole, as into a file. */
export function writtenReport(report: IncidentReport, format: IncidentFormat, width?: number): string {
  if (format === 'json') return `${plainJson(reportBody(report))}\n`;
  const blocks = reportDocument(report);
  return format === 'markdown' ? markdownDocument(blocks) : textDocument(blocks, width);
}

/** As docs/incident.md has it: the report, and of each section how far one may rely on it. */
function reportBody(report: IncidentReport): object {
  const sections = report.sections.map((each) => ({ ...each, certain: certaintyText(each) }));
  return { schemaVersion: 1, ...report, sections };
}

/**
 * The report as a person reads it at a terminal of so many columns: what a terminal would obey is written out. Without a
 * width, as in a pipe, no line is broken.
 */
export function textDocument(blocks: readonly Block[], width?: number): string {
  return blocks.map((block) => blockText(block, width)).join('\n');
}

function blockText(block: Block, width: number | undefined): string {
  switch (block.kind) {
    case 'heading':
      return headingText(block.level, wrapped(lineText(block.line), width, '', CONTINUED));
    case 'text':
      return wrapped(lineText(block.line), width, '', CONTINUED);
    case 'fields':
      return block.fields
        .map(([name, line]) => wrapped(lineText(line), width, name.padEnd(WIDTH), ' '.repeat(WIDTH)))
        .join('');
    case 'table':
      return width === undefined
        ? textTable(block.titles, block.rows)
        : fittedTable(layoutsOf(block.titles), block.rows, { width, isColoured: false });
    case 'command':
      return `  ${escapeForTerminal(block.command)}\n`;
  }
}

/** Deeper than anything begins: what whoever called wrote cannot look like a field or a command, wherever its line is broken. */
const CONTINUED = '    ';
/** Of the names of fields. */
const WIDTH = 14;
const UNDERLINES = { 1: '=', 2: '-', 3: '' } as const;

function headingText(level: 1 | 2 | 3, lines: string): string {
  const under = UNDERLINES[level];
  const longest = Math.max(...lines.split('\n').map((line) => line.length));
  return `${lines}${under === '' ? '' : `${under.repeat(Math.min(longest, 100))}\n`}`;
}

function lineText(line: Line): string {
  return line.map((part) => escapeForTerminal(typeof part === 'string' ? part : part.value)).join('');
}

type Row = readonly string[];

/** The whole table; where the screen has no room for its last columns, these stand below each row: a report loses nothing. */
function layoutsOf(titles: readonly string[]): readonly [Layout<Row>, ...Layout<Row>[]] {
  const columns = titles.map((title, at): Column<Row> => ({ title, of: (row) => row[at] ?? '' }));
  const fewer = columns.slice(1).map((_, lost): Layout<Row> => {
    const rest = columns.slice(columns.length - 1 - lost);
    const below = (row: Row) =>
      rest
        .flatMap(({ title, of }) => (of(row) === '' ? [] : [`${title.toLowerCase()} ${told(of(row), titles)}`]))
        .join(', ');
    return { columns: columns.slice(0, columns.length - 1 - lost), below: { title: '', of: below } };
  });
  return [{ columns }, ...fewer];
}

/** Within quotes, where the value itself looks as if another column's began in it. */
function told(value: string, titles: readonly string[]): string {
  return titles.some((title) => value.includes(`, ${title.toLowerCase()} `)) ? JSON.stringify(value) : value;
}
