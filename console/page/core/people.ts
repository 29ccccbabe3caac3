import { signal } from '@preact/signals';
import { homeText, isActorId, nameInId, personOf } from '../../../lib/attribution/actor-id.ts';
import { isJsonObject, textAt, textsAt } from '../../../lib/json.ts';

/** The names of actors in the answers that the page has loaded, by ID. */
const names = new Map<string, string>();
const firstOfName = new Map<string, string>();
/** Names that several actors have. They are shown with the account, directory or cluster. */
export const sharedNames = signal<ReadonlySet<string>>(new Set());

/** Learns the names of all actors in an answer: every object with an actor's ID. */
export function learnActors(answer: unknown): void {
  const shared = new Set<string>();
  visit(answer, (own, name, samePerson) => {
    names.set(own, name);
    const id = personOf({ id: own, samePerson });
    if (!names.has(id)) names.set(id, name);
    const first = firstOfName.get(name);
    if (first === undefined) firstOfName.set(name, id);
    else if (first !== id && !sharedNames.value.has(name)) shared.add(name);
  });
  if (shared.size > 0) sharedNames.value = new Set([...sharedNames.value, ...shared]);
}

type Learn = (id: string, name: string, samePerson: readonly string[] | undefined) => void;

function visit(value: unknown, learn: Learn): void {
  if (Array.isArray(value)) for (const each of value) visit(each, learn);
  if (!isJsonObject(value)) return;
  const id = textAt(value, 'idBasis') === undefined ? textAt(value, 'value') : textAt(value, 'id'); // of a summary: `value`
  const name = textAt(value, 'knownAs') ?? textAt(value, 'name');
  if (id !== undefined && name !== undefined && isActorId(id)) learn(id, name, textsAt(value, 'samePerson'));
  for (const each of Object.values(value)) if (typeof each === 'object' && each !== null) visit(each, learn);
}

/** Returns the name of the actor with this ID; a text that is no ID stays as it is. */
export function nameOfActor(id: string): string {
  if (!isActorId(id)) return id;
  return names.get(id) ?? nameInId(id) ?? id;
}

/** Returns the account, directory or cluster of an actor whose name another one has too. */
export function homeOfShared(id: string, name: string): string | undefined {
  return sharedNames.value.has(name) ? homeText(id) : undefined;
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
