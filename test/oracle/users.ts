import { dashed } from './names.ts';
import { compare, type KnownWorld } from './records.ts';
import type { NameStatement } from './stated-names.ts';

const HOUR = 3_600_000;
/** The maximum number of users of one name for which the rules check whether they still have it. */
const MOST = 20;

/** Returns whether two names are the same if it is only asked whose name somebody has: case does not count, and `@` is `-`. */
export function sameLetters(a: string, b: string): boolean {
  return dashed(a).toLowerCase() === dashed(b).toLowerCase();
}

/**
 * Returns the name that the user with this id had at the time. It is the name of the last sighting up to then. If there is none, it is the name
 * of the first sighting after it, unless somebody else had that name at the time, or IAM ended it in between. Without a time, returns
 * the current name. `account` is the account of an IAM user.
 */
export function nameThen(id: string, known: KnownWorld, time = known.time, account?: string): string | undefined {
  const all = sightings(id, known);
  if (time === undefined) return all.at(-1)?.name;
  const last = all.findLast((one) => one.time <= time);
  const name = last?.name ?? all[0]?.name;
  if (last !== undefined || name === undefined) return name;
  const seen = all[0]?.time ?? time;
  if (
    known.ended.some(
      (one) => sameLetters(one.name, name) && one.account === account && one.time > time && one.time < seen,
    )
  ) {
    known.notice('a later name that ended in between');
    return undefined;
  }
  const begun = known.named.filter((one) => sameLetters(one.name, name) && one.time <= time);
  const others = [...new Set(begun.flatMap((one) => one.id ?? []))].filter(
    (other) =>
      other !== id &&
      areOfOneSpace(id, other) &&
      (account === undefined || accountUnder(name, other, known) === account),
  );
  const then = { ...known, time };
  if (others.length <= MOST && !others.some((other) => isOfUser(other, name, then))) return name;
  known.notice('a later name that was somebody else’s');
  return undefined;
}

/** Returns whether two users cannot have one name at one time: IAM users of an account, or users of a directory, if both are known. */
function areOfOneSpace(one: string, other: string): boolean {
  if (/^AIDA/.test(one) !== /^AIDA/.test(other)) return false;
  const [mine, theirs] = [one, other].map((id) => id.split(' of ')[1]);
  return mine === theirs || mine === 'no directory' || theirs === 'no directory';
}

export function nameNow(id: string, known: KnownWorld): string | undefined {
  return sightings(id, known).at(-1)?.name;
}

/** Returns the ID of the user who had the name in the account at the event's time, if there is exactly one with an ID. */
export function idOfName(name: string | undefined, account: string | undefined, known: KnownWorld): string | undefined {
  const { time = Number.POSITIVE_INFINITY } = known;
  if (name === undefined || account === undefined) return undefined;
  const begun = known.named.filter((one) => sameLetters(one.name, name) && one.time <= time);
  const ids = [...new Set(begun.flatMap(({ id }) => id ?? []))].filter(
    (id) => accountUnder(name, id, known) === account,
  );
  const theirs = ids.length > MOST ? [] : ids.filter((id) => isOfUser(id, name, known));
  const [id] = theirs;
  if (theirs.length > 1) known.notice('a name without an id that two users have');
  if (id === undefined || theirs.length > 1) return undefined;
  if (nameThen(id, known, known.time, account)?.toLowerCase() !== name.toLowerCase()) return undefined;
  known.notice('an id found by the name');
  return id;
}

/** Returns whether an IAM or Identity Center user had the name at the event's time. */
export function isBorne(name: string, known: KnownWorld): boolean {
  const { time } = known;
  const stated = known.named.filter((one) => sameLetters(one.name, name));
  if (time === undefined) return stated.length > 0;
  const begun = stated.filter((one) => one.time <= time);
  const ids = [...new Set(begun.flatMap(({ id }) => id ?? []))];
  const found =
    ids.length > MOST || ids.some((id) => isOfUser(id, name, known)) || begun.some((one) => isOpen(one, known));
  if (stated.length > begun.length && !found) known.notice('a name that nobody has yet');
  return found;
}

/** Returns whether a statement without an id still holds. */
function isOpen({ id, name, account, time }: NameStatement, known: KnownWorld): boolean {
  return id === undefined && !isEnded(name, account, time, known);
}

function isOfUser(id: string, name: string, known: KnownWorld): boolean {
  const { time = Number.POSITIVE_INFINITY } = known;
  const last = sightings(id, known).findLast((one) => one.time <= time);
  if (last === undefined || !sameLetters(last.name, name)) {
    known.notice('a name that its user no longer has');
    return false;
  }
  return !isEnded(name, accountUnder(name, id, known), last.time, known);
}

/** Returns the account in the first statement that the user has the name. */
function accountUnder(name: string, id: string, known: KnownWorld): string | undefined {
  const under = known.named.filter((one) => one.id === id && sameLetters(one.name, name));
  return under.sort((a, b) => a.time - b.time || compare(a.account ?? '~', b.account ?? '~'))[0]?.account;
}

function isEnded(name: string, account: string | undefined, since: number, known: KnownWorld): boolean {
  const { time = Number.POSITIVE_INFINITY } = known;
  const ended = known.ended.some(
    (end) => sameLetters(end.name, name) && end.account === account && end.time > since && end.time <= time,
  );
  if (ended) known.notice('a name that IAM ended');
  return ended;
}

/** Returns the sightings in the order of time: the first under each name in each hour. Of two in one second, the smaller name is the later. */
function sightings(id: string, known: KnownWorld): NameStatement[] {
  const all = known.named.filter((one) => one.id === id);
  const hour = ({ time }: NameStatement) => Math.floor(time / HOUR);
  const isFirst = (one: NameStatement) =>
    !all.some((other) => other.name === one.name && hour(other) === hour(one) && other.time < one.time);
  return all.filter(isFirst).sort((a, b) => a.time - b.time || compare(b.name, a.name));
}
