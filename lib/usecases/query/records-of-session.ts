import type { Moment } from '../../attribution/moment.ts';
import type { Question } from '../../attribution/questions.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import { isDigested, isLong, isNamelessSession } from '../../claims/identity.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { isAccessKeyId } from '../../identity/access-key.ts';
import { roleSessionKey } from '../../identity/session-key.ts';
import { parseSessionPrincipal } from '../../identity/session-name.ts';
import { type Cursor, readCursor, tagOf } from './cursor.ts';
import { filled, type Part } from './filled-page.ts';
import type { QueryService, RecordsRequest } from './records-query.ts';

/**
 * A session's records lie under the session's own key, those of callers that state no name under another: claims that
 * wait for this session, or this access key, say which, and for a user's own key the records. That other key may also be
 * asked for itself, as alerts do. What is waited for changes: a list that is none any more is read to its end.
 */
export async function recordsOfSession(
  asked: string,
  { range, limit, cursor }: Omit<RecordsRequest, 'question'>,
  service: QueryService,
): Promise<Part> {
  const isFiled = isNamelessSession(asked);
  const keys = isFiled ? [asked] : await sessionKeysOf(asked, service);
  const of = tagOf(asked);
  const hasList = (key: string) => keys.includes(key);
  const start = readCursor(cursor, { needs: ['list'], may: ['records', 'of'], hasList, of });
  return filled(start, limit, async ({ list = keys[0], records: position }, room) => {
    if (list === undefined) return { records: [], next: undefined };
    const page = await service.records.query({ by: 'session', session: list }, range, { limit: room, position });
    const records = page.records.filter(({ record }) => isFiled || isOfSession(record, asked));
    const next = page.position === undefined ? after(keys, list) : { list, records: page.position };
    return { records, next: next && { ...next, of } };
  });
}

/** The keys are in order. */
function after(keys: readonly string[], list: string): Cursor | undefined {
  const next = keys.find((key) => key > list);
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
  const ids = (await mapConcurrently(questions, (question) => claims.waitingFor(question))).flat();
  const waiting = await mapConcurrently([...new Set(ids)], (id) => claims.get(id));
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
