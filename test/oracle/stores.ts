import type { Actor, Attribution } from './types.ts';

/**
 * Returns the answer with the directory in the name of people whose directory is not known to be the organization's own (5.14,
 * 5.15), and with the flag if directories are listed.
 */
export function inDirectories(
  answer: Attribution,
  stores: readonly string[],
  notice: (word: string) => void,
): Attribution {
  const { actor, candidates } = answer;
  const shownActor = actor && shown(actor, stores);
  const isForeign = shownActor?.knownAs !== undefined && stores.length > 0;
  if (isForeign) notice(actor?.bySignIn === undefined ? 'foreign identity store' : 'foreign identity store of a grant');
  if (actor?.knownAs !== undefined && shownActor?.knownAs === undefined) notice('own identity store');
  return {
    ...answer,
    ...(isForeign && { flags: [...answer.flags, 'foreign-identity-store'] }),
    ...(shownActor && { actor: shownActor }),
    ...(candidates && { candidates: candidates.map((one) => ({ ...one, actor: shown(one.actor, stores) })) }),
  };
}

function shown({ store, bySignIn, ...actor }: Actor, stores: readonly string[]): Actor {
  const { knownAs: _, ...plain } = actor;
  const isOwn = stores.length === 0 ? bySignIn === true : isOneOf(stores, store);
  return isOwn ? plain : actor;
}

/**
 * Returns whether the store is one of the organization's own. An ARN is compared as a whole, except its partition; an ID is compared
 * with the end of the store's ARN.
 */
function isOneOf(stores: readonly string[], store = ''): boolean {
  const arn = store.split(':').slice(2).join(':');
  return stores.some((own) =>
    own.startsWith('arn:') ? own.split(':').slice(2).join(':') === arn : arn.endsWith(`:identitystore/${own}`),
  );
}
