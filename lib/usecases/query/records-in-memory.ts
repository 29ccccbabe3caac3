import type { AuditRecord } from '../../attribution/record.ts';
import { NOBODY_JOINED, type SamePerson } from '../../attribution/same-person.ts';
import { type ClaimIdentity, gravest, isListed, LISTED_STATUSES } from '../../claims/claim.ts';
import type { KnownKind } from '../../claims/known.ts';
import { countRecord, EMPTY_SUMMARY } from '../../claims/summary.ts';
import { present } from '../../json.ts';
import type { Page, TimeRange } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, parseInstant } from '../../time.ts';
import { joinSentences } from './anything/outcomes.ts';
import { type Matcher, matcherOf } from './filter.ts';
import { FirstSeenActors, rangeSince } from './grouped-places.ts';
import { type KnownAnswer, listKnown } from './known-query.ts';
import { peopleOfAnswer, type ResolvedQuestion, resolvePeople, withIds } from './people.ts';
import { isInRange, type RecordsQuestion } from './question.ts';
import { RecordNames, type TimedRecord } from './record-names.ts';
import type { RecordsAnswer } from './records-query.ts';
import type { RecordsRequest } from './records-request.ts';
import { clustersAlike } from './search-plan.ts';
import {
  type SessionRow,
  type SessionsAnswer,
  type SessionsRequest,
  type ShownClaim,
  sessionRow,
} from './sessions-query.ts';
import { endOfOpenRange, isOpenRange, LATER } from './up-to-now.ts';

/** The settings for questions over records in memory. */
export interface MemorySettings {
  readonly now: EpochMillis;
  readonly samePerson?: SamePerson;
  /** Returns the IDs of everybody who had the name within the time range, according to CloudTrail. */
  holdersOf(name: string, range: TimeRange): readonly string[];
}

interface ClaimedRecord extends TimedRecord {
  readonly claim: ClaimIdentity | undefined;
}

/** The records that match a question, newest first, and the people whom its names mean. */
interface Matches extends Pick<ResolvedQuestion, 'people' | 'isAmbiguous' | 'note'> {
  readonly records: readonly AuditRecord[];
  readonly clusters: readonly string[];
}

/**
 * Answers the questions of a service over records in memory. The code that decides which records match is the same as
 * for the tables. Only sorting and paging are different.
 */
export class RecordsInMemory {
  readonly #settings: MemorySettings;
  readonly #records: ClaimedRecord[] = [];
  readonly #matches = new WeakMap<RecordsQuestion, Promise<Matches>>();
  #names: RecordNames | undefined;
  #rows: readonly SessionRow[] | undefined;

  constructor(settings: MemorySettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#records.length;
  }

  /** Adds a record and, if it has one, its claim. Add all records before the first question. */
  add(record: AuditRecord, claim: ClaimIdentity | undefined): void {
    const at = record.time === undefined ? undefined : parseInstant(record.time);
    this.#records.push({ record, at, claim });
  }

  /** Returns a page of matching records, newest first. Records without a readable time come last. */
  async records({ question, limit, cursor }: RecordsRequest): Promise<RecordsAnswer> {
    const matches = this.#matches.get(question) ?? this.#find(question);
    this.#matches.set(question, matches);
    const { records, clusters, people, isAmbiguous, note } = await matches;
    const page = pageOf(records, limit, cursor);
    return {
      records: page.entries,
      ...(page.cursor !== undefined && { cursor: page.cursor }),
      examined: page.entries.length,
      ...(cursor === undefined && clusters.length > 0 && { clusters }),
      ...(note !== undefined && { note }),
      ...(isAmbiguous && { ambiguousName: true as const }),
      ...peopleOfAnswer(people),
    };
  }

  /** Returns a page of the sessions with a status, latest first. Without a status, it returns all, one status after another. */
  async sessions({ status, limit, cursor }: SessionsRequest): Promise<SessionsAnswer> {
    this.#rows ??= this.#sessionRows();
    const rows = status === undefined ? this.#rows : this.#rows.filter((row) => row.status === status);
    const page = pageOf(rows, limit, cursor);
    return { sessions: page.entries, ...(page.cursor !== undefined && { cursor: page.cursor }) };
  }

