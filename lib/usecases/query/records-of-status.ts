import { type Claim, gravest, LISTED_STATUSES, type ListedStatus } from '../../claims/claim.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { ClaimPage } from '../../ports/claims.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { ReadRecord } from '../../ports/records.ts';
import { addRead, cursorOfSweep, isRead, listClaims, type Sweep, startSweep, sweepOf, YES } from './claim-sweep.ts';
import { type Cursor, readCursor } from './cursor.ts';
import { type Matcher, matcherOf } from './filter.ts';
import { fillPage, type Part, type QueryService, type RecordsRequest } from './records-request.ts';

/**
 * The maximum number of claims in one page of a list. `READ_AT_ONCE` is the maximum number whose records are read in
 * parallel.
 */
const LISTED_AT_ONCE = 100;
const READ_AT_ONCE = 32;

interface StatusQuery {
  readonly statuses: readonly ListedStatus[];
  readonly range: TimeRange;
  readonly isMatch: Matcher;
  readonly service: QueryService;
}

interface StatusSweepQuery extends StatusQuery {
  readonly sweep: Sweep;
}

/**
 * A claim, its place in the lists, and where the answer goes on after it. `behind` is undefined after the last claim.
 */
interface ListedClaim {
  readonly claim: Claim;
  readonly place: string;
  readonly behind: Cursor | undefined;
}

/**
 * Records that were read together, with their claims. `next` is the place in the lists where the answer goes on. It has
 * `up` only if the lists are read up from there.
 */
interface PartOfSweep extends Part {
  readonly claims: readonly ListedClaim[];
  readonly sweep: Sweep;
  /** True if lists left out claims, as in `ClaimPage`. */
  readonly hasLeftOut?: true;
}

/**
 * Returns the records with these statuses, claim by claim. A claim is in the list of the most serious status among its
 * records, so the lists of more serious statuses are read too. All lists are merged, with the latest event first.
 * Reading stops at the first claim that ended before the time range.
 */
export function recordsOfStatuses(
  statuses: readonly ListedStatus[],
  { question: { filter, range }, limit, cursor, of }: RecordsRequest & { readonly of: string },
  service: QueryService,
): Promise<Part> {
  const lists = LISTED_STATUSES.filter((listed) => statuses.some((status) => gravest([listed, status]) === listed));
  const may = ['claims', 'claim', 'records', 'salt', 'read', 'up', 'full', 'since'] as const;
  const start = readCursor(cursor, { needs: ['of'], may, of });
  const asking = { statuses, range, isMatch: matcherOf(filter), service };
  const read = async (from: Cursor, room: number) => {
    const part = await partOfSweep(lists, from, room, { ...asking, sweep: sweepOf(from) });
    return { records: part.records, next: placeBehind(part, isBeginning(from)), examined: part.examined };
  };
  return fillPage(start, limit, read, service.budget);
}

async function partOfSweep(
  lists: readonly ListedStatus[],
  from: Cursor,
  room: number,
  asking: StatusSweepQuery,
): Promise<PartOfSweep> {
  if (from.claim !== undefined) return restOfClaim(from, from.claim, room, asking);
  const place = { limit: LISTED_AT_ONCE, position: from.claims, isUpwards: asking.sweep.isUp };
  const page = await listClaims(lists, place, asking.service.claims);
  const sweep = startSweep(asking.sweep, page);
  const part = await readListed(listedOf(page, asking), from, room, { ...asking, sweep });
  return page.hasLeftOut === true ? { ...part, hasLeftOut: true } : part;
}

function isBeginning({ claims, claim, up }: Cursor): boolean {
  return claims === undefined && claim === undefined && up === undefined;
}

/**
 * Returns where the answer goes on. If one part had the lists from beginning to end, no claim can have moved in
 * between. In that case, the lists are not read up again.
 */
function placeBehind({ next, claims, sweep, hasLeftOut }: PartOfSweep, fromBeginning: boolean): Cursor | undefined {
  const isTurn = next?.up !== undefined;
  if (next === undefined || (isTurn && fromBeginning && hasLeftOut !== true)) return undefined;
  const noted = addRead(
    sweep,
    claims.map(({ claim }) => claim),
  );
  return { ...next, ...cursorOfSweep({ ...noted, isUp: sweep.isUp || isTurn }) };
}

/**
 * Reads the rest of a claim that the last page did not finish, even if a new event has moved the claim in the lists.
 */
