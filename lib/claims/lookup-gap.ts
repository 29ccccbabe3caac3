import { type EpochMillis, HOUR } from '../time.ts';

/** The reasons why a part of CloudTrail did not answer. */
export type GapCode =
  | 'credentials'
  | 'denied'
  | 'no-role'
  | 'throttled'
  | 'unreachable'
  | 'exhausted'
  | 'refused'
  | 'unfinished';

/** An account and Region that did not answer a look-up, or not completely, so that it may have the grant. */
export interface LookupGap {
  /** The account and the Region, in words. For the hub's own account, only the Region. */
  readonly scope: string;
  readonly code: GapCode;
  /** An explanation from an SDK's error. It contains no text of an event. */
  readonly why: string;
}

/** How long an answer that should be final waits for failed look-ups, in milliseconds. */
const GRACE = 4 * HOUR;

/**
 * Returns whether an answer must wait because of these gaps. It does not wait for `denied` and `no-role`, because these
 * last until somebody acts. If a grant is found after that, the answer is corrected. Other problems usually pass, so
 * the answer waits for a limited time. An answer that never became final would never raise an alert.
 */
export function isWorthWaiting(
  gaps: readonly LookupGap[],
  heldSince: EpochMillis | undefined,
  now: EpochMillis,
): boolean {
  const isOver = heldSince !== undefined && now >= heldSince + GRACE;
  return !isOver && gaps.some(({ code }) => code !== 'denied' && code !== 'no-role');
}

/** Returns each account and Region once, with its first problem. */
export function distinctGaps(gaps: readonly LookupGap[]): readonly LookupGap[] {
  const first = new Map<string, LookupGap>();
  for (const gap of gaps) if (!first.has(gap.scope)) first.set(gap.scope, gap);
  return [...first.values()];
}

/** Returns the gap in the words of an alert, such as `444455556666 eu-west-1 (denied)`. */
export function gapText({ scope, code }: LookupGap): string {
  return `${scope} (${code})`;
}
