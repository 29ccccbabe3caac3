import { KnownGrants } from '../../attribution/known-grants.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import { parseTrailRecord } from '../../cloudtrail/record.ts';
import type {
  EventOfInput,
  EventSink,
  EventSource,
  ReadProgress,
  RecordSink,
  RecordSource,
  RejectedPiece,
} from '../../ports/input.ts';
import { increment, RunCounts } from '../counting/run-counts.ts';
import { rejectedRecord } from '../ingest/rejected-record.ts';
import { EventRecords } from './event-records.ts';
import { readAhead } from './known-copies.ts';
import type { Digest } from './seen-events.ts';

/** Inputs, settings and outputs of `attribute`. */
export interface AttributeFiles {
  readonly audit: EventSource;
  readonly cloudtrail: RecordSource;
  readonly settings: AttributionSettings;
  /** Makes the digests by which repeated events are recognized. */
  readonly digest: Digest;
  /** Receives the grants after all of them are read and before the first event. */
  grantsKnown?(known: KnownGrants): void;
  record(record: AuditRecord, event: EventOfInput): void;
  reject(rejected: RejectedPiece): void;
  /** Reports the progress. Reading waits for the promise, so that the output can keep up. */
  pause(progress: ReadProgress): Promise<void> | undefined;
}

/**
 * Attributes audit events from files. It reads all grants and tokens first, since any answer can depend on them. Then
 * it reads the events in the order of the input, and attributes each event once. No answer is pending, since no grant
 * arrives later.
 */
export async function attributeFiles(work: AttributeFiles): Promise<RunCounts> {
  const counts = new RunCounts();
  const rejecter = new Rejecter(work, counts);
  const index = new KnownGrants();
  await work.cloudtrail.read(trailSink(rejecter, counts, index), work.pause);
  counts.grants = index.size;
  const { tokens, copies } = await readAhead(work.audit, work.digest);
  for (const token of tokens) index.add({ token });
  work.grantsKnown?.(index);
  const records = new EventRecords(index, work.settings, work.digest, copies);
  await work.audit.read(auditSink(work, rejecter, counts, records), work.pause);
  counts.lateConflicts = records.lateConflicts;
  counts.unmet = { templates: records.unmet.templates, proxies: records.unmet.proxies };
  return counts;
}

function trailSink(rejecter: Rejecter, counts: RunCounts, index: KnownGrants): RecordSink {
  const reject = (rejected: RejectedPiece) => rejecter.reject(rejected, 'cloudtrail');
  return {
    trail(record, from) {
      counts.trailRecords += 1;
      const facts = parseTrailRecord(record);
      if (typeof facts === 'string') return reject(rejectedRecord(record, from, facts));
      if (facts.flaw !== undefined) reject(rejectedRecord(record, from, facts.flaw));
      index.add(facts);
    },
    audit: () => increment(counts.ignored, 'audit-event'),
    ignored: (what, name) => counts.ignoreOther(what, 'cloudtrail', name),
    reject,
  };
}

function auditSink(work: AttributeFiles, rejecter: Rejecter, counts: RunCounts, records: EventRecords): EventSink {
  return {
    event(event) {
      const record = records.recordOf(event);
      if (record === undefined) {
        counts.duplicates += 1;
        return;
      }
      counts.record(record);
      work.record(record, event);
    },
    ignored(what, name) {
      if (what === 'cloudtrail-record') increment(counts.ignored, what);
      else counts.ignoreOther(what, 'audit', name);
    },
    reject: (rejected) => rejecter.reject(rejected, 'audit'),
  };
}

/**
 * Limits how many unreadable pieces of `--cloudtrail` are remembered. If `--audit` has the same pieces, they are not
 * reported again.
 */
const MOST_REPORTED = 10_000;

/** Counts and reports the pieces that could not be read. If a file is in both inputs, its pieces are reported once. */
class Rejecter {
  readonly #work: AttributeFiles;
  readonly #counts: RunCounts;
  readonly #reported = new Set<string>();

  constructor(work: AttributeFiles, counts: RunCounts) {
    this.#work = work;
    this.#counts = counts;
  }

  reject(rejected: RejectedPiece, input: keyof RunCounts['unread']): void {
    this.#counts.unread[input] += 1;
    const { file, place, reason } = rejected;
    const piece = JSON.stringify([file, place, reason]);
    if (input === 'cloudtrail' && this.#reported.size < MOST_REPORTED) this.#reported.add(piece);
    else if (this.#reported.has(piece)) return;
    increment(this.#counts.rejected, reason);
    this.#work.reject(rejected);
  }
}
