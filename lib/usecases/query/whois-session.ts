import type { Answer } from '../../attribution/answer.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import { canHaveActed, type Moment } from '../../attribution/moment.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { ActingCaller } from '../../audit/caller.ts';
import { type Grant, LONGEST_CREDENTIALS } from '../../cloudtrail/grant.ts';
import type { Use } from '../../cloudtrail/use.ts';
import { type AccessKeyId, isTemporaryKey } from '../../identity/access-key.ts';
import type { GrantSource } from '../../ports/sessions.ts';
import { askAndAttribute } from '../deciding/ask.ts';
import { callerOfQuestion, isKeyAlone, type WhoisQuestion } from './whois-question.ts';

interface SessionQuery {
  readonly question: WhoisQuestion;
  readonly moment: Moment;
  /** The grants and uses that are known before the source is asked. */
  readonly known: KnownGrants;
  readonly source: GrantSource;
  readonly settings: AttributionSettings;
  /** Whether no later grant is expected. */
  readonly settled: boolean;
}

/**
 * Returns who is behind a session, from one source. An access key without a known grant may be a user's own: then the
 * records that it signed name the user, and show who acts by it. A key given with a user's uid must be that user's key.
 * @throws WhoisQuestionError if the question makes no sense, and the source's errors if it cannot be reached.
 */
export async function whoisSession({
  question,
  moment,
  known,
  source,
  settings,
  settled,
}: SessionQuery): Promise<Answer> {
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

/** For the rules a user's uid is enough. Whoever also gives a key wants to know whether it is this user's. */
const CONTRADICTED: Answer = {
  attribution: { status: 'unattributed', reason: 'access-key-contradicts-session', provisional: false, flags: [] },
};

/**
 * Returns the IAM user or root user whose own key it is (long-term, or from GetSessionToken), by the records that it
 * signed. AWS can issue a temporary key again after years (FACTS), so only records from a time at which it can have
 * been valid count. Undefined if the records show no such user, or several.
 */
function ownerOfKey(
  accessKeyId: AccessKeyId,
  known: KnownGrants,
  moment: Moment,
  settings: AttributionSettings,
): ActingCaller | undefined {
  const uses = possibleUses(accessKeyId, known, moment, settings);
  const [principalId, ...others] = new Set(uses.map((use) => use.principalId));
  if (principalId === undefined || others.length > 0) return undefined;
  const accountId = uses[0]?.accountId;
  const isUser = principalId.startsWith('AIDA');
  if (isUser) return { kind: 'iam-user', userId: principalId, accountId, accessKeyId };
  return principalId === accountId ? { kind: 'root', accountId, accessKeyId } : undefined;
}

/**
 * Whether the records show the key with anybody else than the user or root user of the question. Then it is no proof of
 * this user, but a reason to look closer.
 */
function isKeyOfAnother(
  { accessKeyId, userId, accountId }: ActingCaller,
  known: KnownGrants,
  moment: Moment,
  settings: AttributionSettings,
): boolean {
  if (accessKeyId === undefined) return false;
  const own = userId ?? accountId;
  const isOwn = ({ granted, caller }: Grant) => granted === 'own-user' && caller.principalId === own;
  const grants = known.grantsOfKey(accessKeyId).filter((grant) => canHaveActed(grant, moment, settings));
  const uses = possibleUses(accessKeyId, known, moment, settings);
  return grants.some((grant) => !isOwn(grant)) || uses.some(({ principalId }) => principalId !== own);
}

/** Returns the uses of the key in the session that can have been valid at the moment. */
function possibleUses(
  accessKeyId: AccessKeyId,
  known: KnownGrants,
  moment: Moment,
  { beforeIssue, afterExpiry }: AttributionSettings,
): readonly Use[] {
  return known.usesOfKey(accessKeyId).filter(({ began }) => {
    if (moment === 'any' || !isTemporaryKey(accessKeyId)) return true;
    if (moment === 'unreadable' || began === undefined) return false;
    return moment >= began - beforeIssue && moment <= began + LONGEST_CREDENTIALS + afterExpiry;
  });
}
