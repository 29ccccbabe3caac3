import type { ErrorCode } from '../error-code.ts';
import { basisOfId, isActorId, type JoinedId } from './actor-id.ts';

/** For each joined ID, all IDs of that person. The first one is used to show and count the person. */
export type SamePerson = ReadonlyMap<string, readonly string[]>;

/** The map if no IDs are joined. */
export const NOBODY_JOINED: SamePerson = new Map();

export class SamePersonError extends Error {
  readonly code = 'same-person' satisfies ErrorCode;
}

/**
 * Parses `<id>=<id>…`: IDs that are one person, according to the operator. An equals sign within an ID is
 * percent-encoded.
 * @throws SamePersonError that says what is wrong.
 */
export function parseSamePerson(text: string): readonly string[] {
  const ids = text.split('=').map((id) => id.trim());
  const isOther = (id: string, at: number) => ids.indexOf(id) !== at;
  for (const id of ids) {
    if (!isActorId(id))
      throw new SamePersonError(
        `"${id}"${id === text ? '' : ` in "${text}"`} is not the ID of an actor. Give two or more IDs as <id>=<id>, each copied from actor.id of a record, such as iam-user/111122223333/AIDA….`,
      );
    if (basisOfId(id) === 'session')
      throw new SamePersonError(
        `"${id}" in "${text}" is the ID of a session, so nobody is known to be behind it: give IDs whose idBasis is principal or name.`,
      );
  }
  const twice = ids.find(isOther);
  if (twice !== undefined) throw new SamePersonError(`"${text}" has the ID "${twice}" twice: leave one of them out.`);
  if (ids.length < 2) throw new SamePersonError(`"${text}" is one ID only: give the person's IDs as <id>=<id>.`);
  return ids;
}

/**
 * Parses several groups of IDs. Each group is one person.
 * @throws SamePersonError if a group cannot be parsed, or if an ID is in two groups.
 */
export function parseSamePersons(texts: readonly string[]): SamePerson {
  const joined = new Map<string, readonly string[]>();
  for (const ids of texts.map(parseSamePerson))
    for (const id of ids) {
      if (joined.has(id))
        throw new SamePersonError(
          `"${id}" is in two groups of IDs that are the same person: write all IDs of this person as one group, <id>=<id>=<id>.`,
        );
      joined.set(id, ids);
    }
  return joined;
}

interface NamingActors {
  readonly actor?: JoinedId | undefined;
  readonly candidates?: readonly { readonly actor: JoinedId }[] | undefined;
}

/** Adds to each actor of the attribution the other IDs of the same person. The actor keeps its own ID. */
export function withSamePerson<A extends NamingActors>(attribution: A, joined: SamePerson): A {
  if (joined.size === 0) return attribution;
  const { actor, candidates } = attribution;
  return {
    ...attribution,
    ...(actor && { actor: withIds(actor, joined) }),
    ...(candidates && { candidates: candidates.map((each) => ({ ...each, actor: withIds(each.actor, joined) })) }),
  };
}

/** Adds all IDs of the person to something that has an actor's ID, if the operator joined several. */
export function withIds<T extends { readonly id?: string | undefined }>(
  of: T,
  joined: SamePerson,
): T & { readonly samePerson?: readonly string[] } {
  const samePerson = of.id === undefined ? undefined : joined.get(of.id);
  return samePerson === undefined ? of : { ...of, samePerson };
}
