import { levelOf, NOT_TAKEN } from './field-levels.ts';

/** What is read of a CloudTrail record: texts first, each a place in `TrailBytes.from`, `to` and `escapes`. */
export const TRAIL = {
  eventName: 0,
  eventSource: 1,
  eventTime: 2,
  eventId: 3,
  sharedEventId: 4,
  region: 5,
  roleArn: 6,
  roleSessionName: 7,
  askedSourceIdentity: 8,
  serialNumber: 9,
  accessKeyId: 10,
  expiration: 11,
  assumedRoleId: 12,
  assumedArn: 13,
  sourceIdentity: 14,
  identity: 15,
  request: 16,
  response: 17,
  credentials: 18,
  assumed: 19,
  odd: 20,
} as const;
export const TRAIL_FIELDS = 21;
/** Those below are texts. */
export const TRAIL_TEXTS = TRAIL.identity;

/**
 * The objects of which something is read. A key of another shape of file leaves the record to the plain way; what only some
 * grants have, and what says that the call failed, is noted as odd.
 */
export function trailLevels() {
  return {
    record: levelOf({
      eventName: TRAIL.eventName,
      eventSource: TRAIL.eventSource,
      eventTime: TRAIL.eventTime,
      eventID: TRAIL.eventId,
      sharedEventID: TRAIL.sharedEventId,
      awsRegion: TRAIL.region,
      userIdentity: TRAIL.identity,
      requestParameters: TRAIL.request,
      responseElements: TRAIL.response,
      errorCode: TRAIL.odd,
      items: NOT_TAKEN,
      kind: NOT_TAKEN,
      apiVersion: NOT_TAKEN,
      auditID: NOT_TAKEN,
    }),
    request: levelOf({
      roleArn: TRAIL.roleArn,
      roleSessionName: TRAIL.roleSessionName,
      sourceIdentity: TRAIL.askedSourceIdentity,
      serialNumber: TRAIL.serialNumber,
      principalArn: TRAIL.odd,
      tags: TRAIL.odd,
    }),
    response: levelOf({
      credentials: TRAIL.credentials,
      assumedRoleUser: TRAIL.assumed,
      sourceIdentity: TRAIL.sourceIdentity,
    }),
    credentials: levelOf({ accessKeyId: TRAIL.accessKeyId, expiration: TRAIL.expiration }),
    assumed: levelOf({ assumedRoleId: TRAIL.assumedRoleId, arn: TRAIL.assumedArn }),
  };
}
