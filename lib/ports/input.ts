import type { AuditEvent } from '../audit/audit-event.ts';
import type { EventSite } from '../audit/event-site.ts';
import type { IssuedToken } from '../audit/issued-token.ts';
import type { RejectReason } from '../envelopes/reject.ts';
import type { IgnoredPiece } from '../envelopes/unwrap.ts';
import type { JsonObject } from '../json.ts';

/**
 * A piece of input that could not be read, as `--rejects` lists it. `sample` has at most 1 KB, and no request or
 * response body.
 */
export interface RejectedPiece {
  readonly file: string;
  /** The place in the input, in words: `line 3, logEvents[2]`. */
  readonly place: string;
  readonly reason: RejectReason;
  readonly sample: string;
}

/** Receives the pieces of a source. Each piece comes exactly once, in the order of the input. */
export interface RecordSink {
  audit(event: JsonObject, site: EventSite, from: Origin): void;
  trail(record: JsonObject, from: Origin): void;
  /** @param name the log that a piece of `other-origin` comes from, if it has a name. */
  ignored(what: IgnoredPiece, name?: string): void;
  reject(rejected: RejectedPiece): void;
}

/** Where a piece comes from. It is computed only if the piece is rejected. */
export interface Origin {
  readonly file: string;
  readonly place: () => string;
}

/**
 * A source of audit events and CloudTrail records: files, a log group, a batch. `read` ends when all pieces were passed
 * on. It waits for `pause` between pieces, so that the writer can keep up.
 */
export interface RecordSource {
  read(sink: RecordSink, pause: (progress: ReadProgress) => Promise<void> | undefined): Promise<void>;
}

/** An audit event in some input. */
export interface EventOfInput {
  readonly event: AuditEvent;
  readonly site: EventSite;
  /** The service account token that the request issued. */
  readonly token: IssuedToken | undefined;
}

/** Receives a source of audit events. Each piece comes exactly once, events and rejects in the order of the input. */
export interface EventSink {
  event(event: EventOfInput): void;
  ignored(what: IgnoredPiece | 'cloudtrail-record', name?: string): void;
  reject(rejected: RejectedPiece): void;
}

/** The facts that are read from a source of audit events before all of it is read. */
export interface AheadReading {
  /** The service account tokens that events of the source issued, as far as the source can be read twice. */
  readonly tokens: readonly IssuedToken[];
  /**
   * The source itself, to find copies that differ. Present if some audit ID may come more than once at one stage. It is
   * `none` if no audit ID does, and absent if a part of the source can be read only once.
   */
  readonly repeating?: EventSource | 'none';
}

/** A source that can be read ahead, at least in part. */
export interface RereadableSource {
  /** Reads the records that may have issued service account tokens. */
  readonly tokens: RecordSource;
  /**
   * Returns a source of everything, if some audit ID may come more than once at one stage. Returns `none` if no audit
   * ID does, and undefined if a part can be read only once. Call it after `tokens` was read.
   */
  repeating(): RecordSource | 'none' | undefined;
}

/** A source of parsed audit events, as `RecordSource` is one of records. */
export interface EventSource {
  /**
   * Returns the facts on which events depend, and which may come after them. Call it before `read`. Absent if the
   * source can be read only once.
   */
  ahead?(): Promise<AheadReading>;
  read(sink: EventSink, pause: (progress: ReadProgress) => Promise<void> | undefined): Promise<void>;
}

export interface ReadProgress {
  readonly file: string;
  /** The bytes that were read so far from this source's files, as they are on disk. */
  readonly read: number;
  /** The total number of bytes. Absent if it is not known, for example for standard input. */
  readonly total?: number;
}

/** The numbers of rejects, by reason. */
export type RejectCounts = ReadonlyMap<RejectReason, number>;

/** Stores rejected pieces, with their number, reason and place. */
export interface Rejects {
  /** @param others counts further rejects of the same delivery. */
  keep(rejected: readonly RejectedPiece[], others?: RejectCounts): Promise<void>;
}
