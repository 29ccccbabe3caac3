import { earliestFirst, type IssuedToken, isTokenOf } from '../audit/issued-token.ts';
import { serviceAccountOf, serviceAccountText } from '../identity/service-account.ts';
import { formatInstant } from '../time.ts';
import type { Action, Answer } from './answer.ts';
import type { Attribution, Candidate, ChainLink } from './attribution.ts';
import type { GrantIndex } from './grant-index.ts';
import type { Moment } from './moment.ts';
import { flagsOf } from './raised-flags.ts';
import { LONGEST_CHAIN } from './settings.ts';

/**
 * Who had the service account token issued that a request was made with (CONTRACT, "Service account tokens"): the answer
 * about the event that issued it, or the first of those by whose tokens it was issued. Undefined where it is the cluster's
 * own work: no issuing event is known, or they go round, or on for too long.
 */
export function answerByToken(
  action: Action,
  index: GrantIndex,
  attributeIssuing: (issuing: Action) => Answer,
): Answer | undefined {
  const path = issuedTokens(action, index);
  const [first] = path ?? [];
  if (path === undefined || first === undefined) return undefined;
  const { attribution } = attributeIssuing(actionOfToken(first));
  return isOwnWork(attribution) ? undefined : { attribution: withTokens(attribution, path.map(tokenLink), action) };
}

/**
 * When the session that the answer is about must have been valid: when the first of the tokens was issued, else when the
 * event happened. Tokens that make tokens can lie days behind their use.
 */
export function momentOfSession(action: Action, index: GrantIndex): Moment {
  return issuedTokens(action, index)?.[0]?.issuedAt ?? action.moment;
}

/** The tokens by which each other was issued, the first one first; undefined where they go round, or on for too long. */
function issuedTokens(action: Action, index: GrantIndex): readonly IssuedToken[] | undefined {
  const path: IssuedToken[] = [];
  let at = action;
  for (let token = tokenOf(at, index); token !== undefined; token = tokenOf(at, index)) {
    const { credentialId } = token;
    if (path.length >= LONGEST_CHAIN || path.some((other) => other.credentialId === credentialId)) return undefined;
    path.unshift(token);
    at = actionOfToken(token);
  }
  return path;
}

/** Of the cluster itself, whomever it says that it acts for. */
function isOwnWork({ status, reason }: Attribution): boolean {
  return status === 'system' || (status === 'partial' && reason === 'acts-for-impersonated-user');
}

/**
 * The issuing event: of the same cluster and service account, and not later. The earliest, if copies differ. A token that an
 * account handed over counts for what the same account handed over: its event may name any cluster.
 */
function tokenOf({ caller, moment, cluster, handedOverBy }: Action, index: GrantIndex): IssuedToken | undefined {
  const { credentialId } = caller;
  if (credentialId === undefined || !isTokenOf(caller) || typeof moment !== 'number') return undefined;
  const account = serviceAccountOf(caller.username);
  if (account === undefined) return undefined;
  const serviceAccount = serviceAccountText(account);
  const issued = index
    .tokensIssued(credentialId)
    .filter((token) => token.serviceAccount === serviceAccount && token.cluster === cluster)
    .filter(
      (token) => token.issuedAt <= moment && (token.handedOverBy === undefined || token.handedOverBy === handedOverBy),
    );
  return issued.toSorted(earliestFirst)[0];
}

function actionOfToken({ caller, impersonated, issuedAt, cluster, handedOverBy }: IssuedToken): Action {
  return { caller, impersonated, moment: issuedAt, cluster, handedOverBy };
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

/** The issuing event's answer, with the tokens at the end of each chain; impersonation is said of this event alone. */
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
