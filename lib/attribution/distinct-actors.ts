import { type Actor, sameActor } from './actor.ts';
import { personOf } from './actor-id.ts';

/** A set of actors. No two of them are the same (`sameActor`). */
export class DistinctActors {
  readonly #known = new Set<string>();

  /** Adds the actor, and returns whether it is none of those before. */
  add(actor: Actor): boolean {
    const { size } = this.#known;
    return this.#known.add(JSON.stringify([personOf(actor), actor.workload ?? null])).size > size;
  }
}

/** Returns whether all are the same actor. */
export function areAllOne(actors: readonly Actor[]): boolean {
  const [first, ...others] = actors;
  return first === undefined || others.every((other) => sameActor(first, other));
}
