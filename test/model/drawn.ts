import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { ReadRecord } from '../../lib/ports/records.ts';
import type { Stores } from '../usecases/service.ts';
import { EVENT_DELIVERIES } from './story.ts';

/** All that is stored of the story's events. */
export async function storyRecords(stores: Stores): Promise<ReadRecord[]> {
  const ids = EVENT_DELIVERIES.flat().map(({ auditID }) => String(auditID));
  const pages = await Promise.all(
    ids.map((auditId) => stores.records.query({ by: 'audit-id', auditId: auditIdOf(auditId) }, {}, { limit: 9 })),
  );
  return pages.flatMap(({ records }) => records);
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
