import { filledTextAt, isJsonObject, type JsonObject, objectAt } from '../json.ts';
import { parseInstant } from '../time.ts';
import { parseTrailCaller } from './caller.ts';
import { type Grant, isGrantEvent, parseGrant } from './grant.ts';
import { type KnownUser, knownUserOf } from './known-user.ts';
import { type Use, useOf } from './use.ts';

/** What one CloudTrail record tells us; all of it may be absent, as with a call signed by a long-term key. */
export interface TrailFacts {
  readonly grant?: Grant;
  readonly use?: Use;
  readonly user?: KnownUser;
}

export type TrailRecordFlaw = 'cloudtrail-record-without-eventName' | 'grant-without-readable-eventTime';

/** Whether the value has the marks of a CloudTrail record, complete or not. */
export function looksLikeTrailRecord(value: unknown): value is JsonObject {
  return isJsonObject(value) && 'eventSource' in value && ('eventName' in value || 'userIdentity' in value);
}

/**
 * Reads one CloudTrail record. A denied call (`errorCode`) is no grant, but still a use of the key that signed it.
 * Source: AWS CloudTrail User Guide, "CloudTrail record contents".
 */
export function parseTrailRecord(record: JsonObject): TrailFacts | TrailRecordFlaw {
  const eventName = filledTextAt(record, 'eventName');
  if (eventName === undefined) return 'cloudtrail-record-without-eventName';
  const identity = objectAt(record, 'userIdentity');
  const caller = parseTrailCaller(identity ?? {});
  const time = filledTextAt(record, 'eventTime');
  const at = time === undefined ? undefined : parseInstant(time);
  let grant: Grant | undefined;
  if (isGrantEvent(eventName) && issuedBySts(record)) {
    if (at === undefined) return 'grant-without-readable-eventTime';
    grant = parseGrant({ record, eventName, at, caller });
  }
  const use = useOf(caller);
  const user = knownUserOf(caller, grant, at);
  return { ...(grant && { grant }), ...(use && { use }), ...(user && { user }) };
}

function issuedBySts(record: JsonObject): boolean {
  const failed = record.errorCode !== undefined && record.errorCode !== null && record.errorCode !== '';
  return (
    filledTextAt(record, 'eventSource') === 'sts.amazonaws.com' && !failed && isJsonObject(record.responseElements)
  );
}
