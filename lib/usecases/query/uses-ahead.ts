import type { Facts } from '../../attribution/facts.ts';
import type { Question } from '../../attribution/questions.ts';
import { type AccessKeyId, isTemporaryKey } from '../../identity/access-key.ts';
import type { GrantSource, SessionStore } from '../../ports/sessions.ts';

/**
 * Asks for a temporary key's uses along with its grants: the rules want to know them next, unless nothing of the key was
 * valid at the moment. The key alone says what is asked, so that both are on their way at once; what was asked
 * so is answered before the rules ask it, and not asked again.
 */
export function withUsesAhead(source: SessionStore): GrantSource {
  const asked = new Set<AccessKeyId>();
  return {
    async answer(questions, moment): Promise<readonly Facts[]> {
      const open = questions.filter((each) => each.kind !== 'uses-of-key' || !asked.has(each.accessKeyId));
      const ahead = open.flatMap((each): Question[] =>
        each.kind === 'grants-of-key' && isTemporaryKey(each.accessKeyId)
          ? [{ kind: 'uses-of-key', accessKeyId: each.accessKeyId }]
          : [],
      );
      if (open.length === 0) return [];
      const facts = await source.answer([...open, ...ahead], moment);
      for (const each of ahead) if (each.kind === 'uses-of-key') asked.add(each.accessKeyId);
      return facts;
    },
  };
}