async function restOfClaim(from: Cursor, id: string, room: number, asking: StatusSweepQuery): Promise<PartOfSweep> {
  const { sweep } = asking;
  const claim = await asking.service.claims.get(id);
  const behind = { claims: from.claims };
  if (claim === undefined) return { records: [], next: behind, examined: 0, claims: [], sweep };
  const page = await recordsOf(claim, room, asking, from.records);
  const next = page.position === undefined ? behind : { ...behind, claim: id, records: page.position };
  return { records: page.records, next, examined: page.examined, claims: [], sweep };
}

/**
 * Returns those claims of a page that were not read yet and may have records in the time range, and where the lists
 * continue after the page. The way up starts where the way down ends.
 */
function listedOf(
  { claims, positions, position }: ClaimPage,
  { range: { from }, sweep }: StatusSweepQuery,
): { readonly listed: readonly ListedClaim[]; readonly end: Cursor | undefined } {
  const places = claims.map((claim, at) => ({ claim, place: positions[at] ?? '' }));
  const isInTime = ({ claim: { last } }: { readonly claim: Claim }) => from === undefined || (last ?? 0) >= from;
  const ended = sweep.isUp ? undefined : places.find((each) => !isInTime(each));
  const isLast = position === undefined || ended !== undefined;
  const turn = sweep.isUp ? undefined : { claims: ended?.place, up: YES };
  const end = isLast ? turn : { claims: position };
  const unread = places.filter((each) => isInTime(each) && !isRead(sweep, each.claim));
  const listed = unread.map(({ claim, place }, at) => {
    return { claim, place, behind: at === unread.length - 1 ? end : { claims: place } };
  });
  return { listed, end };
}

/** Reads the records of the first claims in parallel, and returns as many records as fit into the room. */
async function readListed(
  { listed, end }: ReturnType<typeof listedOf>,
  from: Cursor,
  room: number,
  asking: StatusSweepQuery,
): Promise<PartOfSweep> {
  const { sweep } = asking;
  const taken = firstClaims(listed, room, asking);
  const pages = await mapConcurrently(
    taken,
    async ({ claim }): Promise<MatchingPage> =>
      canHave(claim, asking) ? recordsOf(claim, room, asking) : { records: [], position: undefined, examined: 0 },
  );
  const records: ReadRecord[] = [];
  const read = (count: number) => taken.slice(0, count).filter(({ claim }) => canHave(claim, asking));
  const examined = pages.reduce((sum, page) => sum + page.examined, 0);
  let before: Cursor = { claims: from.claims };
  for (const [at, { claim, place, behind }] of taken.entries()) {
    const left = room - records.length;
    if (left === 0) return { records, next: before, examined, claims: read(at), sweep };
    const found = pages[at] ?? { records: [], position: undefined };
    const page = found.records.length > left ? await recordsOf(claim, left, asking) : found;
    records.push(...page.records);
    if (page.position !== undefined)
      return {
        records,
        next: { claims: place, claim: claim.id, records: page.position },
        examined,
        claims: read(at + 1),
        sweep,
      };
    if (behind === undefined) return { records, next: undefined, examined, claims: read(at + 1), sweep };
    before = behind;
  }
  return { records, next: taken.length === 0 ? end : before, examined, claims: read(taken.length), sweep };
}

/**
 * Returns the first claims whose records are expected to fill the room, by the counts of settle's last pass. A claim
 * that cannot have matching records is included, but not counted.
 */
function firstClaims(listed: readonly ListedClaim[], room: number, asking: StatusQuery): readonly ListedClaim[] {
  let [expected, read] = [0, 0];
  const end = listed.findIndex(({ claim }) => {
    if (!canHave(claim, asking)) return false;
    if (expected >= room || read === READ_AT_ONCE) return true;
    expected += claim.summary?.count ?? 1;
    read += 1;
    return false;
  });
  return end < 0 ? listed : listed.slice(0, end);
}

/**
 * Returns whether a claim can have records with these statuses. New records with them would open the claim. So a closed
 * claim has only the statuses that its summary lists.
 */
function canHave({ due, summary }: Claim, { statuses }: StatusQuery): boolean {
  return due !== undefined || summary === undefined || statuses.some((status) => summary.statuses.includes(status));
}

interface MatchingPage {
  readonly records: readonly ReadRecord[];
  readonly position: string | undefined;
  readonly examined: number;
}

async function recordsOf(
  claim: Claim,
  limit: number,
  { range, isMatch, service }: StatusQuery,
  position?: string,
): Promise<MatchingPage> {
  const page = await service.records.query({ by: 'claim', claim }, range, { limit, position });
  const records = page.records.filter(({ record }) => isMatch(record));
  return { records, position: page.position, examined: page.records.length };
}
