import type { Moment } from '../attribution/moment.ts';
import type { Question } from '../attribution/questions.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { gravest, LISTED_STATUSES, type ListedStatus } from '../claims/claim.ts';
import { isDigested, isLong, isNamelessSession } from '../claims/identity.ts';
import type { KeptRecord } from '../claims/kept-record.ts';
import { isAccessKeyId } from '../identity/access-key.ts';
import { roleSessionKey } from '../identity/session-key.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import type { Claims, ReadRecord, RecordStore, RecordsWhere, SessionStore, TimeRange } from '../ports.ts';
import { sideBySide } from '../side-by-side.ts';
import { readCursor, writeCursor } from './cursor.ts';

/** What `/records` is asked. */
export type RecordsQuestion = RecordsWhere | { readonly by: 'status'; readonly status: ListedStatus };

export interface RecordsRequest {
  readonly question: RecordsQuestion;
  readonly range: TimeRange;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface RecordsAnswer {
  readonly records: readonly KeptRecord[];
  /** Absent after the last page. A page may hold fewer records than asked for. */
  readonly cursor?: string;
}

export interface QueryService {
  readonly sessions: SessionStore;
  readonly records: RecordStore;
  readonly claims: Claims;
}

/**
 * Records, newest first; by status they come claim by claim, the claims of the latest events first.
 * @throws CursorError where the cursor is none of ours, or of another question.
 * @throws PositionError where a place in it is none of the store's.
 */
export async function queryRecords(request: RecordsRequest, service: QueryService): Promise<RecordsAnswer> {
  const { question } = request;
  if (question.by === 'status') return recordsOfStatus(question.status, request, service);
  if (question.by === 'session') return recordsOfSessions(question.session, request, service);
  const { records: position } = readCursor(request.cursor, { needs: ['records'], may: [] });
  const page = await service.records.query(question, request.range, { limit: request.limit, position });
  return answerOf(page.records, page.position && { records: page.position });
}

function answerOf(
  records: readonly ReadRecord[],
  next: Parameters<typeof writeCursor>[0] | undefined | '',
): RecordsAnswer {
  return { records: records.map(({ record }) => record), ...(next && { cursor: writeCursor(next) }) };
}

/**
 * A session's records lie under the session's own key, those of callers that state no name under another: claims that
 * wait for this session, or this access key, say which, and for a user's own key the records. That other key may also be asked for itself, as alerts do.
 */
async function recordsOfSessions(
  asked: string,
  request: RecordsRequest,
  service: QueryService,
): Promise<RecordsAnswer> {
  const isFiled = isNamelessSession(asked);
  const keys = isFiled ? [asked] : await sessionKeysOf(asked, service);
  const hasList = (key: string) => keys.includes(key);
  const { list, records: position } = readCursor(request.cursor, { needs: ['list'], may: ['records'], hasList });
  const start = list === undefined ? 0 : keys.indexOf(list);
  for (const [at, session] of keys.entries()) {
    if (at < start) continue;
    const where = { by: 'session', session } as const;
    const page = await service.records.query(where, request.range, {
      limit: request.limit,
      position: at === start ? position : undefined,
    });
    const next = page.position ? { list: session, records: page.position } : after(keys, at);
    const fitting = page.records.filter(({ record }) => isFiled || isOfSession(record, asked));
    if (fitting.length > 0 || next === undefined) return answerOf(fitting, next);
    if (page.position) return answerOf([], next);
  }
  return { records: [] };
}

function after(keys: readonly string[], at: number): { list: string } | undefined {
  const next = keys[at + 1];
  return next === undefined ? undefined : { list: next };
}

function isOfSession({ caller }: AuditRecord, asked: string): boolean {
  if (isAccessKeyId(asked)) return caller.accessKeyId === asked;
  const principal = parseSessionPrincipal(asked);
  const id = caller.roleId ?? caller.accountId;
  return principal !== undefined && principal.id === id && principal.name === caller.sessionName;
}

const ANY: Moment = 'any';

/** `asked` is an access key id, or `AROA…:NAME`. */
function questionsAbout(asked: string): readonly Question[] {
  if (isAccessKeyId(asked)) {
    return [
      { kind: 'grants-of-key', accessKeyId: asked },
      { kind: 'uses-of-key', accessKeyId: asked },
    ];
  }
  const principal = parseSessionPrincipal(asked);
  if (principal === undefined) return [];
  const { id, name } = principal;
  return [{ kind: 'grants-of-session', key: roleSessionKey(id, name), name, guess: false }];
}

async function sessionKeysOf(asked: string, { sessions, claims, records }: QueryService): Promise<readonly string[]> {
  const principal = parseSessionPrincipal(asked);
  const questions = questionsAbout(asked);
  const ids = (await sideBySide(questions, (question) => claims.waitingFor(question))).flat();
  const waiting = await sideBySide([...new Set(ids)], (id) => claims.get(id));
  const facts = isAccessKeyId(asked) ? await sessions.answer(questions, ANY) : [];
  const filed = isAccessKeyId(asked) ? await records.sessionsOfKey(asked) : [];
  const granted = facts.flatMap(({ grant, use }) => [
    ...(grant?.sessionName === undefined ? [] : [`${grant.roleId ?? grant.accountId}:${grant.sessionName}`]),
    ...(grant?.granted === 'own-user' ? [grant.caller.principalId ?? ''] : []),
    ...(use === undefined ? [] : [use.principalId]),
  ]);
  const stated = principal === undefined ? [] : [asked];
  const waitingUnder = waiting.flatMap((claim) => claim?.session ?? []);
  // A session so long that its claim has the digest only is asked for by its text: both are one key.
  const others = stated.some(isLong) ? waitingUnder.filter((session) => !isDigested(session)) : waitingUnder;
  const keys = new Set([...stated, ...granted, ...filed, ...others]);
  keys.delete('');
  return [...keys].sort();
}

/**
 * A claim is listed under the gravest status of its records, so those of a lighter one are looked for in the graver
 * lists too. Lists have the latest events first: from a claim on that ended before the time range, none is in it.
 */
async function recordsOfStatus(
  status: ListedStatus,
  { range, limit, cursor }: RecordsRequest,
  { claims, records }: QueryService,
): Promise<RecordsAnswer> {
  const lists = LISTED_STATUSES.filter((listed) => gravest([listed, status]) === listed);
  const hasList = (name: string) => lists.some((listed) => listed === name);
  const from = readCursor(cursor, { needs: ['list'], may: ['claims', 'claim', 'records'], hasList });
  const list = lists.find((listed) => listed === from.list) ?? lists[0] ?? status;
  const next = lists[lists.indexOf(list) + 1];
  const nextList = next && { list: next };
  const page = await claims.list(list, { limit: 1, position: from.claims });
  const [first] = page.claims;
  const claim = from.claim === undefined || from.claim === first?.id ? first : await claims.get(from.claim);
  // A claim that has moved up meanwhile, by a new event, is read to its end; the first one here then comes after it.
  const hasMoved = claim?.id !== first?.id;
  const following = hasMoved
    ? { list, ...(from.claims && { claims: from.claims }) }
    : page.position
      ? { list, claims: page.position }
      : nextList;
  if (claim === undefined) return answerOf([], following);
  if (range.from !== undefined && (claim.last ?? 0) < range.from) return answerOf([], hasMoved ? following : nextList);
  const found = await records.query({ by: 'session', session: claim.session }, range, {
    limit,
    position: from.claim === claim.id ? from.records : undefined,
  });
  const fitting = found.records.filter(
    (read) => read.claimId === claim.id && read.record.attribution.status === status,
  );
  const onward = found.position
    ? { list, ...(from.claims && { claims: from.claims }), claim: claim.id, records: found.position }
    : following;
  return answerOf(fitting, onward);
}
