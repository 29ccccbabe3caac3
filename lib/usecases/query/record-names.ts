import { isOfCluster } from '../../attribution/actor-id.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import {
  distinctionOf,
  isListedAt,
  type KnownEntry,
  type KnownKind,
  type KnownName,
  mergeNames,
  mergeSeenBy,
  mergeSightings,
  namesOfRecord,
  renamedActorOf,
  sightingOf,
  wholeEntry,
} from '../../claims/known.ts';
import type { DirectoryPage, KnownPage, NameDirectory } from '../../ports/directory.ts';
import { PositionError } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';

/** A record with its parsed time. If the time cannot be parsed, it is absent. */
export interface TimedRecord {
  readonly record: AuditRecord;
  readonly at?: EpochMillis | undefined;
}

/** The directory of names, made from records in memory. */
export class RecordNames implements NameDirectory {
  readonly #records: readonly TimedRecord[];
  readonly #now: EpochMillis;
  readonly #kinds = new Map<KnownKind, ReadonlyMap<string, KnownEntry>>();

  /** @param now decides which of an actor's names is the present one. */
  constructor(records: readonly TimedRecord[], now: EpochMillis) {
    this.#records = records;
    this.#now = now;
  }

  async known(
    kind: KnownKind,
    prefix: string,
    { limit, position = '', until, home }: DirectoryPage,
  ): Promise<KnownPage> {
    if ([position, until ?? ''].some((place) => place !== '' && !place.startsWith(prefix)))
      throw new PositionError('The position does not belong to this answer.');
    const isHome = ({ id }: KnownEntry) => home === undefined || isOfCluster(id) === (home === 'cluster');
    const all = [...this.#entries(kind)].filter(
      ([place, entry]) =>
        entry.name.startsWith(prefix) && place > position && (until === undefined || place <= until) && isHome(entry),
    );
    const taken = all.slice(0, limit);
    const [last] = taken.at(-1) ?? [];
    return {
      entries: taken.flatMap(([, entry]) => (isListedAt(entry, prefix) ? wholeEntry(entry) : [])),
      ...(all.length > limit && last !== undefined && { position: last }),
    };
  }

  async actorsNamed(name: string): Promise<readonly KnownEntry[]> {
    return this.#actors((entry) => entry.name === name);
  }

  async actorOf(id: string): Promise<KnownEntry | undefined> {
    const entries = this.#actors((entry) => entry.id === id);
    return entries.find(({ name, names }) => names === undefined || names[0]?.name === name);
  }

  #actors(isAsked: (entry: KnownEntry) => boolean): readonly KnownEntry[] {
    return [...this.#entries('actor').values()].filter(isAsked).map(wholeEntry);
  }

  /** Returns the entries of one kind, sorted by name. Entries with the same name are sorted by what distinguishes them. */
  #entries(kind: KnownKind): ReadonlyMap<string, KnownEntry> {
    const known = this.#kinds.get(kind) ?? this.#entriesOf(kind);
    this.#kinds.set(kind, known);
    return known;
  }

  #entriesOf(kind: KnownKind): ReadonlyMap<string, KnownEntry> {
    const all = new Map<string, KnownEntry>();
    for (const { record, at = epochMillis(0) } of this.#records) {
      const note = (name: KnownName, time: EpochMillis) => {
        if (name.kind !== kind) return;
        const place = `${name.name} ${distinctionOf(name) ?? ''}`;
        all.set(place, mergeSightings(all.get(place), sightingOf(name, record, time)));
      };
      for (const name of namesOfRecord(record)) note(name, at);
      const today = renamedActorOf(record);
      if (today !== undefined) note(today, this.#now);
    }
    const byId = Map.groupBy(all.values(), distinctionOf);
    const withNames = [...all].map(([place, entry]): [string, KnownEntry] => {
      const ofId = byId.get(distinctionOf(entry)) ?? [];
      if (kind !== 'actor' || ofId.length < 2) return [place, entry];
      const seenBy = mergeSeenBy(ofId.flatMap((each) => each.seenBy ?? []));
      return [place, { ...entry, names: mergeNames(ofId), seenBy }];
    });
    return new Map(withNames.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
