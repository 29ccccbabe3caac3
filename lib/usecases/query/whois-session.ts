import { actionOfCaller } from '../../attribution/attribute.ts';
import { keyFactsOf } from '../../attribution/key-facts.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import type { Moment } from '../../attribution/moment.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { ActingCaller } from '../../audit/caller.ts';
import type { GrantSource } from '../../ports/sessions.ts';
import { askAndAttribute, type SearchedAnswer } from '../deciding/ask.ts';
import { callerOfQuestion, isKeyAlone, type WhoisQuestion } from './whois-question.ts';

interface SessionQuery {
  readonly question: WhoisQuestion;
  readonly moment: Moment;
  /** The grants and uses that are known before the source is asked for more. */
  readonly known: KnownGrants;
  readonly source: GrantSource;
  readonly settings: AttributionSettings;
  /** Whether all grants have arrived, so that the answer cannot change. */
  readonly settled: boolean;
}

/**
 * Returns who is behind a session, by one source. If no grant of an access key is known, the key may be a user's own.
 * In that case, CloudTrail records that the key signed show the user, and who acts with the key.
 * @throws WhoisQuestionError if the question is invalid, and the source's errors if it cannot be reached.
 */
export async function whoisSession(query: SessionQuery): Promise<SearchedAnswer> {
  const { question, moment } = query;
  const caller = callerOfQuestion(question);
  const answer = await askAndAttribute(actionOfCaller(caller, moment), query);
  if (answer.attribution.reason !== 'no-matching-grant' || !isKeyAlone(caller)) return answer;
  const owner = ownerOfKey(caller, query);
  return owner === undefined ? answer : askAndAttribute(actionOfCaller(owner, moment), query);
}

/**
 * Returns the owner of an access key: a user with a long-term key or a key from GetSessionToken, or a federated user.
 * The records that the key signed name the owner. Undefined if the records of that time show no owner, or several.
 */
function ownerOfKey(caller: ActingCaller, { known, moment, settings }: SessionQuery): ActingCaller | undefined {
  const facts = keyFactsOf(actionOfCaller(caller, moment), { index: known, settings, settled: true });
  const used = facts.filter(({ use, isInTime }) => use !== undefined && isInTime).map(({ owner }) => owner);
  const [owner, ...others] = new Map(used.map((each) => [JSON.stringify(each), each])).values();
  if (owner === undefined || others.length > 0) return undefined;
  const { kind, accountId, principalId: userId, sessionName } = owner;
  const { accessKeyId } = caller;
  if (kind === 'iam-user') return { kind, userId, accountId, accessKeyId };
  return kind === 'role-session' ? undefined : { kind, accountId, sessionName, accessKeyId };
}
