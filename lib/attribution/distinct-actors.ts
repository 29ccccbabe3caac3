import { type Actor, hasPrincipal, sameActor } from './actor.ts';

/** Actors of one workload, or of none. Two of them are the same by principal ID, ARN, or what they are called. */
class ActorSet {
  readonly #principals = new Set<string>();
  /** Actors without a principal ID. They are compared with each actor by the other fields. */
  readonly #others = new SecondaryFields();
  readonly #all = new SecondaryFields();

  /** Returns whether one of these is the same actor. */
  has(actor: Actor): boolean {
    if (!hasPrincipal(actor)) return this.#all.have(actor);
    return this.#principals.has(principalOf(actor)) || this.#others.have(actor);
  }

  add(actor: Actor): void {
    this.#all.add(actor);
    if (hasPrincipal(actor)) this.#principals.add(principalOf(actor));
    else this.#others.add(actor);
  }
}

/**
 * The other fields by which actors without a principal ID are compared: by ARN if both have one, else by kind, account,
 * provider and name.
 */
class SecondaryFields {
  readonly #arns = new Set<string>();
  readonly #names = new Set<string>();
  readonly #namesWithoutArn = new Set<string>();

  have(actor: Actor): boolean {
    const { arn } = actor;
    if (arn === undefined) return this.#names.has(nameOf(actor));
    return this.#arns.has(arn) || this.#namesWithoutArn.has(nameOf(actor));
  }

  add(actor: Actor): void {
    const { arn } = actor;
    const name = nameOf(actor);
    this.#names.add(name);
    if (arn === undefined) this.#namesWithoutArn.add(name);
    else this.#arns.add(arn);
  }
}

function principalOf({ accountId, principalId }: Actor): string {
  return JSON.stringify([accountId, principalId]);
}

function nameOf({ kind, accountId, provider, name, principalId, sessionName }: Actor): string {
  const without = name === undefined ? [principalId ?? null, sessionName ?? null] : [];
  return JSON.stringify([kind, accountId ?? null, provider ?? null, name ?? null, ...without]);
}

/**
 * A set of actors of which no two are the same (`sameActor`). A session name that everyone shares can leave thousands
 * of actors open, so each is looked up instead of compared with all others.
 */
export class DistinctActors {
  readonly #byWorkload = new Map<string | undefined, ActorSet>();

  /** Adds the actor, and returns whether it is none of those before. */
  add(actor: Actor): boolean {
    const alike = this.#alike(actor);
    if (alike.has(actor)) return false;
    alike.add(actor);
    return true;
  }

  #alike({ kind, workload }: Actor): ActorSet {
    const key = kind === 'aws-service' ? workload : undefined;
    const known = this.#byWorkload.get(key);
    if (known !== undefined) return known;
    const made = new ActorSet();
    this.#byWorkload.set(key, made);
    return made;
  }
}

/**
 * Returns whether each two actors are the same. The relation is not transitive if one of them has few fields. Actors
 * that differ only in fields without influence are compared once: a caller can state another source identity each time.
 */
export function areAllOne(actors: readonly Actor[]): boolean {
  const [first, ...others] = actors;
  if (first === undefined) return true;
  if (others.some((other) => !sameActor(first, other))) return false;
  const compared = [...new Map(actors.map((actor) => [comparedOf(actor), actor])).values()];
  return compared.every((one, at) => compared.slice(at + 1).every((other) => sameActor(one, other)));
}

function comparedOf(actor: Actor): string {
  const { arn, workload } = actor;
  return JSON.stringify([principalOf(actor), nameOf(actor), arn ?? null, workload ?? null]);
}
