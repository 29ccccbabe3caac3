import { comparableName, type NameEnd, type NameHolder, type NameSighting } from '../cloudtrail/known-user.ts';
import type { EpochMillis } from '../time.ts';
import type { GrantIndex, NameHolders } from './grant-index.ts';
import type { Moment, MomentSpan } from './moment.ts';

/**
 * The maximum number of users of one name whose later names are read. If more users had the name, it counts as
 * somebody's. Without this limit, a person who may create users could make a question cost any number of look-ups.
 */
const MOST_HOLDERS = 20;

/** The names of users at one moment (CONTRACT, rule 5, "Names and their times"). If there is no moment, their present names. */
export class NamesAt {
  readonly #index: GrantIndex;
  readonly #moment: Moment;
  readonly #span: MomentSpan | undefined;

  /** @param span records the moments with which `moment` was compared. */
  constructor(index: GrantIndex, moment: Moment, span?: MomentSpan | undefined) {
    this.#index = index;
    this.#moment = moment;
    this.#span = span;
  }

  /** Returns the names at another moment. It needs no span, because that moment is the same for all events with the same answer. */
  at(moment: EpochMillis): NamesAt {
    return new NamesAt(this.#index, moment);
  }

  /**
   * Returns the name that the user had at the moment. This is the name in the last sighting up to then. If there is
   * none, it is the name in the first sighting after the moment. That name does not count if the user got it in
   * between: another user is known to have had it at the moment, or it ended in the account since then.
   * @param accountId the account of an IAM user. Names are unique in it.
   */
  of(userId: string, accountId?: string): string | undefined {
    const sightings = this.#index.sightingsOf(userId);
    const last = typeof this.#moment === 'number' ? this.#lastOf(sightings) : sightings.at(-1);
    if (last !== undefined) return last.name;
    const [first] = sightings;
    if (first === undefined) return undefined;
    const isLater = this.#isAnothers(first.name, userId, accountId) || this.#endedBefore(first, accountId);
    return isLater ? undefined : first.name;
  }

  /** Returns whether any record names the user, at any time. */
  isKnown(userId: string): boolean {
    return this.#index.sightingsOf(userId).length > 0;
  }

  #isAnothers(name: string, userId: string, accountId: string | undefined): boolean {
    const { holders, ends, isCut } = this.#index.holdersOf(comparableName(name));
    const others = holders.filter(
      (each) =>
        each.userId !== undefined &&
        each.userId !== userId &&
        canHoldOneName(userId, each.userId) &&
        (accountId === undefined || each.accountId === accountId) &&
        this.#isBy(each.from),
    );
    return isCut === true || areTooMany(others) || others.some((each) => this.#hasName(each, ends));
  }

  /** Returns whether the name ended in the account between the moment and the sighting. Then the user got the name only after that. */
  #endedBefore({ name, at }: NameSighting, accountId: string | undefined): boolean {
    const { ends, isCut } = this.#index.holdersOf(comparableName(name));
    return isCut === true || ends.some((end) => end.accountId === accountId && end.at < at && !this.#isBy(end.at));
  }

  /**
   * Returns the ID of the IAM user who had the name in the account at the moment. Undefined if records show no such
   * user or several. Records with the name but without an ID are ignored, because the record in question is often one
   * of these.
   */
  idOf(name: string | undefined, accountId: string | undefined): string | undefined {
    if (name === undefined || accountId === undefined) return undefined;
    const { holders, ends, isCut } = this.#index.holdersOf(comparableName(name));
    const ofAccount = holders.filter((each) => each.accountId === accountId && each.userId !== undefined);
    const begun = ofAccount.filter(({ from }) => this.#isBy(from));
    if (isCut === true || areTooMany(begun)) return undefined;
    const [id, ...others] = begun.flatMap((each) => (this.#hasName(each, ends) ? (each.userId ?? []) : []));
    if (id === undefined || others.length > 0) return undefined;
    return this.of(id, accountId)?.toLowerCase() === name.toLowerCase() ? id : undefined;
  }

  /** Returns the present name of the user, if it is not `name`. */
  today(userId: string, name: string | undefined): string | undefined {
    const today = this.#index.sightingsOf(userId, 'latest').at(-1)?.name;
    return today === name ? undefined : today;
  }

  /** Returns whether any IAM or Identity Center user had the name at the moment. If there is no moment, whether one ever had it. */
  isNameOfUser(name: string): boolean {
    const comparable = comparableName(name);
    const { holders, ends, isCut } = this.#index.holdersOf(comparable);
    if (typeof this.#moment !== 'number') return holders.length > 0;
    const begun = holders.filter(({ from }) => this.#isBy(from));
    return isCut === true || areTooMany(begun) || begun.some((holder) => this.#hasName(holder, ends));
  }

  /** Returns whether the holder of a name still has it at the moment: the user has no later name, and the name did not end since. */
  #hasName({ name, userId, accountId, from }: NameHolder, ends: readonly NameEnd[]): boolean {
    const last = userId === undefined ? from : this.#lastUnder(name, userId);
    if (last === undefined) return false;
    return !ends.some((end) => end.accountId === accountId && end.at > last && this.#isBy(end.at));
  }

  #lastUnder(name: string, userId: string): EpochMillis | undefined {
    const last = this.#lastOf(this.#index.sightingsOf(userId));
    return last !== undefined && comparableName(last.name) === name ? last.at : undefined;
  }

  #lastOf(sightings: readonly NameSighting[]): NameSighting | undefined {
    let last: NameSighting | undefined;
    for (const sighting of sightings) {
      if (!this.#isBy(sighting.at)) break;
      last = sighting;
    }
    return last;
  }

  #isBy(time: EpochMillis): boolean {
    if (typeof this.#moment !== 'number') return true;
    this.#span?.comparedWithBegin(this.#moment, time);
    return this.#moment >= time;
  }
}

interface KnownNamesThen {
  readonly index: GrantIndex;
  readonly span?: MomentSpan | undefined;
}

/** Returns the names at the moment of an action, as far as they are known. */
export function namesAt({ moment }: { readonly moment: Moment }, { index, span }: KnownNamesThen): NamesAt {
  return new NamesAt(index, moment, span);
}

/** Returns whether so many users had the name at that time that it counts as somebody's, whatever else becomes known. */
export function isHeldForGood({ holders, isCut }: NameHolders, time: EpochMillis): boolean {
  return isCut === true || areTooMany(holders.filter(({ from }) => from <= time));
}

/**
 * Returns whether two such users cannot have one name at the same time: two IAM users, two users of one directory, or a
 * user whose directory is not known.
 */
function canHoldOneName(one: string, other: string): boolean {
  const [directory, others] = [one, other].map((id) => id.split(' ')[1]);
  const isSameKind = one.startsWith('AIDA') === other.startsWith('AIDA');
  return isSameKind && (directory === undefined || others === undefined || directory === others);
}

function areTooMany(holders: readonly NameHolder[]): boolean {
  return holders.filter(({ userId }) => userId !== undefined).length > MOST_HOLDERS;
}
