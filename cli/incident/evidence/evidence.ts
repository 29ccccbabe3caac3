import { createReadStream } from 'node:fs';
import { digestOfAll, sha256Hex } from '../../../lib/adapters/digest.ts';
import { readBytes } from '../../../lib/adapters/files/inflate.ts';
import { PackedDataError } from '../../../lib/adapters/files/inflater.ts';
import { rawPieces } from '../../../lib/adapters/files/raw-pieces.ts';
import { pathSource } from '../../../lib/adapters/s3/path-source.ts';
import { isS3Path } from '../../../lib/adapters/s3/s3-address.ts';
import { evidenceIds } from '../../../lib/attribution/attribution.ts';
import { type AuditRecord, type RecordHead, recordHead } from '../../../lib/attribution/record.ts';
import { parseAuditEvent } from '../../../lib/audit/event.ts';
import { isJsonObject, type JsonObject, parseJson, textAt } from '../../../lib/json.ts';
import type { Origin, RecordSource } from '../../../lib/ports/input.ts';
import { type EpochMillis, formatInstant, HOUR, MINUTE, parseInstant } from '../../../lib/time.ts';
import { requestIdentity } from '../../../lib/usecases/activity/requests.ts';
import type { IncidentReport } from '../../../lib/usecases/incident/report.ts';
import { plainJson } from '../../../lib/words/escape.ts';
import { countedGroupsOf } from '../../options/log-groups.ts';
import { lookupCommand } from '../../options/lookup-command.ts';
import { placeWords } from '../../options/place-words.ts';
import { s3Reading } from '../../options/s3-options.ts';
import { withValues } from '../../options/with-values.ts';
import { productVersion } from '../../own-files.ts';
import type { InformedPlace } from '../../whois/anything.ts';
import { s3OptionsOf } from '../../whois/files.ts';
import type { IncidentOptions } from '../options.ts';
import { writtenReport } from '../written.ts';
import { type EvidenceFile, writeEvidence } from './folder.ts';

/** A report, and the sources that it was made from. */
export interface EvidenceSource {
  /** The text as it was pasted. */
  readonly text: string;
  readonly report: IncidentReport;
  readonly collected: RequestCollector;
  readonly place: InformedPlace;
  readonly options: IncidentOptions;
  readonly now: EpochMillis;
}

/** Writes the raw records behind the report, the report, and a manifest of all files. */
export async function writeEvidenceOf(folder: string, evident: EvidenceSource): Promise<void> {
  const { report, options } = evident;
  const pieces = await allPieces(evident);
  const inputs = options.cloudtrail === undefined ? [] : await inputFiles(pieces);
  const named = pieces.map((piece, at) => ({ piece, path: pathOf(piece, at + 1) }));
  const manifest = { ...manifestOf(evident), inputs, files: named.map(describedPiece) };
  const files: readonly EvidenceFile[] = [
    ...named.map(({ piece, path }) => ({ path, text: piece.text })),
    { path: 'report.md', text: writtenReport(report, 'markdown') },
    { path: 'report.json', text: writtenReport(report, 'json') },
    { path: 'manifest.json', text: `${plainJson(manifest, 2)}\n` },
  ];
  await writeEvidence(folder, files);
}

function manifestOf(evident: EvidenceSource) {
  const { report, collected, now } = evident;
  return {
    schemaVersion: 1,
    madeBy: `eks-whois ${productVersion()}`,
    command: commandOf(evident),
    /**
     * The digest of the pasted text. The command has `-` in its place if the text was on standard input, or is longer
     * than a word.
     */
    pastedSha256: sha256Hex(evident.text),
    madeAt: formatInstant(now),
    window: report.window,
    /** The number of the report's requests that are not among the files, because there are too many. */
    requestsLeftOut: collected.left,
  };
}

function describedPiece({ piece, path }: { readonly piece: Piece; readonly path: string }) {
  const { kind, id, isExact, from } = piece;
  return { path, kind, id, ...from, text: isExact ? 'as it stood there' : 'written again from what was read' };
}

