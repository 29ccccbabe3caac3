import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import type { Block, Line } from '../../lib/words/document.ts';
import { escapeForTerminal, plainJson } from '../../lib/words/escape.ts';
import { markdownDocument } from '../../lib/words/markdown.ts';
import { type Column, fittedTable, type Layout } from '../terminal/fitted-table.ts';
import { textTable } from '../terminal/text-table.ts';
import { wrapped } from '../terminal/width.ts';
import type { IncidentFormat } from './options.ts';
import { certaintyText, reportDocument } from './report-document.ts';

/**
 * Returns the report in this format. A text fits a terminal of `width` columns. Without a width, as for a file, no line
 * is broken.
 */
export function writtenReport(report: IncidentReport, format: IncidentFormat, width?: number): string {
  if (format === 'json') return `${plainJson(reportBody(report))}\n`;
  const blocks = reportDocument(report);
  return format === 'markdown' ? markdownDocument(blocks) : textDocument(blocks, width);
}

/** Returns the report as docs/incident.md describes it, with the certainty of each section. */
function reportBody(report: IncidentReport): object {
  const sections = report.sections.map((each) => ({ ...each, certain: certaintyText(each) }));
  return { schemaVersion: 1, ...report, sections };
}

/**
 * Returns the report for a terminal of `width` columns. Control characters are escaped. Without a width, as in a pipe,
 * no line is broken.
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

/**
 * The indent of continued lines. It is deeper than that of any field or command. So a caller's text cannot look like
 * one, wherever its line is broken.
 */
const CONTINUED = '    ';
/** The width of the field names. */
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

/**
 * Returns the whole table, and layouts in which the last columns stand below each row. A report on a narrow screen
 * loses nothing.
 */
function layoutsOf(titles: readonly string[]): readonly [Layout<Row>, ...Layout<Row>[]] {
  const columns = titles.map((title, at): Column<Row> => ({ title, of: (row) => row[at] ?? '' }));
  const fewer = columns.slice(1).map((_, lost): Layout<Row> => {
    const rest = columns.slice(columns.length - 1 - lost);
    const below = (row: Row) =>
      rest
        .flatMap(({ title, of }) =>
          of(row) === '' ? [] : [`${title.toLowerCase()} ${quotedIfUnclear(of(row), titles)}`],
        )
        .join(', ');
    return { columns: columns.slice(0, columns.length - 1 - lost), below: { title: '', of: below } };
  });
  return [{ columns }, ...fewer];
}

/** Quotes a value that contains what looks like the start of another column. */
function quotedIfUnclear(value: string, titles: readonly string[]): string {
  return titles.some((title) => value.includes(`, ${title.toLowerCase()} `)) ? JSON.stringify(value) : value;
}
