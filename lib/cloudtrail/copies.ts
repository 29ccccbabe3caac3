import { pathlessRoleArn, roleRef } from '../identity/arn.ts';
import { providerName } from '../identity/aws-issuer.ts';
import { keysOf } from '../json.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import type { TrailCaller } from './caller.ts';
import type { Grant } from './grant.ts';

/**
 * Returns whether two grants are the same call, which was logged twice. They have an event ID or a `sharedEventID` in
 * common. They also have the same issued key, issued token, role and session name. Without a key, the time must be
 * equal too (CONTRACT, rule 3). `sharedEventID` alone is not enough, because a forged file can have any.
 */
export function isSameCall(a: Grant, b: Grant): boolean {
  const sameId = sharesId(a, b) || a.eventIds.some((id) => b.eventIds.includes(id));
  return sameId && issuedTheSame(a, b);
}

function sharesId(a: Grant, b: Grant): boolean {
  if (a.sharedEventId === undefined || b.sharedEventId === undefined) return false;
  return a.sharedEventId === b.sharedEventId || sharedIdsOf(a).some((id) => sharedIdsOf(b).includes(id));
}

/** Returns all `sharedEventID`s of a call's copies. */
export function sharedIdsOf({ sharedEventId, otherSharedIds = [] }: Grant): readonly string[] {
  return sharedEventId === undefined ? [] : [sharedEventId, ...otherSharedIds];
}

/** Returns all times that a call's copies state. The times of two logs can differ by a second. */
export function timesOf({ issuedAt, otherTimes = [] }: Grant): readonly EpochMillis[] {
  return [issuedAt, ...otherTimes];
}

/**
 * Returns whether both issued the same credentials. The relation is an equivalence, so the order of the copies does not
 * matter.
 */
function issuedTheSame(a: Grant, b: Grant): boolean {
  return (
    a.accessKeyId === b.accessKeyId &&
    a.issuedTokenId === b.issuedTokenId &&
    a.sessionName === b.sessionName &&
    (a.accessKeyId !== undefined || a.issuedAt === b.issuedAt) &&
    a.roleId === b.roleId &&
    roleNameOf(a) === roleNameOf(b)
  );
}

function roleNameOf({ roleArn }: Grant): string | undefined {
  const role = roleRef(roleArn);
  return role === undefined ? roleArn : pathlessRoleArn(role);
}

/**
 * Merges the copies of one call. Returns a grant for each copy that counts, usually one (CONTRACT, rule 3). A copy
 * does
 * not count if another one states everything that it states. For a call across accounts, the role owner's copy states
 * only a part of what the caller's copy states (FACTS). Each grant has the event IDs and times of all copies. It lasts
 * from the earliest of their beginnings to the latest of their ends. So a forged copy of another time does not end it.
 * The order of the copies does not matter.
 */
export function mergeCopies(copies: readonly Grant[]): readonly Grant[] {
  const eventIds = [...new Set(copies.flatMap((copy) => copy.eventIds))].sort();
  const [sharedEventId, ...others] = [...new Set(copies.flatMap(sharedIdsOf))].sort();
  const otherSharedIds = others.slice(0, MOST_IDS);
  const times = [...new Set(copies.flatMap(timesOf))].sort((one, next) => one - next).slice(0, MOST_IDS);
  const expiresAt = epochMillis(Math.max(...copies.map((copy) => copy.expiresAt)));
  const counted = withoutLeaner(copies);
  return counted.map(({ isContradicted: _, ...copy }) => {
    const [issuedAt = copy.issuedAt, ...otherTimes] = times;
    return {
      ...copy,
      issuedAt,
      expiresAt,
      eventIds: fewIds(eventIds, copy.copyId),
      ...(sharedEventId !== undefined && { sharedEventId }),
      ...(otherSharedIds.length > 0 && { otherSharedIds }),
      ...(otherTimes.length > 0 && { otherTimes }),
      ...(isContradictedBy(copy, counted, copies) && { isContradicted: true }),
    };
  });
}

/**
 * Returns whether another copy contradicts this one. An earlier merge may have left out a copy that contradicted this
 * one, or that this one replaces. So a contradiction that was found once stays.
 */
function isContradictedBy(copy: Grant, counted: readonly Grant[], copies: readonly Grant[]): boolean {
  return (
    counted.length >= MOST_COPIES ||
    counted.some((other) => contradicts(copy, other)) ||
    copies.some((other) => other.isContradicted && isWithin(other, copy))
  );
}

/**
 * Limits the event IDs, shared IDs and times of a grant. A call has a copy in each account that takes part, usually
 * two. A forged file can have thousands, which would take too long, and would not fit into a table's item. If there are
 * more, the first IDs in sorted order are kept, and the copy's own ID.
 */
const MOST_IDS = 64;

function fewIds(ids: readonly string[], own: string): readonly string[] {
  if (ids.length <= MOST_IDS) return ids;
  const first = ids.slice(0, MOST_IDS);
  return first.includes(own) || !ids.includes(own) ? first : [...first, own];
}

/**
 * Limits the copies of a call that count. Only a forged file has more. Then all of them count as contradicting each
 * other.
 */
const MOST_COPIES = 20;

/**
 * Returns the copies that count: no other copy states everything that they state. Among copies that state the same, the
 * one with the smallest ID stays. There are at most `MOST_COPIES`.
 */
