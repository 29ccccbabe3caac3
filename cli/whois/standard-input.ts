import { fstatSync } from 'node:fs';
import { readBytes } from '../../lib/adapters/files/inflate.ts';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { UnreadableFileError } from '../../lib/adapters/files/unreadable-file.ts';
import { CommandError } from '../failures/command-error.ts';

/** The longest text that is read, in bytes. Longer texts are not recognized. */
const MOST = 4 * 1024 * 1024;

/** Returns whether standard input is a pipe, a file or a socket. A terminal or a closed input does not count. */
export function hasStandardInput(): boolean {
  if (process.stdin.isTTY) return false;
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    return false; // standard input is closed
  }
}

/** Returns standard input as text, up to the longest text that can be recognized. Decodes gzip and UTF-16. */
export async function standardInput(): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const { bytes } of readBytes(STANDARD_INPUT)) {
      pieces.push(Buffer.from(bytes));
      size += bytes.length;
      if (size > MOST) break;
    }
  } catch (error) {
    const why = error instanceof UnreadableFileError ? error.message : 'is cut or damaged gzip';
    throw new CommandError(`Standard input ${why}. Paste it as an argument, or pipe it in again.`, 1, { cause: error });
  }
  return Buffer.concat(pieces).toString('utf8');
}
