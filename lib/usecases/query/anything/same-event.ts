import { type AuditRecord, type RecordHead, recordHead } from '../../../attribution/record.ts';
import type { AuditEvent } from '../../../audit/audit-event.ts';

/** The record of this very event: the client may have sent the audit id of another request, which time and request tell. */
export function recordOfEvent(event: AuditEvent, records: readonly AuditRecord[]): AuditRecord | undefined {
  const identity = identityOfEvent(event);
  return records.find((record) => identityOfRecord(record) === identity);
}

export function identityOfEvent(event: AuditEvent): string {
  return identityOfRecord(recordHead(event, undefined));
}

/** The same for an event and its record, and for no other event's. */
export function identityOfRecord({ auditId, time, stage, request, caller }: RecordHead): string {
  return JSON.stringify([auditId, time, stage, request?.verb, request?.uri, caller.uid, caller.username]);
}
