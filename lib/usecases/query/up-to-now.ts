import type { TimeRange } from '../../ports/paging.ts';
import type { RecordReading, RecordsWhere } from '../../ports/records.ts';
import { type EpochMillis, epochMillis, MINUTE, parseInstant } from '../../time.ts';
import type { ReadClaims, ReadTables } from './records-request.ts';

/** How far, in milliseconds, the clock of a user or of a cluster may be ahead of the service's clock. */
export const CLOCKS_APART = 5 * MINUTE;

/**
 * Returns the time at which a range without an end ends. Whoever hands over events chooses their times. Without this
 * limit, an event of the year 2099 would stay on top of every list.
 */
export function endOfOpenRange(now: EpochMillis): EpochMillis {
  return epochMillis(now + CLOCKS_APART);
}

/**
 * Returns whether a range has a start but no end, so that it ends now. A question without a range is about all times.
 */
export function isOpenRange({ from, to }: TimeRange): boolean {
  return from !== undefined && to === undefined;
}

/** The sentence if records after the end of an open range were left out. */
export const LATER = `Records whose time is more than ${CLOCKS_APART / MINUTE} minutes in the future were left out. To see them, give the end of the time range (to).`;

/**
 * Returns the tables, with `end` as the end of open ranges. `hasLater` says whether there were records after the end.
 */
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
  /** Called when there are records after the end. */
  noteLater(): void;
}

/**
 * Reads an open range. It first reads without an end. If a page begins with a record after the end, it starts again,
 * with the end. This costs nothing without such records, and one page otherwise.
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
 * Returns the claims, with `end` as the beginning of each list. So claims with events in the future come last. They are
 * found on the way up, like claims that moved.
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
