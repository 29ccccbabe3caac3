import type { ClusterChange } from '../../cloudtrail/cluster-change.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant, parseInstant, startOfDay } from '../../time.ts';
import { CursorError, readCursor, writeCursor } from '../query/cursor.ts';
import type { RecordFilter } from '../query/filter.ts';
import { type PeopleOfAnswer, peopleOfAnswer, resolvePeople } from '../query/people.ts';
import type { RecordsQuestion } from '../query/question.ts';
import { tagOfQuestion } from '../query/records-query.ts';
import type { QueryService } from '../query/records-request.ts';
import {
  attributedChanges,
  type ChangeLookup,
  type ChangeRow,
  changesWithin,
  isByActors,
  isOfClusters,
  newestFirst,
} from './changes.ts';

/** A request to `/changes`. */
export interface ChangesRequest {
  /** The question, whose filter has only `cluster` and `actor`. */
  readonly question: RecordsQuestion;
  /** The range that is read: that of the question, with its defaults. */
  readonly range: Required<{ readonly [End in keyof TimeRange]: EpochMillis }>;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ChangesAnswer extends PeopleOfAnswer {
  /** The newest first. */
  readonly changes: readonly ChangeRow[];
  /** The time range that the pages cover. */
  readonly from: string;
  readonly to: string;
  /** Absent after the last page. A page may end early, because many days were read for it. */
  readonly cursor?: string | undefined;
  /** The same as in `RecordsAnswer`. */
  readonly ambiguousName?: true;
}

type ChangesService = Pick<QueryService, 'sessions' | 'directory' | 'samePerson' | 'budget'> & {
  readonly whois: ChangeLookup;
};

/** The days that are read at once. Most have no change. */
const DAYS_AT_ONCE = 16;

/** The place where a page ended: everything up to this change, in the order of `newestFirst`, was read. */
interface Place {
  readonly at: EpochMillis;
  readonly eventId: string;
  /** How many changes with this time and event ID were given. There are several only if records are forged. */
  readonly given: number;
}

/**
 * Returns a page of the stored changes, the newest first.
 * @throws CursorError if the service did not issue the cursor for this question.
 */
export async function listChanges(
  { question: given, range, limit, cursor }: ChangesRequest,
  service: ChangesService,
): Promise<ChangesAnswer> {
  const of = tagOfQuestion(given);
  const { records } = readCursor(cursor, { needs: ['records', 'of'], may: [], of, path: '/changes' });
  const { question, people, isAmbiguous } = await resolvePeople({ ...given, range }, service);
  const start = records === undefined ? undefined : placeIn(records);
  const { changes, end } = await pageOf({ filter: question.filter, range, limit, start }, service);
  return {
    changes,
    from: formatInstant(range.from),
    to: formatInstant(range.to),
    ...(end !== undefined && {
      cursor: writeCursor({ records: `${formatInstant(end.at)} ${end.given} ${end.eventId}`, of }),
    }),
    ...(isAmbiguous && { ambiguousName: true as const }),
    ...peopleOfAnswer(people),
  };
}

function placeIn(text: string): Place {
  const [time = '', given = '', ...eventId] = text.split(' ');
  const at = parseInstant(time);
  if (at === undefined || !/^\d{1,9}$/.test(given))
    throw new CursorError('This cursor was not issued by /changes. Start again without a cursor.');
  return { at, eventId: eventId.join(' '), given: Number(given) };
}

interface PageQuery extends Pick<ChangesRequest, 'range' | 'limit'> {
  readonly filter: RecordFilter;
  readonly start: Place | undefined;
}

/** A change with its row. */
interface FoundChange {
  readonly change: ClusterChange;
  readonly row: ChangeRow;
}

/** Reads day by day, the newest first, until the page is full or has taken as many requests as it may. */
async function pageOf(
  query: PageQuery,
  service: ChangesService,
): Promise<{ readonly changes: readonly ChangeRow[]; readonly end?: Place }> {
  const { range, limit, start } = query;
  const found: FoundChange[] = [];
  const first = startOfDay(range.from);
  for (let day = startOfDay(Math.min(range.to, start?.at ?? range.to)); day >= first; day -= DAYS_AT_ONCE * DAY) {
    const days = Array.from({ length: DAYS_AT_ONCE }, (_, at) => day - at * DAY).filter((each) => each >= first);
    const matches = await matchesOf(days, query, service);
    found.push(...matches.slice(givenOf(matches, start)));
    const last = found[limit - 1];
    if (found.length > limit && last !== undefined) {
      const page = found.slice(0, limit);
      return { changes: page.map(({ row }) => row), end: endAfter(page, last.change, start) };
    }
    const next = day - days.length * DAY;
    if (service.budget?.isUsedUp === true && next >= first)
      return { changes: found.map(({ row }) => row), end: { at: epochMillis(next + DAY), eventId: LAST, given: 0 } };
  }
  return { changes: found.map(({ row }) => row) };
}

/** Returns the matching changes of some days, the newest first. */
async function matchesOf(
  days: readonly number[],
  { filter, range, start }: PageQuery,
  service: ChangesService,
): Promise<readonly FoundChange[]> {
  const read = changesWithin(await changesOfDays(days, service.sessions), range);
  const left = start === undefined ? read : read.filter((change) => compareWith(start, change) >= 0);
  const ofClusters = left.filter((change) => isOfClusters(change, filter));
  const rows = await attributedChanges(ofClusters, service.whois);
  return ofClusters.flatMap((change, at) => {
    const row = rows[at];
    return row !== undefined && isByActors(row, filter) ? { change, row } : [];
  });
}

/** Comes after every event ID, so that a page begins with the changes before that time. */
const LAST = '~';

/** Returns more than 0 if the change comes after the place in the order of the pages, and 0 if it is there. */
function compareWith({ at, eventId }: Place, change: ClusterChange): number {
  return newestFirst(change, { ...change, at, eventId });
}

/** Returns how many of the matches, which begin at the place, an earlier page had. */
function givenOf(matches: readonly FoundChange[], start: Place | undefined): number {
  if (start === undefined) return 0;
  return Math.min(start.given, matches.filter(({ change }) => compareWith(start, change) === 0).length);
}

/** Returns where the page ends. */
function endAfter(page: readonly FoundChange[], last: ClusterChange, start: Place | undefined): Place {
  const { at, eventId = '' } = last;
  const before = start !== undefined && compareWith(start, last) === 0 ? start.given : 0;
  return { at, eventId, given: before + page.filter(({ change }) => newestFirst(change, last) === 0).length };
}

/** Returns the stored changes of a short time range, the newest first. */
export async function storedChanges(
  range: ChangesRequest['range'],
  sessions: SessionStore,
): Promise<readonly ClusterChange[]> {
  const first = startOfDay(range.from);
  const count = Math.floor((startOfDay(range.to) - first) / DAY) + 1;
  const days = Array.from({ length: count }, (_, at) => first + at * DAY);
  return changesWithin(await changesOfDays(days, sessions), range);
}

async function changesOfDays(days: readonly number[], sessions: SessionStore): Promise<readonly ClusterChange[]> {
  const questions = days.map((day) => {
    return { kind: 'cluster-changes', day: formatInstant(epochMillis(day)).slice(0, 'YYYY-MM-DD'.length) } as const;
  });
  return (await sessions.answer(questions, 'any')).flatMap(({ clusterChange }) => clusterChange ?? []);
}
