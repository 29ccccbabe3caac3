import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './paths.ts';

/**
 * Creates the folder and its parents unless they exist. `mkdir` with `recursive` never returns if an existing parent
 * accepts no folder, as below `/proc` (seen with Node.js 24.21.0).
 * @throws the system's error.
 */
export async function makeFolders(folder: string, mode = 0o777): Promise<void> {
  try {
    await createIfMissing(folder, mode);
  } catch (error) {
    const above = dirname(folder);
    if (above === folder || codeOf(error) !== 'ENOENT') throw error;
    await makeFolders(above, mode);
    await createIfMissing(folder, mode);
  }
}

async function createIfMissing(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}
