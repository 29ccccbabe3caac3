import { actorKey, actorOfRecord, type KnownEntry, namesOfKnown } from '../../claims/known.ts';
import { parseJson, textsAt } from '../../json.ts';
import type { Budget } from '../../ports/budget.ts';
import type { Directory, DirectoryPage } from '../../ports/directory.ts';
import type { Position, TimeRange } from '../../ports/paging.ts';
import type { RecordPage, RecordReading, RecordsWhere } from '../../ports/records.ts';
import { type EpochMillis, epochMillis, startOfDay } from '../../time.ts';
import { type Cursor, CursorError, decodedText, encodedText, tagOf } from './cursor.ts';
import type { Matcher } from './filter.ts';
import type { Part, QueryService } from './records-request.ts';

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

interface PlaceGroup {
  readonly grouping: Grouping;
  readonly range: TimeRange;
  readonly start: Cursor;
}

interface OpenGroup extends Group {
  readonly until: string;
  readonly isLast: boolean;
  readonly isOf: Matcher | undefined;
  /** Undefined where there is nothing in it. */
  readonly reading: RecordReading | undefined;
}

/** More places than can be merged, in groups: newest first in each, and no order of time over all. */
export class GroupedPlaces {
  readonly #of: PlaceGroup;
  readonly #service: QueryService;
  #opened: OpenGroup | undefined;

  constructor(of: PlaceGroup, service: QueryService) {
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
  async #open(asked: Group, { group, records }: Cursor): Promise<OpenGroup | undefined> {
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

function behind(next: Cursor | undefined, { after, until, below, isLast }: OpenGroup): Cursor | undefined {
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
    throw new CursorError('This cursor was not issued by /records. Start again without a cursor.');
  return { after, until: until || undefined, below: below || undefined };
}

/** Places that are merged at once where there are too many of them: a request each at least, four of busy ones. */
const GROUP = 200;
/** Characters of a tag. */
const TAG = 7;

interface TaggedPlace {
  readonly tag: string;
  /** What tells those of one tag apart, where several have it. */
  readonly apart: string;
  readonly place: RecordsWhere;
}

/**
 * Places that are all known, in the order of their tags. Names can be searched for that share a tag: a mark is a tag, which
 * stands for whatever has it, or, where a group ends among those of one, the tag and the digest of a place.
 */
export class TaggedPlaces implements Grouping {
  readonly #byTag: ReadonlyMap<string, readonly RecordsWhere[]>;

  constructor(places: readonly RecordsWhere[]) {
    const byTag = Map.groupBy(places, tagOfPlace);
    this.#byTag = new Map([...byTag].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async members(after: string, until: string | undefined): Promise<Members> {
    const behind = (await this.#tagged([after, until ?? ''])).filter((each) => isBehind(each, after));
    const end = until ?? endOf(behind) ?? after;
    const members = behind.filter((each) => !isBehind(each, end));
    return { places: members.map(({ place }) => place), until: end, isLast: members.length === behind.length };
  }

  /** In their order. Digests are made where somebody may ask for them: most tags are one place's. */
  async #tagged(marks: readonly string[]): Promise<readonly TaggedPlace[]> {
    const cut = new Set(marks.filter((mark) => mark.length > TAG).map(tagIn));
    const groups = [...this.#byTag].map(async ([tag, places]) => {
      if (places.length < 2 && !cut.has(tag)) return places.map((place) => ({ tag, apart: '', place }));
      const all = places.map(async (place) => ({ tag, apart: await digestOf(place), place }));
      return (await Promise.all(all)).sort((a, b) => (a.apart < b.apart ? -1 : 1));
    });
    return (await Promise.all(groups)).flat();
  }
}

function tagIn(mark: string): string {
  return mark.slice(0, TAG);
}

function isBehind({ tag, apart }: TaggedPlace, mark: string): boolean {
  if (tag !== tagIn(mark)) return tag > mark;
  return mark.length > TAG && apart > mark.slice(TAG);
}

/** Where a full group ends. Behind the last of a tag comes whatever is new of it later. */
function endOf(behind: readonly TaggedPlace[]): string | undefined {
  const last = behind[GROUP - 1] ?? behind.at(-1);
  return last && (behind[GROUP]?.tag === last.tag ? `${last.tag}${last.apart}` : last.tag);
}

/** Of one length: a text of 32 bits, in which there is nothing of what clients chose. */
function tagOfPlace(place: RecordsWhere): string {
  return tagOf(tagText(place)).padStart(TAG, '0');
}

/** … and one so strong that nobody finds two places of it. */
async function digestOf(place: RecordsWhere): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(tagText(place)));
  return encodedText(String.fromCharCode(...new Uint8Array(bytes).slice(0, 24)));
}

function tagText(place: RecordsWhere): string {
  return JSON.stringify(Object.entries(place).sort());
}

/** Actors whose records are merged: each has four partitions of an index, and a request for its names. */
const MOST_ACTORS = 100;
/** Entries of the directory that are read at once, some hundred bytes each. */
const PAGE = 1_000;
/** … and how often for one group: of more old actors than this, a group may have few new ones, or none. */
const MOST_READS = 100;

/** Who is asked for: first seen since then and, where some are named, one of these. */
interface ActorsQuery {
  readonly since: EpochMillis;
  readonly named: readonly string[] | undefined;
}

/** Those of a page of the directory that are meant, and where it ends. */
interface DirectoryReading {
  readonly meant: readonly KnownEntry[];
  readonly position: string | undefined;
}

/**
 * The actors that the directory has from a time on and none earlier, in groups by their names: the directory is read on from
 * where a group ends, so that nobody can make more of them than are answered.
 */
export class FirstSeenActors implements Grouping {
  readonly #asked: ActorsQuery;
  readonly #directory: Directory;
  readonly #budget: Budget | undefined;
  #first: Promise<Members> | undefined;

  constructor(asked: ActorsQuery, directory: Directory, budget: Budget | undefined) {
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
  async #read(position: string | undefined, until: string | undefined, room: number): Promise<DirectoryReading> {
    const page = await this.#page({ limit: PAGE, position, until });
    return page.meant.length <= room ? page : this.#page({ limit: room, position, until });
  }

  async #page(of: DirectoryPage): Promise<DirectoryReading> {
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
