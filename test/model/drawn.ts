import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { ReadRecord } from '../../lib/ports/records.ts';
import type { Stores } from '../usecases/service.ts';
import { EVENT_DELIVERIES } from './story.ts';

/** Returns all stored records of the story's events. */
export async function storyRecords(stores: Stores): Promise<ReadRecord[]> {
  const ids = EVENT_DELIVERIES.flat().map(({ auditID }) => String(auditID));
  const pages = await Promise.all(
    ids.map((auditId) => stores.records.query({ by: 'audit-id', auditId: auditIdOf(auditId) }, {}, { limit: 9 })),
  );
  return pages.flatMap(({ records }) => records);
}
