import { createReadStream } from 'node:fs';
import { digestOfAll } from '../../../lib/adapters/digest.ts';
import { GzipError } from '../../../lib/adapters/files/gunzip.ts';
import { readBytes } from '../../../lib/adapters/files/inflate.ts';
import { rawPieces } from '../../../lib/adapters/files/raw-pieces.ts';
import { isS3Path } from '../../../lib/adapters/s3/s3-address.ts';
import { recordHead } from '../../../lib/attribution/record.ts';
import { parseAuditEvent } from '../../../lib/audit/event.ts';
import { isJsonObject, type JsonObject, parseJson, textAt } from '../../../lib/json.ts';
import type { Origin, RecordSource } from '../../../lib/ports/input.ts';
import { identityInFile, MOST_PIECES } from './gathered.ts';

export type PieceKind = 'audit-event' | 'cloudtrail-record' | 'record';

/** One raw record: its text, and whether that is the very text of the input. */
export interface Piece {
  readonly kind: PieceKind;
  /** The audit id, or CloudTrail's event id. */
  readonly id: string;
  readonly text: string;
  /** Otherwise it was written anew from what was read: of Parquet, CSV, payloads that are packed, and very long files. */
  readonly isAsItStood: boolean;
  readonly from: { readonly source: string; readonly place?: string };
}

/** A file or an object of the input, from which pieces are. */
export interface InputFile {
  readonly file: string;
  readonly bytes?: number;
  /** Of the file as it lies there, compressed where it is. Absent of what lies in S3. */
  readonly sha256?: string;
}

interface FoundValue {
  readonly kind: PieceKind;
  readonly id: string;
  readonly value: JsonObject;
  readonly file: string;
  readonly place: string;
}

/** All stages of the requests that are meant, in the order of the input. */
export async function auditEventsIn(
  source: RecordSource,
  isMeant: (identity: string) => boolean,
): Promise<FoundValue[]> {
  const found: FoundValue[] = [];
  const audit = (value: JsonObject, _cluster: string | undefined, { file, place }: Origin) => {
    const event = parseAuditEvent(value);
    if (typeof event === 'string' || !isMeant(identityInFile(recordHead(event, undefined)))) return;
    if (found.length < 4 * MOST_PIECES)
      found.push({ kind: 'audit-event', id: event.auditId, value, file, place: place() });
  };
  await source.read({ audit, trail: nothing, ignored: nothing, reject: nothing }, nothing);
  return found;
}

/** Each copy of the records of these ids. */
export async function trailRecordsIn(source: RecordSource, ids: ReadonlySet<string>): Promise<FoundValue[]> {
  const found: FoundValue[] = [];
  const trail = (value: JsonObject, { file, place }: Origin) => {
    const id = textAt(value, 'eventID') ?? '';
    if (!ids.has(id) || found.length >= 4 * MOST_PIECES) return;
    found.push({ kind: 'cloudtrail-record', id, value, file, place: place() });
  };
  await source.read({ audit: nothing, trail, ignored: nothing, reject: nothing }, nothing);
  return found;
}

const nothing = () => undefined;

/** The texts of the values as they stand in their files; each file is read once for all of its own. */
export async function piecesOf(found: readonly FoundValue[]): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const [file, values] of Map.groupBy(found, (each) => each.file)) {
    const written = values.map((each) => ({ ...each, anew: JSON.stringify(each.value) }));
    const texts = await textsOf(file, new Set(values.map(({ id }) => id)), new Set(written.map(({ anew }) => anew)));
    for (const { kind, id, anew, place } of written) {
      const asItStood = texts.get(anew);
      pieces.push({
        kind,
        id,
        text: asItStood ?? anew,
        isAsItStood: asItStood !== undefined,
        from: { source: file, place },
      });
    }
  }
  return pieces;
}

/** A file that is longer, inflated, is not held, in bytes. */
const LONGEST_FILE = 64 * 1024 * 1024;

/** The objects of the file that bear these ids and are wanted, by what JSON makes of them. */
async function textsOf(
  file: string,
  ids: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const text = isS3Path(file) ? undefined : await contentOf(file);
  if (text === undefined) return texts;
  for (const piece of rawPieces(text, ids)) {
    const parsed = parseJson(piece);
    if (!parsed.ok || !isJsonObject(parsed.value)) continue;
    const anew = JSON.stringify(parsed.value);
    if (wanted.has(anew)) texts.set(anew, piece);
  }
  return texts;
}

async function contentOf(file: string): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const { bytes } of readBytes(file)) {
      size += bytes.length;
      if (size > LONGEST_FILE) return undefined;
      pieces.push(Buffer.from(bytes));
    }
  } catch (error) {
    if (!(error instanceof GzipError)) throw error; // what came before the cut was read for the report too
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Each file from which a piece is, with what it was. */
export async function inputFiles(pieces: readonly Piece[]): Promise<readonly InputFile[]> {
  const files = [...new Set(pieces.map(({ from }) => from.source))].sort();
  return Promise.all(files.map(inputFile));
}

async function inputFile(file: string): Promise<InputFile> {
  if (isS3Path(file)) return { file };
  return { file, ...(await digestOfAll(createReadStream(file))) };
}
