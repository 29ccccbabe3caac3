import type { Facts } from '../../attribution/facts.ts';
import { KnownGrants } from '../../attribution/known-grants.ts';
import type { Question } from '../../attribution/questions.ts';
import { filingsOf } from '../../claims/filing.ts';
import { filingId } from '../../claims/waits.ts';
import type { SessionStore } from '../../ports.ts';
import type { MemoryWorld } from './memory-world.ts';

/** The sessions table in memory: each fact lies under every question that it answers. */
export class MemorySessions implements SessionStore {
  readonly #world: MemoryWorld;
  readonly #facts = new Map<string, Map<string, Facts>>();

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async answer(questions: readonly Question[]): Promise<readonly Facts[]> {
    return questions.flatMap((question) => [...(this.#facts.get(filingId(question))?.values() ?? [])]);
  }

  async add(facts: readonly Facts[]): Promise<void> {
    for (const { question, fact, id } of facts.flatMap(placesOf)) {
      const there = this.#facts.get(question) ?? new Map<string, Facts>();
      if (there.has(id)) continue;
      this.#world.beforeWrite();
      this.#facts.set(question, there.set(id, fact));
    }
  }

  async missing(facts: readonly Facts[]): Promise<readonly Facts[]> {
    return facts.filter((fact) => placesOf(fact).some(({ question, id }) => !this.#facts.get(question)?.has(id)));
  }

  /** All grants, each call once. */
  get size(): number {
    const known = new KnownGrants();
    for (const there of this.#facts.values()) for (const fact of there.values()) known.add(fact);
    return known.size;
  }
}

function placesOf(facts: Facts): { readonly question: string; readonly fact: Facts; readonly id: string }[] {
  return filingsOf([facts]).map(({ question, fact, at, same }) => ({
    question: filingId(question),
    fact,
    id: `${at} ${same}`,
  }));
}
