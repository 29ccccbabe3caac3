import type { CountedRecord } from '../../lib/counts/contribution.ts';
import { utc } from '../../test/builders/company.ts';
import { MemoryCounts } from '../../test/stand-ins/memory/memory-counts.ts';
import { calmWorld } from '../../test/stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../../test/usecases/service.ts';
import { LeanClaims, LeanWaits } from './lean-claims.ts';
import { LeanRecords } from './lean-records.ts';

/** The whole service over stores that find items like tables do. Hourly counts are dropped. */
export interface LeanService {
  readonly service: Service;
  readonly records: LeanRecords;
  readonly claims: LeanClaims;
  readonly clock: SetClock;
}

/** Returns a service whose clock is one minute after ten minutes of events. */
export function leanService(): LeanService {
  const clock = new SetClock(utc('12:11:00'));
  const world = calmWorld(clock.now);
  const [records, claims] = [new LeanRecords(world), new LeanClaims(world)];
  const counts = new ForgottenCounts(world);
  const stores = { ...memoryStores(world), records, claims, waits: new LeanWaits(), counts };
  return { service: new Service(stores, clock, { withoutLookups: true }), records, claims, clock };
}

class ForgottenCounts extends MemoryCounts {
  override async add(): Promise<void> {}

  override async missing(): Promise<readonly CountedRecord[]> {
    return [];
  }
}
