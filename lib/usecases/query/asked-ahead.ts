import type { Facts } from '../../attribution/facts.ts';
import type { Question } from '../../attribution/questions.ts';
import { filingId } from '../../claims/waits.ts';
import { comparableName } from '../../cloudtrail/known-user.ts';
import { isTemporaryKey } from '../../identity/access-key.ts';
import { isMadeUpName } from '../../identity/session-name.ts';
import type { GrantSource, SessionStore } from '../../ports/sessions.ts';

/**
 * Asks along with a temporary key's grants what the rules want to know next, so that all of it is on its way at once: the key's
 * uses, unless nothing of it was valid at the moment; and, where the question states a session name that programs make up,
 * whether it is a known user's, unless nobody is named. A name of somebody's own is not asked ahead: it mostly is the
 * actor's, and then is not asked at all. What was asked so is answered before the rules ask it, and not asked again.
 */
export function withNextAhead(source: SessionStore, sessionName: string | undefined): GrantSource {
  const asked = new Set<string>();
  const names: readonly Question[] =
    sessionName !== undefined && isMadeUpName(sessionName)
      ? [{ kind: 'user-of-name', name: comparableName(sessionName) }]
      : [];
  return {
    async answer(questions, moment): Promise<readonly Facts[]> {
      const open = questions.filter((each) => !asked.has(filingId(each)));
      const ahead = open.flatMap((each): readonly Question[] =>
        each.kind === 'grants-of-key' && isTemporaryKey(each.accessKeyId)
          ? [{ kind: 'uses-of-key', accessKeyId: each.accessKeyId }, ...names]
          : [],
      );
      if (open.length === 0) return [];
      const facts = await source.answer([...open, ...ahead], moment);
      for (const each of ahead) asked.add(filingId(each));
      return facts;
    },
  };
}
