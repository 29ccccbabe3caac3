import type { AuditEvent } from './audit-event.ts';

/** In place of an entry of a log group: the audit event that its message is, read before the envelope is unwrapped. */
export class LoggedEvent {
  readonly event: AuditEvent;
  /** The digest of its identity (`eventIdentity`), where whoever read it made it. */
  readonly id: string | undefined;

  constructor(event: AuditEvent, id: string | undefined) {
    this.event = event;
    this.id = id;
  }
}
