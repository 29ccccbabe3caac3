import { filledTextAt, type JsonObject } from '../json.ts';
import { type EpochMillis, parseInstant } from '../time.ts';

/** The account and Region whose CloudTrail wrote a record, and when the call was made. */
export interface TrailSource {
  readonly accountId: string;
  readonly region: string;
  readonly at: EpochMillis;
}

/**
 * Returns which CloudTrail wrote the record. Undefined if the record does not state it. Both accounts record a call
 * across accounts (CloudTrail User Guide, "CloudTrail record contents": `recipientAccountId`).
 */
export function trailSourceOf(record: JsonObject): TrailSource | undefined {
  const accountId = filledTextAt(record, 'recipientAccountId');
  const region = filledTextAt(record, 'awsRegion');
  const at = parseInstant(filledTextAt(record, 'eventTime') ?? '');
  return accountId === undefined || region === undefined || at === undefined ? undefined : { accountId, region, at };
}
