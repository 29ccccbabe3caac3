import { sameActor } from '../../../attribution/actor.ts';
import type { TokenLink } from '../../../attribution/attribution.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { clusterKeyOf, senderOf } from '../../../identity/cluster.ts';
import { serviceAccountText } from '../../../identity/service-account.ts';
import { parseInstant } from '../../../time.ts';
import { usedFromPlaces } from '../../../words/used-from.ts';
import { latestStages, wasDone } from '../../activity/requests.ts';
import type { Informant, IssuingEvent } from './informant.ts';
import { shownRequests } from './listed-requests.ts';
import { isTokenRequest } from './others.ts';
import { type AttributedOutcome, joinSentences, outcomeOfRecord } from './outcomes.ts';

/** The maximum number of events that are looked up for one token. */
const MOST_EVENTS = 10;

/** The requests that were made with a token. */
interface TokenUses {
  readonly credentialId: string;
  readonly records: readonly AuditRecord[];
  readonly isComplete: boolean;
}

/**
 * Returns the answer about a token ID: the request that issued the token, and all requests with it. Undefined if no
 * single request is known to have issued it, or if a request with it has another actor.
 */
export async function answerToken(uses: TokenUses, informant: Informant): Promise<AttributedOutcome | undefined> {
  const { credentialId, records, isComplete } = uses;
  const issuing = await issuingRequests(records, informant, informant.tokensIssued(credentialId));
  const [first, ...others] = issuing;
  if (first === undefined || others.length > 0 || !records.every((record) => isOfIssuer(record, first)))
    return undefined;
  const shown = records.length === 0 ? {} : shownRequests(records);
  return {
    ...outcomeOfRecord(first),
    isStored: true,
    note: joinSentences(
      `This is the request that issued the token (audit ID ${first.auditId}).`,
      `With the token, ${usesText(records.length)}${isComplete ? '' : ', but not all of the audit log was read, so there may be more'}.`,
      tokenPlaces(first, records),
      records.length === 0 ? undefined : WHOEVER_HAS_IT,
    ),
    inLog: { result: 'one-caller', requests: records.length, agrees: ['credentialId'], differs: [], ...shown },
  };
}

export const WHOEVER_HAS_IT =
  'Whoever has a token can use it, so the log does not prove that the person who requested it made these requests.';
/** The note if it is not known for certain which request issued a token. */
export const ISSUER_UNKNOWN =
  'No single request is known to have issued the token. To see who requested tokens: eks-whois records --resource serviceaccounts/token.';

function usesText(count: number): string {
  if (count === 0) return 'the audit log has no request';
  return count === 1 ? '1 request was made' : `${count} requests were made`;
}

/**
 * Returns whether the request has the same actor as the request that issued its token. If the issuing request has no
 * actor, this one must have none either.
 */
function isOfIssuer({ attribution }: AuditRecord, { attribution: issuer }: AuditRecord): boolean {
  if (issuer.actor === undefined) return attribution.actor === undefined;
  return attribution.actor !== undefined && sameActor(attribution.actor, issuer.actor);
}

/**
 * Returns a sentence that says where the token of a request was requested, and where it was used. Undefined if no
 * single request is known to
 * have issued the token.
 */
export async function tokenOrigin(record: AuditRecord, informant: Informant): Promise<string | undefined> {
  if (record.attribution.method !== 'token') return undefined;
  const [first, ...others] = await issuingRequests([record], informant);
  return first === undefined || others.length > 0 ? undefined : tokenPlaces(first, [record]);
}

/**
 * Returns the request that issued the token of this one. Undefined if none is known, or if several can have issued it.
 */
export async function requestForToken(record: AuditRecord, informant: Informant): Promise<AuditRecord | undefined> {
  const [first, ...others] = await issuingRequests([record], informant);
  return others.length === 0 ? first : undefined;
}

function tokenPlaces({ source }: AuditRecord, uses: readonly AuditRecord[]): string | undefined {
  const { ips, userAgent } = source ?? {};
  return usedFromPlaces(
    'The token was requested',
    { sourceIp: ips?.at(-1), userAgent },
    uses.flatMap((each) => each.source ?? []),
  );
}

/**
 * Returns the recorded requests that issued the tokens of these requests. The audit ID alone does not decide, because
 * anybody can send another request with the same audit ID.
 */
async function issuingRequests(
  uses: readonly AuditRecord[],
  informant: Informant,
  known: readonly IssuingEvent[] = [],
): Promise<readonly AuditRecord[]> {
  const events = [...known, ...uses.flatMap(issuingEvents)];
  const ids = [...new Set(events.map(({ auditId }) => auditId))].slice(0, MOST_EVENTS);
  const found: AuditRecord[] = [];
  if (events.length === 0) return latestStages(await requestsForToken(uses, informant));
  for (const id of ids) {
    const read = await informant.recordsOf(id);
    if (read === 'too-many') return [];
    found.push(...read.records.filter((record) => events.some((event) => isIssuedBy(event, record))));
  }
  return latestStages(found);
}

/**
 * Returns the requests that issued the token of these requests, by the token ID in their own records.
 * They must be in the same cluster and from the same sender.
 */
async function requestsForToken(uses: readonly AuditRecord[], informant: Informant): Promise<readonly AuditRecord[]> {
  const [use] = uses;
  const { username, credentialId } = use?.caller ?? {};
  if (use === undefined || username === undefined || credentialId === undefined) return [];
  const found = await informant.tokenRequests(username, credentialId);
  return found.filter(
    (record) =>
      wasDone(record) &&
      uses.every((each) => clusterKeyOf(each) === clusterKeyOf(record) && senderOf(each) === senderOf(record)),
  );
}

function isIssuedBy({ auditId, issuedAt, serviceAccount, clusterKey }: IssuingEvent, record: AuditRecord): boolean {
  const { request, time = '' } = record;
  if (!isTokenRequest(request) || !wasDone(record)) return false;
  const { namespace = '', name = '' } = request;
  const isSame = record.auditId === auditId && serviceAccountText({ namespace, name }) === serviceAccount;
  // A chain has the time only in milliseconds.
  const isOfTime = Math.floor(parseInstant(time) ?? 0) === Math.floor(issuedAt);
  return isSame && isOfTime && clusterKeyOf(record) === clusterKey;
}

function issuingEvents(record: AuditRecord): readonly IssuingEvent[] {
  const { chain = [], candidates = [] } = record.attribution;
  const links = [chain, ...candidates.map((candidate) => candidate.chain)].map((each) => each.at(-1));
  return links.flatMap((link) => (link?.eventName === 'TokenRequest' ? eventsOf(link, record) : []));
}

function eventsOf({ eventIds, issuedAt, serviceAccount, credentialId }: TokenLink, record: AuditRecord) {
  const at = parseInstant(issuedAt);
  if (at === undefined || credentialId !== record.caller.credentialId) return [];
  return eventIds.map((auditId) => ({ auditId, issuedAt: at, serviceAccount, clusterKey: clusterKeyOf(record) }));
}
