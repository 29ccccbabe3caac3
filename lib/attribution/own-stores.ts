import { isOneOf } from '../identity/identity-store.ts';
import type { Actor } from './actor.ts';
import type { Action, Answer } from './answer.ts';
import type { Attribution } from './attribution.ts';
import { flagsOf } from './raised-flags.ts';
import type { AttributionSettings } from './settings.ts';

type Stores = AttributionSettings['identityStores'];

/**
 * Returns the answer with your own identity stores taken into account. People of a configured store have their plain
 * name, because no stranger can have that name there; people of other stores get a flag. If no store is configured,
 * everyone is known with their store, and nobody gets the flag.
 */
export function withOwnStores(action: Action, answer: Answer, stores: Stores): Answer {
  if (stores.length === 0) return answer;
  const attribution = markStores(action, answer.attribution, stores);
  return attribution === answer.attribution ? answer : { ...answer, attribution };
}

function markStores(action: Action, attribution: Attribution, stores: Stores): Attribution {
  switch (attribution.status) {
    case 'attributed':
    case 'partial': {
      const { actor } = attribution;
      if (actor.knownAs === undefined) return attribution;
      if (isOwn(actor, stores)) return { ...attribution, actor: byName(actor) };
      return { ...attribution, flags: flagsOf(action, [...attribution.flags, 'foreign-identity-store']) };
    }
    case 'ambiguous': {
      const { candidates } = attribution;
      if (!candidates.some(({ actor }) => isOwn(actor, stores))) return attribution;
      const each = candidates.map((one) => (isOwn(one.actor, stores) ? { ...one, actor: byName(one.actor) } : one));
      return { ...attribution, candidates: each };
    }
    default:
      return attribution;
  }
}

function isOwn({ knownAs, provider }: Actor, stores: Stores): boolean {
  return knownAs !== undefined && provider !== undefined && isOneOf(stores, provider);
}

function byName({ knownAs: _directory, ...actor }: Actor): Actor {
  return actor;
}
