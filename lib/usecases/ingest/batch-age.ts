import type { AuditEvent } from '../../audit/audit-event.ts';

/** Requests that take as long as the client likes: their end comes hours after the time that the event bears (FACTS). */
const LONG_SUBRESOURCES = ['exec', 'attach', 'log', 'portforward', 'proxy'];

/**
 * From the oldest audit event of a batch to its arrival, in milliseconds; undefined where no event tells. The end of a
 * long request says nothing of how late the batch is.
 */
export function batchAge(events: readonly { readonly event: AuditEvent }[], now: number): number | undefined {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { event } of events) {
    if (event.at !== undefined && event.at < oldest && !isEndOfLongRequest(event)) oldest = event.at;
  }
  return oldest === Number.POSITIVE_INFINITY ? undefined : now - oldest;
}

function isEndOfLongRequest({ stage, request: { verb, subresource = '' } }: AuditEvent): boolean {
  return stage === 'ResponseComplete' && (verb === 'watch' || LONG_SUBRESOURCES.includes(subresource));
}
