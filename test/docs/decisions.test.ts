import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';
import { documentOf, tableRows } from './document.ts';

const FOLDER = 'docs/decisions';
const INDEX = documentOf(`${FOLDER}/README.md`);
const FILES = readdirSync(join(REPOSITORY, FOLDER))
  .filter((name) => name !== 'README.md')
  .toSorted();
const NUMBERS = FILES.map((name) => name.slice(0, 4));

/** Reads a decision's first lines: `# 6. <title>`, a blank line, and `Date: <date>.`. */
function headOf(file: string) {
  const head = /^# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\.\n/.exec(documentOf(`${FOLDER}/${file}`));
  const [, number = '', title = '', date = ''] = head ?? [];
  return { number: number.padStart(4, '0'), title, date };
}

describe('the decisions', () => {
  it.each(FILES)('%s has its number and a date, and is listed with them', (file) => {
    const { number, title, date } = headOf(file);
    expect(number).toBe(file.slice(0, 4));
    expect(Number.isNaN(Date.parse(date))).toBe(false);
    const rows = tableRows(INDEX, 'number').filter(([cell]) => cell === `[${number}](${file})`);
    expect(rows).toEqual([[`[${number}](${file})`, title, date]]);
  });

  it('are listed in their order, and each that is listed exists', () => {
    expect(tableRows(INDEX, 'number').map(([cell]) => cell?.slice(1, 5))).toEqual(NUMBERS);
  });

  it('name exactly the numbers that do not exist', () => {
    const last = Math.max(...NUMBERS.map(Number));
    const all = Array.from({ length: last }, (_, index) => String(index + 1).padStart(4, '0'));
    const [missing = ''] = INDEX.match(/^.* do(?:es)? not exist:/m) ?? [];
    expect(missing.match(/\d{4}/g) ?? []).toEqual(all.filter((number) => !NUMBERS.includes(number)));
  });

  it('are cited only by numbers that exist', () => {
    const files = globSync(['*.md', 'docs/**/*.md', '{lib,cli,functions,infra,local,test}/**/*.ts'], {
      cwd: REPOSITORY,
    });
    const cited = files.flatMap((path) => {
      const text = readFileSync(join(REPOSITORY, path), 'utf8');
      return [...text.matchAll(/decisions\/(\d{4})|\[(\d{4})\]\(|\bsince (00\d\d)\b/g)].map(
        ([, one, two, three]) => `${path}: ${one ?? two ?? three}`,
      );
    });
    expect(cited.length).toBeGreaterThan(15);
    expect(cited.filter((citation) => !NUMBERS.includes(citation.slice(-4)))).toEqual([]);
  });
});
