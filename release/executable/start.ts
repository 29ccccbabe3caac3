import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { getAsset, getRawAsset } from 'node:sea';
import type { Contents } from './contents.ts';

/**
 * Start of a single executable. It unpacks the package's files once into the user's cache, and runs them as
 * `bin/eks-whois` does. Files are needed for a thread and for modules that are loaded on demand.
 */
const { digest, names } = JSON.parse(getAsset('contents', 'utf8')) as Contents;

function laidOut(): string {
  const cache = cacheFolder();
  const folder = cache === undefined ? temporaryFolder() : join(cache, digest);
  if (existsSync(join(folder, 'package.json'))) return folder;
  const made = cache === undefined ? folder : mkdtempSync(join(cache, 'new-'));
  for (const name of names) {
    const file = join(made, name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, Buffer.from(getRawAsset(name)));
  }
  return made === folder ? folder : moved(made, folder);
}

/** Moves the unpacked files to their place, unless another run was faster. */
function moved(made: string, folder: string): string {
  try {
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(join(folder, 'package.json'))) throw error;
  }
  return folder;
}

/** Returns a cache folder that only the user can write; undefined if there is none. */
function cacheFolder(): string | undefined {
  try {
    const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'eks-whois');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0 ? folder : undefined;
  } catch {
    return undefined; // There is no home folder, or it is not writable.
  }
}

/** Returns a folder for this run only. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'eks-whois-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const entry = join(laidOut(), 'dist', 'entry.mjs');
const { main } = createRequire(entry)(entry) as { main(argv: readonly string[]): Promise<void> };
void main([process.execPath, entry, ...process.argv.slice(2)]);
