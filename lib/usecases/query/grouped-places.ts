import { parseJson, textsAt } from '../../json.ts';
import type { Position, TimeRange } from '../../ports/paging.ts';
import type { RecordPage, RecordReading, RecordsWhere } from '../../ports/records.ts';
import { type Cursor, CursorError } from './cursor.ts';
import type { Part } from './filled-page.ts';
import type { Matcher } from './filter.ts';
import type { QueryService } from './records-request.ts';

/** A group of places: those that come behind one mark up to another. */
interface Group {
  readonly after: string;
  /** Undefined where it is not begun. */
  readonly until: string | undefined;
  /** Where all groups begin: a page that was in order ended there. */
  readonly below: Position | undefined;
}

/** What is in a group. */
export interface Members {
  readonly places: readonly RecordsWhere[];
  /** Where it ends; of one that was begun, where it ended then. */
  readonly until: string;
  readonly isLast: boolean;
  /** Which of the records that lie there count; all of them where it is absent. */
  readonly isOf?: Matcher;
}

/** How places are put into groups: by marks, so that a place that is new between two pages moves no other one into another group. */
export interface Grouping {
  /** What comes behind the mark, which is empty at the beginning: as many as are merged, or up to the end of the group. */
  members(after: string, until: string | undefined): Promise<Members>;
}

export interface Grouped {
  readonly grouping: Grouping;
  readonly range: TimeRange;
  readonly start: Cursor;
}

interface Opened extends Group {
  readonly until: string;
  readonly isLast: boolean;
  readonly isOf: Matcher | undefined;
  /** Undefined where there is nothing in it. */
  readonly reading: RecordReading | undefined;
}

/** More places than can be merged, in groups: newest first in each, and no order of time over all. */
export class GroupedPlaces {
  readonly #of: Grouped;
  readonly #service: QueryService;
  #opened: Opened | undefined;

  constructor(of: Grouped, service: QueryService) {
    this.#of = of;
    this.#service = service;
  }

  /** Some records from there on, as many as `most`; `meant` says which of them count, of those that are the group's. */
  async part(from: Cursor, most: number, meant: (page: RecordPage, isOf?: Matcher) => Part): Promise<Part> {
    const asked = groupOf(from) ?? { after: '', until: undefined, below: from.records };
    const isOpen = asked.until !== undefined && asked.until === this.#opened?.until;
    const group = isOpen ? this.#opened : await this.#open(asked, from);
    if (group === undefined) return { records: [], next: from, examined: 0 };
    const { reading, isOf } = group;
    const part = reading ? meant(await reading.next(most), isOf) : { records: [], next: undefined, examined: 0 };
    return { ...part, next: behind(part.next, group), inOrder: false };
  }

  /** Undefined where the budget is not for a further group. */
  async #open(asked: Group, { group, records }: Cursor): Promise<Opened | undefined> {
    const { budget, records: store } = this.#service;
    const isFirst = this.#opened === undefined;
    if (!isFirst && budget?.isUsedUp === true) return undefined;
    const { places, until, isLast, isOf } = await this.#of.grouping.members(asked.after, asked.until);
    if (!isFirst && budget?.allows(places.length) === false) return undefined;
    const position = group === undefined || records === BEGINNING ? asked.below : records;
    const reading = places.length === 0 ? undefined : store.read(places, this.#of.range, position);
    if (!isFirst && reading && budget?.allows(await reading.partitions()) === false) return undefined;
    this.#opened = { ...asked, until, isLast, isOf, reading };
    return this.#opened;
  }
}

function behind(next: Cursor | undefined, { after, until, below, isLast }: Opened): Cursor | undefined {
  if (next !== undefined) return { ...next, group: textOf({ after, until, below }) };
  return isLast ? undefined : { records: BEGINNING, group: textOf({ after: until, until: undefined, below }) };
}

/** In place of a position: the group is not begun. */
const BEGINNING = '';

function textOf({ after, until = '', below = '' }: Group): string {
  return JSON.stringify([after, until, below]);
}

/** @throws CursorError where it is none that was given out. */
function groupOf({ group }: Cursor): Group | undefined {
  if (group === undefined) return undefined;
  const parsed = parseJson(group);
  const [after, until, below, ...more] = (parsed.ok && textsAt({ group: parsed.value }, 'group')) || [];
  if (after === undefined || until === undefined || below === undefined || more.length > 0)
    throw new CursorError('The cursor is not one that /records gave out.');
  return { after, until: until || undefined, below: below || undefined };
}
