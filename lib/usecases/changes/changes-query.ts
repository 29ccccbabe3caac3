import { type ClusterChange, MOST_CHANGES_OF_DAY } from '../../cloudtrail/cluster-change.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { clusterRef, clustersOfAccount } from '../../identity/cluster.ts';
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
  TOO_MANY_CHANGES,
} from './changes.ts';

/** A request to `/changes`. */
export interface ChangesRequest {
  /** The question. Its filter has only `cluster` and `actor.any`. */
  readonly question: RecordsQuestion;
  /** The time range to read: the one of the question, completed with defaults. */
  readonly range: Required<{ readonly [End in keyof TimeRange]: EpochMillis }>;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ChangesAnswer extends PeopleOfAnswer {
  /** The rows of this page, the newest first. */
  readonly changes: readonly ChangeRow[];
  /** The time range that the pages cover. */
  readonly from: string;
  readonly to: string;
  /**
   * The cursor of the next page. Absent after the last page. A page can be short if many days had to be read for it.
   */
  readonly cursor?: string | undefined;
  /** A sentence about changes that may be missing. */
  readonly note?: string;
  /** Present if a name in the query belongs to several people, as in `RecordsAnswer`. */
  readonly ambiguousName?: true;
}

type ChangesService = Pick<QueryService, 'sessions' | 'directory' | 'samePerson' | 'budget'> & {
  readonly whois: ChangeLookup;
};

/** The number of days that are read at once. Most days have no change. */
const DAYS_AT_ONCE = 16;

/** The position at which a page ended. All changes up to it were read, in the order of `newestFirst`. */
interface Place {
  readonly at: EpochMillis;
  readonly eventId: string;
  /**
   * How many changes with this time and event ID were returned so far. There are several only if records are forged.
   */
  readonly given: number;
}

/**
 * Returns a page of the stored changes, the newest first.
 * @throws CursorError if the cursor was not issued for this question.
 */
export async function listChanges(
  { question: given, range, limit, cursor }: ChangesRequest,
  service: ChangesService,
): Promise<ChangesAnswer> {
  const of = tagOfQuestion(given);
  const { records } = readCursor(cursor, { needs: ['records', 'of'], may: [], of, path: '/changes' });
  const { question, people, isAmbiguous } = await resolvePeople({ ...given, range }, service);
  const start = records === undefined ? undefined : placeIn(records);
  const { changes, end, note } = await pageOf({ filter: question.filter, range, limit, start }, service);
  return {
    changes,
    from: formatInstant(range.from),
    to: formatInstant(range.to),
    ...(end !== undefined && {
      cursor: writeCursor({ records: `${formatInstant(end.at)} ${end.given} ${end.eventId}`, of }),
    }),
    ...(note !== undefined && { note }),
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

interface FoundChange {
  readonly change: ClusterChange;
  readonly row: ChangeRow;
}

/** A page of rows, and where it ended. */
interface ChangesPage {
  readonly changes: readonly ChangeRow[];
  readonly end?: Place;
  readonly note?: string;
}

/** The number of changes that are attributed at once. If each was made with another key, each needs a look-up. */
const AT_ONCE = 100;

/** Reads day by day, the newest first, until the page is full or the budget of requests is used up. */
async function pageOf(query: PageQuery, service: ChangesService): Promise<ChangesPage> {
  const { range, limit, start, filter } = query;
  const page = new PageInProgress(query, service);
  const first = startOfDay(range.from);
  const accounts = accountsOf(filter);
  const isRead = (account: string) => !isLeftOut(account, filter);
  for (let day = startOfDay(Math.min(range.to, start?.at ?? range.to)); day >= first; day -= DAYS_AT_ONCE * DAY) {
    const days = Array.from({ length: DAYS_AT_ONCE }, (_, at) => day - at * DAY).filter((each) => each >= first);
    const { changes, isCut } = await changesOfDays(days, service.sessions, accounts, isRead);
    if (isCut) page.note = TOO_MANY_CHANGES;
    const left = changesWithin(changes, range).filter(
      (change) => (start === undefined || compareWith(start, change) >= 0) && isOfClusters(change, filter),
    );
    for (let at = 0; at < left.length; at += AT_ONCE) {
      const end = await page.add(left.slice(at, at + AT_ONCE));
      if (end !== undefined) return page.endedAt(end, limit);
    }
    const next = day - days.length * DAY;
    if (service.budget?.isUsedUp === true && next >= first)
      return page.endedAt({ at: epochMillis(next + DAY), eventId: LAST, given: 0 }, limit);
  }
  return page.endedAt(undefined, limit);
}

/** Collects the rows of a page. */
class PageInProgress {
  readonly #query: PageQuery;
  readonly #service: ChangesService;
  readonly #found: FoundChange[] = [];
  readonly #known = new Map<string, Promise<ChangeRow['attribution']>>();
  /** How many matches at the starting position are skipped, because an earlier page had them. */
  #toSkip: number;
  note: string | undefined;

  constructor(query: PageQuery, service: ChangesService) {
    this.#query = query;
    this.#service = service;
    this.#toSkip = query.start?.given ?? 0;
  }

  /**
   * Adds the matches among these changes. Returns where the page ends if it is full or the budget is used up, and
   * otherwise undefined.
   */
  async add(changes: readonly ClusterChange[]): Promise<Place | undefined> {
    const { filter, limit, start } = this.#query;
    const { whois, budget } = this.#service;
    const rows = await attributedChanges(changes, whois, this.#known);
    for (const [at, change] of changes.entries()) {
      const row = rows[at];
      if (row === undefined || !isByActors(row, filter)) continue;
      if (start !== undefined && this.#toSkip > 0 && compareWith(start, change) === 0) this.#toSkip -= 1;
      else this.#found.push({ change, row });
    }
    const [full, last] = [this.#found[limit - 1], changes.at(-1)];
    if (this.#found.length > limit && full !== undefined)
      return endAfter(this.#found.slice(0, limit), full.change, start);
    return budget?.isUsedUp === true && last !== undefined ? endAfter(this.#found, last, start) : undefined;
  }

  endedAt(end: Place | undefined, limit: number): ChangesPage {
    const changes = this.#found.slice(0, limit).map(({ row }) => row);
    return { changes, ...(end !== undefined && { end }), ...(this.note !== undefined && { note: this.note }) };
  }
}

/** Returns the accounts of the clusters if the filter names each cluster by its ARN. Otherwise undefined. */
function accountsOf({ cluster }: RecordFilter): readonly string[] | undefined {
  const accounts = cluster?.any?.map((text) => clusterRef(text)?.accountId);
  if (accounts === undefined || accounts.includes(undefined)) return undefined;
  return [...new Set(accounts.flatMap((account) => account ?? []))];
}

/** Returns whether the filter leaves out all clusters of the account. */
function isLeftOut(account: string, { cluster }: RecordFilter): boolean {
  return account !== '' && clustersOfAccount(account).every((text) => cluster?.not?.includes(text) === true);
}

/** An event ID that sorts after all others. A page that starts with it has only changes before that time. */
const LAST = '~';

/** Compares a change with a place. More than 0: the change comes after it. 0: the change is at this place. */
function compareWith({ at, eventId }: Place, change: ClusterChange): number {
  return newestFirst(change, { ...change, at, eventId });
}

/** Returns the position at which the next page goes on after `last`. */
function endAfter(page: readonly FoundChange[], last: ClusterChange, start: Place | undefined): Place {
  const { at, eventId = '' } = last;
  const before = start !== undefined && compareWith(start, last) === 0 ? start.given : 0;
  return { at, eventId, given: before + page.filter(({ change }) => newestFirst(change, last) === 0).length };
}

interface StoredChanges {
  /** The newest first. */
  readonly changes: readonly ClusterChange[];
  /** Whether an account made more changes on one of the days than are read. */
  readonly isCut: boolean;
}

/**
 * Returns the stored changes of a short time range, the newest first.
 * @param accountId the account of the clusters. Without it, all accounts are read.
 */
export async function storedChanges(
  range: ChangesRequest['range'],
  sessions: SessionStore,
  accountId: string | undefined,
): Promise<StoredChanges> {
  const first = startOfDay(range.from);
  const count = Math.floor((startOfDay(range.to) - first) / DAY) + 1;
  const days = Array.from({ length: count }, (_, at) => first + at * DAY);
  const { changes, isCut } = await changesOfDays(days, sessions, accountId === undefined ? undefined : [accountId]);
  return { changes: changesWithin(changes, range), isCut };
}

/**
 * Reads the changes of these days, the newest first. Each account is read by itself and only up to a limit. So an
 * account with many changes does not delay the others.
 */
async function changesOfDays(
  days: readonly number[],
  sessions: SessionStore,
  accounts: readonly string[] | undefined,
  isRead: (account: string) => boolean = () => true,
): Promise<StoredChanges> {
  const ofDays = await mapConcurrently(days, async (of) => {
    const day = formatInstant(epochMillis(of)).slice(0, 'YYYY-MM-DD'.length);
    const wanted = accounts ?? (await accountsWithChanges(day, sessions));
    return mapConcurrently(wanted.filter(isRead), (accountId) =>
      sessions.answer([{ kind: 'cluster-changes', day, accountId }], 'any'),
    );
  });
  const answers = ofDays.flat();
  return {
    changes: answers.flat().flatMap(({ clusterChange }) => clusterChange ?? []),
    isCut: answers.some(({ length }) => length >= MOST_CHANGES_OF_DAY),
  };
}

async function accountsWithChanges(day: string, sessions: SessionStore): Promise<readonly string[]> {
  const facts = await sessions.answer([{ kind: 'accounts-with-changes', day }], 'any');
  return [...new Set(facts.flatMap(({ clusterChange }) => (clusterChange ? (clusterChange.accountId ?? '') : [])))];
}
