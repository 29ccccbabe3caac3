import type { AuditEvent } from '../../audit/audit-event.ts';
import { parseAuditEvent } from '../../audit/event.ts';
import { EventTexts } from '../../audit/event-texts.ts';
import type { CountedGroup } from '../../envelopes/counted-group.ts';
import { sampleOfValue } from '../../envelopes/reject.ts';
import { type Unwrapping, unwrap } from '../../envelopes/unwrap.ts';
import type { BytesDigest } from '../../fast/identity-bytes.ts';
import { readPayload } from '../../fast/payload-text.ts';
import type { Rejected } from '../../ports/input.ts';
import type { TrailPiece } from '../grants/grants.ts';
import { rejectedRecord } from './rejected-record.ts';

/** An audit event and the cluster whose log group it came from. */
export interface DeliveredEvent {
  readonly event: AuditEvent;
  readonly cluster?: string | undefined;
  /** Another stack brings it. */
  readonly handedOver?: true | undefined;
  /** Its record's, where whoever read it told it: the digest of `eventIdentity`. */
  readonly id?: string | undefined;
}

/** What one delivery holds, taken out of its envelopes: each piece once. */
export interface Batch {
  readonly events: readonly DeliveredEvent[];
  readonly trail: readonly TrailPiece[];
  readonly rejected: readonly Rejected[];
  /** Messages of other streams, and control messages. */
  readonly ignored: number;
  /** What looks like evidence, but its log group or stream holds none (CONTRACT, "Where text comes from"). */
  readonly otherOrigin: number;
}

export const EMPTY_BATCH: Batch = { events: [], trail: [], rejected: [], ignored: 0, otherOrigin: 0 };

/**
 * Reads a delivery of any kind that the CONTRACT lists. `file` names it for whoever looks for what was rejected.
 * @param counted log groups that count beside AWS's own.
 * @param digest the service's, by which events get their ids where they are read; without it they get them when they are stored.
 */
export function readBatch(
  delivery: unknown,
  file: string,
  inflate: Unwrapping['inflate'],
  counted: readonly CountedGroup[] = [],
  digest?: BytesDigest,
): Batch {
  const events: DeliveredEvent[] = [];
  const trail: TrailPiece[] = [];
  const rejected: Rejected[] = [];
  const texts = new EventTexts();
  let [ignored, otherOrigin] = [0, 0];
  unwrap(delivery, () => file, {
    audit(value, cluster, place) {
      const event = parseAuditEvent(value);
      if (typeof event !== 'string') events.push({ event, cluster });
      else rejected.push(rejectedRecord(value, { file, place }, event));
    },
    auditText(text, cluster) {
      const event = texts.read(text);
      if (event === undefined) return false;
      events.push({ event, cluster });
      return true;
    },
    readPayload: (text, bytes) => readPayload(text, bytes, digest),
    auditEvent: ({ event, id }, cluster) => events.push({ event, cluster, id }),
    trail: (record, place) => trail.push({ record, file, place: place() }),
    ignored: (what) => {
      if (what === 'other-origin') otherOrigin += 1;
      else ignored += 1;
    },
    reject: (reason, place, sample) => rejected.push({ file, place: place(), reason, sample: sampleOfValue(sample) }),
    inflate,
    countedGroups: counted,
  });
  return { events, trail, rejected, ignored, otherOrigin };
}
