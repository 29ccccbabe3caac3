import type { Reason, Status } from '../../attribution/reasons.ts';
import { claimWords } from '../../claims/alert-cause.ts';
import { type Claim, isListed, LISTED_STATUSES, type ListedStatus } from '../../claims/claim.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Claims } from '../../ports/claims.ts';
import type { Notes } from '../../ports/notes.ts';
import { type EpochMillis, formatInstant } from '../../time.ts';
import { type NoteView, noteView } from '../notes/notes.ts';
import {
  addRead,
  cursorOfSweep,
  isRead,
  listClaims,
  type Sweep,
  saltSweep,
  startSweep,
  sweepOf,
  YES,
} from './claim-sweep.ts';
import { type Cursor, CursorError, readCursor, tagOf, writeCursor } from './cursor.ts';
import type { PartOfClaim } from './visible-tables.ts';

/**
 * A row of `/sessions`: a claim whose status is not `attributed`. The caller can choose its texts: escape them before
 * you show them.
 */
export interface SessionRow {
  /** The claim's ID. Notes about the claim are filed under `claim:<id>`. */
  readonly id: string;
  readonly status: Status;
  readonly caller: Pick<Claim['caller'], 'kind' | 'uid' | 'username' | 'sessionName' | 'accessKeyId'>;
  readonly count?: number;
  readonly first?: string;
  readonly last?: string;
  readonly reasons: readonly Reason[];
  /** A sentence for each reason. */
  readonly why: readonly string[];
  /** A sentence that says what to do about this claim. */
  readonly nextStep?: string;
  /**
   * The actors or candidates of the claim's records, each with its kind: `iam-user alice`. Absent if there are none.
   */
  readonly actors?: readonly string[];
  readonly clusters: readonly string[];
  readonly namespaces: readonly string[];
  /** Whether settle can still change the claim's answers. */
  readonly open: boolean;
  /** When the claim was created. Absent over files, which do not store claims. */
  readonly openedAt?: string;
  readonly alertedAt?: string;
  /** The newest notes about the claim. Absent if they were not requested. */
  readonly notes?: readonly NoteView[];
}

export interface SessionsRequest extends ClaimsRequest {
  /** Whether each row should have its notes. Each row takes one request to the table. */
  readonly hasNotes?: boolean;
}

export interface SessionsAnswer {
  readonly sessions: readonly SessionRow[];
  /** The cursor of the next page. Absent after the last page. */
  readonly cursor?: string;
}

/**
 * Returns the claims with a status, latest first. After these come claims that moved while pages were read, and claims
 * with events in the future. Counts are those of settle's last pass. A claim that settle has not decided yet has none.
 * @throws CursorError if the service did not issue the cursor for this status.
 * @throws PositionError if a position in the cursor is not from this store.
 */
export async function listSessions(request: SessionsRequest, claims: ListedClaims): Promise<SessionsAnswer> {
  const page = await claimsPage(request, claims);
  return { sessions: page.claims.map(sessionRow), ...(page.cursor !== undefined && { cursor: page.cursor }) };
}

/** The fields of a claim that a row shows. */
export type ShownClaim = Pick<Claim, 'id' | 'caller' | 'status' | 'summary' | 'first' | 'last' | 'due' | 'alerted'> &
  Partial<Pick<Claim, 'openedAt'>> &
  Pick<PartOfClaim, 'isPart' | 'hasMore'>;

/** Returns a claim in the form of a row. */
export function sessionRow(claim: ShownClaim): SessionRow {
  const { kind, uid, username, sessionName, accessKeyId } = claim.caller;
  const { summary, alerted, status } = claim;
  const reasons = summary?.reasons ?? [];
  return {
    id: claim.id,
    status,
    caller: { kind, uid, username, sessionName, accessKeyId },
    ...countOf(claim),
    reasons,
    ...(isListed(status) ? claimWords(status, { reasons }) : { why: [] }),
    ...(summary && summary.actors.length > 0 && { actors: summary.actors }),
    clusters: summary?.clusters ?? [],
    namespaces: summary?.namespaces ?? [],
    open: claim.due !== undefined,
    ...openingOf(claim),
    ...(alerted && { alertedAt: formatInstant(alerted.at) }),
  };
}

/**
 * Returns the number of the claim's records, and its first and last time. If only a part of the claim is visible, these
 * are those of that part.
 */
function countOf(claim: ShownClaim): Pick<SessionRow, 'count' | 'first' | 'last'> {
  const { summary, hasMore = false } = claim;
  const whole: Partial<ShownClaim> = claim.isPart === true ? {} : claim;
  const first = summary?.first ?? timeText(whole.first);
  const last = summary?.last ?? timeText(whole.last);
  return {
    ...(summary && !hasMore && { count: summary.count }),
    ...(first && { first }),
    ...(last && { last }),
  };
}

function openingOf({ openedAt, isPart }: ShownClaim): Pick<SessionRow, 'openedAt'> {
  return openedAt === undefined || isPart === true ? {} : { openedAt: formatInstant(openedAt) };
}

function timeText(at: EpochMillis | undefined): string | undefined {
  return at === undefined ? undefined : formatInstant(at);
}

/** The store from which claims are listed. */
type ListedClaims = Pick<Claims, 'list'>;

