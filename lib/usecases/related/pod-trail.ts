import type { JsonObject } from '../../json.ts';
import type { RecordSink, RecordSource } from '../../ports/input.ts';
import type { EpochMillis } from '../../time.ts';

/** Sessions of a service account that began then. */
export interface IssuedAsked {
  /** `<namespace>:<name>` */
  readonly serviceAccount: string;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** Calls of one session then. */
export interface CallsAsked {
  readonly accessKeyId?: string | undefined;
  /** Where no key is known. */
  readonly principalId?: string | undefined;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** Where CloudTrail's records of pods are read. It may hand over more than was asked for. */
export interface PodTrail {
  /** Records that may have issued a session. */
  issued(asked: readonly IssuedAsked[], take: (record: JsonObject) => void): Promise<void>;
  calls(asked: readonly CallsAsked[], take: (record: JsonObject) => void): Promise<void>;
  /** What could not be read so far, and why, a sentence each. */
  readonly notKnown: readonly string[];
}

/** Files, read as a whole each time. What else they hold was told of when they were read for grants, or is of no account here. */
export function trailOfFiles(source: RecordSource): PodTrail {
  const each = (take: (record: JsonObject) => void) => {
    const sink: RecordSink = {
      trail: (record) => take(record),
      audit: () => undefined,
      ignored: () => undefined,
      reject: () => undefined,
    };
    return source.read(sink, () => undefined);
  };
  return { issued: (_, take) => each(take), calls: (_, take) => each(take), notKnown: [] };
}
