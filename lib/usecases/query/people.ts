import { homeOfId, isActorId, personOf } from '../../attribution/actor-id.ts';
import { NOBODY_JOINED, withIds as withJoinedIds } from '../../attribution/same-person.ts';
import { entryOfPerson, type KnownEntry, namesOfKnown } from '../../claims/known.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { userName } from '../../identity/arn.ts';
import { accountOfKey, asClusterKey, meansCluster } from '../../identity/cluster.ts';
import type { NameDirectory } from '../../ports/directory.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { DAY, epochMillis, parseInstant, startOfDay } from '../../time.ts';
import { inTurns } from '../../turns.ts';
import { hasWildcard, wildcardMatcher } from '../../wildcard.ts';
import type { RecordFilter } from './filter.ts';
import { type KnownRow, knownRow } from './known-row.ts';
import { QuestionError, type RecordsQuestion } from './question.ts';
import type { QueryService } from './records-request.ts';

/**
 * A person or other actor that a name in a question means. Callers can choose its texts: escape them before you show
 * them.
 */
export interface PersonRow extends KnownRow {
  /** The name in the question. */
  readonly query: string;
}

/** A question after its names were looked up, and the people whom these names mean. */
export interface ResolvedQuestion {
  /** The question. Beside each name, its filter has the IDs of everybody who had that name within the time range. */
  readonly question: RecordsQuestion;
  /**
   * The people to show to the user, the last seen first. They share a name in the question with others, or have had
   * other names too.
   */
  readonly people: readonly PersonRow[];
  /** Whether a name means several people. */
  readonly isAmbiguous: boolean;
  /** A sentence about what the answer can lack, because a pattern matches too many users of clusters. */
  readonly note?: string | undefined;
}

/** The directory in which names are looked up, and which IDs are one person. */
export interface NamesService extends Pick<QueryService, 'samePerson'> {
  readonly directory: NameDirectory;
}

/** The fields of a question that can have names of actors. */
const FIELDS_OF_ACTORS = ['actor', 'candidate'] as const;

/**
 * Looks up the names of actors in a question. Returns the question with the IDs of everybody who had these names within
 * its time range. So its answer includes records in which the same person has another name or another ID.
 */
export async function resolvePeople(
  question: RecordsQuestion,
  { directory, samePerson = NOBODY_JOINED }: NamesService,
): Promise<ResolvedQuestion> {
  const { filter, range } = question;
  const given = new Set(
    FIELDS_OF_ACTORS.flatMap((field) => [...(filter[field]?.any ?? []), ...(filter[field]?.not ?? [])]),
  );
  if (given.size === 0) return { question, people: [], isAmbiguous: false };
  const texts = [...given].filter((text) => !isActorId(text));
  const found = await mapConcurrently(texts, async (text) => {
    const { entries, note } = await holdersOf(text, question, directory);
    return { text, entries: entries.map((entry) => withJoinedIds(entry, samePerson)), note };
  });
  const entriesOf = new Map(found.map(({ text, entries }) => [text, entries]));
  const idsOf = (text: string) => [
    ...(samePerson.get(text) ?? []),
    ...(entriesOf.get(text) ?? []).flatMap(({ id, samePerson: ids = [] }) => [
      ...(id === undefined ? [] : [id]),
      ...ids,
    ]),
  ];
  const namesOfFilter = new Set(
    FIELDS_OF_ACTORS.flatMap((field) => filter[field]?.any ?? []).filter((text) => !hasWildcard(text)),
  );
  const people = found.flatMap(({ text, entries }) => (namesOfFilter.has(text) ? peopleOf(text, entries) : []));
  const isAmbiguous = found.some(({ text, entries }) => namesOfFilter.has(text) && areSeveralPeople(entries));
  const note = found.flatMap((each) => each.note ?? []).join(' ') || undefined;
  return { question: { ...question, filter: withIds(filter, idsOf), range }, people, isAmbiguous, note };
}