interface ClaimsRequest {
  /** Selects one status. If absent, the lists of all statuses are read one after another. */
  readonly status?: ListedStatus | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface ClaimsAnswer {
  readonly claims: readonly Claim[];
  /** The cursor of the next page. Absent after the last page. */
  readonly cursor?: string;
}

/**
 * The maximum number of claims that one request reads from each list on the way up. For one page, there are at most
 * `MOST_PARTS` such requests to each list.
 */
const LISTED_AT_ONCE = 100;
const MOST_PARTS = 32;

interface Part {
  readonly claims: readonly Claim[];
  readonly next: Cursor | undefined;
  readonly sweep: Sweep;
  /** Whether there are more claims than the page has room for. */
  readonly isFull: boolean;
}

/**
 * Returns a page of claims. First the lists are read down, one after another. Then all lists are read up together,
 * because a claim may have moved to a place that was read before. On the way up, a full page looks for one more claim.
 * So it is known whether the page is the last one.
 */
async function claimsPage({ status, limit, cursor }: ClaimsRequest, claims: ListedClaims): Promise<ClaimsAnswer> {
  const lists = status === undefined ? LISTED_STATUSES : [status];
  const of = tagOf(`sessions ${status ?? ''}`);
  const found: Claim[] = [];
  let next: Cursor | undefined = startIn(lists, cursor, of);
  for (let parts = 0; parts < MOST_PARTS && next !== undefined; parts += 1) {
    const room = limit - found.length;
    if (room === 0 && next.up === undefined) break;
    const part: Omit<Part, 'sweep'> = await partFrom(next, lists, room, claims);
    found.push(...part.claims);
    next = part.next;
    if (part.isFull) break;
  }
  return { claims: found, ...(next !== undefined && { cursor: writeCursor({ ...next, of }) }) };
}

async function partFrom(
  from: Cursor,
  lists: readonly ListedStatus[],
  room: number,
  claims: ListedClaims,
): Promise<Omit<Part, 'sweep'>> {
  const before = sweepOf(from);
  const read = before.isUp ? upwards : downwards;
  const { next, sweep, ...part } = await read(lists, from, before, room, claims);
  return { ...part, next: next && { ...next, ...cursorOfSweep(addRead(sweep, part.claims)) } };
}

async function downwards(
  lists: readonly ListedStatus[],
  { status, claims: position }: Cursor,
  before: Sweep,
  room: number,
  claims: ListedClaims,
): Promise<Part> {
  const list = lists.find((each) => each === status) ?? LISTED_STATUSES[0];
  const page = await claims.list(list, { limit: room, position });
  const sweep = startSweep(before, page);
  const unread = page.claims.filter((claim) => !isRead(sweep, claim));
  const part = { claims: unread, sweep, isFull: false };
  if (page.position !== undefined) return { ...part, next: { status: list, claims: page.position } };
  const following = lists[lists.indexOf(list) + 1];
  if (following !== undefined) return { ...part, next: { status: following } };
  // If a list was read to its end with one request, no claim can have moved in between.
  const isAll = lists.length === 1 && position === undefined && page.hasLeftOut !== true;
  return isAll ? { ...part, next: undefined } : { ...part, next: {}, sweep: { ...sweep, isUp: true } };
}

async function upwards(
  lists: readonly ListedStatus[],
  { claims: position }: Cursor,
  before: Sweep,
  room: number,
  claims: ListedClaims,
): Promise<Part> {
  const page = await listClaims(lists, { limit: LISTED_AT_ONCE, position, isUpwards: true }, claims);
  const sweep = saltSweep(before, page);
  const unread = page.claims.flatMap((claim, at) => (isRead(sweep, claim) ? [] : [{ claim, at }]));
  const left = unread[room];
  const taken = unread.slice(0, room).map(({ claim }) => claim);
  if (left !== undefined)
    return { claims: taken, next: { claims: page.positions[left.at - 1] ?? position }, sweep, isFull: true };
  const next = page.position === undefined ? undefined : { claims: page.position };
  return { claims: taken, next, sweep, isFull: false };
}

/**
 * Returns where the page starts.
 * @throws CursorError if the service did not issue the cursor for this status.
 */
function startIn(lists: readonly ListedStatus[], cursor: string | undefined, of: string): Cursor {
  const [first] = lists;
  if (cursor === undefined) return { status: first };
  const may = ['status', 'claims', 'salt', 'read', 'full', 'since', 'up'] as const;
  const start = readCursor(cursor, { needs: ['of'], may, of, path: '/sessions' });
  if (start.up === YES || lists.some((list) => list === start.status)) return start;
  throw new CursorError('This cursor was not issued by /sessions for this query. Start again without a cursor.');
}

/** The maximum number of notes about one claim in an answer. */
const MOST_OF_CLAIM = 50;

/** Returns each row with the newest notes about its claim. */
export async function withNotes(rows: readonly SessionRow[], notes: Notes): Promise<readonly SessionRow[]> {
  return mapConcurrently(rows, async (row) => {
    const found = await notes.about(`claim:${row.id}`, { limit: MOST_OF_CLAIM, position: undefined });
    return { ...row, notes: found.notes.map(noteView) };
  });
}
