import { REASON_ROWS, type Reason } from '../attribution/reasons.ts';

/** What the question had. */
export interface QuestionBasis {
  /** Whether it was about a recorded event: then nothing can be given that the event does not have. */
  readonly isOfEvent: boolean;
  readonly hasKey: boolean;
  readonly hasTime: boolean;
}

export const NOTHING_SAID: QuestionBasis = { isOfEvent: false, hasKey: false, hasTime: false };

/** Why the answer has this reason, and what a person can do about it; `isOfFiles` where files were read instead of asking AWS. */
export function adviceOf(
  reason: Reason,
  { isOfEvent }: QuestionBasis,
  isOfFiles = false,
): { readonly why: string; readonly next: string } {
  const { why, next, nextOfEvent = next, nextInFiles = next } = REASON_ROWS[reason];
  if (isOfFiles) return { why, next: nextInFiles };
  return { why, next: isOfEvent ? nextOfEvent : next };
}

/** What may tell several people of one session's name apart; never what the event does not have. */
export function ambiguousAdvice({ isOfEvent, hasKey, hasTime }: QuestionBasis): string {
  const compare = "compare the candidates' sessions with the event's source address and user agent, and ask them";
  if (hasKey) return `The access key decides between none of them: ${compare}.`;
  if (isOfEvent) return `The event has no access key, which would decide: ${compare}.`;
  const at = hasTime ? '' : ' Say when it happened (--at): it may leave one.';
  return `If the audit event has user.extra.accessKeyId, ask by that key (--access-key-id): it decides. If not, ${compare}.${at}`;
}
