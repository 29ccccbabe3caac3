import { isExpired } from '../../../lib/adapters/expiry.ts';
import type { Facts } from '../../../lib/attribution/facts.ts';
import { KnownGrants } from '../../../lib/attribution/known-grants.ts';
import { KnownNames } from '../../../lib/attribution/known-names.ts';
import type { Question } from '../../../lib/attribution/questions.ts';
import { isBeginningOf } from '../../../lib/attribution/session-start.ts';
import { type Filing, filingsOf, isToKeep } from '../../../lib/claims/filing.ts';
import { filingId } from '../../../lib/claims/waits.ts';
import { MOST_CHANGES_OF_DAY } from '../../../lib/cloudtrail/cluster-change.ts';
import type { SessionStore } from '../../../lib/ports/sessions.ts';
import { expiryOf, type MemoryWorld } from './memory-world.ts';

interface KeptFact {
  readonly fact: Facts;
  readonly expires: number;
  readonly rank?: string | undefined;
}

/** The sessions table in memory. Each fact is stored under every question that it answers. */
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
        this.#places(question).flatMap((place) => this.#current(place).map(([, kept]) => kept.fact)),
      ),
    );
  }

  async add(facts: readonly Facts[]): Promise<void> {
    for (const { question, filing, id } of facts.flatMap(placesOf)) {
      if (!isToKeep(filing, this.#kept(question, id))) continue;
      this.#world.beforeWrite();
      const there = this.#facts.get(question) ?? new Map<string, KeptFact>();
      this.#facts.set(
        question,
        there.set(id, { fact: filing.fact, rank: filing.rank, expires: expiryOf('sessions', this.#world) }),
      );
    }
  }

  async missing(facts: readonly Facts[]): Promise<readonly Facts[]> {
    return facts.filter((fact) =>
      placesOf(fact).some(({ question, filing, id }) => isToKeep(filing, this.#kept(question, id))),
    );
  }

  /** The number of grants, each call once. */
  get size(): number {
    const known = new KnownGrants();
    for (const question of this.#facts.keys()) for (const [, { fact }] of this.#current(question)) known.add(fact);
    return known.size;
  }

  /** Returns the places of the question's answers. Without an account, grants to services are those of all accounts. */
  #places(question: Question): readonly string[] {
    const place = filingId(question);
    if (question.kind !== 'unnamed-service-grants' || question.accountId !== undefined) return [place];
    return [...this.#facts.keys()].filter((each) => each.startsWith(place));
  }

  #kept(question: string, id: string): KeptFact | undefined {
    const kept = this.#facts.get(question)?.get(id);
    return kept === undefined || isExpired(kept, this.#world.clock()) ? undefined : kept;
  }

  #current(question: string): (readonly [string, KeptFact])[] {
    const now = this.#world.clock();
    return [...(this.#facts.get(question) ?? [])].filter(([, kept]) => !isExpired(kept, now));
  }
}

/** Returns no more than was asked for, so that a test fails if the rules rely on more. */
function partOf(question: Question, facts: readonly Facts[]): readonly Facts[] {
  if (question.kind === 'cluster-changes') return latestChanges(facts);
  if (question.kind === 'user-of-name' && facts.length >= 5_000)
    return [...facts.slice(0, 5_000), { cutName: question.name }];
  if (question.kind === 'user-of-id' && question.only !== undefined) return latestSighting(facts);
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

function latestChanges(facts: readonly Facts[]): readonly Facts[] {
  const timeOf = ({ clusterChange }: Facts) => clusterChange?.at ?? 0;
  return facts.toSorted((a, b) => timeOf(b) - timeOf(a)).slice(0, MOST_CHANGES_OF_DAY);
}

function latestSighting(facts: readonly Facts[]): readonly Facts[] {
  const known = new KnownNames();
  for (const fact of facts) known.add(fact);
  const [userId] = facts.flatMap(({ sightings = [] }) => sightings.map((sighting) => sighting.userId));
  return userId === undefined ? [] : [{ sightings: known.sightingsOf(userId).slice(-1) }];
}

function placesOf(facts: Facts): { readonly question: string; readonly filing: Filing; readonly id: string }[] {
  return filingsOf([facts]).map((filing) => ({
    question: filingId(filing.question),
    filing,
    id: `${filing.at} ${filing.same}`,
  }));
}
