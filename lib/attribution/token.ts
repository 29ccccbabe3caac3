import { type IssuedToken, serviceAccountOf } from '../audit/issued-token.ts';
import { formatInstant } from '../time.ts';
import type { Action, Answer, Known } from './attribute.ts';
import type { Attribution, ChainLink } from './attribution.ts';
import { flagsOf } from './flags.ts';
import type { GrantIndex } from './grant-index.ts';
import { LONGEST_CHAIN } from './settings.ts';

/**
 * Who had the service account token issued that a request was made with (CONTRACT, "Service account tokens"): the answer
 * about the event that issued it, which may have been made with a token itself. Undefined where it is the cluster's own
 * work: no issuing event is known, or they go round, or on for too long. `made` holds the tokens that led here.
 */
export function answerByToken(
  action: Action,
  known: Known,
  made: readonly IssuedToken[],
  attributeIssuing: (issuing: Action, made: readonly IssuedToken[]) => Answer,
): Answer | undefined {
  const token = tokenOf(action, known.index);
  if (token === undefined || made.length >= LONGEST_CHAIN) return undefined;
  if (made.some(({ credentialId }) => credentialId === token.credentialId)) return undefined;
  const { attribution } = attributeIssuing(actionOfToken(token), [...made, token]);
  if (isOwnWork(attribution)) return undefined;
  return { attribution: withToken(attribution, tokenLink(token), action) };
}

/** Of the cluster itself, whomever it says that it acts for. */
function isOwnWork({ status, reason }: Attribution): boolean {
  return status === 'system' || reason === 'acts-for-impersonated-user';
}

/** The issuing event: of the same cluster and service account, and not later. The earliest, if copies differ. */
function tokenOf({ caller, moment, cluster }: Action, index: GrantIndex): IssuedToken | undefined {
  const { kind, credentialId } = caller;
  if (kind !== 'kubernetes-service-account' || typeof moment !== 'number') return undefined;
  if (credentialId === undefined || !TOKEN_ID.test(credentialId)) return undefined;
  const serviceAccount = serviceAccountOf(caller);
  const issued = index
    .tokensIssued(credentialId)
    .filter(
      (token) => token.serviceAccount === serviceAccount && token.cluster === cluster && token.issuedAt <= moment,
    );
  return issued.toSorted(earliestFirst)[0];
}

/** Of a service account token; certificates have ids of another form (KEP-4193). */
const TOKEN_ID = /^JTI=./;

function earliestFirst(a: IssuedToken, b: IssuedToken): number {
  return a.issuedAt - b.issuedAt || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}

function actionOfToken({ caller, impersonated, issuedAt, cluster }: IssuedToken): Action {
  return { caller, impersonated, moment: issuedAt, cluster };
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

/** The issuing event's answer, with the token at the end of each chain; impersonation is said of this event alone. */
function withToken(attribution: Attribution, link: ChainLink, action: Action): Attribution {
  const { method, chain = [], candidates } = attribution;
  const flags = attribution.flags.filter((flag) => flag !== 'impersonation');
  return {
    ...attribution,
    ...(method && { method: 'token', chain: [...chain, link] }),
    flags: flagsOf(action, [...flags, 'token-of-service-account']),
    ...(candidates && {
      candidates: candidates.map((candidate) => ({ ...candidate, chain: [...candidate.chain, link] })),
    }),
  };
}
