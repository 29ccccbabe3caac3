import { NOBODY_JOINED, withSamePerson } from '../../attribution/same-person.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { RecordPage } from '../../ports/records.ts';
import type { EpochMillis } from '../../time.ts';
import { wholeNamesText } from '../../words/whole-names.ts';
import { type Cursor, readCursor, tagOf, writeCursor } from './cursor.ts';
import { type FieldName, isOpen, type Matcher, matcherOf, withoutWanted } from './filter.ts';
import {
  FirstSeenActors,
  GroupedPlaces,
  type Grouping,
  type Members,
  rangeSince,
  TaggedPlaces,
} from './grouped-places.ts';
import { type PeopleOfAnswer, peopleOfAnswer, resolvePeople } from './people.ts';
import { questionParameters, type RecordsQuestion } from './question.ts';
import { recordsOfStatuses } from './records-of-status.ts';
import { fillPage, type Part, type QueryService, type RecordsRequest } from './records-request.ts';
import { clustersAlike, MOST_PARTITIONS, placesOfNamespaces, planSearch, type SearchPlaces } from './search-plan.ts';
import { LATER, tablesUpTo } from './up-to-now.ts';

export interface RecordsAnswer extends PeopleOfAnswer {
  readonly records: readonly KeptRecord[];
  /** The cursor of the next page. Absent after the last page. */
  readonly cursor?: string;
  /** The number of records that were read for this page. It includes those that do not match. */
  readonly examined: number;
  /**
   * False if the records are not sorted by time. This has three possible causes. Too many records have one audit ID,
   * the records are in too many namespaces, or too many actors are new.
   */
  readonly inOrder?: false;
  /**
   * The clusters that the name of a cluster in the question can mean. Each is given by its ARN, or by its name if the
   * ARN is not known. Only on the first page, if there are several.
   */
  readonly clusters?: readonly string[];
  /**
   * Sentences about what the answer may lack. For example, a pattern matches too many users of clusters, or records
   * have times in the future.
   */
  readonly note?: string;
  /** True if a name in the question means several people. The answer has the records of all of them. */
  readonly ambiguousName?: true;
}

/**
 * Returns a page of records, the newest first. A question by status returns them claim by claim, the claim with the
 * latest event first. If there are too many places to merge, records are returned group by group. A page is full unless
 * it is the last one, or thousands of records or claims were read for it (`examined`). A time range without an end
 * ends now.
 * @throws CursorError if the cursor was not issued for this question.
 * @throws PositionError if a position in the cursor is not from this store.
 * @throws QuestionError if the question matches more namespaces than one question may search.
 */
export async function queryRecords(request: RecordsRequest, tables: QueryService): Promise<RecordsAnswer> {
  const { tables: service, hasLater } = tablesUpTo(tables, tables.end);
  const of = tagOfQuestion(request.question);
  const named = request.cursor === undefined ? (request.question.filter.cluster?.any ?? []) : [];
  const { question, people, isAmbiguous, note: unsearched } = await resolvePeople(request.question, service);
  const [{ records, next, examined, inOrder }, { clusters, note: unlisted }] = await Promise.all([
    pageOf({ ...request, question }, of, service),
    clustersAlike(named, service.directory),
  ]);
  const cursor = next && writeCursor({ ...next, of });
  const { samePerson = NOBODY_JOINED } = service;
  const isEmpty = records.length === 0 && cursor === undefined && request.cursor === undefined;
  const empty = isEmpty ? wholeNamesText(question.filter.flag?.any ?? []) : undefined;
  const note = [unsearched, empty, unlisted, hasLater() ? LATER : undefined].flatMap((each) => each ?? []).join(' ');
  return {
    records: records.map(({ record }) => ({
      ...record,
      attribution: withSamePerson(record.attribution, samePerson),
    })),
    ...(cursor !== undefined && { cursor }),
    examined,
    ...(inOrder === false && { inOrder }),
    ...(clusters.length > 0 && { clusters }),
    ...(note !== '' && { note }),
    ...(isAmbiguous && { ambiguousName: true as const }),
    ...peopleOfAnswer(people),
  };
}

/**
 * Returns the tag of a question, which each of its cursors has. A cursor of another question is refused, because it
 * would start at a wrong place.
 */
export function tagOfQuestion(question: RecordsQuestion): string {
  return tagOf(JSON.stringify(questionParameters(question)));
}

async function pageOf(
  { question, limit, cursor, isQuick }: RecordsRequest,
  of: string,
  service: QueryService,
): Promise<Part> {
  const byPlace = () => readCursor(cursor, { needs: ['records', 'of'], may: ['group'], of });
  const { firstSeenSince: since } = question;
  if (since !== undefined) return readFirstSeen(byPlace(), since, { question, limit, isQuick }, service);
  const way = await planSearch(question, service);
  if (way.by === 'statuses') return recordsOfStatuses(way.statuses, { question, limit, cursor, of }, service);
  return readPlaces(way, byPlace(), { question, limit, isQuick }, service);
}

