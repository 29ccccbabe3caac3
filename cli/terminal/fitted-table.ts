import { escapeForTerminal } from '../../lib/words/escape.ts';
import { type Tone, toned } from './colour.ts';
import { brokenAtBlanks, padToWidth, shortened, widthOf } from './width.ts';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** Returns the text of the cell, not escaped. */
  of(row: Row): string;
  /** Returns a shorter text, for narrow screens (`losing`). */
  brief?(row: Row): string;
  /** The width to which the column may shrink on a narrow screen. Absent if it never shrinks. */
  readonly least?: number;
  /** The greatest width if more rows come later. Wider cells stick out, or are shortened. */
  readonly widest?: number;
  /**
   * Whether the column has priority. It stays wide enough for most of its cells while other columns can give way. These
   * are first left out, then narrowed.
   */
  readonly isKept?: boolean;
  /** Whether the cell is an ID for the next command. If an ID is shortened, the line below its row has all of it. */
  readonly isId?: boolean;
  tone?(row: Row): Tone | undefined;
}

/** The columns of a table, and those that are written below each row for lack of room. */
export interface Layout<Row> {
  readonly columns: readonly Column<Row>[];
  readonly below?: Column<Row>;
}

/** The width of lines in columns (undefined: no limit), whether they are colored, and whether a table has no header. */
export interface Screen {
  readonly width: number | undefined;
  readonly isColoured: boolean;
  readonly isHeadless?: boolean | undefined;
}

/**
 * The share of the rows whose cells must fit into a kept column (`isKept`). Longer cells are written in full below
 * their row.
 */
const USUAL = 0.75;
/** The minimum width of a table. */
const NARROWEST = 40;
const GAP = '  ';

/** A table with its layout: its head, and a function for each row. */
export interface TableLayout<Row> {
  readonly head: string;
  /** The titles of the columns that are shown. */
  readonly titles: readonly string[];
  line(row: Row): string;
}

/**
 * Lays a table out by some of its rows. Chooses the first layout that fits the screen, with columns as wide as their
 * widest cell. If the width of the screen is unknown, chooses the first layout, and shortens nothing. If space is
 * scarce, leaves out columns in which all cells are empty.
 */
export function laidOut<Row>(
  layouts: readonly [Layout<Row>, ...Layout<Row>[]],
  rows: readonly Row[],
  { width, isColoured, isHeadless = false }: Screen,
): TableLayout<Row> {
  const room = width === undefined ? undefined : Math.max(width, NARROWEST);
  const candidates = layouts.map((layout) => measured(layout, rows, room !== undefined));
  const last = candidates.at(-1);
  const chosen = room === undefined ? candidates[0] : (candidates.find(({ least }) => least <= room) ?? last);
  const { columns, below, widths, usual } = chosen ?? measured(layouts[0], rows, false);
  const fitted = room === undefined ? widths : fittedWidths(columns, widths, room, usual);
  const lineOf = (cells: readonly string[], tones: readonly (Tone | undefined)[]) =>
    padded(room === undefined ? cells : fittedCells(columns, cells, fitted, room), tones, fitted, isColoured);
  return {
    titles: columns.map(({ title }) => title),
    head: isHeadless
      ? ''
      : lineOf(
          columns.map(({ title }) => title),
          columns.map(() => 'head'),
        ),
    line(row) {
      const cells = columns.map((column) => escapeForTerminal(column.of(row)));
      const whole = [
        ...(below === undefined ? [] : [escapeForTerminal(below.of(row))].filter((text) => text !== '')),
        ...cells.filter((cell, at) => isCutId(columns[at], cell, fitted[at] ?? 0, room)),
      ];
      const tones = columns.map((column) => column.tone?.(row));
      return lineOf(cells, tones) + whole.map((text) => belowRow(text, room, isColoured)).join('');
    },
  };
}

/** Returns the complete table. Empty without rows. */
export function fittedTable<Row>(
  layouts: readonly [Layout<Row>, ...Layout<Row>[]],
  rows: readonly Row[],
  screen: Screen,
): string {
  if (rows.length === 0) return '';
  const { head, line } = laidOut(layouts, rows, screen);
  return head + rows.map(line).join('');
}

/**
 * Returns the layouts of a table: first with all columns, then with brief cells. Each further one has one column less,
 * in the order of `titles`.
 */
export function losing<Row>(
  columns: readonly Column<Row>[],
  ...titles: readonly string[]
): readonly [Layout<Row>, ...Layout<Row>[]] {
  const brief = columns.map((column) => (column.brief === undefined ? column : { ...column, of: column.brief }));
  const less = [0, ...titles.map((_, at) => at + 1)].map((number) => {
    const lost = titles.slice(0, number);
    return { columns: brief.filter(({ title }) => !lost.includes(title)) };
  });
  return [{ columns }, ...less];
}

