import type { Claim } from '../../claims/claim.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { RecordsWhere } from '../../ports/records.ts';
import { epochMillis, FIRST_TIME } from '../../time.ts';
import { fitted } from './keys.ts';
import type { NamespacePlace } from './namespace-places.ts';
import { actorKey, boundsOf, ENDINGS } from './record-item.ts';
import { type SessionSpreads, suffixesOfClaim, suffixesOfSession } from './session-spread.ts';
import { TABLES } from './tables.ts';

const [BY_ACTOR, BY_SESSION, BY_NAMESPACE] = TABLES.records.indexes;

/** A partition of an index, whose records are in the order of `sort`. */
export interface IndexPartition {
  readonly index: typeof BY_ACTOR | typeof BY_SESSION | typeof BY_NAMESPACE;
  readonly hash: string;
}

/** What else decides where records are. */
export interface Spread {
  /** The IDs of the actors with the given ID, name, ARN or principal ID. */
  readonly actorIds: readonly string[];
  /** How far the records of the session, or of the claim's session, are spread. */
  readonly spreads: SessionSpreads;
  /** Returns the keys under which the records of a namespace are. */
  readonly keysOf: (place: NamespacePlace) => readonly string[];
}

export function partitionsOf(
  where: Exclude<RecordsWhere, { by: 'audit-id' }>,
  { actorIds, spreads, keysOf }: Spread,
): readonly IndexPartition[] {
  switch (where.by) {
    case 'actor':
      return of(
        BY_ACTOR,
        actorIds.flatMap((id) => ENDINGS.map((ending) => actorKey(id, ending))),
      );
    case 'session':
      return of(BY_SESSION, sessionKeys(where.session, suffixesOfSession(spreads)));
    case 'claim':
      return of(BY_SESSION, sessionKeys(where.claim.session, suffixesOfClaim(where.claim.id, spreads)));
    case 'namespace':
    case 'own-place':
    case 'other-namespaces':
      return of(BY_NAMESPACE, keysOf(where));
  }
}

function of(index: IndexPartition['index'], hashes: readonly string[]): IndexPartition[] {
  return hashes.map((hash) => ({ index, hash }));
}

function sessionKeys(session: string, suffixes: readonly string[]): string[] {
  return suffixes.map((suffix) => `${fitted(session)}${suffix}`);
}

export interface Bounds {
  readonly from: string;
  readonly to: string;
}

/**
 * Returns the ranges to read, the newest records first, from the position down. For a claim, these are the records that
 * it covers, and then those without a readable time.
 */
export function rangesBelow(
  where: readonly RecordsWhere[],
  range: TimeRange,
  position: string | undefined,
): readonly Bounds[] {
  const [only, ...others] = where;
  if (only?.by !== 'claim' || others.length > 0) return present([boundsBelow(range, position)]);
  const { first, last, until = last } = only.claim;
  const isAsked = range.from !== undefined || range.to !== undefined;
  const untimed = isAsked ? undefined : below(boundsOf(undefined, epochMillis(0)), position);
  if (first === undefined || until === undefined) return present([untimed]);
  const from = epochMillis(Math.max(range.from ?? first, first));
  const to = epochMillis(Math.min(range.to ?? until, until));
  return present([boundsBelow({ from, to }, position), untimed]);
}

function present(bounds: readonly (Bounds | undefined)[]): Bounds[] {
  return bounds.filter((each) => each !== undefined);
}

/**
 * Returns the range to read, the newest records first, from the position down. Undefined if it is empty. Records
 * without a readable time are included only if there is no time range.
 */
function boundsBelow({ from, to }: TimeRange, position: string | undefined): Bounds | undefined {
  const isAsked = from !== undefined || to !== undefined;
  return below(boundsOf(isAsked ? epochMillis(Math.max(from ?? 0, FIRST_TIME)) : undefined, to), position);
}

function below(bounds: Bounds, position: string | undefined): Bounds | undefined {
  const rest = position === undefined || position > bounds.to ? bounds : { ...bounds, to: position };
  return rest.from > rest.to ? undefined : rest; // DynamoDB refuses a BETWEEN with reversed ends.
}

/**
 * Returns the ranges of a claim within its session, the oldest records first. The first range has its events without a
 * readable time. The second one has those between its first and last event. A session with a shared name can have
 * thousands of other records.
 */
export function claimRanges(
  { first, last: latest, until: last = latest }: Pick<Claim, 'first' | 'last' | 'until'>,
  position: string | undefined,
): Bounds[] {
  const untimed = boundsOf(undefined, epochMillis(0));
  const isTimed = first !== undefined && last !== undefined && last >= FIRST_TIME;
  const timed = isTimed ? [boundsOf(epochMillis(Math.max(first, FIRST_TIME)), last)] : [];
  const onward = [untimed, ...timed].filter(({ to }) => position === undefined || to > position);
  return onward.map((bounds) =>
    position !== undefined && position > bounds.from ? { ...bounds, from: position } : bounds,
  );
}
