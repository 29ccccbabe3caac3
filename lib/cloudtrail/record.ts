import { filledTextAt, isJsonObject, type JsonObject, objectAt } from '../json.ts';
import { parseInstant } from '../time.ts';
import { parseTrailCaller } from './caller.ts';
import { type Grant, isGrantEvent, parseGrant } from './grant.ts';
import { type KnownUser, knownUserOf } from './known-user.ts';
import { type Use, useOf } from './use.ts';

/** What one CloudTrail record tells us; all of it may be absent, as with a call signed by a long-term key. */
export interface TrailFacts {
  readonly grant?: Grant | undefined;
  readonly use?: Use | undefined;
  readonly user?: KnownUser | undefined;
  /** Why the record is no grant though it should be one; what it tells besides still counts. */
  readonly flaw?: 'grant-without-readable-eventTime' | undefined;
}

/** Whether the value has the marks of a CloudTrail record, complete or not. */
export function looksLikeTrailRecord(value: unknown): value is JsonObject {
  return isJsonObject(value) && 'eventSource' in value && ('eventName' in value || 'userIdentity' in value);
}

/**
 * Reads one CloudTrail record. A denied call (`errorCode`) is no grant, but still a use of the key that signed it.
 * Source: AWS CloudTrail User Guide, "CloudTrail record contents".
 */
export function parseTrailRecord(record: JsonObject): TrailFacts | 'cloudtrail-record-without-eventName' {
  const eventName = filledTextAt(record, 'eventName');
  if (eventName === undefined) return 'cloudtrail-record-without-eventName';
  const identity = objectAt(record, 'userIdentity');
  const caller = parseTrailCaller(identity ?? {});
  const time = filledTextAt(record, 'eventTime');
  const at = time === undefined ? undefined : parseInstant(time);
  const issues = isGrantEvent(eventName) && issuedBySts(record);
  const grant = issues && at !== undefined ? parseGrant({ record, eventName, at, caller }) : undefined;
  const use = useOf(caller);
  const user = knownUserOf(caller, grant, at);
  const flaw = issues && at === undefined ? 'grant-without-readable-eventTime' : undefined;
  return { grant, use, user, flaw };
}

function issuedBySts(record: JsonObject): boolean {
  const failed = record.errorCode !== undefined && record.errorCode !== null && record.errorCode !== '';
  return (
    filledTextAt(record, 'eventSource') === 'sts.amazonaws.com' && !failed && isJsonObject(record.responseElements)
  );
}