type PlacesRequest = Omit<RecordsRequest, 'cursor'>;

/**
 * Reads the records of actors that were first seen at `since` or later, according to the directory. If these actors are
 * few, their records are merged. Otherwise they are read in groups.
 */
async function readFirstSeen(
  start: Cursor,
  since: EpochMillis,
  { question, ...page }: PlacesRequest,
  service: QueryService,
): Promise<Part> {
  const { filter, range: given } = question;
  const range = rangeSince(given, since);
  const grouping = new FirstSeenActors({ since, named: filter.actor?.any }, service.directory, service.budget);
  const first = start.group === undefined ? await grouping.members('', undefined) : undefined;
  const reader =
    first?.isLast === true ? readMerged(first, range, start, service) : readGrouped(grouping, range, start, service);
  return fillFrom({ next: reader, met: [] }, start, { question: { filter, range }, ...page }, service);
}

/** The number of records that are read at once if only some of them match. */
const LOOKED_THROUGH = 250;

type Places = Pick<SearchPlaces, 'places' | 'met'>;

async function readPlaces(way: Places, start: Cursor, request: PlacesRequest, service: QueryService): Promise<Part> {
  if (way.places.length === 0) return { records: [], next: undefined, examined: 0 };
  return fillFrom(await readerOf(way, start, request.question, service), start, request, service);
}

async function fillFrom(
  { next, met }: PlacesReader,
  start: Cursor,
  { question: { filter }, limit, isQuick }: PlacesRequest,
  service: QueryService,
): Promise<Part> {
  const left = withoutWanted(filter, met);
  const isMatch = matcherOf(left);
  const isAll = isOpen(left);
  // A quick answer may end after its first part. So even for a small page, the first part reads enough records.
  let least = isQuick === true && !isAll ? LOOKED_THROUGH : 1;
  const part = async (from: Cursor, room: number) => {
    const most = Math.max(room, least);
    if (!isAll) least = LOOKED_THROUGH;
    return next(from, most, (page, isOf) => matchesOf(page, isOf ? matchBoth(isMatch, isOf) : isMatch, room));
  };
  return fillPage(start, limit, part, service.budget);
}

function matchBoth(one: Matcher, other: Matcher): Matcher {
  return (record) => one(record) && other(record);
}

/** Reads at most `most` records, starting at a cursor. Returns those that `select` keeps. */
type ReadOn = (from: Cursor, most: number, select: (page: RecordPage, isOf?: Matcher) => Part) => Promise<Part>;

/** Reads the records of some places. All of them meet the conditions on the fields in `met`. */
interface PlacesReader {
  readonly next: ReadOn;
  readonly met: readonly FieldName[];
}

/** Returns a function that reads all places together, newest first. */
function readMerged({ places, isOf }: Members, range: TimeRange, start: Cursor, { records }: QueryService): ReadOn {
  const reading = records.read(places, range, start.records);
  return async (_from, most, select) => select(await reading.next(most), isOf);
}

function readGrouped(grouping: Grouping, range: TimeRange, start: Cursor, service: QueryService): ReadOn {
  const groups = new GroupedPlaces({ grouping, range, start }, service);
  return (from, most, select) => groups.part(from, most, select);
}

/**
 * Returns a reader for the places. If they have few partitions, it merges them. Otherwise it reads the namespaces,
 * which have a fixed order. If there are too many namespaces as well, it reads them in groups. A cursor that is in a
 * group goes on with groups.
 */
async function readerOf(
  { places, met }: Places,
  start: Cursor,
  { filter, range }: RecordsQuestion,
  service: QueryService,
): Promise<PlacesReader> {
  if (start.group === undefined && places.length <= MOST_PARTITIONS) {
    const reading = service.records.read(places, range, start.records);
    if ((await reading.partitions()) <= MOST_PARTITIONS)
      return { next: async (_from, most, select) => select(await reading.next(most)), met };
  }
  if (!places.some(({ by }) => by === 'namespace' || by === 'own-place' || by === 'other-namespaces'))
    return readerOf(await placesOfNamespaces(filter, range, service), start, { filter, range }, service);
  return { next: readGrouped(new TaggedPlaces(places), range, start, service), met };
}

/** Returns the first matching records, as many as fit into the room, and where the rest of the page begins. */
function matchesOf(page: RecordPage, isMatch: Matcher, room: number): Part {
  const { records, positions, position, inOrder, examined = records.length } = page;
  const order = inOrder === false ? { inOrder } : {};
  const matches: Part['records'][number][] = [];
  for (const [at, read] of records.entries()) {
    if (!isMatch(read.record)) continue;
    if (matches.length === room)
      return { records: matches, next: { records: positions[at - 1] }, examined: at, ...order };
    matches.push(read);
  }
  const next = position === undefined ? undefined : { records: position };
  return { records: matches, next, examined, ...order };
}
