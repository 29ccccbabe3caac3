import { NOWHERE } from '../../audit/event-site.ts';
import { sampleOfValue } from '../../envelopes/reject.ts';
import { lakeEvent } from '../../envelopes/security-lake/event.ts';
import type { RecordSink } from '../../ports/input.ts';
import { ParquetError } from '../parquet/parquet-error.ts';
import { parquetRows } from '../parquet/parquet-rows.ts';
import type { RandomAccess } from '../parquet/random-access.ts';

/** A Parquet file or object to read. */
export interface ParquetInput {
  /** The name for people. */
  readonly file: string;
  readonly access: RandomAccess;
}

/**
 * The columns of an OCSF event that are read. Its observables would add nothing, and would need as much memory again.
 */
const COLUMNS = [
  'metadata',
  'time',
  'time_dt',
  'start_time',
  'start_time_dt',
  'message',
  'actor',
  'api',
  'cloud',
  'http_request',
  'src_endpoint',
  'resources',
  'session',
  'unmapped',
];

/** Reads the audit events and CloudTrail records in Security Lake's Parquet, as `readInput` does for text. */
export async function readParquet(
  { file, access }: ParquetInput,
  sink: RecordSink,
  pause: (read: number) => Promise<void> | undefined,
): Promise<void> {
  try {
    for await (const read of parquetRows(access, COLUMNS)) {
      if ('flaw' in read)
        sink.reject({ file, place: `row group ${read.group}`, reason: 'damaged-parquet', sample: read.flaw });
      else for (const [index, row] of read.rows.entries()) readRow(row, { file, row: read.firstRow + index + 1 }, sink);
      await pause(access.length);
    }
  } catch (error) {
    if (!(error instanceof ParquetError)) throw error;
    sink.reject({ file, place: 'file', reason: 'damaged-parquet', sample: error.message });
  }
}

interface RowPlace {
  readonly file: string;
  /** The number of the row, from 1. */
  readonly row: number;
}

function readRow(row: unknown, { file, row: number }: RowPlace, sink: RecordSink): void {
  const place = () => `row ${number}`;
  const event = lakeEvent(row);
  if (event === undefined)
    return sink.reject({ file, place: place(), reason: 'unrecognized', sample: sampleOfValue(withoutBigInts(row)) });
  if (event.kind === 'other') return sink.ignored('other-product');
  if (event.kind === 'audit') return sink.audit(event.event, NOWHERE, { file, place });
  if (event.lacksIssued) {
    const { eventID, eventName } = event.record;
    const sample = JSON.stringify({ eventID, eventName });
    sink.reject({ file, place: place(), reason: 'security-lake-grant-without-response', sample });
  }
  sink.trail(event.record, { file, place });
}

/** Returns the row with numbers in place of 64-bit integers, which JSON does not have. */
function withoutBigInts(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return String(row);
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
  );
}
