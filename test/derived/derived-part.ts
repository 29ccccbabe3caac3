import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { isNode, parseDocument } from 'yaml';
import { REPOSITORY } from '../builders/command.ts';

/** A part of a file that a table of the code says: where it stands, and what stands there. */
export interface DerivedPart {
  readonly file: string;
  /** The part of the file's text: where it begins and ends. */
  readonly find: (text: string) => readonly [start: number, end: number];
  readonly is: string;
}

const HOW = 'npm run derived';

/** Fails with what must stand there; with `UPDATE=1` in the environment (`npm run derived`) writes it. */
export function expectDerived({ file, find, is }: DerivedPart): void {
  const path = join(REPOSITORY, file);
  const text = readFileSync(path, 'utf8');
  const [start, end] = find(text);
  if (process.env.UPDATE === '1') return writeFileSync(path, text.slice(0, start) + is + text.slice(end));
  expect(text.slice(start, end), `${file} differs from the table that it is derived from: ${HOW}`).toBe(is);
}

/** Finds the text after the first match of one pattern, up to the next match of the other. */
export function inside(after: RegExp, before: RegExp): DerivedPart['find'] {
  return (text) => {
    const begin = after.exec(text);
    const start = begin === null ? -1 : begin.index + begin[0].length;
    const length = start < 0 ? -1 : text.slice(start).search(before);
    if (length < 0) throw new Error(`Nothing stands between ${after} and ${before}`);
    return [start, start + length];
  };
}

/** Finds the text between two texts. Both must be there. */
export function between(before: string, after: string): DerivedPart['find'] {
  return (text) => {
    const start = text.indexOf(before) + before.length;
    if (start < before.length) throw new Error(`Nothing has the text ${before}`);
    const end = text.indexOf(after, start);
    if (end < 0) throw new Error(`Nothing has the text ${after} behind ${before}`);
    return [start, end];
  };
}

/** The items of a list in YAML, which stand one a line. */
export function yamlList(file: string, path: readonly (string | number)[], items: readonly string[]): DerivedPart {
  const find: DerivedPart['find'] = (text) => {
    const node = parseDocument(text, { logLevel: 'error' }).getIn(path, true);
    if (!isNode(node) || node.range == null) throw new Error(`${file} has nothing at ${path.join('/')}`);
    const [start, end] = node.range;
    return [start, end];
  };
  const text = readFileSync(join(REPOSITORY, file), 'utf8');
  const [start] = find(text);
  if (text[start] === '[') return { file, find, is: `[${items.join(', ')}]` };
  const indent = ' '.repeat(start - text.lastIndexOf('\n', start) - 1);
  return { file, find, is: items.map((item) => `- ${item}\n`).join(indent) };
}
