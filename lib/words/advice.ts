import type { Flag, Reason } from '../attribution/attribution.ts';
import { FLAG_WORDS, REASON_WORDS } from '../claims/advice.ts';

/** What the question had. */
export interface Asked {
  /** Whether it was about a recorded event: then nothing can be given that the event does not have. */
  readonly isOfEvent: boolean;
  readonly hasKey: boolean;
  readonly hasTime: boolean;
}

export const NOTHING_SAID: Asked = { isOfEvent: false, hasKey: false, hasTime: false };

export function adviceOf(reason: Reason, { isOfEvent }: Asked): { readonly why: string; readonly next: string } {
  const { why, next, nextOfEvent = next } = REASON_WORDS[reason];
  return { why, next: isOfEvent ? nextOfEvent : next };
}

/** What may tell several people of one session's name apart; never what the event does not have. */
export function ambiguousAdvice({ isOfEvent, hasKey, hasTime }: Asked): string {
  const compare = "compare the candidates' sessions with the event's source address and user agent, and ask them";
  if (hasKey) return `The access key decides between none of them: ${compare}.`;
  if (isOfEvent) return `The event has no access key, which would decide: ${compare}.`;
  const at = hasTime ? '' : ' Say when it happened (--at): it may leave one.';
  return `If the audit event has user.extra.accessKeyId, ask by that key (--access-key-id): it decides. If not, ${compare}.${at}`;
}

export function flagText(flag: Flag): string {
  return FLAG_WORDS[flag];
}
