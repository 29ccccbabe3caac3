import type { TimeRange } from '../../ports/paging.ts';
import type { RecordReading, RecordsWhere } from '../../ports/records.ts';
import { type EpochMillis, epochMillis, MINUTE, parseInstant } from '../../time.ts';
import type { ReadClaims, ReadTables } from './records-request.ts';

/** How far the clock of whoever asks, or of a cluster, may be ahead of the service's. */
export const CLOCKS_APART = 5 * MINUTE;

/** Returns the end of a range that states none: whoever hands events over chooses their times, and an event of 2099 would stay on top of every list. */
export function endOfOpenRange(now: EpochMillis): EpochMillis {
  return epochMillis(now + CLOCKS_APART);
}

/** Returns whether a range has a start and no end, so that it ends now. A question without a range is about all of time. */
export function isOpenRange({ from, to }: TimeRange): boolean {
  return from !== undefined && to === undefined;
}

/** Says that records after the end of an open range were left out. */
export const LATER = `Records whose time is more than ${CLOCKS_APART / MINUTE} minutes in the future were left out. To see them, give the end of the time range (to).`;

/** Returns the tables in which open ranges end at `end`, and whether records after it were met. */
export function tablesUpTo<T extends ReadTables>(
  tables: T,
  end: EpochMillis | undefined,
): { readonly tables: T; hasLater(): boolean } {
  if (end === undefined) return { tables, hasLater: () => false };
  let hasLater = false;
  const noteLater = () => {
    hasLater = true;
  };
  const { records, claims } = tables;
  const read = (where: RecordsWhere | readonly RecordsWhere[], range: TimeRange, position: string | undefined) => {
    const isById = [where].flat().some(({ by }) => by === 'audit-id');
    const begin = (of: TimeRange) => records.read(where, of, position);
    return isById || !isOpenRange(range) ? begin(range) : new ReadingUpTo(begin, range, { end, noteLater });
  };
  const upTo = {
    ...tables,
    records: {
      sessionsOf: (wanted) => records.sessionsOf(wanted),
      ofClaim: (claim, page) => records.ofClaim(claim, page),
      read,
      query: (where, range, { limit, position }) => read(where, range, position).next(limit),
    },
    claims: {
      get: (id) => claims.get(id),
      registered: (ids) => claims.registered(ids),
      ...claimsUpTo(claims, end),
    },
  } satisfies ReadTables;
  return { tables: upTo, hasLater: () => hasLater };
}

interface Limit {
  readonly end: EpochMillis;
  /** Notes that there are records after the end. */
  noteLater(): void;
}

/**
 * Reads an open range. It asks for an end only once a page begins with a later record. So without such records it costs nothing,
 * and however many there are, they cost one page.
 */
class ReadingUpTo implements RecordReading {
  readonly #begin: (range: TimeRange) => RecordReading;
  readonly #range: TimeRange;
  readonly #limit: Limit;
  #reading: RecordReading;

  constructor(begin: (range: TimeRange) => RecordReading, range: TimeRange, limit: Limit) {
    this.#begin = begin;
    this.#range = range;
    this.#limit = limit;
    this.#reading = begin(range);
  }

  partitions(): Promise<number> {
    return this.#reading.partitions();
  }

  async next(limit: number) {
    const page = await this.#reading.next(limit);
    const [first] = page.records;
    const { end, noteLater } = this.#limit;
    if ((parseInstant(first?.record.time ?? '') ?? 0) <= end) return page;
    noteLater();
    this.#reading = this.#begin({ ...this.#range, to: end });
    return this.#reading.next(limit);
  }
}

/**
 * Returns the claims in lists that begin at `end`, so that claims with events of the future come last: the way up finds them, as it
 * finds those that moved.
 */
export function claimsUpTo(claims: Pick<ReadClaims, 'list'>, end: EpochMillis): Pick<ReadClaims, 'list'> {
  return {
    async list(status, page) {
      const found = await claims.list(status, page);
      if (page.isUpwards === true || (found.claims[0]?.last ?? 0) <= end) return found;
      return { ...(await claims.list(status, { ...page, until: end })), hasLeftOut: true };
    },
  };
}
