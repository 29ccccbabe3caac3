import { type Claim, gravest, LISTED_STATUSES, type ListedStatus } from '../../claims/claim.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { ClaimPage } from '../../ports/claims.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { ReadRecord } from '../../ports/records.ts';
import { cursorOfRound, nextRound, type Round, roundOf, wasRead, withRead } from './claim-rounds.ts';
import { type Cursor, readCursor } from './cursor.ts';
import { filled, type Part } from './filled-page.ts';
import { type Matcher, matcherOf } from './filter.ts';
import type { QueryService, RecordsRequest } from './records-request.ts';

/** Claims listed at once, and of these so many at most whose records are read at once. */
const LISTED_AT_ONCE = 100;
const READ_AT_ONCE = 32;

interface Asking {
  readonly statuses: readonly ListedStatus[];
  readonly range: TimeRange;
  readonly isMeant: Matcher;
  readonly service: QueryService;
}

interface AskingInRound extends Asking {
  readonly round: Round;
}

/** One claim, its place in the lists, and where the answer goes on behind it: there, or nowhere. */
interface Listed {
  readonly claim: Claim;
  readonly place: string;
  readonly behind: Cursor | undefined;
}

/** What was read of the lists at once: where they go on bears nothing of the round, which claims were read in it is told. */
interface PartOfRound extends Part {
  readonly claims: readonly Listed[];
}

/**
 * A claim is listed under the gravest status of its records, so those of a lighter one are looked for in the graver
 * lists too. The lists are read side by side, the latest events first: from a claim on that ended before the time range,
 * none is in it.
 */
export function recordsOfStatuses(
  statuses: readonly ListedStatus[],
  { question: { filter, range }, limit, cursor, of }: RecordsRequest & { readonly of: string },
  service: QueryService,
): Promise<Part> {
  const lists = LISTED_STATUSES.filter((listed) => statuses.some((status) => gravest([listed, status]) === listed));
  const may = ['claims', 'claim', 'records', 'read', 'again', 'until'] as const;
  const start = readCursor(cursor, { needs: ['of'], may, of });
  const asking = { statuses, range, isMeant: matcherOf(filter), service };
  const read = async (from: Cursor, room: number) => {
    const round = roundOf(from);
    const part = await partOfRound(lists, from, room, { ...asking, round });
    const next = placeBehind(part, round, isBeginning(from));
    return { records: part.records, next, examined: part.examined };
  };
  return filled(start, limit, read, service.budget);
}

async function partOfRound(
  lists: readonly ListedStatus[],
  from: Cursor,
  room: number,
  asking: AskingInRound,
): Promise<PartOfRound> {
  if (from.claim !== undefined) return restOfClaim(from, from.claim, room, asking);
  const page = await claimsOf(lists, from.claims, asking.service);
  return ofListed(listedOf(page, asking), from, room, asking);
}

function isBeginning({ claims, claim, again }: Cursor): boolean {
  return claims === undefined && claim === undefined && again === undefined;
}

/** What one part has from the beginning of the lists to their end was read at once: nothing moved meanwhile. */
function placeBehind({ next, claims }: PartOfRound, before: Round, isAll: boolean): Cursor | undefined {
  const round = withRead(
    before,
    claims.map(({ claim: { id }, place }) => ({ id, place })),
  );
  if (next !== undefined) return { ...next, ...cursorOfRound(round) };
  const following = isAll ? undefined : nextRound(round);
  return following && cursorOfRound(following);
}

/**
 * The next claims of several lists in their common order. A claim that is in another list meanwhile has its place still, or
 * one before those that were read: so it is read once.
 */
async function claimsOf(
  lists: readonly ListedStatus[],
  position: string | undefined,
  { claims }: QueryService,
): Promise<ClaimPage> {
  const pages = await mapConcurrently(lists, (list) => claims.list(list, { limit: LISTED_AT_ONCE, position }));
  const end = pages.flatMap((page) => page.position ?? []).reduce<string | undefined>(later, undefined);
  const places = new Map<string, { readonly claim: Claim; readonly place: string }>();
  for (const page of pages)
    for (const [at, claim] of page.claims.entries()) {
      const place = page.positions[at] ?? '';
      if (end === undefined || place >= end) places.set(claim.id, { claim, place });
    }
  const inOrder = [...places.values()].sort((a, b) => (a.place > b.place ? -1 : 1));
  const [found, positions] = [inOrder.map(({ claim }) => claim), inOrder.map(({ place }) => place)];
  return { claims: found, positions, ...(end !== undefined && { position: end }) };
}

