import {
  distinctionOf,
  isListedAt,
  type KnownEntry,
  type KnownKind,
  type KnownName,
  mergeNames,
  mergeSightings,
  namesOfRecord,
  renamedActorOf,
  wholeEntry,
} from '../../../lib/claims/known.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import type { Directory, DirectoryPage, KnownPage } from '../../../lib/ports/directory.ts';
import { PositionError, type TimeRange } from '../../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis } from '../../../lib/time.ts';
import type { MemoryRecords } from './memory-records.ts';

/** The directory of the records in memory, made from them. */
export class MemoryDirectory implements Directory {
  readonly #records: MemoryRecords;
  readonly #clock: Clock;

  constructor(records: MemoryRecords, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  async known(kind: KnownKind, prefix: string, { limit, position = '', until }: DirectoryPage): Promise<KnownPage> {
    if ([position, until ?? ''].some((place) => place !== '' && !place.startsWith(prefix)))
      throw new PositionError('The position does not belong to this answer.');
    const all = this.#entries(kind);
    const isAsked = (place: string) =>
      all.get(place)?.name.startsWith(prefix) === true && place > position && (until === undefined || place <= until);
    const places = [...all.keys()].sort().filter(isAsked);
    const taken = places.slice(0, limit);
    const last = taken.at(-1);
    return {
      entries: taken.flatMap((place) => {
        const entry = all.get(place);
        return entry !== undefined && isListedAt(entry, prefix) ? wholeEntry(entry) : [];
      }),
      ...(places.length > limit && last !== undefined && { position: last }),
    };
  }

  async actorsNamed(name: string): Promise<readonly KnownEntry[]> {
    const named = [...this.#entries('actor').values()].filter((entry) => entry.name === name);
    return named.map(wholeEntry);
  }

  async actorOf(id: string): Promise<KnownEntry | undefined> {
    const entries = [...this.#entries('actor').values()].filter((entry) => entry.id === id).map(wholeEntry);
    return entries.find(({ name, names }) => names === undefined || names[0]?.name === name);
  }

  /** Returns the entries of a kind, by name and what distinguishes entries of one name. */
  #entries(kind: KnownKind): ReadonlyMap<string, KnownEntry> {
    const all = new Map<string, KnownEntry>();
    const note = (name: KnownName, at: EpochMillis) => {
      if (name.kind !== kind) return;
      const place = `${name.name} ${distinctionOf(name) ?? ''}`;
      all.set(place, mergeSightings(all.get(place), { ...name, first: at, last: at }));
    };
    for (const { record, at = epochMillis(0) } of this.#records.all()) {
      for (const name of namesOfRecord(record)) note(name, at);
      const today = renamedActorOf(record);
      if (today !== undefined) note(today, this.#clock());
    }
    const byId = Map.groupBy(all.values(), distinctionOf);
    const withNames = [...all].map(([place, entry]): [string, KnownEntry] => {
      const ofId = byId.get(distinctionOf(entry)) ?? [];
      return [place, kind === 'actor' && ofId.length > 1 ? { ...entry, names: mergeNames(ofId) } : entry];
    });
    return new Map(withNames);
  }

  async sessionsOfRole(roleId: string, { from, to }: TimeRange, most: number): Promise<readonly string[]> {
    const sessions = this.#records.all().flatMap(({ record, session, at }) => {
      const isInTime = (at ?? 0) >= (from ?? 0) && (at ?? 0) <= (to ?? Number.POSITIVE_INFINITY);
      return record.caller.roleId === roleId && session !== undefined && isInTime ? [session] : [];
    });
    return [...new Set(sessions)].sort().slice(0, most + 1);
  }
}
