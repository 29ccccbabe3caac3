import { firstWhere } from '../by-halves.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { SECOND } from '../time.ts';
import type { Moment, MomentSpan } from './moment.ts';
import type { AttributionSettings } from './settings.ts';

/** Below this length, comparing each grant takes no longer than a search. */
const MANY = 32;

/** The longest session of a list when it had this many grants. Lists of known grants only grow. */
interface LongestSession {
  readonly of: number;
  /** The longest session of the list, in milliseconds. */
  readonly lifetime: number;
}

/** The time at which a session must have been able to act. */
export interface ActingTime {
  readonly moment: Moment;
  readonly settings: AttributionSettings;
  /** Records the moments that the moment was compared with. */
  readonly span?: MomentSpan | undefined;
}

const longest = new WeakMap<readonly Grant[], LongestSession>();

/**
 * Returns a part of the grants (oldest first) that has every grant whose session can have acted at the moment, and few others.
 * Uses binary search, because a name that everyone shares has thousands of grants, and few of them concern one event.
 */
export function aroundMoment(grants: readonly Grant[], { moment, settings, span }: ActingTime): readonly Grant[] {
  if (grants.length < MANY || typeof moment !== 'number') return grants;
  const { beforeIssue, afterExpiry } = settings;
  const lasting = lifetimeOf(grants) + SECOND + afterExpiry; // the second of the expiration belongs to the session
  const from = firstWhere(grants, ({ issuedAt }) => issuedAt >= moment - lasting);
  const to = firstWhere(grants, ({ issuedAt }) => issuedAt > moment + beforeIssue);
  const [before, behind] = [grants[from - 1], grants[to]];
  if (before !== undefined) span?.comparedWithEnd(moment, before.issuedAt + lasting);
  if (behind !== undefined) span?.comparedWithBegin(moment, behind.issuedAt - beforeIssue);
  return grants.slice(from, to);
}

/** Returns the grants (oldest first) that were issued between two moments, both included. */
export function issuedBetween(grants: readonly Grant[], from: number, to: number): readonly Grant[] {
  if (grants.length < MANY) return grants;
  const first = firstWhere(grants, ({ issuedAt }) => issuedAt >= from);
  const next = firstWhere(grants, ({ issuedAt }) => issuedAt > to);
  return grants.slice(first, next);
}

function lifetimeOf(grants: readonly Grant[]): number {
  const known = longest.get(grants);
  if (known?.of === grants.length) return known.lifetime;
  const lifetime = grants.reduce((most, { issuedAt, expiresAt }) => Math.max(most, expiresAt - issuedAt), 0);
  longest.set(grants, { of: grants.length, lifetime });
  return lifetime;
}
