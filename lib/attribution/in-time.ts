import { firstWhere } from '../by-halves.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { SECOND } from '../time.ts';
import type { Moment, MomentSpan } from './moment.ts';
import type { AttributionSettings } from './settings.ts';

/** The number of grants from which on a binary search is faster than comparing each grant. */
const MANY = 32;

/**
 * The longest session among the first `of` grants of a list. A list of known grants only grows, so the number shows if
 * this is outdated.
 */
interface LongestSession {
  readonly of: number;
  /** The length of the longest session, in milliseconds. */
  readonly lifetime: number;
}

/** The moment at which a session must have been able to act, with the settings that allow for clocks. */
export interface ActingTime {
  readonly moment: Moment;
  readonly settings: AttributionSettings;
  /** Records the moments with which `moment` was compared. */
  readonly span?: MomentSpan | undefined;
}

const longest = new WeakMap<readonly Grant[], LongestSession>();

/**
 * Returns those of the grants (oldest first) whose session can have acted at the moment, and few others. It uses binary
 * search, because a name that many people use has thousands of grants, and few of them matter for one event.
 */
export function aroundMoment(grants: readonly Grant[], { moment, settings, span }: ActingTime): readonly Grant[] {
  if (grants.length < MANY || typeof moment !== 'number') return grants;
  const { beforeIssue, afterExpiry } = settings;
  const lasting = lifetimeOf(grants) + SECOND + afterExpiry; // The session is valid until the end of that second.
  const from = firstWhere(grants, ({ issuedAt }) => issuedAt >= moment - lasting);
  const to = firstWhere(grants, ({ issuedAt }) => issuedAt > moment + beforeIssue);
  const [before, behind] = [grants[from - 1], grants[to]];
  if (before !== undefined) span?.comparedWithEnd(moment, before.issuedAt + lasting);
  if (behind !== undefined) span?.comparedWithBegin(moment, behind.issuedAt - beforeIssue);
  return grants.slice(from, to);
}

/** Returns the grants (oldest first) that were issued from `from` to `to`. If the list is short, returns all of them. */
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
