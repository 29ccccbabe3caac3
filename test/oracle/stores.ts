import type { Actor, Attribution } from './types.ts';

/** Returns the answer with the identity stores that vouch for its people, if own stores are configured. */
export function inDirectories(
  answer: Attribution,
  stores: readonly string[],
  notice: (word: string) => void,
): Attribution {
  if (stores.length === 0) return answer;
  const { actor, candidates } = answer;
  const isForeign = actor?.knownAs !== undefined && !isOwn(actor, stores);
  if (isForeign) notice('foreign identity store');
  if (actor?.knownAs !== undefined && !isForeign) notice('own identity store');
  return {
    ...answer,
    ...(isForeign && { flags: [...answer.flags, 'foreign-identity-store'] }),
    ...(actor && { actor: shown(actor, stores) }),
    ...(candidates && { candidates: candidates.map((one) => ({ ...one, actor: shown(one.actor, stores) })) }),
  };
}

function shown(actor: Actor, stores: readonly string[]): Actor {
  const { knownAs: _, ...plain } = actor;
  return isOwn(actor, stores) ? plain : actor;
}

/**
 * Returns whether the store is the organization's own. An ARN is compared as a whole, except its partition; an ID is compared
 * with the end of the store's ARN.
 */
function isOwn({ provider = '', knownAs }: Actor, stores: readonly string[]): boolean {
  const own = provider.split(':').slice(2).join(':');
  return (
    knownAs !== undefined &&
    stores.some((store) =>
      store.startsWith('arn:') ? store.split(':').slice(2).join(':') === own : own.endsWith(`:identitystore/${store}`),
    )
  );
}
