import type { KnownGrants } from '../../attribution/known-grants.ts';
import { canHaveActed, type Moment } from '../../attribution/moment.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { ActingCaller } from '../../audit/caller.ts';
import { type Grant, LONGEST_CREDENTIALS } from '../../cloudtrail/grant.ts';
import type { Use } from '../../cloudtrail/use.ts';
import { type AccessKeyId, isTemporaryKey } from '../../identity/access-key.ts';

/**
 * The IAM user or root user whose own key it is (long-term, or of GetSessionToken), by the records that it signed. A
 * temporary key can be issued again after years (FACTS): what it signed counts where it can have been valid then.
 * Undefined where the records show no such user, or several.
 */
export function ownerOfKey(
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
export function isKeyOfAnother(
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
