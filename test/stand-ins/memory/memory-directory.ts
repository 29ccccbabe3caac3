import type { KnownEntry, KnownKind } from '../../../lib/claims/known.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import type { Directory, DirectoryPage, KnownPage } from '../../../lib/ports/directory.ts';
import type { TimeRange } from '../../../lib/ports/paging.ts';
import { RecordNames } from '../../../lib/usecases/query/record-names.ts';
import type { MemoryRecords } from './memory-records.ts';

/** The directory of the records in memory, made from them. */
export class MemoryDirectory implements Directory {
  readonly #records: MemoryRecords;
  readonly #clock: Clock;

  constructor(records: MemoryRecords, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  async known(kind: KnownKind, prefix: string, page: DirectoryPage): Promise<KnownPage> {
    return this.#names().known(kind, prefix, page);
  }

  async actorsNamed(name: string): Promise<readonly KnownEntry[]> {
    return this.#names().actorsNamed(name);
  }

  async actorOf(id: string): Promise<KnownEntry | undefined> {
    return this.#names().actorOf(id);
  }

  async unlisted(): Promise<readonly string[]> {
    return [];
  }

  async sessionsOfRole(roleId: string, { from, to }: TimeRange, most: number): Promise<readonly string[]> {
    const sessions = this.#records.all().flatMap(({ record, session, at }) => {
      const isInTime = (at ?? 0) >= (from ?? 0) && (at ?? 0) <= (to ?? Number.POSITIVE_INFINITY);
      return record.caller.roleId === roleId && session !== undefined && isInTime ? [session] : [];
    });
    return [...new Set(sessions)].sort().slice(0, most + 1);
  }

  #names(): RecordNames {
    return new RecordNames(this.#records.all(), this.#clock());
  }
}
