import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type RequestSource, sourceOfPages, sourceOfRecords } from '../../lib/usecases/activity/request-source.ts';
import { ShownRequests } from '../access/requests.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { RefusedQuestionError } from '../failures/command-error.ts';

/** The service, question by question. Whoever makes one question too large to be answered keeps the rest from nobody. */
export function serviceRequests({ records }: ServiceAccess): RequestSource {
  return sourceOfPages(records, { isTooLarge: (error) => error instanceof RefusedQuestionError });
}

/** Files, read once for all questions; of a request the stage counts that comes first in them. */
export function fileRequests(visit: (take: (record: AuditRecord) => void) => Promise<void>): RequestSource {
  const shown = new ShownRequests();
  return sourceOfRecords(visit, (record) => shown.isNew(record));
}
