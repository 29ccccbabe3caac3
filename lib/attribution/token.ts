import { earliestOf, type IssuedToken, isTokenOf, withoutLeaner } from '../audit/issued-token.ts';
import { serviceAccountOf, serviceAccountText } from '../identity/service-account.ts';
import { formatInstant } from '../time.ts';
import type { Action, Answer, RuleContext } from './answer.ts';
import { type Attribution, actorsOf, type Candidate, type ChainLink } from './attribution.ts';
import { eitherOf } from './decide.ts';
import { areAllOne } from './distinct-actors.ts';
import type { GrantIndex } from './grant-index.ts';
import type { Moment } from './moment.ts';
import { flagsOf } from './raised-flags.ts';
import { type AttributionSettings, LONGEST_CHAIN, MOST_WAYS } from './settings.ts';

type TokenSettings = Pick<AttributionSettings, 'beforeIssue'>;

/** Other answers that an answer about a token needs. */
interface OtherAnswers {
  /** Returns the answer for the event that issued the token. */
  readonly issuing: (issuing: Action) => Answer;
  /** Returns the answer that the request would have without a token. */
  readonly withoutToken: () => Answer;
}

/**
 * Returns who requested the service account token of a request (CONTRACT, "Service account tokens"): the answer for the
 * event that issued the token. If one token was used to request the next, it is the answer for the first such event. In
 * some cases the answer is the one without the token: the cluster itself issued the token, no issuing event is known,
 * or the tokens form a loop or too long a series. If copies of issuing events lead to different actors, the answer is
 * ambiguous.
 */
export function answerByToken(action: Action, known: RuleContext, others: OtherAnswers): Answer {
  const ways = waysBack(action, known.index, known.settings);
  const answers = ways.slice(0, MOST_WAYS).map((way) => answerOfWay(action, way, others));
  const [first] = answers;
  if (first === undefined) return others.withoutToken();
  const isComplete = ways.length <= MOST_WAYS;
  if (isComplete && areOfOneActor(answers)) return first;
  const isNamed = answers.some(({ attribution }) => actorsOf(attribution).length > 0);
  if (!isNamed) return answers.find(({ attribution }) => attribution.status !== 'system') ?? first;
  const provisional = answers.some(({ attribution }) => attribution.provisional);
  return { attribution: { ...eitherOf(action, answers, known).attribution, provisional } };
}

function answerOfWay(action: Action, way: WayBack, { issuing, withoutToken }: OtherAnswers): Answer {
  const [first] = way;
  if (first === undefined) return withoutToken();
  const { attribution } = issuing(actionOfToken(first));
  return isOwnWork(attribution) ? withoutToken() : { attribution: withTokens(attribution, way.map(tokenLink), action) };
}

/** Returns whether there is one answer, or all answers name the same actor. */
function areOfOneActor(answers: readonly Answer[]): boolean {
  if (answers.length === 1) return true;
  const actors = answers.flatMap(({ attribution }) => attribution.actor ?? []);
  return actors.length === answers.length && areAllOne(actors);
}

/**
 * Returns the moments at which the session behind the answer must have been valid. This is when the first of the tokens
 * was issued, or when the event happened if there are none. A series of tokens can begin days before the last one is
 * used. There are several moments if copies of issuing events lead to different series.
 */
export function momentsOfSession(action: Action, index: GrantIndex, settings: TokenSettings): readonly Moment[] {
  return [...new Set(waysBack(action, index, settings).map(([first]) => first?.issuedAt ?? action.moment))];
}

/**
 * A series of tokens in which each was used to request the next, the first one first. Empty without a token, for a
 * loop, and for too long a series.
 */
type WayBack = readonly IssuedToken[];

/** Returns the series of tokens that can lead to this action. At most `MOST_WAYS` + 1 are returned, which shows that there are too many. */
function waysBack(action: Action, index: GrantIndex, settings: TokenSettings): readonly WayBack[] {
  const ways: WayBack[] = [];
  const follow = (at: Action, way: WayBack): void => {
    const issued = tokensOf(at, index, settings);
    if (issued.length === 0) ways.push(way);
    for (const token of issued) {
      if (ways.length > MOST_WAYS) return;
      const isCut = way.length >= LONGEST_CHAIN || way.some(({ credentialId }) => credentialId === token.credentialId);
      if (isCut) ways.push([]);
      else follow(actionOfToken(token), [token, ...way]);
    }
  };
  follow(action, []);
  return ways;
}

/** Returns whether the answer is the cluster's own work, even if it impersonates somebody. */
function isOwnWork({ status, reason, flags }: Attribution): boolean {
  if (flags.includes('unusual-node-client')) return false;
  return status === 'system' || (status === 'partial' && reason === 'acts-for-impersonated-user');
}

/**
 * Returns the events that issued the token. They must be of the same cluster and service account, and at most
 * `beforeIssue` later than this action, because API servers have different clocks. There are several only if copies
 * contradict each other. A token that an account handed over counts only for events from the same account, because such
 * an event can name any cluster.
 */
function tokensOf(
  { caller, moment, clusterKey, handedOverBy }: Action,
  index: GrantIndex,
  { beforeIssue }: TokenSettings,
): readonly IssuedToken[] {
  const { credentialId } = caller;
  if (credentialId === undefined || !isTokenOf(caller) || typeof moment !== 'number') return [];
  const account = serviceAccountOf(caller.username);
  if (account === undefined) return [];
  const serviceAccount = serviceAccountText(account);
  const issued = index
    .tokensIssued(credentialId, clusterKey)
    .filter((token) => token.serviceAccount === serviceAccount && token.clusterKey === clusterKey)
    .filter(
      (token) =>
        token.issuedAt - beforeIssue <= moment &&
        (token.handedOverBy === undefined || token.handedOverBy === handedOverBy),
    );
  const copies = earliestOf(issued, MOST_WAYS + 1);
  return copies.length > MOST_WAYS ? copies : withoutLeaner(copies);
}

function actionOfToken({
  issuedAt,
  caller,
  impersonated,
  unusualNodeClient,
  clusterKey,
  handedOverBy,
}: IssuedToken): Action {
  return { caller, impersonated, unusualNodeClient, moment: issuedAt, clusterKey, handedOverBy };
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

/** Adds the tokens to the end of each chain in the issuing event's answer. The flag `impersonation` is taken from this action only. */
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
