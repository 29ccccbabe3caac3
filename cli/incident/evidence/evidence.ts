import { createReadStream } from 'node:fs';
import { digestOfAll, sha256Hex } from '../../../lib/adapters/digest.ts';
import { GzipError } from '../../../lib/adapters/files/gunzip.ts';
import { readBytes } from '../../../lib/adapters/files/inflate.ts';
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
import { ruleWords } from '../../options/rule-options.ts';
import { s3Reading } from '../../options/s3-options.ts';
import { withValues } from '../../options/with-values.ts';
import { productVersion } from '../../own-files.ts';
import type { InformedPlace } from '../../whois/anything.ts';
import { placeWords } from '../../whois/command-texts.ts';
import { s3OptionsOf } from '../../whois/files.ts';
import type { IncidentOptions } from '../options.ts';
import { writtenReport } from '../written.ts';
import { type EvidenceFile, writeEvidence } from './folder.ts';

/** A report, and what it was made of. */
export interface EvidenceSource {
  /** As it was pasted. */
  readonly text: string;
  readonly report: IncidentReport;
  readonly gathered: GatheredRequests;
  readonly asked: InformedPlace;
  readonly options: IncidentOptions;
  readonly now: EpochMillis;
}

/** Writes the raw records behind the report, the report, and what is what. */
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
  const { report, gathered, now } = evident;
  return {
    schemaVersion: 1,
    madeBy: `eks-whois ${productVersion()}`,
    command: commandOf(evident),
    /** Of what was pasted: with `-` in the command it was on standard input, or longer than a word. */
    pastedSha256: sha256Hex(evident.text),
    madeAt: formatInstant(now),
    window: report.window,
    /** Requests of the report that are not among the files: more than are written. */
    requestsLeftOut: gathered.left,
  };
}

function describedPiece({ piece, path }: { readonly piece: Piece; readonly path: string }) {
  const { kind, id, isAsItStood, from } = piece;
  return { path, kind, id, ...from, text: isAsItStood ? 'as it stood there' : 'written again from what was read' };
}

/** The command that makes it again, where the clock does not matter. */
function commandOf({ text, options }: EvidenceSource): string {
  const { at, lookback, window, logGroup, digestPublicKey, evidence } = options;
  const words = [
    ...withValues('--window', [`${window / MINUTE}m`]),
    ...withValues('--at', at === undefined ? [] : [formatInstant(at)]),
    ...withValues('--lookback', lookback === undefined ? [] : [String(lookback / HOUR)]),
    ...placeWords(options),
    ...ruleWords(options),
    ...withValues('--log-group', logGroup),
    ...withValues('--digest-public-key', digestPublicKey === undefined ? [] : [digestPublicKey]),
    ...withValues('--evidence', evidence === undefined ? [] : [evidence]),
  ];
  // An event that was pasted may hold bodies, with secrets: it is no part of the evidence.
  const isShown = /^[\w@+=:,./-]{1,512}$/.test(text);
  return isShown ? lookupCommand('eks-whois incident', text, words) : ['eks-whois incident -', ...words].join(' ');
}

const FOLDERS = { 'audit-event': 'audit', 'cloudtrail-record': 'cloudtrail', record: 'records' } as const;

/** The id is the client's word: nothing of it that a path could mean. */
function pathOf({ kind, id }: Piece, number: number): string {
  const name = id.replace(/[^\w-]/g, '_').slice(0, 64);
  return `${FOLDERS[kind]}/${String(number).padStart(4, '0')}-${name}.json`;
}

function allPieces(evident: EvidenceSource): Promise<readonly Piece[]> {
  const { asked } = evident;
  if (asked.files !== undefined) return piecesOfFiles(evident);
  return asked.service === undefined ? piecesOfHistory(evident) : Promise.resolve(piecesOfService(evident));
}

async function piecesOfFiles({ report, gathered, options, now }: EvidenceSource): Promise<readonly Piece[]> {
  const counted = countedGroupsOf(options.logGroup);
  const s3 = s3OptionsOf(options);
  const [from, to] = [report.window?.from, report.window?.to].map((time) => time && parseInstant(time));
  const range = { from: from || undefined, to: to || undefined };
  const audit = pathSource(options.audit ?? [], counted, s3Reading(s3, 'audit', range, now));
  const trail = pathSource(options.cloudtrail ?? [], counted, s3Reading(s3, 'cloudtrail', range, now));
  const events = await auditEventsIn(audit, (identity) => gathered.has(identity));
  const records = await trailRecordsIn(trail, eventIdsOf(report));
  return piecesOf([...events, ...records]);
}

/** Of every session of the report. */
function eventIdsOf({ sections }: IncidentReport): ReadonlySet<string> {
  const ids = sections.flatMap((each) => [...evidenceIds(each), ...each.sessions.flatMap(({ eventIds }) => eventIds)]);
  return new Set(ids.slice(0, MOST_PIECES));
}

/** As the service has them: it never had the events' bodies. */
function piecesOfService({ gathered, options: { api, table = '' } }: EvidenceSource): readonly Piece[] {
  const source = api ?? `the tables ${table}`;
  return gathered.records.map((record) => ({
    kind: 'record',
    id: record.auditId,
    text: `${plainJson(record)}\n`,
    isAsItStood: false,
    from: { source },
  }));
}

/** Each takes a request in every Region. */
const MOST_LOOKED_UP = 20;

async function piecesOfHistory({ report, asked }: EvidenceSource): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const id of [...eventIdsOf(report)].slice(0, MOST_LOOKED_UP)) {
    const record: JsonObject | undefined = await asked.informant.trailRecord(id);
    if (record === undefined) continue;
    const from = { source: 'CloudTrail LookupEvents' };
    pieces.push({ kind: 'cloudtrail-record', id, text: JSON.stringify(record), isAsItStood: false, from });
  }
  return pieces;
}

type PieceKind = 'audit-event' | 'cloudtrail-record' | 'record';

/** One raw record: its text, and whether that is the very text of the input. */
interface Piece {
  readonly kind: PieceKind;
  /** The audit id, or CloudTrail's event id. */
  readonly id: string;
  readonly text: string;
  /** Otherwise it was written anew from what was read: of Parquet, CSV, payloads that are packed, and very long files. */
  readonly isAsItStood: boolean;
  readonly from: { readonly source: string; readonly place?: string };
}

/** A file or an object of the input, from which pieces are. */
interface InputFile {
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
async function auditEventsIn(source: RecordSource, isMeant: (identity: string) => boolean): Promise<FoundValue[]> {
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

/** The texts of the values as they stand in their files; each file is read once for all of its own. */
async function piecesOf(found: readonly FoundValue[]): Promise<readonly Piece[]> {
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
async function inputFiles(pieces: readonly Piece[]): Promise<readonly InputFile[]> {
  const files = [...new Set(pieces.map(({ from }) => from.source))].sort();
  return Promise.all(files.map(inputFile));
}

async function inputFile(file: string): Promise<InputFile> {
  if (isS3Path(file)) return { file };
  return { file, ...(await digestOfAll(createReadStream(file))) };
}

/** So many requests, and so many CloudTrail records, are written at most. */
const MOST_PIECES = 1_000;

/** Of which requests the evidence is, as they come: those of the report's people, and what it was asked about. */
export class GatheredRequests {
  readonly #records = new Map<string, AuditRecord>();
  /** Requests beyond those that are kept. */
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

/** The request by what its event alone says: of a file's cluster nothing is known yet. */
function identityInFile(head: RecordHead): string {
  return requestIdentity({ ...head, cluster: undefined, origin: undefined });
}
