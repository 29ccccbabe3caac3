import type { Action } from '../attribution/answer.ts';
import type { IssuedToken } from '../audit/issued-token.ts';
import type { RejectReason } from '../envelopes/reject.ts';
import type { IgnoredPiece } from '../envelopes/unwrap.ts';
import type { PackedEvents } from '../fast/packed-events.ts';
import type { RecordsDocument } from '../fast/records-document.ts';
import type { JsonObject } from '../json.ts';

/** A piece of input that could not be read, as `--rejects` lists it. `sample` is at most 1 KB and holds no body. */
export interface Rejected {
  readonly file: string;
  /** In words: `line 3, logEvents[2]`. */
  readonly place: string;
  readonly reason: RejectReason;
  readonly sample: string;
}

/** What a source of records hands over: each piece exactly once, in the order of the input. */
export interface RecordSink {
  audit(event: JsonObject, cluster: string | undefined, from: Origin): void;
  trail(record: JsonObject, from: Origin): void;
  /**
   * Offered each line that may be an audit event of no envelope, as it stands: whether it was taken, as `audit` would have
   * it. Whoever has no use for lines leaves it out.
   */
  line?(bytes: Uint8Array): boolean;
  /** Offered each record of a CloudTrail file, as it stands: whether it was taken, as `trail` would have it. */
  record?(document: RecordsDocument, record: number): boolean;
  ignored(what: IgnoredPiece): void;
  reject(rejected: Rejected): void;
}

/** Where a piece came from, told only if it turns out to be unreadable. */
export interface Origin {
  readonly file: string;
  readonly place: () => string;
}

/**
 * A source of audit events and CloudTrail records: files, a log group, a batch.
 * `read` answers when all was handed over; `pause` is awaited between pieces, so that whoever writes can keep up.
 */
export interface RecordSource {
  read(sink: RecordSink, pause: (progress: ReadProgress) => Promise<void> | undefined): Promise<void>;
}

/** An audit event made ready: with all that can be done before the grants are known. */
export interface ReadyEvent {
  /** What makes two deliveries one event, as the digest that `SeenEvents` takes. */
  readonly identity: string;
  readonly action: Action;
  /** A `RecordHead` as JSON. */
  readonly head: string;
  /** The service account token that the request issued. */
  readonly token?: IssuedToken | undefined;
}

/** What a source of audit events hands over: each piece exactly once, events and rejects in the order of the input. */
export interface ReadyEventSink {
  event(event: ReadyEvent): void;
  /** Makes the event of a line ready itself, where it can. */
  line?(bytes: Uint8Array): boolean;
  ignored(what: IgnoredPiece | 'cloudtrail-record', count: number): void;
  reject(rejected: Rejected): void;
}

/** Takes events many at once too. */
export interface PackedEventSink extends ReadyEventSink {
  /** It may use them until it returns. */
  packed(events: PackedEvents, texts: PackedTexts): void;
}

/** How texts are read out of packed events. */
export interface PackedTexts {
  head(from: number, to: number): string;
  sender(from: number, to: number): string;
}

/** As `RecordSource`, for audit events made ready. */
export interface ReadyEventSource {
  /**
   * The service account tokens that any event of the source issued: they may be used by events that come before. Absent
   * where the source can be read only once; asked for before `read`.
   */
  tokens?(): Promise<readonly IssuedToken[]>;
  read(sink: PackedEventSink, pause: (progress: ReadProgress) => Promise<void> | undefined): Promise<void>;
}

/** A source that hands over events one by one. */
export interface PlainEventSource extends ReadyEventSource {
  read(sink: ReadyEventSink, pause: (progress: ReadProgress) => Promise<void> | undefined): Promise<void>;
}

export interface ReadProgress {
  readonly file: string;
  /** Bytes read so far from this source's files, as they are on disk. */
  readonly read: number;
  /** Bytes in all; undefined where nobody knows, as for standard input. */
  readonly total?: number;
}

/** How many pieces could not be read, by reason. */
export type RejectCounts = ReadonlyMap<RejectReason, number>;

/** Keeps what could not be read: counted, with its reason and its place. */
export interface Rejects {
  /** @param others rejected in the same delivery, and counted only. */
  keep(rejected: readonly Rejected[], others?: RejectCounts): Promise<void>;
}