function withoutLeaner(copies: readonly Grant[]): readonly Grant[] {
  const ordered = copies.toSorted(smallestIdFirst);
  const counted = ordered.filter((copy, at) =>
    ordered.every((other, place) => place === at || !isWithin(copy, other) || (at < place && isWithin(other, copy))),
  );
  return counted.length > MOST_COPIES ? copiesOfMostCallers(counted) : counted;
}

/**
 * Returns `MOST_COPIES` of the copies: the first one of each caller, then the second of each, and so on. So many copies
 * that name one caller do not push out the copy that names another.
 */
function copiesOfMostCallers(ordered: readonly Grant[]): readonly Grant[] {
  const byCaller = Map.groupBy(ordered, ({ caller }) => caller.principalId ?? caller.arn ?? caller.userName);
  const placed = [...byCaller.values()].flatMap((ofOne) => ofOne.map((copy, place) => ({ copy, place })));
  const chosen = placed.toSorted((a, b) => a.place - b.place || smallestIdFirst(a.copy, b.copy));
  return chosen.slice(0, MOST_COPIES).map(({ copy }) => copy);
}

/**
 * Returns whether the known copy states everything that the other one states. Then the same record was delivered again.
 */
export function statesAllOf(known: Grant, added: Grant): boolean {
  if (!added.eventIds.every((id) => known.eventIds.includes(id)) || !isWithin(added, known)) return false;
  if (smallestIdFirst(added, known) < 0 && isWithin(known, added)) return false;
  if (!timesOf(added).every((time) => timesOf(known).includes(time)) || added.expiresAt > known.expiresAt) return false;
  return (
    added.sharedEventId === known.sharedEventId || sharedIdsOf(added).every((id) => sharedIdsOf(known).includes(id))
  );
}

/**
 * Whether copies are compared by this field. The other fields are equal in all copies, follow from the time, or state
 * where and when a copy was written. The provider of a web identity and the caller are compared by themselves.
 */
const IS_COMPARED: Readonly<Record<keyof Grant, boolean>> = {
  eventName: true,
  samlProvider: true,
  nameIdFormat: true,
  sourceIdentity: true,
  exchangedTokenId: true,
  sourcePrincipal: true,
  withMfa: true,
  certificateName: true,
  pod: true,
  accountId: true,
  byIdentityCenter: true,
  granted: false,
  eventIds: false,
  copyId: false,
  sharedEventId: false,
  otherSharedIds: false,
  region: false,
  sourceIp: false,
  userAgent: false,
  issuedAt: false,
  otherTimes: false,
  isContradicted: false,
  expiresAt: false,
  accessKeyId: false,
  roleArn: false,
  roleId: false,
  sessionName: false,
  issuedTokenId: false,
  federatedProvider: false,
  caller: false,
};
const COMPARED = keysOf(IS_COMPARED).filter((field) => IS_COMPARED[field]);

/** Returns whether the other copy states everything that this one states. */
function isWithin(copy: Grant, other: Grant): boolean {
  return isEachStatement(copy, other, (value, theirs) => value === theirs);
}

/** Returns whether both copies state a value for one field, and these values differ. */
function contradicts(copy: Grant, other: Grant): boolean {
  return !isEachStatement(copy, other, (value, theirs) => theirs === undefined || value === theirs);
}

type Comparison = (value: unknown, theirs: unknown) => boolean;

/** Returns whether the comparison holds for each value that the copy states. */
function isEachStatement(copy: Grant, other: Grant, compare: Comparison): boolean {
  const fits: Comparison = (value, theirs) => value === undefined || compare(value, theirs);
  return (
    fits(statedKind(copy.caller), statedKind(other.caller)) &&
    isEachValue(copy.caller, other.caller, fits) &&
    isEachValue(copy.caller.issuer ?? {}, other.caller.issuer ?? {}, fits) &&
    fits(providerName(copy.federatedProvider), providerName(other.federatedProvider)) &&
    COMPARED.every((field) => fits(copy[field], other[field]))
  );
}

function isEachValue<T extends object>(one: T, other: T, fits: Comparison): boolean {
  return one === other || keysOf(one).every((key) => IS_APART.has(key) || fits(one[key], other[key]));
}

/** The fields of a caller that are compared by themselves. */
const IS_APART: ReadonlySet<string> = new Set(['kind', 'issuer'] satisfies (keyof TrailCaller)[]);

/** Returns the kind of caller. Undefined if the copy states only an account, as the copy of the role's owner does. */
function statedKind({ kind }: TrailCaller): TrailCaller['kind'] | undefined {
  return kind === 'aws-account' || kind === 'unknown' ? undefined : kind;
}

function smallestIdFirst(a: Grant, b: Grant): number {
  if (a.copyId !== b.copyId) return a.copyId < b.copyId ? -1 : 1;
  const [one, other] = [contentOf(a), contentOf(b)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/**
 * Returns the copy as text, without the fields that `mergeCopies` sets. So a copy has the same place in the order
 * before and after a merge.
 */
function contentOf(grant: Grant): string {
  const { eventIds, sharedEventId, otherSharedIds, issuedAt, otherTimes, expiresAt, isContradicted, ...own } = grant;
  return JSON.stringify(own);
}
