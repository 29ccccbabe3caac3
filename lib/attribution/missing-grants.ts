import { LONGEST_CREDENTIALS } from '../cloudtrail/grant.ts';
import type { Action, RuleContext } from './answer.ts';
import { LONGEST_ROLE_SESSION } from './settings.ts';

/**
 * Returns whether a grant may be missing: a silence of the caller's account overlaps the time in which it can have been
 * issued, so that its session acts at the moment (CONTRACT, rule 6).
 */
export function mayLackGrants({ caller, moment }: Action, { index, settings, span }: RuleContext): boolean {
  const { kind, accountId } = caller;
  if (accountId === undefined || typeof moment !== 'number') return false;
  const longest = kind === 'federated-user' ? LONGEST_CREDENTIALS : LONGEST_ROLE_SESSION;
  let isLacking = false;
  for (const { from, to = Number.POSITIVE_INFINITY } of index.silencesOf(accountId)) {
    if (to <= from) continue; // Late records have filled this silence.
    const [begin, end] = [from - settings.beforeIssue, to + longest + settings.afterExpiry];
    span?.comparedWithBegin(moment, begin);
    span?.comparedWithEnd(moment, end);
    if (moment >= begin && moment <= end) isLacking = true;
  }
  return isLacking;
}