/** Returns the command that makes the report again. It has the absolute time for a relative `--at`. */
function commandOf({ text, options }: EvidenceSource): string {
  const { at, lookback, window, digestPublicKey, evidence } = options;
  const words = [
    ...withValues('--window', [`${window / MINUTE}m`]),
    ...withValues('--at', at === undefined ? [] : [formatInstant(at)]),
    ...withValues('--lookback', lookback === undefined ? [] : [String(lookback / HOUR)]),
    ...placeWords(options),
    ...withValues('--digest-public-key', digestPublicKey === undefined ? [] : [digestPublicKey]),
    ...withValues('--evidence', evidence === undefined ? [] : [evidence]),
  ];
  // A pasted event may have bodies with secrets, so it is not written to the evidence.
  const isShown = /^[\w@+=:,./-]{1,512}$/.test(text);
  return isShown ? lookupCommand('eks-whois incident', text, words) : ['eks-whois incident -', ...words].join(' ');
}

const FOLDERS = { 'audit-event': 'audit', 'cloudtrail-record': 'cloudtrail', record: 'records' } as const;

/** Returns the path of a piece. The client chose the ID, so every character with a meaning in paths is replaced. */
function pathOf({ kind, id }: Piece, number: number): string {
  const name = id.replace(/[^\w-]/g, '_').slice(0, 64);
  return `${FOLDERS[kind]}/${String(number).padStart(4, '0')}-${name}.json`;
}

function allPieces(evident: EvidenceSource): Promise<readonly Piece[]> {
  const { place } = evident;
  if (place.files !== undefined) return piecesOfFiles(evident);
  return place.service === undefined ? piecesOfHistory(evident) : Promise.resolve(piecesOfService(evident));
}

async function piecesOfFiles({ report, collected, options, now }: EvidenceSource): Promise<readonly Piece[]> {
  const counted = countedGroupsOf(options.logGroup);
  const s3 = s3OptionsOf(options);
  const [from, to] = [report.window?.from, report.window?.to].map((time) => time && parseInstant(time));
  const range = { from: from || undefined, to: to || undefined };
  const audit = pathSource(options.audit ?? [], counted, s3Reading(s3, 'audit', range, now));
  const trail = pathSource(options.cloudtrail ?? [], counted, s3Reading(s3, 'cloudtrail', range, now));
  const events = await auditEventsIn(audit, (identity) => collected.has(identity));
  const records = await trailRecordsIn(trail, eventIdsOf(report));
  return piecesOf([...events, ...records]);
}

/** Returns the event IDs of all sessions of the report. */
function eventIdsOf({ sections }: IncidentReport): ReadonlySet<string> {
  const ids = sections.flatMap((each) => [...evidenceIds(each), ...each.sessions.flatMap(({ eventIds }) => eventIds)]);
  return new Set(ids.slice(0, MOST_PIECES));
}

/** Returns the records as the service stores them. The service has no bodies of events. */
function piecesOfService({ collected, options: { api, table = '' } }: EvidenceSource): readonly Piece[] {
  const source = api ?? `the tables ${table}`;
  return collected.records.map((record) => ({
    kind: 'record',
    id: record.auditId,
    text: `${plainJson(record)}\n`,
    isExact: false,
    from: { source },
  }));
}

/** The maximum number of records that are looked up. Each one takes a request in every Region. */
const MOST_LOOKED_UP = 20;

async function piecesOfHistory({ report, place }: EvidenceSource): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const id of [...eventIdsOf(report)].slice(0, MOST_LOOKED_UP)) {
    const record: JsonObject | undefined = await place.informant.trailRecord(id);
    if (record === undefined) continue;
    const from = { source: 'CloudTrail LookupEvents' };
    pieces.push({ kind: 'cloudtrail-record', id, text: JSON.stringify(record), isExact: false, from });
  }
  return pieces;
}

type PieceKind = 'audit-event' | 'cloudtrail-record' | 'record';

/** One raw record: its text, and whether that is the exact text of the input. */
interface Piece {
  readonly kind: PieceKind;
  /** The audit ID, or CloudTrail's event ID. */
  readonly id: string;
  readonly text: string;
  /**
   * Whether the text is exactly that of the input. Otherwise it was written again from the parsed record: from Parquet,
   * CSV, packed payloads and very long files.
   */
  readonly isExact: boolean;
  readonly from: { readonly source: string; readonly place?: string };
}

