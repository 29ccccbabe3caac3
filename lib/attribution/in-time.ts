import { firstWhere } from '../by-halves.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import type { Moment, MomentSpan } from './moment.ts';
import type { AttributionSettings } from './settings.ts';

/** Fewer are looked at one by one in the same time. */
const MANY = 32;

/** What was found out of a list when it had so many grants: lists of known grants only grow. */
interface Longest {
  readonly of: number;
  /** In milliseconds: no session of the list lasts longer. */
  readonly lifetime: number;
}

/** When a session is to have acted. */
export interface ActingTime {
  readonly moment: Moment;
  readonly settings: AttributionSettings;
  /** Told what the moment was compared with. */
  readonly span?: MomentSpan | undefined;
}

const longest = new WeakMap<readonly Grant[], Longest>();

/**
 * Of grants, oldest first, a part that has each of those whose session can have acted at the moment, and few others. It is
 * found by halves, since a name that everybody shares has thousands, of which each event concerns some.
 */
export function aroundMoment(grants: readonly Grant[], { moment, settings, span }: ActingTime): readonly Grant[] {
  if (grants.length < MANY || typeof moment !== 'number') return grants;
  const { beforeIssue, afterExpiry } = settings;
  const lasting = lifetimeOf(grants) + afterExpiry;
  const from = firstWhere(grants, ({ issuedAt }) => issuedAt >= moment - lasting);
  const to = firstWhere(grants, ({ issuedAt }) => issuedAt > moment + beforeIssue);
  const [before, behind] = [grants[from - 1], grants[to]];
  if (before !== undefined) span?.comparedWithEnd(moment, before.issuedAt + lasting);
  if (behind !== undefined) span?.comparedWithBegin(moment, behind.issuedAt - beforeIssue);
  return grants.slice(from, to);
}

/** Of grants, oldest first, those that were issued from one moment to another, both of them included. */
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
