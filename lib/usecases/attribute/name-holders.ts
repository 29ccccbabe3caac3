import { identified } from '../../attribution/actor.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import { comparableName, type NameHolder, type NameSighting } from '../../cloudtrail/known-user.ts';
import { partsOf } from '../../identity/identity-store.ts';
import type { TimeRange } from '../../ports/paging.ts';

/**
 * Returns the IDs of the actors who, by CloudTrail records, had the name within the time range.
 * Searching by ID also finds requests that these people made under another name.
 */
export function idsOfHolders(name: string, range: TimeRange, known: KnownGrants): readonly string[] {
  const { holders } = known.holdersOf(comparableName(name));
  return holders.flatMap((holder) => {
    const { userId } = holder;
    return userId !== undefined && hadName(known.sightingsOf(userId), name, range) ? idOf({ ...holder, userId }) : [];
  });
}

function idOf({ userId, accountId }: NameHolder & { readonly userId: string }): string {
  if (accountId !== undefined) return identified({ kind: 'iam-user', accountId, principalId: userId }).id;
  const [id = '', identityStore] = userId.split(' '); // This is the form of `directoryUserId`.
  const directory = identityStore === undefined ? undefined : partsOf(identityStore).id;
  return identified({ kind: 'identity-center-user', userId: id, directory }).id;
}

/**
 * Returns whether the user had the name within the range. A sighting in the range proves it. So does the last one
 * before the range, or else the first of all.
 */
function hadName(sightings: readonly NameSighting[], name: string, { from, to }: TimeRange): boolean {
  const within = sightings.filter(({ at }) => (from === undefined || at >= from) && (to === undefined || at <= to));
  const before = from === undefined ? [] : sightings.filter(({ at }) => at < from);
  const begin = before.at(-1) ?? sightings[0];
  return [...within, ...(begin === undefined ? [] : [begin])].some((each) => each.name === name);
}