/** A file or object of the input that contains pieces. */
interface InputFile {
  readonly file: string;
  readonly bytes?: number;
  /** The digest of the file as stored, so of the compressed bytes if it is compressed. Absent for files in S3. */
  readonly sha256?: string;
}

interface FoundValue {
  readonly kind: PieceKind;
  readonly id: string;
  readonly value: JsonObject;
  readonly file: string;
  readonly place: string;
}

/** Returns all stages of the wanted requests, in the order of the input. */
async function auditEventsIn(source: RecordSource, isWanted: (identity: string) => boolean): Promise<FoundValue[]> {
  const found: FoundValue[] = [];
  const audit = (value: JsonObject, _site: object, { file, place }: Origin) => {
    const event = parseAuditEvent(value);
    if (typeof event === 'string' || !isWanted(identityInFile(recordHead(event, {})))) return;
    if (found.length < 4 * MOST_PIECES)
      found.push({ kind: 'audit-event', id: event.auditId, value, file, place: place() });
  };
  await source.read({ audit, trail: nothing, ignored: nothing, reject: nothing }, nothing);
  return found;
}

/** Returns every copy of the records with these IDs. */
async function trailRecordsIn(source: RecordSource, ids: ReadonlySet<string>): Promise<FoundValue[]> {
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

/** Returns the texts of the values as they stand in their files. Each file is read once. */
async function piecesOf(found: readonly FoundValue[]): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const [file, values] of Map.groupBy(found, (each) => each.file)) {
    const written = values.map((each) => ({ ...each, rewritten: JSON.stringify(each.value) }));
    const texts = await textsOf(
      file,
      new Set(values.map(({ id }) => id)),
      new Set(written.map(({ rewritten }) => rewritten)),
    );
    for (const { kind, id, rewritten, place } of written) {
      const exact = texts.get(rewritten);
      pieces.push({
        kind,
        id,
        text: exact ?? rewritten,
        isExact: exact !== undefined,
        from: { source: file, place },
      });
    }
  }
  return pieces;
}

/**
 * The maximum number of bytes of a file, uncompressed, that are held in memory. In a longer file, no exact texts are
 * searched.
 */
const LONGEST_FILE = 64 * 1024 * 1024;

/** Returns the exact texts of the wanted objects with these IDs, by their text as JSON.stringify writes it. */
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
    const rewritten = JSON.stringify(parsed.value);
    if (wanted.has(rewritten)) texts.set(rewritten, piece);
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
    if (!(error instanceof PackedDataError)) throw error; // the file ends early; the report also used what came before
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Returns each file that contains a piece, with its digest. */
async function inputFiles(pieces: readonly Piece[]): Promise<readonly InputFile[]> {
  const files = [...new Set(pieces.map(({ from }) => from.source))].sort();
  return Promise.all(files.map(inputFile));
}

async function inputFile(file: string): Promise<InputFile> {
  if (isS3Path(file)) return { file };
  return { file, ...(await digestOfAll(createReadStream(file))) };
}

/** The maximum number of requests, and the maximum number of CloudTrail records, that are written. */
const MOST_PIECES = 1_000;

/** Collects the requests for the evidence: those of the report's people, and the pasted ones. */
export class RequestCollector {
  readonly #records = new Map<string, AuditRecord>();
  /** The number of requests that were not kept. */
  left = 0;

  keep(record: AuditRecord): void {
    const identity = identityInFile(record);
    if (this.#records.has(identity)) return;
    if (this.#records.size < MOST_PIECES) this.#records.set(identity, record);
    else this.left += 1;
  }

  has(identity: string): boolean {
    return this.#records.has(identity);
  }

  get records(): readonly AuditRecord[] {
    return [...this.#records.values()];
  }
}

/** Returns the identity of a request from its event alone, because the cluster of a file is not known yet. */
function identityInFile(head: RecordHead): string {
  return requestIdentity({
    ...head,
    cluster: undefined,
    clusterArn: undefined,
    accountId: undefined,
    origin: undefined,
    attribution: undefined,
  });
}