/** Returns the filter in which each name is followed by the IDs of the actors that it means. */
export function withIds(filter: RecordFilter, idsOf: (name: string) => readonly string[]): RecordFilter {
  const added = (values: readonly string[]) => [...new Set([...values, ...values.flatMap(idsOf)])];
  const resolved = FIELDS_OF_ACTORS.flatMap((field) => {
    const { any, not } = filter[field] ?? {};
    if (any === undefined && not === undefined) return [];
    return [[field, { ...(any && { any: added(any) }), ...(not && { not: added(not) }) }] as const];
  });
  return { ...filter, ...Object.fromEntries(resolved) };
}

/** Returns the directory's actors that had the name within the question's time range, in the question's clusters. */
async function holdersOf(text: string, { filter, range }: RecordsQuestion, directory: NameDirectory): Promise<Holders> {
  const clusters = filter.cluster?.any;
  if (hasWildcard(text)) {
    return actorsLike(text, range, directory, (entry) => isOfClusters(entry, clusters));
  }
  const entries = await directory.actorsNamed(userName(text) ?? text);
  const isHolder = (entry: KnownEntry) => namesOfKnown(entry).includes(text) && hadName(entry, text, range);
  return { entries: entries.filter((entry) => isHolder(entry) && isOfClusters(entry, clusters)) };
}

/** The maximum number of actors that one pattern may mean. Their records are merged. */
const MOST_LIKE = 400;
/**
 * The number of actors in a page of the directory. For one pattern, at most `MOST_READ` users of clusters are read, and
 * as many other actors.
 */
const PAGE = 1_000;
const MOST_READ = 100_000;

interface Holders {
  readonly entries: readonly KnownEntry[];
  /** A sentence about what the entries lack. Undefined if they are complete. */
  readonly note?: string | undefined;
}

/**
 * Returns the directory's actors that the pattern matches: by a name within the time range, by an ARN or by an ID.
 * Anybody with a cluster can invent users in it. If these are too many, the result has only some of them, in turn for
 * each account, and a note. All actors of other kinds are in the result.
 * @param isWanted returns whether an actor may be in the result. Users of clusters outside the question must not use up
 * the limit.
 * @throws QuestionError if too many actors of other kinds match, or exist.
 */
async function actorsLike(
  pattern: string,
  range: TimeRange,
  directory: NameDirectory,
  isWanted: (entry: KnownEntry) => boolean,
): Promise<Holders> {
  const isMatch = wildcardMatcher(pattern);
  const isLike = (entry: KnownEntry) =>
    isWanted(entry) && namesOfKnown(entry).some((text) => isMatch(text) && hadName(entry, text, range));
  const [people, users] = await Promise.all([
    readActors('elsewhere', isLike, directory),
    readActors('cluster', isLike, directory),
  ]);
  const known = MOST_READ.toLocaleString('en');
  if (people.found.length > MOST_LIKE) {
    throw new QuestionError(
      'actor',
      `${pattern} can mean more than ${MOST_LIKE} actors. Give a longer part of the name.`,
    );
  }
  if (!people.isComplete) {
    const reason = `${pattern} was compared with the names of the first ${known} known actors, and matches ${people.found.length}.`;
    throw new QuestionError('actor', `${reason} There are more. Give a whole name, without * and ?.`);
  }
  const turns = inTurns(users.found, ({ id }) => [accountOfUser(id)]);
  const taken = turns.slice(0, MOST_LIKE - people.found.length);
  const left = turns.length - taken.length;
  const notes = [
    ...(left > 0
      ? [`${pattern} also matches other users of clusters (${left}). The answer may lack their requests.`]
      : []),
    ...(users.isComplete ? [] : [`${pattern} was compared with only the first ${known} users of clusters.`]),
  ];
  const todo = left > 0 ? 'Give a longer part of the name, or a cluster.' : 'To find another one, give the whole name.';
  return { entries: [...people.found, ...taken], note: notes.length === 0 ? undefined : [...notes, todo].join(' ') };
}

async function readActors(
  home: 'cluster' | 'elsewhere',
  isLike: (entry: KnownEntry) => boolean,
  directory: NameDirectory,
): Promise<{ readonly found: readonly KnownEntry[]; readonly isComplete: boolean }> {
  const found: KnownEntry[] = [];
  let [position, read]: [string | undefined, number] = [undefined, 0];
  do {
    const page = await directory.known('actor', '', { limit: PAGE, position, home });
    found.push(...page.entries.filter(isLike));
    read += page.entries.length;
    position = page.position;
  } while (position !== undefined && read < MOST_READ);
  return { found, isComplete: position === undefined };
}

