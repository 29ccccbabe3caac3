import type { S3Reading } from '../../../lib/adapters/s3/path-source.ts';
import type { CountedGroup } from '../../../lib/envelopes/counted-group.ts';
import type { PackedSize } from '../../../lib/fast/packed-events.ts';
import type { ReadProgress, ReadyEventSink, Rejected } from '../../../lib/ports/input.ts';

/** What the reading thread is told: workers' data is cloned. */
export interface ReadingOrder {
  readonly paths: readonly string[];
  readonly cluster: string | undefined;
  readonly counted: readonly CountedGroup[];
  readonly s3: S3Reading;
}

export type Ignored = Parameters<ReadyEventSink['ignored']>[0];

/** What some input held, on its way from the reading thread. The events lie in memory that both threads share. */
export interface ReadMessage {
  readonly events: SharedEvents | undefined;
  readonly ignored: ReadonlyMap<Ignored, number>;
  readonly rejected: readonly Rejected[];
  readonly progress: ReadProgress | undefined;
  /** About how many bytes it holds beside the events. */
  readonly size: number;
}

/** Where the events are, and how many. */
export interface SharedEvents {
  readonly count: number;
  readonly senderCount: number;
  readonly size: PackedSize;
  /** Which piece of the shared memory; or, of an event that fits in none, one of its own. */
  readonly piece: number | SharedArrayBuffer;
}
