import { accountsNewTo, actorOfRecord, isOutsideDirectory, type KnownEntry, namesOfKnown } from '../../claims/known.ts';
import { senderOf } from '../../identity/cluster.ts';
import { parseJson, textsAt } from '../../json.ts';
import type { Budget } from '../../ports/budget.ts';
import type { DirectoryPage, NameDirectory } from '../../ports/directory.ts';
import type { Position, TimeRange } from '../../ports/paging.ts';
import type { RecordPage, RecordReading, RecordsWhere } from '../../ports/records.ts';
import { type EpochMillis, epochMillis, startOfDay } from '../../time.ts';
import { type Cursor, CursorError, decodedText, encodedText, tagOf } from './cursor.ts';
import type { Matcher } from './filter.ts';
import type { Part, QueryService } from './records-request.ts';

/** A group of places. It begins after one mark and ends with another. */
interface Group {
  readonly after: string;
  /** The mark at the end of the group. Undefined if nothing of the group has been read. */
  readonly until: string | undefined;
  /** The position at which reading starts in every group: where the last page of the merged answer ended. */
  readonly below: Position | undefined;
}

/** The places of one group. */
export interface Members {
  readonly places: readonly RecordsWhere[];
  /** The mark at the end of the group. It does not change once reading has started. */
  readonly until: string;
  readonly isLast: boolean;
  /** Matches the records in these places that belong to the group. Absent if all of them do. */
  readonly isOf?: Matcher;
}

/**
 * Divides places into groups that end at marks. If a new place appears between two pages, all others must stay in their
 * groups.
 */
export interface Grouping {
  /**
   * Returns the places after the mark `after`: as many as can be merged, or all up to the mark `until` if it is given.
   * An empty mark is the beginning.
   */
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
  /** Reads the records of the group's places. Undefined if the group has no places. */
  readonly reading: RecordReading | undefined;
}

/**
 * Reads more places than can be merged, one group after the other. Within a group, the newest records come first. The
 * groups have no common order in time.
 */
export class GroupedPlaces {
  readonly #of: PlaceGroup;
  readonly #service: QueryService;
  #opened: OpenGroup | undefined;

  constructor(of: PlaceGroup, service: QueryService) {
    this.#of = of;
    this.#service = service;
  }

  /**
   * Reads at most `most` records, starting at a cursor.
   * @param select chooses the records that match the question. Those must also match `isOf`, if given, to belong to
   *   the group.
   */
  async part(from: Cursor, most: number, select: (page: RecordPage, isOf?: Matcher) => Part): Promise<Part> {
    const start = groupOf(from) ?? { after: '', until: undefined, below: from.records };
    const isOpen = start.until !== undefined && start.until === this.#opened?.until;
    const group = isOpen ? this.#opened : await this.#open(start, from);
    if (group === undefined) return { records: [], next: from, examined: 0 };
    const { reading, isOf } = group;
    const part = reading ? select(await reading.next(most), isOf) : { records: [], next: undefined, examined: 0 };
    return { ...part, next: behind(part.next, group), inOrder: false };
  }

  /** Opens the group for reading. Undefined if the budget does not allow another group. */
  async #open(start: Group, { group, records }: Cursor): Promise<OpenGroup | undefined> {
    const { budget, records: store } = this.#service;
    const isFirst = this.#opened === undefined;
    if (!isFirst && budget?.isUsedUp === true) return undefined;
    const { places, until, isLast, isOf } = await this.#of.grouping.members(start.after, start.until);
    if (!isFirst && budget?.allows(places.length) === false) return undefined;
    const position = group === undefined || records === BEGINNING ? start.below : records;
    const reading = places.length === 0 ? undefined : store.read(places, this.#of.range, position);
    if (!isFirst && reading && budget?.allows(await reading.partitions()) === false) return undefined;
    this.#opened = { ...start, until, isLast, isOf, reading };
    return this.#opened;
  }
}

function behind(next: Cursor | undefined, { after, until, below, isLast }: OpenGroup): Cursor | undefined {
  if (next !== undefined) return { ...next, group: textOf({ after, until, below }) };
  return isLast ? undefined : { records: BEGINNING, group: textOf({ after: until, until: undefined, below }) };
}

/** The position in a cursor that stands for the beginning of a group. */
const BEGINNING = '';

function textOf({ after, until = '', below = '' }: Group): string {
  return JSON.stringify([after, until, below]);
}

/**
 * Parses the group in a cursor.
 * @throws CursorError if the service did not issue it.
 */
function groupOf({ group }: Cursor): Group | undefined {
  if (group === undefined) return undefined;
  const parsed = parseJson(group);
  const [after, until, below, ...more] = (parsed.ok && textsAt({ group: parsed.value }, 'group')) || [];
  if (after === undefined || until === undefined || below === undefined || more.length > 0)
    throw new CursorError('This cursor was not issued by /records. Start again without a cursor.');
  return { after, until: until || undefined, below: below || undefined };
}

/** The maximum number of places in a group. Each takes at least one request, and a busy one four. */
const GROUP = 200;
/** The length of a place's tag in characters. */
const TAG = 7;

