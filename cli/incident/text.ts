import type { Block, Line } from '../../lib/words/document.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { textTable } from '../terminal/text-table.ts';

/** The report as a person reads it at a terminal: what a terminal would obey is written out. */
export function textDocument(blocks: readonly Block[]): string {
  return blocks.map(blockText).join('\n');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return headingText(block.level, lineText(block.line));
    case 'text':
      return `${lineText(block.line)}\n`;
    case 'fields':
      return block.fields.map(([name, line]) => `${name.padEnd(WIDTH)}${lineText(line)}\n`).join('');
    case 'table':
      return textTable(block.titles, block.rows);
    case 'command':
      return `  ${escapeForTerminal(block.command)}\n`;
  }
}

/** Of the names of fields. */
const WIDTH = 14;
const UNDERLINES = { 1: '=', 2: '-', 3: '' } as const;

function headingText(level: 1 | 2 | 3, line: string): string {
  const under = UNDERLINES[level];
  return `${line}\n${under === '' ? '' : `${under.repeat(Math.min(line.length, 100))}\n`}`;
}

function lineText(line: Line): string {
  return line.map((part) => escapeForTerminal(typeof part === 'string' ? part : part.value)).join('');
}
