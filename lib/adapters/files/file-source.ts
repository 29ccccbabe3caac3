import type { CountedGroup } from '../../envelopes/counted-group.ts';
import { textAt } from '../../json.ts';
import type { ReadProgress, RecordSink, RecordSource, RereadableSource } from '../../ports/input.ts';
import { withFileAccess } from '../parquet/random-access.ts';
import { isParquetFile, readBytes } from './inflate.ts';
import { type FoundFile, failureOf, findFiles } from './paths.ts';
import { readInput } from './read-input.ts';
import { RepeatedIds } from './repeated-ids.ts';

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

/** The texts by which files are chosen that must be read ahead. */
export interface SearchedTexts {
  readonly wanted: readonly string[];
  /** A text that every file has whose events are compressed within it, so that they cannot be searched. */
  readonly packed: string;
}

/**
 * Returns what can be read ahead. `tokens` reads the files that contain one of the texts. After that, `repeating`
 * returns all files if an audit ID may come more than once at one stage, and otherwise `none`. Its result is undefined
 * if some input can be read only once, such as standard input. One pass over the text answers both questions.
 */
export function filesAhead(
  texts: SearchedTexts,
  paths: readonly string[],
  counted: readonly CountedGroup[] = [],
): RereadableSource {
  const ids = new RepeatedIds();
  let isComplete = true;
  return {
    tokens: {
      async read(sink, pause) {
        for await (const found of findFiles(paths)) {
          const isOnce = !('failure' in found) && found.bytes === undefined;
          isComplete &&= !isOnce;
          const reader = 'failure' in found || isOnce ? undefined : await readerOf(found, texts, sink, ids);
          if ('failure' in found || reader === undefined) continue;
          await readFile(found, counted, reader, (read) => pause({ file: found.file, read }));
        }
      },
    },
    repeating() {
      if (!isComplete) return undefined;
      return ids.mayRepeat ? fileSource(paths, counted) : 'none';
    },
  };
}

/**
 * Returns the reader for the file. Undefined if the file contains none of the texts. Parquet's pages are compressed, so
 * its texts cannot be searched.
 */
async function readerOf(
  found: FoundFile,
  { wanted, packed }: SearchedTexts,
  sink: RecordSink,
  ids: RepeatedIds,
): Promise<RecordSink | undefined> {
  if (isParquetFile(found)) return countingIds(sink, ids);
  const held = await textsIn(found.file, [packed, ...wanted], ids);
  if (held.length === 0) return undefined;
  return held.includes(packed) ? countingIds(sink, ids) : sink;
}

function countingIds(sink: RecordSink, ids: RepeatedIds): RecordSink {
  return {
    audit(event, cluster, from) {
      const auditId = textAt(event, 'auditID');
      if (auditId !== undefined) ids.add(auditId, textAt(event, 'stage'));
      sink.audit(event, cluster, from);
    },
    trail: (record, from) => sink.trail(record, from),
    ignored: (what, name) => sink.ignored(what, name),
    reject: (rejected) => sink.reject(rejected),
  };
}

/** Returns the total size on disk, in bytes. Undefined if it is not known, for example for standard input. */
async function totalBytes(paths: readonly string[]): Promise<number | undefined> {
  let total = 0;
  for await (const found of findFiles(paths)) {
    if ('failure' in found) continue;
    if (found.bytes === undefined) return undefined;
    total += found.bytes;
  }
  return total;
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
 * Returns which of the texts are in the file, decompressed and as UTF-8. Adds the audit IDs in it to `ids`. If the file
 * cannot be read to its end, returns what was found so far. Reading the file later reports why.
 */
async function textsIn(file: string, texts: readonly string[], ids: RepeatedIds): Promise<readonly string[]> {
  const search = new TextSearch(texts);
  const addIds = ids.ofText();
  try {
    for await (const { bytes } of readBytes(file)) {
      search.add(bytes);
      addIds(bytes);
    }
  } catch {
    // Reading the file later reports the same error.
  }
  addIds(Buffer.alloc(0));
  return search.found;
}

/** Searches for texts in a text that arrives in pieces. */
class TextSearch {
  readonly found: string[] = [];
  readonly #overlap: number;
  #wanted: readonly Buffer[];
  #end: Buffer = Buffer.alloc(0);

  constructor(texts: readonly string[]) {
    this.#wanted = texts.map((text) => Buffer.from(text));
    this.#overlap = Math.max(...this.#wanted.map(({ length }) => length)) - 1;
  }

  add(piece: Buffer): void {
    const seam = Buffer.concat([this.#end, piece.subarray(0, this.#overlap)]);
    this.#wanted = this.#wanted.filter((text) => {
      const isHere = piece.includes(text) || seam.includes(text);
      if (isHere) this.found.push(text.toString());
      return !isHere;
    });
    const end = piece.length >= this.#overlap ? piece : Buffer.concat([this.#end, piece]);
    this.#end = Buffer.from(end.subarray(-this.#overlap));
  }
}
