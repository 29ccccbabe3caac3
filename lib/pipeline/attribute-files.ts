import { actionOf, attribute, type Known } from '../attribution/attribute.ts';
import { KnownGrants } from '../attribution/known-grants.ts';
import { type AuditRecord, auditRecord } from '../attribution/record.ts';
import type { AttributionSettings } from '../attribution/settings.ts';
import { eventIdentity, parseAuditEvent } from '../audit/event.ts';
import { parseTrailRecord } from '../cloudtrail/record.ts';
import { sampleOfValue } from '../envelopes/reject.ts';
import type { JsonObject } from '../json.ts';
import type { Origin, ReadProgress, RecordSink, RecordSource, Rejected } from '../ports.ts';
import { type Digest, SeenEvents } from './seen-events.ts';
import { increment, Tally } from './tally.ts';

/** What `attribute` works on and for. */
export interface AttributeFiles {
  readonly audit: RecordSource;
  readonly cloudtrail: RecordSource;
  readonly settings: AttributionSettings;
  /** Where no envelope names the cluster. */
  readonly cluster?: string | undefined;
  readonly digest: Digest;
  /** Told when all grants are known and the events begin. */
  grantsKnown?(): void;
  record(record: AuditRecord): void;
  reject(rejected: Rejected): void;
  /** Awaited while reading, so that output can keep up. */
  pause(progress: ReadProgress): Promise<void> | undefined;
}

/**
 * Attributes audit events from files: first all grants, since an answer follows from all that are known, then the
 * events in the order of the input, each once. Nothing is ever pending: no grant will come later.
 */
export async function attributeFiles(work: AttributeFiles): Promise<Tally> {
  const tally = new Tally();
  const index = new KnownGrants();
  await work.cloudtrail.read(trailSink(work, tally, index), work.pause);
  work.grantsKnown?.();
  const known: Known = { index, settings: work.settings, settled: true };
  await work.audit.read(auditSink(work, tally, known), work.pause);
  return tally;
}

function trailSink(work: AttributeFiles, tally: Tally, index: KnownGrants): RecordSink {
  const reject = rejecting(work, tally);
  return {
    trail(record, from) {
      const facts = parseTrailRecord(record);
      if (typeof facts === 'string') return reject(rejectedRecord(record, from, facts));
      if (facts.flaw !== undefined) reject(rejectedRecord(record, from, facts.flaw));
      index.add(facts);
    },
    audit: () => increment(tally.ignored, 'audit-event'),
    ignored: (what) => increment(tally.ignored, what),
    reject,
  };
}

function auditSink(work: AttributeFiles, tally: Tally, known: Known): RecordSink {
  const seen = new SeenEvents(work.digest);
  const reject = rejecting(work, tally);
  return {
    audit(value, cluster, from) {
      const event = parseAuditEvent(value);
      if (typeof event === 'string') return reject(rejectedRecord(value, from, event));
      if (!seen.isNew(eventIdentity(event))) {
        tally.duplicates += 1;
        return;
      }
      const record = auditRecord(event, attribute(actionOf(event), known), cluster ?? work.cluster);
      tally.record(record);
      work.record(record);
    },
    trail: () => increment(tally.ignored, 'cloudtrail-record'),
    ignored: (what) => increment(tally.ignored, what),
    reject,
  };
}

function rejecting(work: AttributeFiles, tally: Tally): (rejected: Rejected) => void {
  return (rejected) => {
    increment(tally.rejected, rejected.reason);
    work.reject(rejected);
  };
}

function rejectedRecord(record: JsonObject, { file, place }: Origin, reason: Rejected['reason']): Rejected {
  return { file, place: place(), reason, sample: sampleOfValue(record) };
}
