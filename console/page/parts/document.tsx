import type { JSX } from 'preact';
import type { Block, Line } from '../../../lib/words/document.ts';
import { Icon } from './signs.tsx';
import { Table } from './table.tsx';
import { Copy, Text } from './text.tsx';

interface DocumentProps {
  readonly of: readonly Block[];
  /** Removes a row of the table. Without it, rows have no button. */
  readonly onRemove?: ((row: number) => void) | undefined;
}

/** A report as on paper. Its values come from logs, and are shown as `Text`. */
export function Document({ of, onRemove }: DocumentProps) {
  return <>{of.map((block) => blockOf(block, onRemove))}</>;
}

const HEADINGS = { 1: 'h2', 2: 'h3', 3: 'h4' } as const;

function blockOf(block: Block, onRemove: DocumentProps['onRemove']): JSX.Element {
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
      return (
        <dl class="fields">
          {block.fields.map(([name, line]) => [<dt>{capitalized(name)}</dt>, <dd>{partsOf(line)}</dd>])}
        </dl>
      );
    case 'table':
      return <DocumentTable titles={block.titles} rows={block.rows} onRemove={onRemove} />;
  }
}

function partsOf(line: Line) {
  return line.map((part) => (typeof part === 'string' ? part : <Text of={part.value} />));
}

/**
 * Returns the class of a cell. Short cells (statuses, verbs, addresses) are never wrapped, and times are not wrapped on
 * screens. Long values get some room.
 */
function cellClass(cell = ''): string {
  if (cell.length < 16) return 'short';
  return cell.length < 28 ? 'when' : 'long';
}

interface DocumentTableProps extends Pick<DocumentProps, 'onRemove'> {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table without its empty columns. */
function DocumentTable({ titles, rows, onRemove }: DocumentTableProps) {
  const shown = [...titles.keys()].filter((column) => rows.some((row) => row[column] !== ''));
  const columns = shown.map((column) => ({
    title: sentenceCase(titles[column]),
    cell: (row: readonly string[]) => (
      <span class={cellClass(row[column])}>
        <Text of={row[column] ?? ''} />
      </span>
    ),
  }));
  const remove = onRemove !== undefined && {
    title: '',
    class: 'no-print',
    cell: (_: unknown, index: number) => (
      <button
        type="button"
        class="icon"
        aria-label={`Remove request ${index + 1}`}
        title="Remove"
        onClick={() => onRemove(index)}
      >
        <Icon of="close" />
      </button>
    ),
  };
  return <Table label={columns.map(({ title }) => title).join(', ')} columns={[...columns, remove]} rows={rows} />;
}

/** Returns the name with a capital letter. Fields of a step begin with a small one, as in the command's report. */
function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function sentenceCase(title = ''): string {
  return (title.charAt(0) + title.slice(1).toLowerCase()).replace(/\b(?:id|ip)\b/g, (word) => word.toUpperCase());
}
