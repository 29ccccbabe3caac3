import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sha256Hex } from '../../../lib/adapters/digest.ts';
import { makeFolders } from '../../../lib/adapters/files/folders.ts';
import { codeOf, failureOf } from '../../../lib/adapters/files/paths.ts';
import { CommandError, wrongUsage } from '../../failures/command-error.ts';
import { untilInterrupted } from '../../terminal/interruption.ts';

/** One file of the evidence. Its path is relative to the folder, with `/`. */
export interface EvidenceFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Checks the folder before any work is done.
 * @throws CommandError if it is a file, or is not empty.
 */
export async function checkEvidenceFolder(folder: string): Promise<void> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw new CommandError(`--evidence ${folder} ${failureOf(error, 'written')}. Give a new or empty folder.`, 1, {
      cause: error,
    });
  }
  if (names.length > 0)
    throw wrongUsage(`--evidence ${folder} is not empty. Give a new or empty folder, so that files are not mixed.`);
}

const SUMS = 'SHA256SUMS';

/**
 * Writes the files and `SHA256SUMS` (in the format of `sha256sum`) to a temporary folder. Renames the folder when all
 * files are there, so the evidence is complete or absent. Only the owner can read the files, since they show what
 * people did.
 */
export async function writeEvidence(folder: string, files: readonly EvidenceFile[]): Promise<void> {
  const target = resolve(folder);
  const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
  try {
    await untilInterrupted(async (signal) => {
      for (const each of [...files, sumsOf(files)]) {
        signal.throwIfAborted();
        await writeOne(temporary, each);
      }
      await rename(temporary, target); // also replaces an empty folder (POSIX rename)
    }, 'Interrupted; no evidence was written.');
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof CommandError) throw error;
    throw new CommandError(`--evidence ${folder} ${failureOf(error, 'written')}. Nothing was written there.`, 1, {
      cause: error,
    });
  }
}

async function writeOne(folder: string, { path, text }: EvidenceFile): Promise<void> {
  const file = join(folder, path);
  await makeFolders(dirname(file), 0o700);
  await writeFile(file, text, { flag: 'wx', mode: 0o600, flush: true });
}

function sumsOf(files: readonly EvidenceFile[]): EvidenceFile {
  const lines = files.map(({ path, text }) => `${sha256Hex(text)}  ${path}\n`);
  return { path: SUMS, text: lines.join('') };
}
