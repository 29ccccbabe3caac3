import { FLAG_ROWS, type Flag } from '../attribution/flags.ts';
import { REASON_ROWS, type Reason } from '../attribution/reasons.ts';

/** What a question was about and what answered it. The possible advice depends on this. */
export interface QuestionBasis {
  /** Whether the question is about a recorded event. If so, the user cannot add what the event lacks. */
  readonly isOfEvent: boolean;
  /** Whether a service answered. If so, options for searching CloudTrail have no effect. */
  readonly isOfService?: boolean | undefined;
  readonly hasKey: boolean;
  readonly hasTime: boolean;
  /** The access key, if it is all that the question states about the session. */
  readonly onlyKey?: string | undefined;
  /** False if not everything was searched for the answer. */
  readonly isComplete?: false | undefined;
}

/** The basis if nothing is known about a question. */
export const EMPTY_BASIS: QuestionBasis = { isOfEvent: false, hasKey: false, hasTime: false };

/**
 * Returns why the answer has this reason, and what the user can do about it.
 * @param isOfFiles whether files were read instead of asking AWS.
 */
export function adviceOf(
  reason: Reason,
  { isOfEvent, isOfService = isOfEvent, onlyKey }: QuestionBasis,
  isOfFiles = false,
): { readonly why: string; readonly next: string } {
  const { why: general, next, nextInService = next, nextInFiles = next } = REASON_ROWS[reason];
  const why = reason === 'no-matching-grant' && onlyKey !== undefined ? unknownKeyText(onlyKey, isOfFiles) : general;
  if (isOfFiles) return { why, next: nextInFiles };
  return { why, next: isOfService ? nextInService : next };
}

/** Returns the flag with its meaning. The meaning is left out if `why` already says the same. */
export function flagText(flag: Flag, why?: string): string {
  const { says } = FLAG_ROWS[flag];
  return says === why ? flag : `${flag}: ${says}`;
}

function unknownKeyText(key: string, isOfFiles: boolean): string {
  return `No ${isOfFiles ? 'grant in these files' : 'known grant'} issued the access key ${key}.`;
}

/** Returns how to decide between several candidates. It only suggests what the user can do. */
export function ambiguousAdvice({ isOfEvent, hasKey, hasTime }: QuestionBasis): string {
  const compare = "compare the candidates' sessions with the event's source IP and user agent, and ask the candidates";
  if (hasKey) return `The access key does not decide between them: ${compare}.`;
  if (isOfEvent) return `The event has no access key. To decide, ${compare}.`;
  const at = hasTime ? '' : ' Add the time of the request (--at): it may leave only one candidate.';
  return `If the audit event has user.extra.accessKeyId, add that key (--access-key-id): it decides. If not, ${compare}.${at}`;
}
