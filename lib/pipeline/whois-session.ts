import type { Answer } from '../attribution/attribute.ts';
import type { KnownGrants } from '../attribution/known-grants.ts';
import type { Moment } from '../attribution/moment.ts';
import type { AttributionSettings } from '../attribution/settings.ts';
import type { GrantSource } from '../ports.ts';
import { askAndAttribute } from './ask.ts';
import { callerOfQuestion, isKeyAlone, userOfKey, type WhoisQuestion } from './whois-question.ts';

export interface Whois {
  readonly question: WhoisQuestion;
  readonly moment: Moment;
  /** What is known before anything is asked. */
  readonly known: KnownGrants;
  readonly source: GrantSource;
  readonly settings: AttributionSettings;
  /** Whether no later grant is waited for. */
  readonly settled: boolean;
}

/**
 * Who is behind a session, from one source. A key that no grant lists may be a user's own: then the records that it
 * signed name him.
 * @throws WhoisQuestionError where the question makes no sense; what the source throws where it is out of reach.
 */
export async function whoisSession({ question, moment, known, source, settings, settled }: Whois): Promise<Answer> {
  const caller = callerOfQuestion(question);
  const answer = await askAndAttribute({ caller, moment }, { source, known, settings, settled });
  if (answer.attribution.reason !== 'no-matching-grant' || caller.accessKeyId === undefined || !isKeyAlone(caller))
    return answer;
  return userOfKey(caller.accessKeyId, known, moment, settings) ?? answer;
}
