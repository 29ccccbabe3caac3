import type { Answer } from '../../attribution/answer.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import type { Moment } from '../../attribution/moment.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { GrantSource } from '../../ports/sessions.ts';
import { askAndAttribute } from '../deciding/ask.ts';
import { isKeyOfAnother, ownerOfKey } from './key-owner.ts';
import { callerOfQuestion, isKeyAlone, type WhoisQuestion } from './whois-question.ts';

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
 * signed name him, and say who acts by it. A key beside a user's uid must be that user's.
 * @throws WhoisQuestionError where the question makes no sense; what the source throws where it is out of reach.
 */
export async function whoisSession({ question, moment, known, source, settings, settled }: Whois): Promise<Answer> {
  const caller = callerOfQuestion(question);
  const asking = { source, known, settings, settled };
  const answer = await askAndAttribute({ caller, moment }, asking);
  if (answer.attribution.method === 'direct' && caller.accessKeyId !== undefined) {
    await askAndAttribute({ caller: { kind: 'role-session', accessKeyId: caller.accessKeyId }, moment }, asking);
    return isKeyOfAnother(caller, known, moment, settings) ? CONTRADICTED : answer;
  }
  if (answer.attribution.reason !== 'no-matching-grant' || caller.accessKeyId === undefined || !isKeyAlone(caller))
    return answer;
  const owner = ownerOfKey(caller.accessKeyId, known, moment, settings);
  return owner === undefined ? answer : askAndAttribute({ caller: owner, moment }, asking);
}

/** The rules take a user's uid for all that is needed; who asks with a key wants to know whether it is the user's. */
const CONTRADICTED: Answer = {
  attribution: { status: 'unattributed', reason: 'access-key-contradicts-session', provisional: false, flags: [] },
};
