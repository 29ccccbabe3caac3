import type { AuditEvent } from '../../audit/audit-event.ts';
import { CallerMemo } from '../../audit/caller-memo.ts';
import { parseAuditEvent } from '../../audit/event.ts';
import type { EventSite } from '../../audit/event-site.ts';
import type { CountedGroup } from '../../envelopes/counted-group.ts';
import { type RejectReason, sampleOfValue } from '../../envelopes/reject.ts';
import { MOST_EVENTS } from '../../envelopes/structure.ts';
import { type HandedOver, type PieceReceiver, type Refusal, unwrap, unwrapHandedOver } from '../../envelopes/unwrap.ts';
import type { RejectCounts, RejectedPiece } from '../../ports/input.ts';
import type { TrailPiece } from '../grants/grants.ts';
import { rejectedRecord } from './rejected-record.ts';

/** An audit event, with its cluster and its log group. */
export interface DeliveredEvent {
  readonly event: AuditEvent;
  readonly site: EventSite;
}

/** The unwrapped content of one delivery. Each piece of the delivery counts in exactly one field. */
export interface Batch {
  readonly events: readonly DeliveredEvent[];
  readonly trail: readonly TrailPiece[];
  readonly rejected: readonly RejectedPiece[];
  /** The numbers of rejects beyond the samples in `rejected`, by reason. */
  readonly otherRejects: RejectCounts;
  /** The number of control messages and of messages from other log streams. */
  readonly ignored: number;
  /**
   * The number of pieces that look like evidence, but come from other logs (CONTRACT, "Where text comes from").
   */
  readonly otherOrigin: number;
}

const NONE: RejectCounts = new Map();

export const EMPTY_BATCH: Batch = {
  events: [],
  trail: [],
  rejected: [],
  otherRejects: NONE,
  ignored: 0,
  otherOrigin: 0,
};

/** Returns how many pieces of a batch were rejected. */
export function rejectsIn({ rejected, otherRejects }: Pick<Batch, 'rejected' | 'otherRejects'>): number {
  let sum = rejected.length;
  for (const count of otherRejects.values()) sum += count;
  return sum;
}

/** Options for reading a delivery. */
export interface Reading {
  readonly inflate: PieceReceiver['inflate'];
  /** The log groups that the operator configured as sources of evidence, besides AWS's own. */
  readonly counted?: readonly CountedGroup[];
  /** The Region whose subscriptions deliver. */
  readonly region?: string | undefined;
  /** The account that handed the delivery over, if it is not the hub's own account. */
  readonly handedOverBy?: string | undefined;
  /** The number of rejects that are kept as samples. Further ones are only counted. */
  readonly samples?: number;
}

/**
 * Reads a delivery of any form that the CONTRACT lists. If it has more pieces than AWS delivers at once, the whole
 * delivery becomes one reject.
 * @param file the name of the delivery, for its rejects.
 */
export function readBatch(delivery: unknown, file: string, reading: Reading): Batch {
  const pieces = new Pieces(file, reading);
  unwrap(delivery, () => file, pieces.unwrapping);
  return pieces.batch();
}

/** A delivery that another account handed over. */
export interface HandedOverBatch extends Batch {
  /** The length of its text in bytes. */
  readonly bytes: number;
}

/**
 * Reads a delivery that another account handed over (`unwrapHandedOver`). If the whole delivery is refused, returns the
 * reason.
 */
export function readHandedOver(handedOver: HandedOver, file: string, reading: Reading): HandedOverBatch | Refusal {
  let bytes = 0;
  const inflate: Reading['inflate'] = (data) => {
    const inflated = reading.inflate(data);
    if (inflated.ok) bytes = inflated.bytes.length;
    return inflated;
  };
  const pieces = new Pieces(file, { ...reading, inflate });
  return unwrapHandedOver(handedOver, () => file, pieces.unwrapping) ?? { ...pieces.batch(), bytes };
}

/** Collects the pieces of one delivery. */
class Pieces {
  readonly #file: string;
  readonly #samples: number;
  readonly #events: DeliveredEvent[] = [];
  readonly #trail: TrailPiece[] = [];
  readonly #rejected: RejectedPiece[] = [];
  readonly #otherRejects = new Map<RejectReason, number>();
  readonly unwrapping: PieceReceiver;
  #taken = 0;
  #ignored = 0;
  #otherOrigin = 0;

  constructor(file: string, { inflate, counted = [], region, handedOverBy, samples = MOST_EVENTS }: Reading) {
    this.#file = file;
    this.#samples = samples;
    const callers = new CallerMemo();
    this.unwrapping = {
      audit: (value, site, place) => {
        const event = parseAuditEvent(value, callers);
        if (typeof event !== 'string') this.#add({ event, site });
        else this.#reject(event, () => rejectedRecord(value, { file, place }, event));
      },
      trail: (record, place, account) => {
        if (this.#hasRoom()) this.#trail.push({ record, file, place: place(), account });
      },
      ignored: (what) => {
        if (what === 'other-origin') this.#otherOrigin += 1;
        else this.#ignored += 1;
      },
      reject: (reason, place, sample) =>
        this.#reject(reason, () => ({ file, place: place(), reason, sample: sampleOfValue(sample) })),
      inflate,
      countedGroups: counted,
      region,
      handedOverBy,
    };
  }

  batch(): Batch {
    if (this.#taken > MOST_EVENTS) return { ...EMPTY_BATCH, rejected: [tooMany(this.#file, this.#taken)] };
    return {
      events: this.#events,
      trail: this.#trail,
      rejected: this.#rejected,
      otherRejects: this.#otherRejects,
      ignored: this.#ignored,
      otherOrigin: this.#otherOrigin,
    };
  }

  #hasRoom(): boolean {
    this.#taken += 1;
    return this.#taken <= MOST_EVENTS;
  }

  #add(delivered: DeliveredEvent): void {
    if (this.#hasRoom()) this.#events.push(delivered);
  }

  #reject(reason: RejectReason, sampled: () => RejectedPiece): void {
    if (!this.#hasRoom()) return;
    if (this.#rejected.length < this.#samples) this.#rejected.push(sampled());
    else this.#otherRejects.set(reason, (this.#otherRejects.get(reason) ?? 0) + 1);
  }
}

function tooMany(file: string, pieces: number): RejectedPiece {
  return { file, place: file, reason: 'too-many-events', sample: `${pieces} pieces, of at most ${MOST_EVENTS}` };
}