function accountOfUser(id = ''): string {
  return accountOfKey(asClusterKey(homeOfId(id)?.of ?? ''));
}

function isOfClusters({ id = '' }: KnownEntry, clusters: readonly string[] | undefined): boolean {
  const home = homeOfId(id);
  if (clusters === undefined || home?.kind !== 'cluster') return true;
  return clusters.some((text) => meansCluster(text, asClusterKey(home.of)));
}

/**
 * Returns whether the actor had the name in the time range, as far as records show it. Times are exact to the day. A
 * name counts until the first record with another name.
 */
export function hadName({ names = [] }: Pick<KnownEntry, 'names'>, text: string, { from, to }: TimeRange): boolean {
  const times = names.find(({ name }) => name === text);
  if (times === undefined) return true; // The only name, or no name: an ARN or an ID.
  const others = names.filter(({ name }) => name !== text);
  const isFirst = others.every(({ first }) => first >= times.first);
  const next = Math.min(...others.flatMap(({ first }) => (first > times.last ? first : [])));
  const isLater = from !== undefined && startOfDay(next) + DAY <= from;
  const isEarlier = to !== undefined && !isFirst && startOfDay(times.first) > to;
  return !isLater && !isEarlier;
}

/**
 * Returns whether the actor in a row had the name in the time range, as `hadName` does for an entry. For a person with
 * several IDs, always returns true, because the names of these IDs overlap.
 */
export function rowHadName({ names, samePerson }: KnownRow, text: string, range: TimeRange): boolean {
  if (samePerson !== undefined) return true;
  const times = names?.map(({ name, first, last }) => {
    const [begin, end] = [first, last].map((time) => parseInstant(time) ?? epochMillis(0));
    return { name, first: begin ?? epochMillis(0), last: end ?? epochMillis(0) };
  });
  return hadName({ names: times }, text, range);
}

/**
 * Returns the actors that a name means if they are several. Also returns a single actor who had other names too.
 * Otherwise empty.
 */
function peopleOf(query: string, entries: readonly KnownEntry[]): readonly PersonRow[] {
  const byPerson = Map.groupBy(entries, personOfEntry);
  const all = [...byPerson.values()].flatMap(([one, ...others]) =>
    one === undefined ? [] : entryOfPerson(one, others),
  );
  const shown = areSeveralPeople(all) ? all : all.filter(({ names }) => names !== undefined);
  return shown.toSorted((a, b) => b.last - a.last).map((entry) => ({ query, ...knownRow(entry) }));
}

/** The maximum number of people in an answer. With invented clusters, a name can mean thousands. */
const MOST_PEOPLE = 100;

/**
 * The people in an answer to a question by name. They share a name in the question with others, or have had other names
 * too.
 */
export interface PeopleOfAnswer {
  readonly people?: readonly PersonRow[];
  /** The number of people who are not listed. */
  readonly morePeople?: number;
}

/**
 * Returns the people to list. If there are too many, the accounts take turns, so that one account cannot hide the
 * people of another.
 */
export function peopleOfAnswer(people: readonly PersonRow[]): PeopleOfAnswer {
  if (people.length === 0) return {};
  const listed = new Set(inTurns(people, ({ accountId }) => [accountId]).slice(0, MOST_PEOPLE));
  const left = people.length - listed.size;
  return { people: people.filter((each) => listed.has(each)), ...(left > 0 && { morePeople: left }) };
}

/**
 * IDs of AWS services and of the cluster's own callers. If several of these have one name, the user still means one
 * thing.
 */
const NO_PEOPLE = /^(?:service|k8s-system)\//;

type PersonId = Pick<KnownEntry, 'id' | 'samePerson'>;

export function areSeveralPeople(entries: readonly PersonId[]): boolean {
  return new Set(entries.map(personOfEntry).filter((id) => !NO_PEOPLE.test(id))).size > 1;
}

function personOfEntry({ id = '', samePerson }: PersonId): string {
  return personOf({ id, samePerson });
}
