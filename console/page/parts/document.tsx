import type { JSX } from 'preact';
import type { Block, Line } from '../../../lib/words/document.ts';
import { Icon } from './signs.tsx';
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
      return <Table titles={block.titles} rows={block.rows} onTakeOut={onTakeOut} />;
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

interface TableProps extends Pick<DocumentProps, 'onTakeOut'> {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns that are empty throughout are left out. */
function Table({ titles, rows, onTakeOut }: TableProps) {
  const shown = [...titles.keys()].filter((column) => rows.some((row) => row[column] !== ''));
  const label = shown.map((column) => sentenceCase(titles[column])).join(', ');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keys too (WCAG 2.1.1)
    <section class="table-frame" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {shown.map((column) => (
              <th scope="col">{sentenceCase(titles[column])}</th>
            ))}
            {onTakeOut !== undefined && <td class="no-print" />}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr>
              {shown.map((column) => (
                <td class={cellClass(row[column])}>
                  <Text of={row[column] ?? ''} />
                </td>
              ))}
              {onTakeOut !== undefined && (
                <td class="no-print">
                  <button
                    type="button"
                    class="icon"
                    aria-label={`Take request ${index + 1} out`}
                    title="Take it out"
                    onClick={() => onTakeOut(index)}
                  >
                    <Icon of="close" />
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function sentenceCase(title = ''): string {
  return title.charAt(0) + title.slice(1).toLowerCase();
}
