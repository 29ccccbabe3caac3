import type { Actor } from '../../lib/attribution/actor.ts';
import { homeText, isActorId, type JoinedId, personOf } from '../../lib/attribution/actor-id.ts';
import { filedName, isAbout } from '../../lib/attribution/actor-names.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { NameRow } from '../../lib/usecases/query/known-row.ts';
import { areSeveralPeople, type PersonRow } from '../../lib/usecases/query/people.ts';
import { note } from '../failures/faults.ts';
import { counted } from '../terminal/text-table.ts';

/** The exit status if a name means several people (contract, "Exit status"). */
export const AMBIGUOUS = 3;

/** The people whom the names in a question mean. */
interface People {
  readonly people: readonly Omit<PersonRow, 'kind' | 'first'>[];
  readonly isNameAmbiguous: boolean;
}

/** Notes whom the names in a question mean, and sets the exit status if a name means several people. */
export function notePeople({ people, isNameAmbiguous }: People): void {
  for (const words of peopleWords(people)) note(words);
  if (isNameAmbiguous) process.exitCode = AMBIGUOUS;
}

/** Collects whom the names in a question mean, from the records of files that match it. */
export class PeopleOfRecords {
  readonly #queries: readonly string[];
  readonly #idsOf: (name: string) => readonly string[];
  readonly #found = new Map<string, Map<string, FoundPerson>>();

  /** `idsOf` returns the IDs of everybody who is known to have had the name. */
  constructor(queries: readonly string[], idsOf: (name: string) => readonly string[]) {
    this.#queries = queries;
    this.#idsOf = idsOf;
  }

  add({ attribution: { actor }, time = '' }: AuditRecord): void {
    if (actor === undefined || this.#queries.length === 0) return;
    for (const query of this.#queries) {
      if (!isAbout(actor, query) && !this.#idsOf(query).some((id) => isAbout(actor, id))) continue;
      const people = this.#found.get(query) ?? new Map<string, FoundPerson>();
      const id = personOf(actor);
      this.#found.set(query, people.set(id, withRecord(people.get(id), actor, time)));
    }
  }

  get isNameAmbiguous(): boolean {
    return [...this.#found].some(([query, people]) => !isActorId(query) && areSeveralPeople([...people.values()]));
  }

  get people(): People['people'] {
    return [...this.#found].flatMap(([query, people]) => {
      const all = [...people.values()].sort((a, b) => (a.last < b.last ? 1 : -1));
      const shown = areSeveralPeople(all) ? all : all.filter(({ names }) => names.length > 1);
      return isActorId(query) ? [] : shown.map((person) => ({ query, ...person }));
    });
  }
}

interface FoundPerson extends JoinedId {
  readonly name: string;
  readonly last: string;
  readonly names: readonly NameRow[];
}

function withRecord(known: FoundPerson | undefined, actor: Actor, time: string): FoundPerson {
  const { samePerson } = actor;
  const id = personOf(actor);
  const name = filedName(actor) ?? id;
  const times = known?.names.find((each) => each.name === name);
  const first = times === undefined || time < times.first ? time : times.first;
  const own = { name, first, last: times === undefined || time > times.last ? time : times.last };
  const others = known?.names.filter((each) => each.name !== name) ?? [];
  const names = [...others, own].sort((a, b) => (a.last < b.last ? 1 : -1));
  return { id, name: names[0]?.name ?? name, last: names[0]?.last ?? time, names, ...(samePerson && { samePerson }) };
}

/** Returns a sentence for each name that means several people, or somebody with several names. */
export function peopleWords(people: People['people']): readonly string[] {
  return [...Map.groupBy(people, ({ query }) => query)].map(([query, all]) => {
    const [only, ...others] = all;
    if (only !== undefined && others.length === 0) return namesWords(query, only);
    return `${query} means ${counted(all.length, 'actor')}: ${all.map(personWords).join('; ')}. The answer has the requests of all of them. For one of them, give --actor ID.`;
  });
}

function personWords({ id = '', name, query, last, names = [] }: People['people'][number]): string {
  const home = homeText(id);
  const today = name === query ? [] : [`now called ${name}`];
  const times = names.filter((each) => each.name === query).map((each) => `had this name until ${dayOf(each.last)}`);
  const facts = [
    ...(home === undefined ? [] : [home]),
    ...today,
    ...(today.length > 0 ? times : []),
    `last seen ${dayOf(last)}`,
  ];
  return `${id} (${facts.join(', ')})`;
}

function namesWords(query: string, { id = '', names = [] }: People['people'][number]): string {
  const all = names.map(({ name, first, last }) => `${name} (${dayOf(first)} to ${dayOf(last)})`);
  return `${query} is ${id}, whose records have these names: ${all.join(', ')}. The answer has the requests under all of them.`;
}

function dayOf(time: string): string {
  return time.slice(0, 'YYYY-MM-DD'.length);
}
