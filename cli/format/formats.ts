import { sha256 } from '../../lib/adapters/digest.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { MOST_CALLERS } from '../../lib/audit/caller-memo.ts';
import { ecsEvent } from '../../lib/ecs/ecs-event.ts';
import { apiActivity, type Producer } from '../../lib/ocsf/api-activity.ts';
import type { OcsfVersion } from '../../lib/ocsf/event.ts';
import { RecentMap } from '../../lib/recent-map.ts';
import { csvCell, plainJson } from '../../lib/words/escape.ts';
import { CSV_COLUMNS, csvHeader, csvLine, csvRecord } from '../../lib/words/record-csv.ts';
import { wrongUsage } from '../failures/command-error.ts';
import type { Topic } from '../help/command-help.ts';
import { productVersion } from '../own-files.ts';
import { fieldsFormat, fieldsNamed, RECORD_FIELDS } from './fields.ts';
import { liveTable, wasText } from './live-table.ts';
import type { LiveFormat, RecordWriter } from './record-writer.ts';
import { valueWriter } from './structured.ts';
import { type TableView, tableFormat } from './table.ts';
import { type View, WHOLE } from './view.ts';

/** One output format, and its writers if it can write records. */
interface Format {
  /** A short description for `--help` and docs/output.md. */
  readonly says: string;
  /** The path of the document that describes the format. */
  readonly document?: string;
  readonly records?: {
    readonly writer: (view: RecordView) => RecordWriter;
    /** Writes records with `--follow`. Absent if the format needs an end. */
    readonly live?: (view: View) => LiveFormat;
  };
}

/** How records are shown, and which of their fields. All are shown if none is given. */
type RecordView = Omit<TableView, 'isWide'> & { readonly fields?: readonly string[] | undefined };

/**
 * Every format, in the order in which they are listed. `--help`, completion, the contract's list and docs/output.md are
 * made from it. Each command passes its own formats to `withOutput`.
 */
