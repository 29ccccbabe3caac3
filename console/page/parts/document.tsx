import type { JSX } from 'preact';
import type { Block, Line } from '../../../lib/words/document.ts';
import { Icon } from './signs.tsx';
import { Table } from './table.tsx';
import { Copy, Text } from './text.tsx';

interface DocumentProps {
  readonly of: readonly Block[];
  /** Takes a row of its table out; absent where all of it stays. */
  readonly onTakeOut?: ((row: number) => void) | undefined;
}

/** A report as it stands in a ticket: its own words, and values from the logs, which whoever called chose. */
export function Document({ of, onTakeOut }: DocumentProps) {
  return <>{of.map((block) => blockOf(block, onTakeOut))}</>;
}

const HEADINGS = { 1: 'h2', 2: 'h3', 3: 'h4' } as const;

function blockOf(block: Block, onTakeOut: DocumentProps['onTakeOut']): JSX.Element {
  switch (block.kind) {
    case 'heading': {
      const Heading = HEADINGS[block.level];
      return <Heading>{partsOf(block.line)}</Heading>;
    }
    case 'text':
      return <p>{partsOf(block.line)}</p>;
    case 'command':
      return <Copy of={block.command} />;
    case 'fields':
      return <dl class="fields">{block.fields.map(([name, line]) => [<dt>{name}</dt>, <dd>{partsOf(line)}</dd>])}</dl>;
    case 'table':
      return <DocumentTable titles={block.titles} rows={block.rows} onTakeOut={onTakeOut} />;
  }
}

function partsOf(line: Line) {
  return line.map((part) => (typeof part === 'string' ? part : <Text of={part.value} />));
}

/** Times, which are not broken on a screen; statuses, verbs and addresses, which are not broken on paper either. */
function cellClass(cell = ''): string | undefined {
  if (cell.length < 16) return 'short';
  return cell.length < 28 ? 'when' : undefined;
}

interface DocumentTableProps extends Pick<DocumentProps, 'onTakeOut'> {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns that are empty throughout are left out. */
function DocumentTable({ titles, rows, onTakeOut }: DocumentTableProps) {
  const shown = [...titles.keys()].filter((column) => rows.some((row) => row[column] !== ''));
  const columns = shown.map((column) => ({
    title: sentenceCase(titles[column]),
    cell: (row: readonly string[]) => (
      <span class={cellClass(row[column])}>
        <Text of={row[column] ?? ''} />
      </span>
    ),
  }));
  const takeOut = onTakeOut !== undefined && {
    title: '',
    class: 'no-print',
    cell: (_: unknown, index: number) => (
      <button
        type="button"
        class="icon"
        aria-label={`Remove request ${index + 1}`}
        title="Remove"
        onClick={() => onTakeOut(index)}
      >
        <Icon of="close" />
      </button>
    ),
  };
  return <Table label={columns.map(({ title }) => title).join(', ')} columns={[...columns, takeOut]} rows={rows} />;
}

function sentenceCase(title = ''): string {
  return (title.charAt(0) + title.slice(1).toLowerCase()).replace(/ id$/, ' ID');
}
