import type { Moment } from './attribution/moment.ts';
import type { Question } from './attribution/questions.ts';
import type { TrailFacts } from './cloudtrail/record.ts';
import type { RejectReason } from './envelopes/reject.ts';
import type { IgnoredPiece } from './envelopes/unwrap.ts';
import type { JsonObject } from './json.ts';

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

export interface ReadProgress {
  readonly file: string;
  /** Bytes read so far from this source's files, as they are on disk. */
  readonly read: number;
  /** Bytes in all; undefined where nobody knows, as for standard input. */
  readonly total?: number;
}

/**
 * Grants, uses and users that are held elsewhere: the sessions table, or CloudTrail itself.
 * `answer` gives all that the source knows of the questions at that moment of the action; a question that it cannot
 * be asked (a guess, for CloudTrail) is left unanswered. It throws where the source is out of reach.
 */
export interface GrantSource {
  answer(questions: readonly Question[], moment: Moment): Promise<readonly TrailFacts[]>;
}