export const FORMATS = {
  table: {
    says: 'for people: fits the width of the terminal',
    records: { writer: (view: RecordView) => tableFormat({ ...view, isWide: false }), live: liveTable },
  },
  wide: {
    says: 'for people: more columns, nothing shortened',
    records: { writer: (view: RecordView) => tableFormat({ ...view, isWide: true }), live: liveTable },
  },
  jsonl: { says: 'one JSON object per line', records: { writer: jsonLines, live: () => liveValues('jsonl') } },
  json: { says: 'one JSON array, or one JSON object', records: { writer: () => valuesWriter('json') } },
  yaml: {
    says: 'a YAML list; texts that YAML 1.1 reads as dates are quoted',
    records: { writer: () => valuesWriter('yaml'), live: () => liveValues('yaml') },
  },
  csv: { says: 'for a spreadsheet, with a header row', records: { writer: csvWriter, live: liveCsv } },
  ocsf: {
    says: 'OCSF API Activity, one event per line',
    document: 'docs/ocsf.md',
    records: { writer: () => eventLines(ocsfEvents('1.3.0')), live: () => liveOcsf('1.3.0') },
  },
  ecs: {
    says: 'Elastic Common Schema, one document per line',
    document: 'docs/ecs.md',
    records: { writer: () => eventLines((record) => ecsEvent(record, sha256)), live: liveEcs },
  },
  text: { says: 'for people, in sentences' },
  markdown: { says: 'for a ticket' },
  names: { says: 'only the names, one per line' },
  cloudformation: { says: 'parameters for the CloudFormation templates of a release' },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;
export type RecordFormatName = {
  [Name in FormatName]: (typeof FORMATS)[Name] extends { readonly records: object } ? Name : never;
}[FormatName];

export const FORMAT_NAMES = Object.keys(FORMATS).filter((name): name is FormatName => name in FORMATS);
export const RECORD_FORMATS: readonly RecordFormatName[] = FORMAT_NAMES.filter(
  (name): name is RecordFormatName => 'records' in FORMATS[name],
);

/** Lists these formats in the long help of a command. */
export function formatsTopic(names: readonly FormatName[]): Topic {
  const rows = names.map((name) => {
    const { says, document }: Format = FORMATS[name];
    return `  ${name.padEnd(8)}${says}${document === undefined ? '' : ` (${document})`}`;
  });
  return { heading: 'Formats (docs/output.md):', text: rows.join('\n') };
}

/** Returns whether the format is a table for people, with one row per request. */
export function isTable(name: FormatName): boolean {
  return name === 'table' || name === 'wide';
}

export function recordFormat(name: RecordFormatName, view: RecordView = { ...WHOLE, sumsSystem: false }): RecordWriter {
  if (view.fields === undefined) return FORMATS[name].records.writer(view);
  const { row, end } = fieldsFormat(name, fieldsNamed(view.fields, RECORD_FIELDS), view);
  return { record: row, end };
}

/**
 * Returns the format's writer for `--follow`.
 *
 * @throws CommandError if the format needs an end, because followed output has none.
 */
export function liveFormat(name: RecordFormatName, view: View): LiveFormat {
  const { live }: NonNullable<Format['records']> = FORMATS[name].records;
  if (live === undefined)
    throw wrongUsage('--follow has no end, and a JSON array needs one. Use --output jsonl or yaml.');
  return live(view);
}

function valuesWriter(name: 'json' | 'yaml'): RecordWriter {
  const { value, end } = valueWriter(name);
  return { record: value, end };
}

function liveValues(name: 'jsonl' | 'yaml'): LiveFormat {
  const { value } = valueWriter(name);
  return { head: '', record: (record, was) => value({ ...record, corrected: was }) };
}

/**
 * Writes the same text as `plainJson`, but faster. Records of one caller share their `caller` and `attribution` objects
 * (`EventRecords`). These two are the end of the record, so their text is kept and reused.
 */
function jsonLines(): RecordWriter {
  const ends = new RecentMap<object, { readonly caller: object; readonly text: string }>(MOST_CALLERS);
  const record = (record: AuditRecord) => {
    const { caller, impersonated, attribution } = record;
    if (impersonated !== undefined) return `${plainJson(record)}\n`;
    const head = plainJson({ ...record, caller: undefined, attribution: undefined }).slice(0, -1);
    const known = ends.get(attribution);
    if (known?.caller === caller) return head + known.text;
    const text = `,${plainJson({ caller, attribution }).slice(1)}\n`;
    ends.set(attribution, { caller, text });
    return head + text;
  };
  return { record, end: () => '' };
}

/** Writes CSV with a header row (RFC 4180). */
function csvWriter({ isHeadless }: View): RecordWriter {
  let header = isHeadless === true ? '' : csvHeader();
  const withHeader = (text: string): string => {
    const all = header + text;
    header = '';
    return all;
  };
  return { record: (record) => withHeader(csvRecord(record)), end: () => withHeader('') };
}

function liveCsv(): LiveFormat {
  return {
    head: csvLine([...CSV_COLUMNS.keys(), 'corrected']),
    record(record, was) {
      const cells = [...CSV_COLUMNS.values()].map((cell) => csvCell(String(cell(record) ?? '')));
      return csvLine([...cells, was === undefined ? '' : csvCell(wasText(was))]);
    },
  };
}

function eventLines(event: (record: AuditRecord) => object): RecordWriter {
  return { record: (record) => `${plainJson(event(record))}\n`, end: () => '' };
}

function ocsfEvents(schema: OcsfVersion) {
  const producer: Producer = { version: productVersion(), schema, digest: sha256 };
  return (record: AuditRecord) => apiActivity(record, producer);
}

function liveOcsf(schema: OcsfVersion): LiveFormat {
  const event = ocsfEvents(schema);
  return {
    head: '',
    record(record, was) {
      const { unmapped, ...mapped } = event(record);
      const corrected = was === undefined ? {} : { 'eks_whois.corrected': wasText(was) };
      return `${plainJson({ ...mapped, unmapped: { ...unmapped, ...corrected } })}\n`;
    },
  };
}

function liveEcs(): LiveFormat {
  return {
    head: '',
    record(record, was) {
      const { eks_whois, ...mapped } = ecsEvent(record, sha256);
      const corrected = was === undefined ? {} : { corrected: wasText(was) };
      return `${plainJson({ ...mapped, eks_whois: { ...eks_whois, ...corrected } })}\n`;
    },
  };
}
