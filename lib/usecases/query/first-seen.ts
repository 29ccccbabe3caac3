import { actorKey, actorOfRecord, type KnownEntry, namesOfKnown } from '../../claims/known.ts';
import type { Budget } from '../../ports/budget.ts';
import type { Directory, DirectoryPage } from '../../ports/directory.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, startOfDay } from '../../time.ts';
import { decodedText, encodedText } from './cursor.ts';
import type { Matcher } from './filter.ts';
import type { Grouping, Members } from './grouped-places.ts';

/** Actors whose records are merged: each has four partitions of an index, and a request for its names. */
const MOST_ACTORS = 100;
/** Entries of the directory that are read at once, some hundred bytes each. */
const PAGE = 1_000;
/** … and how often for one group: of more old actors than this, a group may have few new ones, or none. */
const MOST_READS = 100;

/** Who is asked for: first seen since then and, where some are named, one of these. */
export interface AskedActors {
  readonly since: EpochMillis;
  readonly named: readonly string[] | undefined;
}

/** Those of a page of the directory that are meant, and where it ends. */
interface Read {
  readonly meant: readonly KnownEntry[];
  readonly position: string | undefined;
}

/**
 * The actors that the directory has from a time on and none earlier, in groups by their names: the directory is read on from
 * where a group ends, so that nobody can make more of them than are answered.
 */
export class FirstSeenActors implements Grouping {
  readonly #asked: AskedActors;
  readonly #directory: Directory;
  readonly #budget: Budget | undefined;
  #first: Promise<Members> | undefined;

  constructor(asked: AskedActors, directory: Directory, budget: Budget | undefined) {
    this.#asked = asked;
    this.#directory = directory;
    this.#budget = budget;
  }

  members(after: string, until: string | undefined): Promise<Members> {
    if (after !== '' || until !== undefined) return this.#members(after, until);
    this.#first ??= this.#members(after, until);
    return this.#first;
  }

  async #members(after: string, until: string | undefined): Promise<Members> {
    const isBegun = until !== undefined;
    const end = isBegun && until !== END ? decodedText(until) : undefined;
    const found: KnownEntry[] = [];
    let position = after === '' ? undefined : decodedText(after);
    for (let reads = 0; isBegun || (found.length < MOST_ACTORS && !this.#isMuch(reads)); reads += 1) {
      const room = isBegun ? Number.POSITIVE_INFINITY : MOST_ACTORS - found.length;
      const page = await this.#read(position, end, room);
      found.push(...page.meant);
      position = page.position;
      if (position === undefined) return membersOf(found, end);
    }
    return membersOf(found, position);
  }

  #isMuch(reads: number): boolean {
    return reads >= MOST_READS || (reads > 0 && this.#budget?.isUsedUp === true);
  }

  /** A page of the directory that has no more than `room` of those that are meant. */
  async #read(position: string | undefined, until: string | undefined, room: number): Promise<Read> {
    const page = await this.#page({ limit: PAGE, position, until });
    return page.meant.length <= room ? page : this.#page({ limit: room, position, until });
  }

  async #page(of: DirectoryPage): Promise<Read> {
    const { entries, position } = await this.#directory.known('actor', '', of);
    return { meant: entries.filter((entry) => this.#isMeant(entry)), position };
  }

  #isMeant(entry: KnownEntry): boolean {
    const { since, named } = this.#asked;
    if (entry.first < since) return false;
    return named === undefined || namesOfKnown(entry).some((text) => named.includes(text));
  }
}

/** In place of a mark: the directory's end. */
const END = '.';

function membersOf(entries: readonly KnownEntry[], position: string | undefined): Members {
  const keys = new Set(entries.map(actorKey));
  const isOf: Matcher = (record) => {
    const actor = actorOfRecord(record);
    return actor !== undefined && keys.has(actorKey(actor));
  };
  const names = new Set(entries.map(({ name }) => name));
  const places = [...names].map((actor) => ({ by: 'actor', actor }) as const);
  return { places, isOf, until: position === undefined ? END : encodedText(position), isLast: position === undefined };
}

/** The times that records of who was first seen since then can have: the directory is exact to the day. */
export function rangeSince({ from, to }: TimeRange, since: EpochMillis): TimeRange {
  return { from: epochMillis(Math.max(from ?? 0, startOfDay(since))), to };
}
