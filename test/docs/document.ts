import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../builders/command.ts';

export function documentOf(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

/** The rows of every table whose first column has this title, cell by cell; titles lose their backquotes. */
export function tableRows(document: string, title: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let before = '';
  let isWanted = false;
  for (const line of document.split('\n')) {
    if (!line.startsWith('|')) isWanted = false;
    else if (!before.startsWith('|')) isWanted = cellsOf(line)[0]?.replaceAll('`', '') === title;
    else if (isWanted && !/^\|[-\s|]+$/.test(line)) rows.push(cellsOf(line));
    before = line;
  }
  return rows;
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

export function codeBlocks(document: string, language: string): readonly string[] {
  return [...document.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code]) => code ?? '',
  );
}

/** A heading of this depth, and what stands below it up to the next of the same or a higher one. */
export interface Section {
  readonly title: string;
  readonly text: string;
}

export function sectionsOf(document: string, depth: 2 | 3): readonly Section[] {
  const mark = '#'.repeat(depth);
  const outside = document.replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/^#/gm, '\u0000'));
  return outside
    .split(new RegExp(`^(?=#{1,${depth}} )`, 'm'))
    .filter((part) => part.startsWith(`${mark} `))
    .map((part) => {
      const [first = '', ...rest] = part.replaceAll('\u0000', '#').split('\n');
      return { title: first.slice(depth + 1).trim(), text: rest.join('\n') };
    });
}