  /**
   * Returns a page of the names of one kind.
   * @throws the errors of `listKnown`.
   */
  async known(kind: KnownKind, prefix: string, page: Page): Promise<KnownAnswer> {
    return listKnown(kind, prefix, page, this.#namesService());
  }

  #namesService() {
    this.#names ??= new RecordNames(this.#records, this.#settings.now);
    return { directory: this.#names, samePerson: this.#settings.samePerson ?? NOBODY_JOINED };
  }

  async #find(question: RecordsQuestion): Promise<Matches> {
    const service = this.#namesService();
    const { question: resolved, people, isAmbiguous, note: unsearched } = await resolvePeople(question, service);
    const { filter, range } = resolved;
    const isMatch = matcherOf(withIds(filter, (name) => this.#settings.holdersOf(name, range)));
    const isNew = await this.#firstSeen(resolved);
    const matching = this.#records.filter(({ record }) => isInRange(record, range) && isMatch(record) && isNew(record));
    const end = endOfOpenRange(this.#settings.now);
    const found = isOpenRange(range) ? matching.filter(({ at = end }) => at <= end) : matching;
    const later = found.length < matching.length ? LATER : undefined;
    const { clusters, note: unlisted } = await clustersAlike(question.filter.cluster?.any ?? [], service.directory);
    const note = joinSentences(unsearched, unlisted, later);
    return { records: newestFirst(found).map(({ record }) => record), clusters, people, isAmbiguous, note };
  }

  /** Returns a matcher for records of actors that were first seen at `firstSeenSince` or later. */
  async #firstSeen({ filter, firstSeenSince: since }: RecordsQuestion): Promise<Matcher> {
    if (since === undefined) return () => true;
    const actors = new FirstSeenActors({ since, named: filter.actor?.any }, this.#namesService().directory, undefined);
    const range = rangeSince({}, since);
    const isOf: Matcher[] = [];
    for (let after = ''; ; ) {
      const members = await actors.members(after, undefined);
      if (members.isOf !== undefined) isOf.push(members.isOf);
      if (members.isLast) return (record) => isInRange(record, range) && isOf.some((each) => each(record));
      after = members.until;
    }
  }

  #sessionRows(): readonly SessionRow[] {
    const claims = Map.groupBy(
      this.#records.filter(({ claim }) => claim !== undefined),
      ({ claim }) => claim?.id,
    );
    const rows = [...claims.values()].flatMap((records) => claimOf(records) ?? []);
    return LISTED_STATUSES.flatMap((status) =>
      rows.filter((row) => row.status === status).sort((a, b) => timeOf(b.last) - timeOf(a.last)),
    ).map(sessionRow);
  }
}

/** Returns the claim of these records in the form of a list. Undefined if the list does not show claims with its status. */
function claimOf(records: readonly ClaimedRecord[]): ShownClaim | undefined {
  const [claim] = records.flatMap((each) => each.claim ?? []);
  if (claim === undefined) return undefined;
  const final = epochMillis(0); // Over files, every answer is final.
  const known = { final, isCounted: false, unanswered: [], isReplayed: true } as const;
  const summary = records.reduce((sum, { record }) => countRecord(sum, { record, ...known }, []), EMPTY_SUMMARY);
  const status = gravest(summary.statuses);
  if (status === undefined || !isListed(status)) return undefined;
  const times = records.flatMap(({ at }) => at ?? []).sort((a, b) => a - b);
  return present<ShownClaim>({
    id: claim.id,
    caller: claim.caller,
    status,
    summary,
    first: times[0],
    last: times.at(-1),
  });
}

function timeOf(at: EpochMillis | undefined): number {
  return at ?? Number.NEGATIVE_INFINITY;
}

/** Sorts newest first. Of records with the same time, the one that comes later in the input is first. */
function newestFirst(records: readonly ClaimedRecord[]): readonly ClaimedRecord[] {
  return records.toReversed().sort((a, b) => {
    const [atA, atB] = [timeOf(a.at), timeOf(b.at)];
    return atA === atB ? 0 : atB - atA;
  });
}

/** Returns one page of the entries. The cursor is the number of entries before the page. */
function pageOf<T>(all: readonly T[], limit: number, cursor: string | undefined) {
  const from = Number(cursor ?? 0);
  const end = from + limit;
  return { entries: all.slice(from, end), cursor: end < all.length ? String(end) : undefined };
}
