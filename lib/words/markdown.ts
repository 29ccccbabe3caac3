import type { Block, Line } from './document.ts';
import { escapeForTerminal } from './escape.ts';

/**
 * Returns the report as GitHub Flavored Markdown, for a ticket. Each value from the logs is a code span, or in a fenced
 * block if it is in a command. So values create no links, HTML, mentions or table cells. Line breaks and unsafe
 * characters are escaped. Source: GitHub Flavored Markdown Spec, 6.3 "Code spans", 4.10 "Tables".
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
 * Returns a table cell. Even in a code span, a `|` ends the cell unless a backslash comes before it. If the value has a
 * backslash before the `|`, the `|` is escaped as a code point. Parsers disagree on two backslashes: cmark-gfm reads
 * them as one, micromark and marked do not.
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

/** Returns the length of the longest run of backticks. */
function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
