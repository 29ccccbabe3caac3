import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';
import { type Counts, countsOf } from './counted.ts';

/**
 * The real records of ../shared/data, read by the real command. `UPDATE=1 npx vitest run test/shared-data` writes the
 * summary again. It has only counts, because the records are data of other projects.
 */
const DATA = join(REPOSITORY, '../shared/data');
const SUMMARY = join(import.meta.dirname, 'summary.json');

interface Summary {
  /** Each file by itself, as `--audit` and as `--cloudtrail`. */
  readonly files: Readonly<Record<string, { readonly audit: Counts; readonly cloudtrail: Counts }>>;
  /** All files at once, as both. */
  readonly all: Counts;
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder).sort();
  return names.flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return /\.jsonl?$/.test(name) ? [path] : [];
  });
}

async function summarised(): Promise<Summary> {
  const paths = filesBelow(DATA);
  const files = await Promise.all(
    paths.map(async (path) => {
      const [audit, cloudtrail] = await Promise.all([countsOf([path], []), countsOf([], [path])]);
      return [path.slice(DATA.length + 1), { audit, cloudtrail }] as const;
    }),
  );
  return { files: Object.fromEntries(files), all: await countsOf(paths, paths) };
}

const isThere = existsSync(DATA);
if (!isThere) console.warn(`The tests on real records are skipped: ${DATA} does not exist.`);

describe.skipIf(!isThere)('the real records of ../shared/data', () => {
  it('give the counts of the committed summary', async () => {
    const found = await summarised();
    if (process.env.UPDATE === '1') writeFileSync(SUMMARY, `${JSON.stringify(found, null, 2)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(SUMMARY, 'utf8')));
  });
});
