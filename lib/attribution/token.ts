import { earliestFirst, type IssuedToken, isTokenOf } from '../audit/issued-token.ts';
import { serviceAccountOf, serviceAccountText } from '../identity/service-account.ts';
import { formatInstant } from '../time.ts';
import type { Action, Answer, RuleContext } from './answer.ts';
import type { Attribution, Candidate, ChainLink } from './attribution.ts';
import type { GrantIndex } from './grant-index.ts';
import type { Moment } from './moment.ts';
import { flagsOf } from './raised-flags.ts';
import { type AttributionSettings, LONGEST_CHAIN } from './settings.ts';

type TokenSettings = Pick<AttributionSettings, 'beforeIssue'>;

/**
 * Returns who had the service account token issued that a request used (CONTRACT, "Service account tokens"): the answer
 * for the event that issued it, or for the first event of a series of tokens that issued each other. Undefined if it is
 * the cluster's own work, if no issuing event is known, or if the tokens form a loop or too long a series.
 */
export function answerByToken(
  action: Action,
  { index, settings }: Pick<RuleContext, 'index' | 'settings'>,
  attributeIssuing: (issuing: Action) => Answer,
): Answer | undefined {
  const path = issuedTokens(action, index, settings);
  const [first] = path ?? [];
  if (path === undefined || first === undefined) return undefined;
  const { attribution } = attributeIssuing(actionOfToken(first));
  return isOwnWork(attribution) ? undefined : { attribution: withTokens(attribution, path.map(tokenLink), action) };
}

/**
 * Returns when the session of the answer must have been valid: when the first of the tokens was issued, else when the
 * event happened. A series of tokens can begin days before the last one is used.
 */
export function momentOfSession(action: Action, index: GrantIndex, settings: TokenSettings): Moment {
  return issuedTokens(action, index, settings)?.[0]?.issuedAt ?? action.moment;
}

/** Returns the tokens that issued each other, the first one first; undefined if they form a loop or too long a series. */
function issuedTokens(action: Action, index: GrantIndex, settings: TokenSettings): readonly IssuedToken[] | undefined {
  const path: IssuedToken[] = [];
  let at = action;
  for (let token = tokenOf(at, index, settings); token !== undefined; token = tokenOf(at, index, settings)) {
    const { credentialId } = token;
    if (path.length >= LONGEST_CHAIN || path.some((other) => other.credentialId === credentialId)) return undefined;
    path.unshift(token);
    at = actionOfToken(token);
  }
  return path;
}

/** Returns whether the answer is the cluster's own work, even if it claims to act for somebody. */
function isOwnWork({ status, reason }: Attribution): boolean {
  return status === 'system' || (status === 'partial' && reason === 'acts-for-impersonated-user');
}

/**
 * Returns the event that issued the token: of the same cluster and service account, and not later than the slack that
 * grants have too, because API servers have clocks of their own. If copies differ, the earliest. A token that an
 * account handed over counts only for events of the same account, because such an event may name any cluster.
 */
function tokenOf(
  { caller, moment, clusterKey, handedOverBy }: Action,
  index: GrantIndex,
  { beforeIssue }: TokenSettings,
): IssuedToken | undefined {
  const { credentialId } = caller;
  if (credentialId === undefined || !isTokenOf(caller) || typeof moment !== 'number') return undefined;
  const account = serviceAccountOf(caller.username);
  if (account === undefined) return undefined;
  const serviceAccount = serviceAccountText(account);
  const issued = index
    .tokensIssued(credentialId)
    .filter((token) => token.serviceAccount === serviceAccount && token.clusterKey === clusterKey)
    .filter(
      (token) =>
        token.issuedAt - beforeIssue <= moment &&
        (token.handedOverBy === undefined || token.handedOverBy === handedOverBy),
    );
  return issued.toSorted(earliestFirst)[0];
}

function actionOfToken({ caller, impersonated, issuedAt, clusterKey, handedOverBy }: IssuedToken): Action {
  return { caller, impersonated, moment: issuedAt, clusterKey, handedOverBy };
}

function tokenLink({ auditId, serviceAccount, credentialId, issuedAt }: IssuedToken): ChainLink {
  return {
    eventName: 'TokenRequest',
    eventIds: [auditId],
    serviceAccount,
    credentialId,
    issuedAt: formatInstant(issuedAt),
    joinedBy: 'token',
  };
}

/**
 * Returns the issuing event's answer with the tokens at the end of each chain. The flag for impersonation comes from
 * this event only.
 */
function withTokens(attribution: Attribution, links: readonly ChainLink[], action: Action): Attribution {
  const issuing = attribution.flags.filter((flag) => flag !== 'impersonation');
  const flags = flagsOf(action, [...issuing, 'token-of-service-account']);
  switch (attribution.status) {
    case 'attributed':
    case 'partial':
      return { ...attribution, method: 'token', flags, chain: [...(attribution.chain ?? []), ...links] };
    case 'ambiguous':
      return { ...attribution, flags, candidates: attribution.candidates.map((each) => withLinks(each, links)) };
    default:
      return { ...attribution, flags };
  }
}

function withLinks(candidate: Candidate, links: readonly ChainLink[]): Candidate {
  return { ...candidate, chain: [...candidate.chain, ...links] };
}
