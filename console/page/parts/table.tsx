import type { ComponentChildren } from 'preact';

/** A column of a table: its title, and its cell for each row. */
export interface Column<T> {
  readonly title: ComponentChildren;
  /** The class of its title and cells; `number` aligns them to the end. */
  readonly class?: string | undefined;
  /** Whether its cells are the headers of their rows. */
  readonly isHead?: boolean;
  cell(row: T, index: number): ComponentChildren;
}

interface TableProps<T> {
  /** Columns; `false` is left out. */
  readonly columns: readonly (Column<T> | false)[];
  readonly rows: readonly T[];
  /** The caption, for screen readers. */
  readonly caption?: string;
  /** The label of a table without links. It takes the focus, so that keys can scroll it (WCAG 2.1.1). */
  readonly label?: string;
  readonly class?: string;
  classOf?(row: T): string | undefined;
  keyOf?(row: T, index: number): string | number;
}

/** A table that scrolls sideways if it is too wide. */
export function Table<T>({ columns, rows, caption, label, class: look, classOf, keyOf }: TableProps<T>) {
  const shown = columns.filter((column) => column !== false);
  const Frame = label === undefined ? 'div' : 'section';
  return (
    <Frame class="table-frame" aria-label={label} tabIndex={label === undefined ? undefined : 0}>
      <table class={look}>
        {caption !== undefined && <caption class="unseen">{caption}</caption>}
        <thead>
          <tr>
            {shown.map(({ title, class: of }) =>
              title === '' ? (
                <td class={of} />
              ) : (
                <th scope="col" class={of}>
                  {title}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf?.(row, index) ?? index} class={classOf?.(row)}>
              {shown.map(({ class: of, isHead = false, cell }) =>
                isHead ? <th scope="row">{cell(row, index)}</th> : <td class={of}>{cell(row, index)}</td>,
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  );
}
