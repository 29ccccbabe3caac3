import type { Actor } from '../../attribution/actor.ts';
import { namesOfActor } from '../../attribution/actor-names.ts';
import { AliasIndex } from './alias-index.ts';
import { fitted, type Key } from './keys.ts';
import { actorFile } from './record-item.ts';
import type { TableHandle } from './table-handle.ts';

/**
 * Under which name the records of an actor lie, for whoever asks by ARN or principalId: an index for each of them would
 * cost every record a write.
 */
export class ActorAliases {
  readonly #files: AliasIndex;

  constructor(of: TableHandle) {
    this.#files = new AliasIndex(of);
  }

  file(actors: readonly Actor[]): Promise<void> {
    return this.#files.file(actors.flatMap(keysOf));
  }

  /** The asked text itself, and the names that it is known as an ARN or principalId of. */
  async of(asked: string): Promise<readonly string[]> {
    return [...new Set([fitted(asked), ...(await this.#files.of(partitionOf(asked)))])];
  }
}

function keysOf(actor: Actor): Key[] {
  const file = actorFile(actor);
  if (file === undefined) return [];
  const further = namesOfActor(actor).filter((name) => fitted(name) !== file);
  return further.map((name) => ({ partition: partitionOf(name), sort: file }));
}

function partitionOf(name: string): string {
  return `actor ${fitted(name)}`;
}
