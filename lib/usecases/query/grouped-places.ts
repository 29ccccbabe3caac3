import { parseJson, textsAt } from '../../json.ts';
import type { Position, TimeRange } from '../../ports/paging.ts';
import type { RecordPage, RecordReading, RecordsWhere } from '../../ports/records.ts';
import { type Cursor, CursorError, tagOf } from './cursor.ts';
import type { Part } from './filled-page.ts';
import type { QueryService } from './records-request.ts';

/** Places that are merged at once where there are too many of them: a request each at least, four of busy ones. */
const GROUP = 200;

/** A group of places: those whose tags come behind one up to another. */
interface Group {
  readonly after: string;
  /** Undefined where it is not begun. */
  readonly until: string | undefined;
  /** Where all groups begin: a page that was in order ended there. */
  readonly below: Position | undefined;
}

interface Tagged {
  readonly tag: string;
  readonly place: RecordsWhere;
}

export interface Grouped {
  readonly places: readonly RecordsWhere[];
  readonly range: TimeRange;
  readonly start: Cursor;
}

/**
 * More places than can be merged, in groups: newest first in each, and no order of time over all. A group is named by tags, so that a
 * namespace that is new between two pages moves no other one into another group.
 */
export class GroupedPlaces {
  readonly #of: Grouped;
  readonly #service: QueryService;
  readonly #tagged: readonly Tagged[];
  #reading: { readonly until: string; readonly records: RecordReading } | undefined;
  #isBegun = false;

  constructor(of: Grouped, service: QueryService) {
    this.#of = of;
    this.#service = service;
    const tagged = of.places.map((place) => ({ tag: tagOfPlace(place), place }));
    this.#tagged = tagged.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  }

  /** Some records from there on, as many as `most`; `meant` says which of them count. */
  async part(from: Cursor, most: number, meant: (page: RecordPage) => Part): Promise<Part> {
    const asked = groupOf(from) ?? { after: '', until: undefined, below: from.records };
    const members = this.#membersOf(asked);
    const until = asked.until ?? members.at(-1)?.tag;
    if (until === undefined) return { records: [], next: undefined, examined: 0 };
    const group = { ...asked, until };
    const reading = await this.#readingOf(group, members, from);
    if (reading === undefined) return { records: [], next: from, examined: 0 };
    const part = meant(await reading.next(most));
    return { ...part, next: this.#behind(part.next, group), inOrder: false };
  }

  #membersOf({ after, until }: Group): readonly Tagged[] {
    const behind = this.#tagged.filter(({ tag }) => tag > after);
    const end = until ?? behind[GROUP - 1]?.tag;
    return end === undefined ? behind : behind.filter(({ tag }) => tag <= end);
  }

  /** Undefined where the budget is not for a further group. */
  async #readingOf(
    { until, below }: Group & { readonly until: string },
    members: readonly Tagged[],
    { group, records }: Cursor,
  ): Promise<RecordReading | undefined> {
    if (this.#reading?.until === until) return this.#reading.records;
    const { budget, records: store } = this.#service;
    if (this.#isBegun && budget?.allows(members.length) === false) return undefined;
    const position = group === undefined || records === BEGINNING ? below : records;
    const reading = store.read(
      members.map(({ place }) => place),
      this.#of.range,
      position,
    );
    if (this.#isBegun && budget?.allows(await reading.partitions()) === false) return undefined;
    this.#isBegun = true;
    this.#reading = { until, records: reading };
    return reading;
  }

  #behind(next: Cursor | undefined, { after, until, below }: Group & { readonly until: string }): Cursor | undefined {
    if (next !== undefined) return { ...next, group: textOf({ after, until, below }) };
    const isMore = this.#tagged.some(({ tag }) => tag > until);
    return isMore ? { records: BEGINNING, group: textOf({ after: until, until: undefined, below }) } : undefined;
  }
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

/** Of one length: a text of 32 bits, in which there is nothing of what clients chose. */
function tagOfPlace(place: RecordsWhere): string {
  return tagOf(JSON.stringify(Object.entries(place).sort())).padStart(7, '0');
}
