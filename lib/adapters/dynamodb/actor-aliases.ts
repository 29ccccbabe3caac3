import type { Actor } from '../../attribution/actor.ts';
import { namesOfActor } from '../../attribution/actor-names.ts';
import { AliasIndex } from './alias-index.ts';
import { fitted, type Key } from './keys.ts';
import { indexedName } from './record-item.ts';
import type { TableHandle } from './table-handle.ts';

/**
 * Under which name the records of an actor lie, for whoever asks by ARN or principalId: an index for each of them would
 * cost every record a write.
 */
export class ActorAliases {
  readonly #index: AliasIndex;

  constructor(of: TableHandle) {
    this.#index = new AliasIndex(of);
  }

  put(actors: readonly Actor[]): Promise<void> {
    return this.#index.put(actors.flatMap(keysOf));
  }

  /** The asked text itself, and the names that it is known as an ARN or principalId of. */
  async of(asked: string): Promise<readonly string[]> {
    return [...new Set([fitted(asked), ...(await this.#index.of(partitionOf(asked)))])];
  }
}

function keysOf(actor: Actor): Key[] {
  const own = indexedName(actor);
  if (own === undefined) return [];
  const further = namesOfActor(actor).filter((name) => fitted(name) !== own);
  return further.map((name) => ({ partition: partitionOf(name), sort: own }));
}

function partitionOf(name: string): string {
  return `actor ${fitted(name)}`;
}
