import { sha256Hex } from '../../../lib/adapters/digest.ts';
import { pathSource } from '../../../lib/adapters/s3/path-source.ts';
import { evidenceIds } from '../../../lib/attribution/attribution.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { type EpochMillis, formatInstant, HOUR, MINUTE, parseInstant } from '../../../lib/time.ts';
import type { IncidentReport } from '../../../lib/usecases/incident/report.ts';
import { plainJson } from '../../../lib/words/escape.ts';
import { askedCommand } from '../../options/asked-command.ts';
import { countedGroupsOf } from '../../options/log-groups.ts';
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
import { type GatheredRequests, MOST_PIECES } from './gathered.ts';
import { auditEventsIn, inputFiles, type Piece, piecesOf, trailRecordsIn } from './pieces.ts';

/** A report, and what it was made of. */
export interface Evident {
  /** As it was pasted. */
  readonly text: string;
  readonly report: IncidentReport;
  readonly gathered: GatheredRequests;
  readonly asked: InformedPlace;
  readonly options: IncidentOptions;
  readonly now: EpochMillis;
}

/** Writes the raw records behind the report, the report, and what is what. */
export async function writeEvidenceOf(folder: string, evident: Evident): Promise<void> {
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

function manifestOf(evident: Evident) {
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
  return { path, kind, id, ...from, text: isAsItStood ? 'as it stood there' : 'written anew from what was read' };
}

/** The command that makes it again, where the clock does not matter. */
function commandOf({ text, options }: Evident): string {
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
  return isShown ? askedCommand('eks-whois incident', text, words) : ['eks-whois incident -', ...words].join(' ');
}

const FOLDERS = { 'audit-event': 'audit', 'cloudtrail-record': 'cloudtrail', record: 'records' } as const;

/** The id is the client's word: nothing of it that a path could mean. */
function pathOf({ kind, id }: Piece, number: number): string {
  const name = id.replace(/[^\w-]/g, '_').slice(0, 64);
  return `${FOLDERS[kind]}/${String(number).padStart(4, '0')}-${name}.json`;
}

function allPieces(evident: Evident): Promise<readonly Piece[]> {
  const { asked } = evident;
  if (asked.files !== undefined) return piecesOfFiles(evident);
  return asked.service === undefined ? piecesOfHistory(evident) : Promise.resolve(piecesOfService(evident));
}

async function piecesOfFiles({ report, gathered, options, now }: Evident): Promise<readonly Piece[]> {
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
function piecesOfService({ gathered, options: { api, table = '' } }: Evident): readonly Piece[] {
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

async function piecesOfHistory({ report, asked }: Evident): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const id of [...eventIdsOf(report)].slice(0, MOST_LOOKED_UP)) {
    const record: JsonObject | undefined = await asked.informant.trailRecord(id);
    if (record === undefined) continue;
    const from = { source: 'CloudTrail LookupEvents' };
    pieces.push({ kind: 'cloudtrail-record', id, text: JSON.stringify(record), isAsItStood: false, from });
  }
  return pieces;
}
