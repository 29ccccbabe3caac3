import type { Answer, Known } from '../../attribution/answer.ts';
import { attribute } from '../../attribution/attribute.ts';
import { KnownGrants } from '../../attribution/known-grants.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import { UnmetSettings } from '../../attribution/unmet-settings.ts';
import { parseTrailRecord } from '../../cloudtrail/record.ts';
import { GrantsInRows } from '../../fast/grants-in-rows.ts';
import { TrailFactsInBytes } from '../../fast/trail-facts.ts';
import type {
  PackedEventSink,
  ReadProgress,
  ReadyEventSource,
  RecordSink,
  RecordSource,
  Rejected,
} from '../../ports/input.ts';
import { increment, RunCounts } from '../counting/run-counts.ts';
import { rejectedRecord } from '../ingest/rejected-record.ts';
import { PackedRecords, type WholeRecords } from './packed-records.ts';
import { SeenEvents } from './seen-events.ts';

/** What `attribute` works on and for. */
export interface AttributeFiles {
  readonly audit: ReadyEventSource;
  readonly cloudtrail: RecordSource;
  readonly settings: AttributionSettings;
  /** Any number, another in each run: of hashes of what others choose (`TextHash`). It changes nothing that comes out. */
  readonly seed?: number;
  /** Told when all grants are known and the events begin. */
  grantsKnown?(): void;
  /** The event's `RecordHead` as JSON, and the answer about it. */
  record(head: string, answer: Answer): void;
  /** As `record`, where a record is its head with a text behind it: for heads that are there as bytes. */
  readonly whole?: WholeRecords | undefined;
  reject(rejected: Rejected): void;
  /** Awaited while reading, so that output can keep up. */
  pause(progress: ReadProgress): Promise<void> | undefined;
}

/**
 * Attributes audit events from files: first all grants and tokens, since an answer follows from all that are known, then
 * the events in the order of the input, each once. Nothing is ever pending: no grant will come later.
 */
export async function attributeFiles(work: AttributeFiles): Promise<RunCounts> {
  const tally = new RunCounts();
  const index = new GrantsInRows(new KnownGrants(), work.seed);
  await work.cloudtrail.read(trailSink(work, tally, index), work.pause);
  tally.grants = index.size;
  for (const token of (await work.audit.tokens?.()) ?? []) index.add({ token });
  work.grantsKnown?.();
  const known: Known = { index, settings: work.settings, settled: true };
  const unmet = new UnmetSettings(work.settings, index);
  await work.audit.read(auditSink(work, { tally, known, index, unmet }), work.pause);
  tally.unmet = { templates: unmet.templates, proxies: unmet.proxies };
  return tally;
}

function trailSink(work: AttributeFiles, tally: RunCounts, index: GrantsInRows): RecordSink {
  const reject = rejecting(work, tally);
  const inBytes = new TrailFactsInBytes(index);
  return {
    trail(record, from) {
      tally.trailRecords += 1;
      const facts = parseTrailRecord(record);
      if (typeof facts === 'string') return reject(rejectedRecord(record, from, facts));
      if (facts.flaw !== undefined) reject(rejectedRecord(record, from, facts.flaw));
      index.add(facts);
    },
    record(document, record) {
      const isTaken = inBytes.add(document, record);
      if (isTaken) tally.trailRecords += 1;
      return isTaken;
    },
    audit: () => increment(tally.ignored, 'audit-event'),
    ignored: (what) => increment(tally.ignored, what),
    reject,
  };
}

interface Reading {
  readonly tally: RunCounts;
  readonly known: Known;
  readonly index: GrantsInRows;
  readonly unmet: UnmetSettings;
}

function auditSink(work: AttributeFiles, { tally, known, index, unmet }: Reading): PackedEventSink {
  const seen = new SeenEvents();
  const packed = new PackedRecords(work, { tally, known, index, unmet, seen });
  return {
    event({ identity, action, head, token }) {
      if (token !== undefined) index.add({ token });
      if (!seen.isNew(identity)) {
        tally.duplicates += 1;
        return;
      }
      const answer = attribute(action, known);
      tally.record(answer.attribution);
      unmet.add(action);
      work.record(head, answer);
    },
    packed: (events, texts) => packed.add(events, texts),
    ignored: (what, count) => increment(tally.ignored, what, count),
    reject: rejecting(work, tally),
  };
}

function rejecting(work: AttributeFiles, tally: RunCounts): (rejected: Rejected) => void {
  return (rejected) => {
    increment(tally.rejected, rejected.reason);
    work.reject(rejected);
  };
}
