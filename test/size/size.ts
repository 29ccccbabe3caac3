import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Prints the files and lines of each room beside docs/size.md (`npm run size`), and fails where a room has grown;
 * `npm run size -- --write` writes that table.
 */
const ROOT = join(import.meta.dirname, '../..');
const PAGE = 'docs/size.md';
const BUILT = new Set(['node_modules', 'artifacts', 'dist', 'coverage']);
/** The room of the files at the top of the checkout. */
const TOP = '(top)';

export interface RoomSize {
  readonly files: number;
  readonly lines: number;
  /** Says why the maintainers accept the size; empty where they did not have to. */
  readonly why?: string;
}
export type RoomSizes = ReadonlyMap<string, RoomSize>;

/** Returns the room of a file: its top folder, or a folder of `lib` or `test`. */
export function roomOf(path: string): string {
  const [top = '', second = '', ...deeper] = path.split('/');
  if (second === '') return TOP;
  return (top === 'lib' || top === 'test') && deeper.length > 0 ? `${top}/${second}` : top;
}

/** Sums files by room. */
export function sizesOf(files: Iterable<readonly [path: string, text: string]>): RoomSizes {
  const sizes = new Map<string, RoomSize>();
  for (const [path, text] of files) {
    const room = roomOf(path);
    const { files: before, lines } = sizes.get(room) ?? { files: 0, lines: 0 };
    sizes.set(room, { files: before + 1, lines: lines + text.split('\n').length - 1 });
  }
  return new Map([...sizes].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads the rows `| room | files | lines | why so large |` of a page. */
export function readTable(page: string): RoomSizes {
  const rows = page.matchAll(/^\| `([^`]+)` \| ([\d,]+) \| ([\d,]+) \| ?(.*?) ?\|$/gm);
  const number = (text = '') => Number(text.replaceAll(',', ''));
  return new Map(
    [...rows].map(([, room = '', files, lines, why = '']) => [
      room,
      { files: number(files), lines: number(lines), why },
    ]),
  );
}

/** Returns the page with the rows of these sizes in place of its own, which give the reasons. */
export function writeTable(page: string, sizes: RoomSizes): string {
  const before = readTable(page);
  const count = (value: number) => value.toLocaleString('en-US');
  const row = ([room, { files, lines }]: [string, RoomSize]) =>
    `| \`${room}\` | ${count(files)} | ${count(lines)} | ${before.get(room)?.why ?? ''} |\n`;
  const rows = [...sizes].map(row).join('');
  const totals = `Without tests ${count(total(sizes, false))} lines (aim: 55,000), tests ${count(total(sizes, true))} (aim: 45,000).\n`;
  return page.replace(/(^\|[-:| ]+\|\n)(?:\|.*\n)*/m, `$1${rows}`).replace(/^Without tests .*\n/m, totals);
}

/** Returns a sentence for each room that has more lines than the table gives it. */
export function growthOf(now: RoomSizes, table: RoomSizes): readonly string[] {
  return [...now].flatMap(([room, { lines }]) => {
    const accepted = table.get(room)?.lines ?? 0;
    return lines > accepted ? [`${room} has grown by ${lines - accepted} lines, from ${accepted} to ${lines}.`] : [];
  });
}

function total(sizes: RoomSizes, isOfTests: boolean): number {
  return [...sizes].reduce((sum, [room, { lines }]) => (room.startsWith('test') === isOfTests ? sum + lines : sum), 0);
}

function sourceFiles(): readonly (readonly [string, string])[] {
  const exclude = (path: string) => path.startsWith('.') || BUILT.has(path);
  const paths = globSync('**/*.{ts,tsx,css}', { cwd: ROOT, exclude });
  return paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]);
}

function printed(now: RoomSizes, table: RoomSizes): string {
  const rows = [...new Set([...now.keys(), ...table.keys()])].map((room) => {
    const { files, lines } = now.get(room) ?? { files: 0, lines: 0 };
    const more = lines - (table.get(room)?.lines ?? 0);
    return [
      room.padEnd(20),
      `${files}`.padStart(5),
      `${lines}`.padStart(7),
      more === 0 ? '' : `${more > 0 ? '+' : ''}${more}`,
    ];
  });
  const of = (sizes: RoomSizes) => `${total(sizes, false)} lines without tests, ${total(sizes, true)} of tests`;
  return [...rows.map((row) => row.join(' ').trimEnd()), `now    ${of(now)}`, `table  ${of(table)}`].join('\n');
}

if (import.meta.main) {
  const now = sizesOf(sourceFiles());
  const page = readFileSync(join(ROOT, PAGE), 'utf8');
  if (process.argv.includes('--write')) writeFileSync(join(ROOT, PAGE), writeTable(page, now));
  const table = readTable(readFileSync(join(ROOT, PAGE), 'utf8'));
  console.log(printed(now, table));
  const growth = growthOf(now, table);
  for (const sentence of growth) console.error(sentence);
  if (growth.length > 0) {
    console.error(
      `Remove lines, or accept the growth: npm run size -- --write, and say in ${PAGE} why the room is so large.`,
    );
    process.exitCode = 1;
  }
}