function later(a: string | undefined, b: string): string {
  return a === undefined || b > a ? b : a;
}

/** A claim that was begun is read to its end, wherever a new event has moved it meanwhile. */
async function restOfClaim(from: Cursor, id: string, room: number, asking: Asking): Promise<PartOfRound> {
  const claim = await asking.service.claims.get(id);
  const behind = { claims: from.claims };
  if (claim === undefined) return { records: [], next: behind, examined: 0, claims: [] };
  const page = await recordsOf(claim, room, asking, from.records);
  const next = page.position === undefined ? behind : { ...behind, claim: id, records: page.position };
  return { records: page.records, next, examined: page.examined, claims: [] };
}

/**
 * The claims of a page of the lists that were not read yet, as far as they can reach into the time range, and where the
 * lists go on at last.
 */
function listedOf(
  { claims, positions, position }: ClaimPage,
  { range: { from }, round }: AskingInRound,
): { readonly listed: readonly Listed[]; readonly end: Cursor | undefined } {
  const places = claims.map((claim, at) => ({ claim, place: positions[at] ?? '' }));
  const lowest = round.again === undefined ? '' : (round.until ?? '');
  const ended = places.findIndex(
    ({ claim: { last }, place }) => (from !== undefined && (last ?? 0) < from) || place <= lowest,
  );
  const end = position === undefined || ended >= 0 ? undefined : { claims: position };
  const inTime = (ended < 0 ? places : places.slice(0, ended)).filter(({ claim }) => !wasRead(round, claim));
  const listed = inTime.map(({ claim, place }, at) => {
    return { claim, place, behind: at === inTime.length - 1 ? end : { claims: place } };
  });
  return { listed, end };
}

/** The records of the first claims of the list, read side by side, as many as there is room for. */
async function ofListed(
  { listed, end }: ReturnType<typeof listedOf>,
  from: Cursor,
  room: number,
  asking: AskingInRound,
): Promise<PartOfRound> {
  const taken = firstClaims(listed, room, asking);
  const pages = await mapConcurrently(
    taken,
    async ({ claim }): Promise<MeantPage> =>
      canHave(claim, asking) ? recordsOf(claim, room, asking) : { records: [], position: undefined, examined: 0 },
  );
  const records: ReadRecord[] = [];
  const read = (count: number) => taken.slice(0, count).filter(({ claim }) => canHave(claim, asking));
  const examined = pages.reduce((sum, page) => sum + page.examined, 0);
  let before: Cursor = { claims: from.claims };
  for (const [at, { claim, place, behind }] of taken.entries()) {
    const left = room - records.length;
    if (left === 0) return { records, next: before, examined, claims: read(at) };
    const found = pages[at] ?? { records: [], position: undefined };
    const page = found.records.length > left ? await recordsOf(claim, left, asking) : found;
    records.push(...page.records);
    if (page.position !== undefined)
      return {
        records,
        next: { claims: place, claim: claim.id, records: page.position },
        examined,
        claims: read(at + 1),
      };
    if (behind === undefined) return { records, next: undefined, examined, claims: read(at + 1) };
    before = behind;
  }
  return { records, next: taken.length === 0 ? end : before, examined, claims: read(taken.length) };
}

/** So many as have the records that there is room for, as settle counted them; those that are skipped are not counted. */
function firstClaims(listed: readonly Listed[], room: number, asking: Asking): readonly Listed[] {
  let [expected, read] = [0, 0];
  const end = listed.findIndex(({ claim }) => {
    if (!canHave(claim, asking)) return false;
    if (expected >= room || read === READ_AT_ONCE) return true;
    expected += claim.tally?.count ?? 1;
    read += 1;
    return false;
  });
  return end < 0 ? listed : listed.slice(0, end);
}

/** Records of a listed status open their claim: a closed one has those that its last pass counted. */
function canHave({ due, tally }: Claim, { statuses }: Asking): boolean {
  return due !== undefined || tally === undefined || statuses.some((status) => tally.statuses.includes(status));
}

interface MeantPage {
  readonly records: readonly ReadRecord[];
  readonly position: string | undefined;
  readonly examined: number;
}

async function recordsOf(
  claim: Claim,
  limit: number,
  { range, isMeant, service }: Asking,
  position?: string,
): Promise<MeantPage> {
  const page = await service.records.query({ by: 'claim', claim }, range, { limit, position });
  const records = page.records.filter(({ record }) => isMeant(record));
  return { records, position: page.position, examined: page.records.length };
}
