import { pathlessRoleArn, roleRef } from '../identity/arn.ts';
import type { EpochMillis } from '../time.ts';
import type { TrailCaller } from './caller.ts';
import type { Grant } from './grant.ts';

/**
 * Returns whether two grants are one call that was logged twice. They have a common event ID or `sharedEventID`, and the same
 * issued key, role and session name. If they have no key, the time is also the same (CONTRACT, rule 3). `sharedEventID`
 * alone is not enough, because a forged file can have any.
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

/** Returns whether both issued the same credentials. This is an equivalence, so the order of the copies does not matter. */
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
 * Merges two copies of a grant. Returns the copy that says more about its caller, with the event IDs of both. In a
 * cross-account call, the role owner's copy has only the caller's account (FACTS). The order of the two does not matter.
 */
export function mergeCopies(a: Grant, b: Grant): Grant {
  const [kept, other] = saysMore(a, b) ? [a, b] : [b, a];
  const eventIds = fewIds(kept, other);
  const [sharedEventId, ...others] = [...new Set([...sharedIdsOf(kept), ...sharedIdsOf(other)])].sort();
  const otherSharedIds = others.slice(0, MOST_IDS);
  const times = [...new Set([...timesOf(kept), ...timesOf(other)])].sort((one, next) => one - next);
  const otherTimes = times.slice(0, MOST_IDS).filter((time) => time !== kept.issuedAt);
  return {
    ...kept,
    eventIds,
    ...(sharedEventId !== undefined && { sharedEventId }),
    ...(otherSharedIds.length > 0 && { otherSharedIds }),
    ...(otherTimes.length > 0 && { otherTimes }),
  };
}

/**
 * The most event IDs of a grant. A call has a copy in each account that takes part, usually two. A forged file may have
 * thousands, which would take endless time and more than a table's item can hold. Then the first IDs in sorted order are
 * kept, and the kept copy's.
 */
const MOST_IDS = 64;

function fewIds(kept: Grant, other: Grant): readonly string[] {
  const ids = [...new Set([...kept.eventIds, ...other.eventIds])].sort();
  if (ids.length <= MOST_IDS) return ids;
  const first = ids.slice(0, MOST_IDS);
  return first.includes(kept.copyId) || !ids.includes(kept.copyId) ? first : [...first, kept.copyId];
}

/**
 * Returns whether the known copy already has everything that the other one states, because the same record was delivered again.
 */
export function saysAllOf(known: Grant, added: Grant): boolean {
  if (saysMore(added, known) || !added.eventIds.every((id) => known.eventIds.includes(id))) return false;
  if (!timesOf(added).every((time) => timesOf(known).includes(time))) return false;
  return (
    added.sharedEventId === known.sharedEventId || sharedIdsOf(added).every((id) => sharedIdsOf(known).includes(id))
  );
}

function saysMore(a: Grant, b: Grant): boolean {
  const difference = saidOf(a.caller) - saidOf(b.caller);
  if (difference !== 0) return difference > 0;
  return a.copyId === b.copyId ? contentOf(a) <= contentOf(b) : a.copyId < b.copyId;
}

/**
 * Returns how much a record says about its caller. A caller that is known only by another account says less than any
 * other, whatever else it lists.
 */
function saidOf(caller: TrailCaller): number {
  const named = caller.kind === 'aws-account' || caller.kind === 'unknown' ? 0 : 100;
  return named + Object.values(caller).filter((value) => value !== undefined).length;
}

function contentOf(grant: Grant): string {
  const merged = { eventIds: undefined, sharedEventId: undefined, otherSharedIds: undefined, otherTimes: undefined };
  return JSON.stringify({ ...grant, ...merged });
}
