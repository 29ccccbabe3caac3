import type { KnownEntry } from '../../claims/known.ts';
import type { Directory } from '../../ports/directory.ts';
import type { EpochMillis } from '../../time.ts';
import { allKnown } from './all-known.ts';
import { QuestionError } from './question.ts';

/** Actors whose records are read for one question: each has four partitions of an index. */
const MOST_ACTORS = 100;

/** Actors by the most exact text that the directory knows of each, and the names under which it has them. */
export type NamedActors = ReadonlyMap<string, readonly string[]>;

/**
 * The actors that the directory has from that time on and none earlier; where some are asked for, only those of them.
 * @throws QuestionError where there are more than one question can read.
 */
export async function firstSeenActors(
  since: EpochMillis,
  asked: readonly string[] | undefined,
  directory: Directory,
): Promise<NamedActors> {
  const known = await allKnown('actor', directory);
  const isAsked = ({ name, arn, id }: KnownEntry) =>
    asked === undefined || [name, arn, id].some((text) => text !== undefined && asked.includes(text));
  const meant = known?.filter((entry) => entry.first >= since && isAsked(entry)) ?? [];
  const actors = new Map(
    [...Map.groupBy(meant, textOf)].map(([text, entries]) => [text, [...new Set(entries.map(({ name }) => name))]]),
  );
  if (known !== undefined && actors.size <= MOST_ACTORS) return actors;
  throw new QuestionError(
    'firstSeenSince',
    `${known === undefined ? 'Too many' : actors.size} actors were first seen since then, more than the ${MOST_ACTORS} whose records are read at once: ask for a later time, or list them with eks-whois known actors.`,
  );
}

function textOf({ arn, id, name }: KnownEntry): string {
  return arn ?? id ?? name;
}
