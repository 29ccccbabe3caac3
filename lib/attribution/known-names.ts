import {
  type NameEnd,
  type NameFacts,
  type NameHolder,
  type NameSighting,
  rankOfHolder,
  rankOfSighting,
} from '../cloudtrail/known-user.ts';
import { HOUR } from '../time.ts';
import type { NameHolders } from './grant-index.ts';

const NOBODY: NameHolders = { holders: [], ends: [] };

/**
 * The names that users are known to have had, in memory. The answers do not depend on the order in which facts are
 * added. Adding the same facts again changes nothing.
 */
export class KnownNames {
  readonly #histories = new Map<string, NameHistory>();
  readonly #holders = new Map<string, HoldersOfName>();

  add({ sightings, holders, nameEnds, cutName }: NameFacts): void {
    if (sightings !== undefined) for (const sighting of sightings) this.#historyOf(sighting.userId).add(sighting);
    if (holders !== undefined) for (const holder of holders) this.#entryOf(holder.name).addHolder(holder);
    if (nameEnds !== undefined) for (const end of nameEnds) this.#entryOf(end.name).addEnd(end);
    if (cutName !== undefined) this.#entryOf(cutName).cut();
  }

  /** Returns the user's sightings, the earliest first. */
  sightingsOf(userId: string): readonly NameSighting[] {
    return this.#histories.get(userId)?.sightings ?? [];
  }

  holdersOf(name: string): NameHolders {
    return this.#holders.get(name)?.all ?? NOBODY;
  }

  #historyOf(userId: string): NameHistory {
    const known = this.#histories.get(userId) ?? new NameHistory();
    this.#histories.set(userId, known);
    return known;
  }

  #entryOf(name: string): HoldersOfName {
    const known = this.#holders.get(name) ?? new HoldersOfName();
    this.#holders.set(name, known);
    return known;
  }
}

/** The sightings of one user. Of each name, only the first sighting in each hour is kept (CONTRACT, rule 5), as in a store. */
class NameHistory {
  readonly #firsts = new Map<string, NameSighting>();
  #last: NameSighting | undefined;
  #sorted: readonly NameSighting[] | undefined;

  add(sighting: NameSighting): void {
    if (this.#last !== undefined && isRepeated(sighting, this.#last)) return;
    const hour = `${hourOf(sighting)} ${sighting.name}`;
    const first = this.#firsts.get(hour);
    this.#last = first ?? sighting;
    if (first !== undefined && rankOfSighting(first) <= rankOfSighting(sighting)) return;
    this.#last = sighting;
    this.#firsts.set(hour, sighting);
    this.#sorted = undefined;
  }

  get sightings(): readonly NameSighting[] {
    this.#sorted ??= [...this.#firsts.values()].sort(earliestFirst);
    return this.#sorted;
  }
}

/** Returns whether the sighting is later than a known one of the same hour and name. Most sightings are. */
function isRepeated(sighting: NameSighting, known: NameSighting): boolean {
  return sighting.name === known.name && sighting.at > known.at && hourOf(sighting) === hourOf(known);
}

function hourOf({ at }: NameSighting): number {
  return Math.floor(at / HOUR);
}

/**
 * Sorts sightings by time. If two names were seen in the same second, the smaller name counts as the later one, so that
 * the order of arrival does not matter.
 */
function earliestFirst(a: NameSighting, b: NameSighting): number {
  return a.at - b.at || (a.name > b.name ? -1 : 1);
}

/** The users who had one name, and when the name ended in which account. */
class HoldersOfName {
  readonly #holders = new Map<string, NameHolder>();
  readonly #ends = new Map<string, NameEnd>();
  #isCut = false;
  #all: NameHolders | undefined;

  addHolder(holder: NameHolder): void {
    const { from } = holder;
    const place = holderPlace(holder);
    const known = this.#holders.get(place);
    if (known !== undefined && (known.from < from || rankOfHolder(known) <= rankOfHolder(holder))) return;
    this.#holders.set(place, holder);
    this.#all = undefined;
  }

  addEnd(end: NameEnd): void {
    this.#ends.set(`${end.accountId} ${end.at}`, end);
    this.#all = undefined;
  }

  cut(): void {
    this.#isCut = true;
    this.#all = undefined;
  }

  get all(): NameHolders {
    const isCut = this.#isCut || undefined;
    this.#all ??= { holders: [...this.#holders.values()], ends: [...this.#ends.values()], isCut };
    return this.#all;
  }
}

/**
 * Returns the key under which a fact about the holder of a name is kept. Of facts with the same key, only the first
 * counts. A user has one key. Users of a directory without stated IDs share one. A name without an ID, which can end in
 * its account and begin there again, has a key for each beginning.
 */
export function holderPlace({ userId, accountId, from }: NameHolder): string {
  if (userId !== undefined) return `user ${userId}`;
  return accountId === undefined ? 'somebody' : `account ${accountId} ${from}`;
}
