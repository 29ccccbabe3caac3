import type { Moment } from '../../attribution/moment.ts';
import type { Question } from '../../attribution/questions.ts';
import { isDigested, isLong, isNamelessSession } from '../../claims/identity.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { isAccessKeyId } from '../../identity/access-key.ts';
import { principalSessionKey } from '../../identity/session-key.ts';
import { parseSessionPrincipal } from '../../identity/session-name.ts';
import type { QueryService } from './records-request.ts';

const ANY: Moment = 'any';

/**
 * Under which keys the records of a session, or of an access key, may lie. A session's lie under its own, those of callers
 * that state no name under another: claims that wait for this session, or this access key, say which, or the records, as for
 * a user's own key. That other key may also be asked for itself, as alerts do.
 *
 * A key that leads to a record does so as long as the record is there, so that every page of an answer finds it: facts and
 * what the records say are kept longer than records, and so is such a wait, which is never taken back (`ClaimWaits`).
 */
export async function sessionKeysOf(
  asked: string,
  { sessions, claims, waits, records }: Pick<QueryService, 'sessions' | 'claims' | 'waits' | 'records'>,
): Promise<readonly string[]> {
  if (isNamelessSession(asked)) return [asked];
  const principal = parseSessionPrincipal(asked);
  const questions = questionsAbout(asked);
  const ids = (await mapConcurrently(questions, (question) => waits.claimIdsOf(question))).flat();
  const waiting = [...(await claims.registered([...new Set(ids)])).values()];
  const facts = isAccessKeyId(asked) ? await sessions.answer(questions, ANY) : [];
  const filed = await records.sessionsOf(asked);
  const granted = facts.flatMap(({ grant, use }) => [
    ...(grant?.sessionName === undefined ? [] : [`${grant.roleId ?? grant.accountId}:${grant.sessionName}`]),
    ...(grant?.granted === 'own-user' ? [grant.caller.principalId ?? ''] : []),
    ...(use === undefined ? [] : [use.principalId]),
  ]);
  const stated = principal === undefined ? [] : [asked];
  const waitingUnder = waiting.flatMap(({ session }) => session ?? []);
  // A session so long that its claim has the digest only is asked for by its text: both are one key.
  const others = stated.some(isLong) ? waitingUnder.filter((session) => !isDigested(session)) : waitingUnder;
  const keys = new Set([...stated, ...granted, ...filed, ...others]);
  keys.delete('');
  return [...keys].sort();
}

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
  return [{ kind: 'grants-of-session', key: principalSessionKey(principal), name: principal.name, guess: false }];
}
