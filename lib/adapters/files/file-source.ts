import type { CountedGroup } from '../../envelopes/counted-group.ts';
import type { ReadProgress, RecordSink, RecordSource } from '../../ports/input.ts';
import { withFileAccess } from '../parquet/random-access.ts';
import { isParquetFile, readBytes } from './inflate.ts';
import { type FoundFile, failureOf, findFiles } from './paths.ts';
import { readInput } from './read-input.ts';

/**
 * Returns the audit events and CloudTrail records in files and folders, in any supported envelope.
 * @param counted log groups to accept in envelopes, beside those that AWS names.
 */
export function fileSource(paths: readonly string[], counted: readonly CountedGroup[] = []): RecordSource {
  return {
    async read(sink, pause) {
      const total = await totalBytes(paths);
      let before = 0;
      for await (const found of findFiles(paths)) {
        if ('failure' in found) {
          sink.reject({ file: found.file, place: 'file', reason: 'unreadable-file', sample: found.failure });
          continue;
        }
        const read = before;
        const progressAt = (bytes: number): ReadProgress => ({
          file: found.file,
          read: read + bytes,
          ...(total !== undefined && { total }),
        });
        await readFile(found, counted, sink, (bytes) => pause(progressAt(bytes)));
        before += found.bytes ?? 0;
      }
    },
  };
}

/**
 * Returns a source like `fileSource` with only those files that contain one of the texts. Use it to search before all
 * files are read. It skips what can be read only once, such as standard input.
 */
export function filesHolding(
  texts: readonly string[],
  paths: readonly string[],
  counted: readonly CountedGroup[] = [],
): RecordSource {
  return {
    async read(sink, pause) {
      for await (const found of findFiles(paths)) {
        if ('failure' in found || found.bytes === undefined || !(await mayHold(found, texts))) continue;
        await readFile(found, counted, sink, (read) => pause({ file: found.file, read }));
      }
    },
  };
}

/** Returns the total size on disk; undefined if it is unknown, as for standard input. */
async function totalBytes(paths: readonly string[]): Promise<number | undefined> {
  let total = 0;
  for await (const found of findFiles(paths)) {
    if ('failure' in found) continue;
    if (found.bytes === undefined) return undefined;
    total += found.bytes;
  }
  return total;
}

/** Returns whether the file may contain one of the texts. Parquet's pages are compressed, so Parquet always may. */
async function mayHold(found: FoundFile, texts: readonly string[]): Promise<boolean> {
  return isParquetFile(found) || holdsText(found.file, texts);
}

async function readFile(
  found: FoundFile,
  counted: readonly CountedGroup[],
  sink: RecordSink,
  pause: (read: number) => Promise<void> | undefined,
): Promise<void> {
  const { file } = found;
  if (!isParquetFile(found)) return readInput({ file, counted, bytes: readBytes(file) }, sink, pause);
  try {
    const { readParquet } = await import('./read-parquet.ts'); // It is large, and few inputs need it.
    await withFileAccess(file, (access) => readParquet({ file, access }, sink, pause));
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    sink.reject({ file, place: 'file', reason: 'unreadable-file', sample: failureOf(error) });
  }
}

/**
 * Returns whether the file, decompressed and as UTF-8, contains one of the texts. Returns false if it cannot be read:
 * reading it later reports why.
 */
async function holdsText(file: string, texts: readonly string[]): Promise<boolean> {
  const wanted = texts.map((text) => Buffer.from(text));
  const overlap = Math.max(...wanted.map((text) => text.length)) - 1;
  let end = Buffer.alloc(0);
  try {
    for await (const { bytes } of readBytes(file)) {
      const seam = Buffer.concat([end, bytes.subarray(0, overlap)]);
      if (wanted.some((text) => bytes.includes(text) || seam.includes(text))) return true;
      end = Buffer.from(
        bytes.length >= overlap ? bytes.subarray(-overlap) : Buffer.concat([end, bytes]).subarray(-overlap),
      );
    }
  } catch {
    return false; // Reading the file later reports the same error.
  }
  return false;
}