interface MeasuredLayout<Row> extends Layout<Row> {
  readonly widths: readonly number[];
  /** The widths that are enough for most cells. */
  readonly usual: readonly number[];
  /** The minimum width, in columns of the terminal. */
  readonly least: number;
}

function measured<Row>(layout: Layout<Row>, rows: readonly Row[], leavesOut: boolean): MeasuredLayout<Row> {
  const wide = layout.columns.map((column) => {
    const all = rows.map((row) => widthOf(escapeForTerminal(column.of(row)))).sort((a, b) => a - b);
    const widthFor = (cells: number) => Math.max(widthOf(column.title), Math.min(cells, column.widest ?? cells));
    const cells = all.at(-1) ?? 0;
    return { column, cells, width: widthFor(cells), usual: widthFor(all[Math.floor(all.length * USUAL)] ?? cells) };
  });
  const shown = wide.filter(({ cells }) => cells > 0 || !leavesOut || rows.length === 0);
  const least = shown.reduce(
    (sum, { column, width, usual }) => sum + (column.isKept === true ? usual : Math.min(width, leastOf(column, width))),
    0,
  );
  return {
    columns: shown.map(({ column }) => column),
    ...(layout.below !== undefined && { below: layout.below }),
    widths: shown.map(({ width }) => width),
    usual: shown.map((each) => each.usual),
    least: least + GAP.length * (shown.length - 1),
  };
}

function leastOf<Row>({ least, title }: Column<Row>, whole: number): number {
  return least === undefined ? whole : Math.max(least, widthOf(title));
}

/**
 * Narrows the widest column that may be shortened, one step at a time, until the table fits. Stops if nothing can be
 * narrowed. First it narrows columns that are not kept (`isKept`). Then it narrows kept ones down to what most of their
 * cells need, and only then further.
 */
function fittedWidths<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  room: number,
  usual: readonly number[] = widths,
): readonly number[] {
  const fitted = [...widths];
  const least = columns.map((column, at) => leastOf(column, widths[at] ?? 0));
  const kept = (floor: readonly number[]) =>
    columns.map(({ isKept }, at) => (isKept === true ? floor : least)[at] ?? 0);
  let excess = sumOf(fitted) + GAP.length * (columns.length - 1) - room;
  for (const floor of [kept(widths), kept(usual), least]) {
    for (; excess > 0; excess -= 1) {
      const widest = widestAbove(floor, fitted);
      if (widest < 0) break;
      fitted[widest] = (fitted[widest] ?? 0) - 1;
    }
  }
  return fitted;
}

/** Returns the index of the widest column that is wider than its floor, or -1. */
function widestAbove(floor: readonly number[], widths: readonly number[]): number {
  return widths.reduce((best, width, at) => (width > (floor[at] ?? 0) && width > (widths[best] ?? 0) ? at : best), -1);
}

/**
 * Returns the cells cut to their columns. If a cell that is never shortened is wider than its column, cuts the other
 * cells more.
 */
function fittedCells<Row>(
  columns: readonly Column<Row>[],
  cells: readonly string[],
  widths: readonly number[],
  room: number,
): readonly string[] {
  const taken = cells.map((cell, at) =>
    columns[at]?.least === undefined ? Math.max(widthOf(cell), widths[at] ?? 0) : (widths[at] ?? 0),
  );
  const gaps = GAP.length * (columns.length - 1);
  const fitted = fittedWidths(columns, taken, Math.max(room, sumOf(widths) + gaps));
  return cells.map((cell, at) => (columns[at]?.least === undefined ? cell : shortened(cell, fitted[at] ?? 0)));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function isCutId<Row>(column: Column<Row> | undefined, cell: string, width: number, room: number | undefined): boolean {
  return room !== undefined && column?.isId === true && column.least !== undefined && widthOf(cell) > width;
}

function belowRow(text: string, room: number | undefined, isColoured: boolean): string {
  const lines = room === undefined ? [text] : brokenAtBlanks(text, room - GAP.length);
  return lines.map((line) => `${GAP}${isColoured ? toned(line, 'faint') : line}\n`).join('');
}

function padded(
  cells: readonly string[],
  tones: readonly (Tone | undefined)[],
  widths: readonly number[],
  isColoured: boolean,
): string {
  const end = cells.findLastIndex((cell) => cell !== '');
  const shown = cells.slice(0, end + 1).map((cell, at) => {
    const blanks = at === end ? '' : padToWidth(cell, widths[at] ?? 0).slice(cell.length);
    return `${isColoured ? toned(cell, tones[at]) : cell}${blanks}`;
  });
  return `${shown.join(GAP)}\n`;
}
