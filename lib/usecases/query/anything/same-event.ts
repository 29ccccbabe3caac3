import { type AuditRecord, type RecordHead, recordHead } from '../../../attribution/record.ts';
import type { AuditEvent } from '../../../audit/audit-event.ts';

/**
 * The record of this very event: the client may have sent the audit id of another request, which time and request tell, and
 * a text that was changed by hand, as in its access key, is to be answered for as it stands.
 */
export function recordOfEvent(event: AuditEvent, records: readonly AuditRecord[]): AuditRecord | undefined {
  const identity = identityOf(recordHead(event, undefined));
  return records.find((record) => identityOf(record) === identity);
}

function identityOf({ auditId, time, stage, request, caller }: RecordHead): string {
  return JSON.stringify([
    auditId,
    time,
    stage,
    request?.verb,
    request?.uri,
    caller.uid,
    caller.username,
    caller.accessKeyId,
  ]);
}
