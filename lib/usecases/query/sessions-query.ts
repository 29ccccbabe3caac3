import type { Reason, Status } from '../../attribution/reasons.ts';
import { claimWords } from '../../claims/alert-cause.ts';
import { type Claim, isListed, LISTED_STATUSES, type ListedStatus } from '../../claims/claim.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Claims } from '../../ports/claims.ts';
import type { Notes } from '../../ports/notes.ts';
import { type EpochMillis, formatInstant, parseInstant } from '../../time.ts';
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

/** One row of `/sessions`: a claim that is not attributed. Its texts come from whoever called: show them escaped. */
export interface SessionRow {
  /** The claim's: notes about it are about `claim:<id>`. */
  readonly id: string;
  readonly status: Status;
  readonly caller: Pick<Claim['caller'], 'kind' | 'uid' | 'username' | 'sessionName' | 'accessKeyId'>;
  readonly count?: number;
  readonly first?: string;
  readonly last?: string;
  readonly reasons: readonly Reason[];
  /** Of each reason, in words. */
  readonly why: readonly string[];
  /** What to do about it, in words. */
  readonly nextStep?: string;
  /** Who its records were by, or can have been, each with the kind: `iam-user alice`. Absent where nobody is known. */
  readonly actors?: readonly string[];
  readonly clusters: readonly string[];
  readonly namespaces: readonly string[];
  /** Whether it may still be settled. */
  readonly open: boolean;
  /** Since when the claim is there: its age. */
  readonly openedAt: string;
  readonly alertedAt?: string;
  /** The newest notes about it, where they are asked for. */
  readonly notes?: readonly NoteView[];
}

export interface SessionsRequest extends ClaimsRequest {
  /** Each row with its notes: a request to the table for each. */
  readonly hasNotes?: boolean;
}

export interface SessionsAnswer {
  readonly sessions: readonly SessionRow[];
  /** Absent after the last page. */
  readonly cursor?: string;
}

/**
 * The claims of a status, the latest first, then those that moved while pages were read. Counts are those of settle's last pass,
 * absent before its first.
 * @throws CursorError where the cursor is none of ours, or of another status.
 * @throws PositionError where a place in it is none of the store's.
 */
export async function listSessions(request: SessionsRequest, claims: Claims): Promise<SessionsAnswer> {
  const page = await claimsPage(request, claims);
  return { sessions: page.claims.map(sessionRow), ...(page.cursor !== undefined && { cursor: page.cursor }) };
}

function sessionRow(claim: Claim): SessionRow {
  const { kind, uid, username, sessionName, accessKeyId } = claim.caller;
  const { tally, alerted, status } = claim;
  const reasons = tally?.reasons ?? [];
  const first = shownTime(tally?.first, claim.first);
  const last = shownTime(tally?.last, claim.last);
  return {
    id: claim.id,
    status,
    caller: { kind, uid, username, sessionName, accessKeyId },
    ...(tally && { count: tally.count }),
    ...(first && { first }),
    ...(last && { last }),
    reasons,
    ...(isListed(status) ? claimWords(status, { reasons }) : { why: [] }),
    ...(tally && tally.actors.length > 0 && { actors: tally.actors }),
    clusters: tally?.clusters ?? [],
    namespaces: tally?.namespaces ?? [],
    open: claim.due !== undefined,
    openedAt: formatInstant(claim.openedAt),
    ...(alerted && { alertedAt: formatInstant(alerted.at) }),
  };
}

/** As the event has it, else as the claim knows it; absent where it cannot be read, as an earlier version may have kept it. */
function shownTime(text: string | undefined, at: EpochMillis | undefined): string | undefined {
  const known = at === undefined ? undefined : formatInstant(at);
  return [text, known].find((time) => time !== undefined && parseInstant(time) !== undefined);
}

interface ClaimsRequest {
  /** Of this status; without one the lists of all, one after the other. */
  readonly status?: ListedStatus | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface ClaimsAnswer {
  readonly claims: readonly Claim[];
  /** Absent after the last page. */
  readonly cursor?: string;
}

/** Claims of each list that are looked at together on the way up, and how often for one page: some hundred requests. */
const LISTED_AT_ONCE = 100;
const MOST_PARTS = 32;

interface Part {
  readonly claims: readonly Claim[];
  readonly next: Cursor | undefined;
  readonly sweep: Sweep;
  /** Whether there is more than there was room for. */
  readonly isFull: boolean;
}

/**
 * The claims of the lists, one list after the other, each downwards; then those of all lists together upwards that moved to where
 * a list had been read. A full page looks on the way up as far as nothing is found: so the last one is known to be.
 */
async function claimsPage({ status, limit, cursor }: ClaimsRequest, claims: Claims): Promise<ClaimsAnswer> {
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
  claims: Claims,
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
  claims: Claims,
): Promise<Part> {
  const list = lists.find((each) => each === status) ?? LISTED_STATUSES[0];
  const page = await claims.list(list, { limit: room, position });
  const sweep = startSweep(before, page);
  const unread = page.claims.filter((claim) => !isRead(sweep, claim));
  const part = { claims: unread, sweep, isFull: false };
  if (page.position !== undefined) return { ...part, next: { status: list, claims: page.position } };
  const following = lists[lists.indexOf(list) + 1];
  if (following !== undefined) return { ...part, next: { status: following } };
  // What was read at once has nothing that moved meanwhile.
  const isAll = lists.length === 1 && position === undefined;
  return isAll ? { ...part, next: undefined } : { ...part, next: {}, sweep: { ...sweep, isUp: true } };
}

async function upwards(
  lists: readonly ListedStatus[],
  { claims: position }: Cursor,
  before: Sweep,
  room: number,
  claims: Claims,
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

/** @throws CursorError where the cursor is none of ours, or of another status. */
function startIn(lists: readonly ListedStatus[], cursor: string | undefined, of: string): Cursor {
  const [first] = lists;
  if (cursor === undefined) return { status: first };
  const earlier = /^([a-z]+)~(.*)$/.exec(cursor);
  if (earlier !== null) return ofEarlierVersion(lists, earlier[1], earlier[2] || undefined);
  const may = ['status', 'claims', 'salt', 'read', 'full', 'since', 'up'] as const;
  const start = readCursor(cursor, { needs: ['of'], may, of, path: '/sessions' });
  if (start.up === YES || lists.some((list) => list === start.status)) return start;
  throw new CursorError('This cursor was not issued by /sessions for this query. Start again without a cursor.');
}

/** It says nothing of what was read: as far as anybody knows, all that has not moved since. */
function ofEarlierVersion(
  lists: readonly ListedStatus[],
  name: string | undefined,
  position: string | undefined,
): Cursor {
  const list = lists.find((each) => each === name);
  if (list !== undefined) return { status: list, claims: position, full: YES };
  throw new CursorError('This cursor was not issued by /sessions for this query. Start again without a cursor.');
}

/** Of one claim: who looked at a session so often looked at it. */
const MOST_OF_CLAIM = 50;

/** Each row with the newest notes about its claim. */
export async function withNotes(rows: readonly SessionRow[], notes: Notes): Promise<readonly SessionRow[]> {
  return mapConcurrently(rows, async (row) => {
    const found = await notes.about(`claim:${row.id}`, { limit: MOST_OF_CLAIM, position: undefined });
    return { ...row, notes: found.notes.map(noteView) };
  });
}
