import { sampleOfValue } from '../../envelopes/reject.ts';
import type { JsonObject } from '../../json.ts';
import type { Origin, RejectedPiece } from '../../ports/input.ts';

/** Returns the reject for a record that was found in a delivery or file but cannot be parsed. */
export function rejectedRecord(
  record: JsonObject,
  { file, place }: Origin,
  reason: RejectedPiece['reason'],
): RejectedPiece {
  return { file, place: place(), reason, sample: sampleOfValue(record) };
}
