import { isOver } from '../../../lib/adapters/expiry.ts';
import type { Facts } from '../../../lib/attribution/facts.ts';
import { KnownGrants } from '../../../lib/attribution/known-grants.ts';
import type { Question } from '../../../lib/attribution/questions.ts';
import { isBeginningOf } from '../../../lib/attribution/session-start.ts';
import { filingsOf } from '../../../lib/claims/filing.ts';
import { filingId } from '../../../lib/claims/waits.ts';
import type { SessionStore } from '../../../lib/ports/sessions.ts';
import { expiryOf, type MemoryWorld } from './memory-world.ts';

interface KeptFact {
  readonly fact: Facts;
  readonly expires: number;
}

/** The sessions table in memory: each fact lies under every question that it answers. */
export class MemorySessions implements SessionStore {
  readonly #world: MemoryWorld;
  readonly #facts = new Map<string, Map<string, KeptFact>>();

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async answer(questions: readonly Question[]): Promise<readonly Facts[]> {
    return questions.flatMap((question) =>
      partOf(
        question,
        this.#current(filingId(question)).map(([, kept]) => kept.fact),
      ),
    );
  }

  async add(facts: readonly Facts[]): Promise<void> {
    for (const { question, fact, id } of facts.flatMap(placesOf)) {
      if (this.#has(question, id)) continue;
      this.#world.beforeWrite();
      const there = this.#facts.get(question) ?? new Map<string, KeptFact>();
      this.#facts.set(question, there.set(id, { fact, expires: expiryOf('sessions', this.#world) }));
    }
  }

  async missing(facts: readonly Facts[]): Promise<readonly Facts[]> {
    return facts.filter((fact) => placesOf(fact).some(({ question, id }) => !this.#has(question, id)));
  }

  /** All grants, each call once. */
  get size(): number {
    const known = new KnownGrants();
    for (const question of this.#facts.keys()) for (const [, { fact }] of this.#current(question)) known.add(fact);
    return known.size;
  }

  #has(question: string, id: string): boolean {
    const kept = this.#facts.get(question)?.get(id);
    return kept !== undefined && !isOver(kept, this.#world.clock());
  }

  #current(question: string): (readonly [string, KeptFact])[] {
    const now = this.#world.clock();
    return [...(this.#facts.get(question) ?? [])].filter(([, kept]) => !isOver(kept, now));
  }
}

/** No more than was asked for, so that tests see what the rules must not rest on. */
function partOf(question: Question, facts: readonly Facts[]): readonly Facts[] {
  if (question.kind !== 'grants-of-session' || question.only === undefined) return facts;
  const { only, name } = question;
  const fits = ({ grant }: Facts) => {
    if (grant === undefined) return false;
    if (only === 'identity-center') return grant.byIdentityCenter;
    return only === 'whether-any' ? grant.sessionName === name : isBeginningOf(grant, only);
  };
  const fitting = facts.filter(fits);
  return only === 'whether-any' ? fitting.slice(0, 1) : fitting;
}

function placesOf(facts: Facts): { readonly question: string; readonly fact: Facts; readonly id: string }[] {
  return filingsOf([facts]).map(({ question, fact, at, same }) => ({
    question: filingId(question),
    fact,
    id: `${at} ${same}`,
  }));
}
