import type { IssuedToken } from '../../audit/issued-token.ts';
import { type KeptRecord, shortenRecord } from '../../claims/kept-record.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { clusterKeyOf } from '../../identity/cluster.ts';
import { serviceAccountOf, serviceAccountText } from '../../identity/service-account.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { requestsFrom } from '../activity/request-source.ts';
import { byTime, canBePersons, wasDone } from '../activity/requests.ts';
import { isTokenRequest, recordQuestion, tokenUses } from '../query/anything/others.ts';
import type { UsesOfToken } from './related-answer.ts';
import type { RelatedSource } from './related-source.ts';

/** The later uses of a token, and sentences about what was not searched. */
interface FoundUses {
  readonly tokenUses: UsesOfToken;
  readonly notKnown: readonly string[];
  readonly isComplete: boolean;
}

/** Limits the records that are read for each question. Whoever uses tokens more often is a program. */
const MOST_EXAMINED = 5_000;
/** Limits the tokens that are compared with the request. */
const MOST_TOKENS = 50;
/** How much earlier the clock of another API server can be, in milliseconds (CONTRACT, 3.8 and 8.2). */
const MARGIN = MINUTE;

/**
 * Returns the requests with the token that this request issued, the earliest first. It searches the requests of
 * unidentified callers, and of the actor who requested the token. Undefined if the request issued no token.
 */
export async function usesOfToken(
  record: KeptRecord,
  at: EpochMillis,
  source: RelatedSource,
): Promise<FoundUses | undefined> {
  const account = issuedFor(record);
  if (account === undefined) return undefined;
  if (!canBePersons(record))
    return { tokenUses: { name: account, requests: [] }, notKnown: [OF_CLUSTER], isComplete: true };
  const clusterKey = clusterKeyOf(record);
  const range = { from: epochMillis(at - MARGIN) };
  const read = await mapConcurrently(tokenUses([record]), (values) =>
    requestsFrom(source, { ...recordQuestion(values), range }, MOST_EXAMINED),
  );
  const ofAccount = read
    .flatMap(({ records }) => records)
    .filter((use) => clusterKeyOf(use) === clusterKey && textOfAccount(use) === account);
  const ids = [...new Set(ofAccount.flatMap(({ caller }) => caller.credentialId ?? []))];
  const compared = ids.slice(0, MOST_TOKENS);
  const own = await mapConcurrently(compared, async (id) => {
    const isIssuedHere = ({ auditId, issuedAt, clusterKey: key }: IssuedToken) =>
      auditId === record.auditId && issuedAt === at && key === clusterKey;
    return (await source.issued(id, clusterKey)).some(isIssuedHere) ? [id] : [];
  });
  const uses = ofAccount.filter(({ caller }) => own.flat().includes(caller.credentialId ?? '')).toSorted(byTime);
  const isComplete = ids.length === compared.length && read.every((each) => each.isComplete);
  return {
    tokenUses: { name: account, requests: uses.map(shortenRecord) },
    notKnown: isComplete ? [] : [CUT],
    isComplete,
  };
}

/** Returns the service account for which the request issued a token. Undefined if it issued none. */
function issuedFor(record: KeptRecord): string | undefined {
  const { request } = record;
  if (!isTokenRequest(request) || !wasDone(record)) return undefined;
  const { namespace, name } = request;
  return namespace === undefined || name === undefined ? undefined : serviceAccountText({ namespace, name });
}

function textOfAccount({ caller }: KeptRecord): string | undefined {
  const account = serviceAccountOf(caller.username);
  return account && serviceAccountText(account);
}

const OF_CLUSTER = 'Requests with a token that a node or the cluster itself requested are not searched.';
const CUT = 'There are too many requests with tokens: not all were searched for uses of this one.';
