import { sampleOfValue } from '../../envelopes/reject.ts';
import type { JsonObject } from '../../json.ts';
import type { Origin, RejectedPiece } from '../../ports/input.ts';

/** A record that was found, and cannot be read as what it is. */
export function rejectedRecord(
  record: JsonObject,
  { file, place }: Origin,
  reason: RejectedPiece['reason'],
): RejectedPiece {
  return { file, place: place(), reason, sample: sampleOfValue(record) };
}