interface TaggedPlace {
  readonly tag: string;
  /** The digest of the place, if several places have the same tag. Otherwise empty. */
  readonly apart: string;
  readonly place: RecordsWhere;
}

/**
 * Groups places that are all known, sorted by their tags. A mark is a tag, and covers every place with that tag.
 * Clients can search for names that have the same tag. So if a group ends between places with one tag, its mark also
 * has the digest of the last place.
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

  /**
   * Returns the places in order. Computes digests only where they are needed: for the few tags that several places
   * share.
   */
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

/**
 * Returns the mark at the end of the next group. If it is only a tag, it also covers places with that tag that appear
 * later.
 */
function endOf(behind: readonly TaggedPlace[]): string | undefined {
  const last = behind[GROUP - 1] ?? behind.at(-1);
  return last && (behind[GROUP]?.tag === last.tag ? `${last.tag}${last.apart}` : last.tag);
}

/** Returns the tag of a place: 32 bits as text of fixed length. It shows nothing of the names that clients chose. */
function tagOfPlace(place: RecordsWhere): string {
  return tagOf(tagText(place)).padStart(TAG, '0');
}

/** Returns a digest of the place. Unlike for a tag, nobody can find two places with the same digest. */
async function digestOf(place: RecordsWhere): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(tagText(place)));
  return encodedText(String.fromCharCode(...new Uint8Array(bytes).slice(0, 24)));
}

/**
 * Returns a text that identifies the place. The place of all other namespaces is identified only by its kind. Its
 * accounts can become more between two pages.
 */
function tagText(place: RecordsWhere): string {
  if (place.by === 'other-namespaces') return place.by;
  return JSON.stringify(Object.entries(place).sort());
}

/** The maximum number of actors in a group. Each has four partitions of an index, and takes a request for its names. */
const MOST_ACTORS = 100;
/** The number of directory entries in a page. An entry has a few hundred bytes. */
const PAGE = 1_000;
/**
 * The maximum number of pages that are read for one group. If these pages have mainly actors that were first seen
 * earlier, the group has few actors, or none.
 */
const MOST_READS = 100;

/** The actors to find: first seen at `since` or later and, if names are given, with one of the names. */
interface ActorsQuery {
  readonly since: EpochMillis;
  readonly named: readonly string[] | undefined;
}

/** The matching entries of a part of the directory, and the position where it ends. */
interface DirectoryReading {
  readonly matches: readonly KnownEntry[];
  readonly position: string | undefined;
}

/**
 * Groups actors that the directory first saw since a given time, sorted by name. Each group continues in the directory
 * where the previous one ended. So an answer covers them all, even if somebody creates very many actors.
 */
export class FirstSeenActors implements Grouping {
  readonly #query: ActorsQuery;
  readonly #directory: NameDirectory;
  readonly #budget: Budget | undefined;
  #first: Promise<Members> | undefined;

  constructor(query: ActorsQuery, directory: NameDirectory, budget: Budget | undefined) {
    this.#query = query;
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
      found.push(...page.matches);
      position = page.position;
      if (position === undefined) return membersOf(found, end, this.#query.since);
    }
    return membersOf(found, position, this.#query.since);
  }

  #isMuch(reads: number): boolean {
    return reads >= MOST_READS || (reads > 0 && this.#budget?.isUsedUp === true);
  }

  /** Reads a page of the directory, but at most `room` matching entries of it. */
  async #read(position: string | undefined, until: string | undefined, room: number): Promise<DirectoryReading> {
    const page = await this.#page({ limit: PAGE, position, until });
    return page.matches.length <= room ? page : this.#page({ limit: room, position, until });
  }

  async #page(of: DirectoryPage): Promise<DirectoryReading> {
    const { entries, position } = await this.#directory.known('actor', '', of);
    return { matches: entries.filter((entry) => this.#isMatch(entry)), position };
  }

  #isMatch(entry: KnownEntry): boolean {
    const { since, named } = this.#query;
    if (accountsNewTo(entry, since).length === 0) return false;
    if (named === undefined || named.some(isOutsideDirectory)) return true;
    return namesOfKnown(entry).some((text) => named.includes(text));
  }
}

/** The mark for the end of the directory. */
const END = '.';

function membersOf(entries: readonly KnownEntry[], position: string | undefined, since: EpochMillis): Members {
  const accountsById = new Map(entries.map((entry) => [entry.id ?? '', new Set(accountsNewTo(entry, since))]));
  const isOf: Matcher = (record) => accountsById.get(actorOfRecord(record)?.id ?? '')?.has(senderOf(record)) === true;
  const places = [...accountsById.keys()].map((actor) => ({ by: 'actor', actor }) as const);
  return { places, isOf, until: position === undefined ? END : encodedText(position), isLast: position === undefined };
}

/**
 * Returns the part of the time range in which actors first seen at `since` or later can have records. The directory
 * only knows the day.
 */
export function rangeSince({ from, to }: TimeRange, since: EpochMillis): TimeRange {
  return { from: epochMillis(Math.max(from ?? 0, startOfDay(since))), to };
}
