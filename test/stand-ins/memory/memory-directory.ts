import {
  distinctionOf,
  type KnownEntry,
  type KnownKind,
  mergeSightings,
  namesOfRecord,
} from '../../../lib/claims/known.ts';
import type { Directory, DirectoryPage, KnownPage } from '../../../lib/ports/directory.ts';
import { PositionError, type TimeRange } from '../../../lib/ports/paging.ts';
import { epochMillis } from '../../../lib/time.ts';
import type { MemoryRecords } from './memory-records.ts';

/** The directory of the records in memory, made from them. */
export class MemoryDirectory implements Directory {
  readonly #records: MemoryRecords;

  constructor(records: MemoryRecords) {
    this.#records = records;
  }

  async known(kind: KnownKind, prefix: string, { limit, position = '', until }: DirectoryPage): Promise<KnownPage> {
    if ([position, until ?? ''].some((place) => place !== '' && !place.startsWith(prefix)))
      throw new PositionError('The position does not belong to this answer.');
    const all = new Map<string, KnownEntry>();
    for (const { record, at = epochMillis(0) } of this.#records.all()) {
      for (const name of namesOfRecord(record).filter((each) => each.kind === kind)) {
        const place = `${name.name} ${distinctionOf(name) ?? ''}`;
        all.set(place, mergeSightings(all.get(place), { ...name, first: at, last: at }));
      }
    }
    const isAsked = (place: string) =>
      all.get(place)?.name.startsWith(prefix) === true && place > position && (until === undefined || place <= until);
    const places = [...all.keys()].sort().filter(isAsked);
    const taken = places.slice(0, limit);
    const last = taken.at(-1);
    return {
      entries: taken.flatMap((place) => all.get(place) ?? []),
      ...(places.length > limit && last !== undefined && { position: last }),
    };
  }

  async sessionsOfRole(roleId: string, { from, to }: TimeRange, most: number): Promise<readonly string[]> {
    const sessions = this.#records.all().flatMap(({ record, session, at }) => {
      const isInTime = (at ?? 0) >= (from ?? 0) && (at ?? 0) <= (to ?? Number.POSITIVE_INFINITY);
      return record.caller.roleId === roleId && session !== undefined && isInTime ? [session] : [];
    });
    return [...new Set(sessions)].sort().slice(0, most + 1);
  }
}
