import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = import.meta.dirname;
const CACHE = join(HERE, '..', '..', 'node_modules', '.cache', 'eks-whois-bench');
const FILES = ['package.json', 'package-lock.json', 'join.mjs'];

/**
 * Returns the folder in which DuckDB is installed. It comes from npm's configured registry, once for each version of
 * these files.
 * @throws Error if npm cannot install it, with npm's output.
 */
export function installedDuckDb(): string {
  const texts = FILES.map((name) => readFileSync(join(HERE, name), 'utf8')).join('');
  const folder = join(CACHE, `duckdb-${createHash('sha256').update(texts).digest('hex').slice(0, 12)}`);
  if (existsSync(join(folder, 'node_modules', '@duckdb'))) return folder;
  mkdirSync(folder, { recursive: true });
  for (const name of FILES) copyFileSync(join(HERE, name), join(folder, name));
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm could not install DuckDB: ${stderr}`);
  return folder;
}
