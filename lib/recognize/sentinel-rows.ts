import { type JsonObject, objectAt, parseJson, textAt } from '../json.ts';
import { parseInstant } from '../time.ts';
import { withIsoTimes } from './written-times.ts';

/**
 * Returns the audit event or the CloudTrail record in a row of Microsoft Sentinel. The tables AKSAudit and
 * AWSCloudTrail have its parts in columns. The tables AWSCloudWatch and AWSEKSLogs have it as JSON. Undefined for any
 * other object. Source: FACTS, "Findings".
 */
export function eventOfSentinelRow(given: JsonObject): JsonObject | undefined {
  const isOfTable = 'TimeGenerated' in given || 'TimeGenerated [UTC]' in given;
  const hasTime = isOfTable || 'AuditId' in given || 'AwsEventId' in given;
  if (!hasTime) return undefined;
  const row = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.replace(/ \[UTC\]$/, ''), parsedCell(value)] as const),
  );
  if (typeof row.AuditId === 'string' && typeof row.RequestUri === 'string') return auditEventOf(row);
  if (typeof row.AwsEventId === 'string' && typeof row.EventName === 'string') return trailRecordOf(row);
  return isOfTable ? (objectAt(row, 'Message') ?? objectAt(row, 'RawEvent')) : undefined;
}

/**
 * Returns whether the value is a row of Microsoft Sentinel's table SecurityIncident without its alerts. It has only the
 * IDs of the alerts, and these are not audit IDs. Source: Azure Monitor Logs reference, "SecurityIncident".
 */
export function isIncidentAlone(row: JsonObject): boolean {
  const isIncident = row.Type === 'SecurityIncident' || ('IncidentName' in row && 'AlertIds' in row);
  return isIncident && !Object.keys(row).some((name) => /entit|alerts$/i.test(name));
}

export const NOTE_ON_INCIDENTS =
  'An incident of Microsoft Sentinel states only the IDs of its alerts. Paste its rows of SecurityAlert, or the incident with its entities.';

/** Returns whether these are the columns of one of these tables, in an export from the Azure portal. */
export function areSentinelColumns(columns: readonly string[]): boolean {
  const has = (name: string) => columns.includes(name) || columns.includes(`${name} [UTC]`);
  const isEvent = (has('AuditId') && has('RequestUri')) || (has('AwsEventId') && has('EventName'));
  return isEvent || (has('TimeGenerated') && (has('Message') || has('RawEvent')));
}

/** Parses the JSON of a cell, since tables and exports have objects as text. Returns any other value unchanged. */
function parsedCell(value: unknown): unknown {
  if (value === '') return undefined;
  if (typeof value !== 'string' || !/^\s{0,9}[[{]/.test(value)) return value;
  const parsed = parseJson(value);
  return parsed.ok ? parsed.value : value;
}

function auditEventOf(row: JsonObject): JsonObject {
  return withoutMissing({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: row.Level,
    auditID: row.AuditId,
    stage: row.Stage,
    requestURI: row.RequestUri,
    verb: row.Verb,
    user: row.User,
    impersonatedUser: row.ImpersonatedUser,
    sourceIPs: row.SourceIps,
    userAgent: row.UserAgent,
    objectRef: row.ObjectRef,
    responseStatus: row.ResponseStatus,
    requestReceivedTimestamp: timeOf(row, 'RequestReceivedTime') ?? timeOf(row, 'TimeGenerated'),
    stageTimestamp: timeOf(row, 'StageReceivedTime'),
    annotations: row.Annotations,
  });
}

function trailRecordOf(row: JsonObject): JsonObject {
  const issuer = withoutMissing({
    type: row.SessionIssuerType,
    principalId: row.SessionIssuerPrincipalId,
    arn: row.SessionIssuerArn,
    accountId: row.SessionIssuerAccountId,
    userName: row.SessionIssuerUserName,
  });
  return withoutMissing({
    eventVersion: row.EventVersion,
    eventTime: timeOf(row, 'TimeGenerated'),
    eventName: row.EventName,
    eventSource: row.EventSource,
    eventID: row.AwsEventId,
    sharedEventID: row.SharedEventId,
    eventType: row.EventTypeName,
    awsRegion: row.AWSRegion,
    sourceIPAddress: row.SourceIpAddress,
    userAgent: row.UserAgent,
    errorCode: row.ErrorCode,
    recipientAccountId: row.RecipientAccountId,
    requestParameters: row.RequestParameters,
    responseElements: row.ResponseElements,
    resources: row.Resources,
    userIdentity: withoutMissing({
      type: row.UserIdentityType,
      principalId: row.UserIdentityPrincipalid,
      arn: row.UserIdentityArn,
      accountId: row.UserIdentityAccountId,
      accessKeyId: row.UserIdentityAccessKeyId,
      userName: row.UserIdentityUserName,
      invokedBy: row.UserIdentityInvokedBy,
      sessionContext: Object.keys(issuer).length === 0 ? undefined : { sessionIssuer: issuer },
    }),
  });
}

function withoutMissing(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

/**
 * Returns the time in a column, in RFC 3339. The portal writes it as `3/10/2026, 8:15:07.118 AM`. Undefined if there is
 * no readable time.
 */
function timeOf(row: JsonObject, name: string): string | undefined {
  const text = textAt(row, name);
  if (text === undefined) return undefined;
  const iso = withIsoTimes(text);
  return parseInstant(iso) === undefined ? undefined : iso;
}
