import { type EpochMillis, HOUR } from '../time.ts';

/** Why a part of CloudTrail did not answer. */
export type GapCode = 'credentials' | 'denied' | 'throttled' | 'unreachable' | 'exhausted' | 'refused' | 'unfinished';

/** An account and Region that did not answer a look-up, or not to the end: it may hold the grant. */
export interface LookupGap {
  /** Account and Region, as a person calls them; the Region alone for the account that asks. */
  readonly scope: string;
  readonly code: GapCode;
  /** In words; from an SDK's error, never from an event. */
  readonly why: string;
}

/** For how long an answer that is due to be final waits for look-ups that fail. */
const GRACE = 4 * HOUR;

/**
 * Whether the answer is to wait for these gaps. `denied` is final at once: it stays so until somebody mends it, and a
 * grant that is found then corrects the answer. Everything else passes as a rule, and is waited for within limits: an
 * answer that never becomes final never alerts.
 */
export function isWorthWaiting(
  gaps: readonly LookupGap[],
  heldSince: EpochMillis | undefined,
  now: EpochMillis,
): boolean {
  const isOver = heldSince !== undefined && now >= heldSince + GRACE;
  return !isOver && gaps.some(({ code }) => code !== 'denied');
}

/** Each account and Region once, with what it failed on first. */
export function distinctGaps(gaps: readonly LookupGap[]): readonly LookupGap[] {
  const first = new Map<string, LookupGap>();
  for (const gap of gaps) if (!first.has(gap.scope)) first.set(gap.scope, gap);
  return [...first.values()];
}

/** As an alert lists it: `444455556666 eu-west-1 (denied)`. */
export function gapText({ scope, code }: LookupGap): string {
  return `${scope} (${code})`;
}
