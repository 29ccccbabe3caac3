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

/** The rules take a user's uid for all that is needed; who asks with a key wants to know whether it is the user's. */
const CONTRADICTED: Answer = {
  attribution: { status: 'unattributed', reason: 'access-key-contradicts-session', provisional: false, flags: [] },
};

/**
 * The IAM user or root user whose own key it is (long-term, or of GetSessionToken), by the records that it signed. A
 * temporary key can be issued again after years (FACTS): what it signed counts where it can have been valid then.
 * Undefined where the records show no such user, or several.
 */
function ownerOfKey(
  accessKeyId: AccessKeyId,
  known: KnownGrants,
  moment: Moment,
  settings: AttributionSettings,
): ActingCaller | undefined {
  const uses = usesMeant(accessKeyId, known, moment, settings);
  const [principalId, ...others] = new Set(uses.map((use) => use.principalId));
  if (principalId === undefined || others.length > 0) return undefined;
  const accountId = uses[0]?.accountId;
  const isUser = principalId.startsWith('AIDA');
  if (isUser) return { kind: 'iam-user', userId: principalId, accountId, accessKeyId };
  return principalId === accountId ? { kind: 'root', accountId, accessKeyId } : undefined;
}

/**
 * Whether the records show the key with somebody else than the user, or root user, of the question: it is then no proof
 * of him, but a reason to look closer.
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
  const uses = usesMeant(accessKeyId, known, moment, settings);
  return grants.some((grant) => !isOwn(grant)) || uses.some(({ principalId }) => principalId !== own);
}

/** What the key signed in the session in which it was valid then. */
function usesMeant(
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
