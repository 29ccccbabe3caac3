import type { Block, Line } from './document.ts';
import { escapeForTerminal } from './escape.ts';

/**
 * The report as GitHub Flavored Markdown, for a ticket. A value from the logs is always a code span (in a command a fenced
 * block): there it makes no link, no HTML, no mention of somebody, and no cell of a table. Line breaks and what a terminal
 * would obey are written out. Source: GitHub Flavored Markdown Spec, 6.3 "Code spans", 4.10 "Tables".
 */
export function markdownDocument(blocks: readonly Block[]): string {
  return blocks.map(blockText).join('\n');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${lineText(block.line)}\n`;
    case 'text':
      return `${lineText(block.line)}\n`;
    case 'fields':
      return block.fields.map(([name, line]) => `- **${name}:** ${lineText(line)}\n`).join('');
    case 'table':
      return tableText(block.titles, block.rows);
    case 'command':
      return commandText(escapeForTerminal(block.command));
  }
}

function lineText(line: Line): string {
  return line.map((part) => (typeof part === 'string' ? escapeForTerminal(part) : codeSpan(part.value))).join('');
}

function tableText(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, titles.map(() => '---'), ...rows.map((row) => row.map(cellText))];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/**
 * In a table a `|` ends the cell, in a code span too, unless a backslash stands before it. Behind a backslash of the value's own
 * it is written out: readers differ in whether two of them are one (cmark-gfm takes them so, micromark and marked do not).
 */
function cellText(value: string): string {
  return codeSpan(value).replaceAll('\\|', '\\\\u007c').replaceAll('|', '\\|');
}

function codeSpan(value: string): string {
  const shown = escapeForTerminal(value);
  if (shown.trim() === '') return '';
  const fence = '`'.repeat(longestRun(shown) + 1);
  const isPadded = /^[` ]|[` ]$/.test(shown);
  return isPadded ? `${fence} ${shown} ${fence}` : `${fence}${shown}${fence}`;
}

function commandText(command: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(command) + 1));
  return `${fence}sh\n${command}\n${fence}\n`;
}

/** Of backticks. */
function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
