import { type Actor, hasPrincipal, sameActor } from './actor.ts';

/** Actors of one workload, or of none. */
interface Alike {
  /** Of those with a principal: two of one account and principal are one actor, whatever else they say. */
  readonly principals: Set<string>;
  readonly all: Actor[];
  /** Those without. */
  readonly others: Actor[];
}

/**
 * Actors of whom no two are the same (`sameActor`). A name that everybody shares may leave thousands open: each is compared with the few
 * that it may be, not with all.
 */
export class DistinctActors {
  readonly #byWorkload = new Map<string | undefined, Alike>();

  /** Whether it is none of those before. */
  add(actor: Actor): boolean {
    const alike = this.#alike(actor);
    const principal = hasPrincipal(actor) ? JSON.stringify([actor.accountId, actor.principalId]) : undefined;
    if (principal !== undefined && alike.principals.has(principal)) return false;
    const compared = principal === undefined ? alike.all : alike.others;
    if (compared.some((other) => sameActor(other, actor))) return false;
    alike.all.push(actor);
    if (principal === undefined) alike.others.push(actor);
    else alike.principals.add(principal);
    return true;
  }

  #alike({ kind, workload }: Actor): Alike {
    const key = kind === 'aws-service' ? workload : undefined;
    const known = this.#byWorkload.get(key);
    if (known !== undefined) return known;
    const made: Alike = { principals: new Set(), all: [], others: [] };
    this.#byWorkload.set(key, made);
    return made;
  }
}
