import { type Actor, sameActor } from './actor.ts';
import { personOf } from './actor-id.ts';

/** A set of different actors (`sameActor`). */
export class DistinctActors {
  readonly #known = new Set<string>();

  /** Adds the actor. Returns whether it is different from all earlier ones. */
  add(actor: Actor): boolean {
    const { size } = this.#known;
    return this.#known.add(JSON.stringify([personOf(actor), actor.workload ?? null])).size > size;
  }
}

/** Returns whether all of these are the same actor. */
export function areAllOne(actors: readonly Actor[]): boolean {
  const [first, ...others] = actors;
  return first === undefined || others.every((other) => sameActor(first, other));
}
