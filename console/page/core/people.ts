import { signal } from '@preact/signals';
import { homeAndIdText, homeText, isActorId, nameInId, personOf } from '../../../lib/attribution/actor-id.ts';
import { isJsonObject, textAt, textsAt } from '../../../lib/json.ts';

/** The names of actors in the answers that the page has loaded, by ID. */
const names = new Map<string, string>();
const firstOfName = new Map<string, string>();
/**
 * The names that several actors have. The page shows them with the account, directory or cluster. Several actors can
 * also have one name in the same account, directory or cluster. Then the name together with that place is a further
 * entry.
 */
export const sharedNames = signal<ReadonlySet<string>>(new Set());

/** Learns the names of all actors in an answer: every object with an actor's ID. */
export function learnActors(answer: unknown): void {
  const shared = new Set<string>();
  visit(answer, (own, name, samePerson) => {
    names.set(own, name);
    const id = personOf({ id: own, samePerson });
    if (!names.has(id)) names.set(id, name);
    for (const each of [name, withHome(id, name)]) {
      const first = firstOfName.get(each);
      if (first === undefined) firstOfName.set(each, id);
      else if (first !== id && !sharedNames.value.has(each)) shared.add(each);
    }
  });
  if (shared.size > 0) sharedNames.value = new Set([...sharedNames.value, ...shared]);
}

type Learn = (id: string, name: string, samePerson: readonly string[] | undefined) => void;

function visit(value: unknown, learn: Learn): void {
  if (Array.isArray(value)) for (const each of value) visit(each, learn);
  if (!isJsonObject(value)) return;
  const id = textAt(value, 'idBasis') === undefined ? textAt(value, 'value') : textAt(value, 'id'); // A summary has the ID in `value`.
  const name = textAt(value, 'knownAs') ?? textAt(value, 'name');
  if (id !== undefined && name !== undefined && isActorId(id)) learn(id, name, textsAt(value, 'samePerson'));
  for (const each of Object.values(value)) if (typeof each === 'object' && each !== null) visit(each, learn);
}

/** Returns the name of the actor with this ID. Returns a text that is not an ID unchanged. */
export function nameOfActor(id: string): string {
  if (!isActorId(id)) return id;
  return names.get(id) ?? nameInId(id) ?? id;
}

/**
 * Returns the account, directory or cluster of an actor whose name another actor has too. If both have it in the same
 * place, the actor's ID within that place follows.
 */
export function homeOfShared(id: string, name: string): string | undefined {
  if (!sharedNames.value.has(name)) return undefined;
  return sharedNames.value.has(withHome(id, name)) ? homeAndIdText(id) : homeText(id);
}

function withHome(id: string, name: string): string {
  return `${name} (${homeText(id) ?? id})`;
}

/** Returns the actor's name, with the account, directory or cluster if another one has this name too. */
export function titleOfActor(id: string): string {
  return nameBeside(id, nameOfActor(id));
}

/** Returns this name of the actor, with the account, directory or cluster if another one has it too. */
export function nameBeside(id: string, name: string): string {
  const home = homeOfShared(id, name);
  return home === undefined ? name : `${name} (${home})`;
}
