import type { CountedGroup } from '../../envelopes/counted-group.ts';
import { isOtherStreamText } from '../../envelopes/log-group.ts';
import { sampleOfText, sampleOfValue } from '../../envelopes/reject.ts';
import { type Unwrapping, unwrap, unwrapElement, unwrapInsightsRow } from '../../envelopes/unwrap.ts';
import { parseJson } from '../../json.ts';
import type { ReadProgress, RecordSink, RecordSource } from '../../ports/input.ts';
import { ExportLines } from './export-lines.ts';
import { Framing } from './framing.ts';
import type { FramingSink } from './framing-sink.ts';
import { GzipError } from './gunzip.ts';
import { holdsText } from './holds-text.ts';
import { inflatePayload, readBytes, UnreadableFileError } from './inflate.ts';
import { findFiles } from './paths.ts';

/** After so much inflated output without a single record the file is given up: a gzip bomb. */
const MOST_WITHOUT_RECORDS = 256 * 1024 * 1024;
/** Logs compress to a fiftieth at best; a thousandth is the most that gzip can do. */
const BOMB_RATIO = 100;

/**
 * Audit events and CloudTrail records from files and folders, in whatever envelope they come.
 * @param counted log groups that count beside AWS's own, where an envelope names one.
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
        const tell = (bytes: number): ReadProgress => ({
          file: found.file,
          read: read + bytes,
          ...(total !== undefined && { total }),
        });
        await readFile({ file: found.file, counted }, sink, (bytes) => pause(tell(bytes)));
        before += found.bytes ?? 0;
      }
    },
  };
}

/**
 * The same for files that hold one of these texts: which to look through before all of them are read. What can be read
 * once only, as standard input, is left out.
 */
export function filesHolding(
  texts: readonly string[],
  paths: readonly string[],
  counted: readonly CountedGroup[] = [],
): RecordSource {
  return {
    async read(sink, pause) {
      for await (const found of findFiles(paths)) {
        if ('failure' in found || found.bytes === undefined || !(await holdsText(found.file, texts))) continue;
        await readFile({ file: found.file, counted }, sink, (read) => pause({ file: found.file, read }));
      }
    },
  };
}

/** How much there is to read, as it is on disk; undefined where nobody knows, as for standard input. */
export async function totalBytes(paths: readonly string[]): Promise<number | undefined> {
  let total = 0;
  for await (const found of findFiles(paths)) {
    if ('failure' in found) continue;
    if (found.bytes === undefined) return undefined;
    total += found.bytes;
  }
  return total;
}

interface FileRead {
  readonly file: string;
  readonly counted: readonly CountedGroup[];
}

async function readFile(
  { file, counted }: FileRead,
  sink: RecordSink,
  pause: (read: number) => Promise<void> | undefined,
) {
  const watch = { inflated: 0, read: 0, withoutRecords: 0 };
  const framing = new Framing(
    framingSink({ file, counted }, sink, () => {
      watch.withoutRecords = 0;
    }),
  );
  const giveUp = (reason: 'cut-file' | 'inflates-too-far' | 'unreadable-file', sample: string) =>
    sink.reject({ file, place: `after ${watch.inflated} bytes`, reason, sample });
  try {
    for await (const { bytes, read } of readBytes(file)) {
      watch.inflated += bytes.length;
      watch.withoutRecords += bytes.length;
      watch.read = read;
      framing.push(bytes);
      if (watch.withoutRecords > MOST_WITHOUT_RECORDS && watch.inflated > BOMB_RATIO * read) {
        giveUp('inflates-too-far', 'The file inflates to hundreds of times its size without holding records.');
        return;
      }
      await pause(read);
    }
    framing.end();
  } catch (error) {
    if (!(error instanceof GzipError || error instanceof UnreadableFileError)) throw error;
    framing.end();
    giveUp(error instanceof GzipError ? 'cut-file' : 'unreadable-file', error.message);
  }
}

/** In place of a sample that may be a piece of a body. */
const HIDDEN = '…';

function framingSink({ file, counted }: FileRead, sink: RecordSink, sawRecord: () => void): FramingSink {
  let isPart = false;
  const shown = (sample: string) => (isPart ? HIDDEN : sample);
  const to: Unwrapping = {
    audit: (event, cluster, place) => {
      sawRecord();
      sink.audit(event, cluster, { file, place });
    },
    trail: (record, place) => {
      sawRecord();
      sink.trail(record, { file, place });
    },
    ignored: (what) => sink.ignored(what),
    reject: (reason, place, sample) =>
      sink.reject({ file, place: place(), reason, sample: shown(sampleOfValue(sample)) }),
    inflate: inflatePayload,
    countedGroups: counted,
  };
  const pieces: FramingSink = {
    value: (value, place) => unwrap(value, place, to),
    element: (value, array, place) => unwrapElement(value, array, place, to),
    row: (row, place) => unwrapInsightsRow(row, place, to),
    text: (line, place) => unwrapText(line, place, to),
    reject: (reason, place, sample) =>
      sink.reject({ file, place: place(), reason, sample: shown(sampleOfText(sample)) }),
    mayBePart: (may) => {
      isPart = may;
    },
  };
  return new ExportLines(pieces, to);
}

function unwrapText(line: string, place: () => string, to: Unwrapping): void {
  if (isOtherStreamText(line) && !line.includes('\t{')) return to.ignored('other-log-stream');
  const parsed = line.startsWith('"') ? parseJson(line) : undefined;
  if (parsed?.ok) return unwrap(parsed.value, place, to);
  to.reject('not-json', place, line);
}
