import { type Actor, hasPrincipal, sameActor } from './actor.ts';

/** Actors of one workload, or of none: two that are one by a principal, an ARN, or what they are called. */
class Alike {
  readonly #principals = new Set<string>();
  /** Of those without a principal, which are compared with each actor by what else it says. */
  readonly #others = new Looks();
  readonly #all = new Looks();

  /** Whether one of these is the same actor. */
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

/** What actors look like who cannot be told by their principal: by ARN where both have one, else by what they are called. */
class Looks {
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
 * Actors of whom no two are the same (`sameActor`). A name that everybody shares may leave thousands open: each is looked up, not
 * compared with all.
 */
export class DistinctActors {
  readonly #byWorkload = new Map<string | undefined, Alike>();

  /** Whether it is none of those before. */
  add(actor: Actor): boolean {
    const alike = this.#alike(actor);
    if (alike.has(actor)) return false;
    alike.add(actor);
    return true;
  }

  #alike({ kind, workload }: Actor): Alike {
    const key = kind === 'aws-service' ? workload : undefined;
    const known = this.#byWorkload.get(key);
    if (known !== undefined) return known;
    const made = new Alike();
    this.#byWorkload.set(key, made);
    return made;
  }
}

/**
 * Whether each two are the same: that is not transitive, where one of them says little of itself. Those that differ in what
 * no comparison looks at are compared once: whoever takes a role says another source identity each time.
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
