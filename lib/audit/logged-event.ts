import type { AuditEvent } from './audit-event.ts';

/** In place of an entry of a log group: the audit event that its message is, read before the envelope is unwrapped. */
export class LoggedEvent {
  readonly event: AuditEvent;

  constructor(event: AuditEvent) {
    this.event = event;
  }
}
