import type { Status } from '../../attribution/reasons.ts';
import type { Alert } from '../../claims/alert.ts';
import { type AlertCause, nextStep } from '../../claims/alert-cause.ts';
import { beforeNotice, surelyTold } from '../../claims/alert-memory.ts';
import type { Claim, ClaimTally } from '../../claims/claim.ts';
import { anonymousAddress } from '../../claims/identity.ts';
import { readyQuery, type ServiceAddress } from '../../claims/ready-query.ts';
import { present } from '../../json.ts';
import type { Claims } from '../../ports/claims.ts';
import { type SendService, send } from './send-alert.ts';

export interface AlertService extends SendService {
  readonly claims: Claims;
  /** Where an alert's query asks. */
  readonly serviceAddress?: ServiceAddress | undefined;
}

/**
 * Tells of a claim what was not told yet, and takes back what a later grant explained. Answers what went out, for the claim to
 * remember (`afterNotice`): note, send, then mark. After a crash in between a notice may repeat; none is ever missing. Claims of
 * backfill and replay tell nothing.
 */
export async function tell(claim: Claim, tally: ClaimTally, service: AlertService): Promise<Alert | undefined> {
  const notice = claim.live ? noticeOf(claim, tally, service.serviceAddress) : undefined;
  if (notice === undefined) return undefined;
  const { claims, clock } = service;
  await claims.change(
    claim.id,
    (current) => current && { ...current, alerted: beforeNotice(current.alerted, notice, clock()) },
  );
  await send(notice, claim, service);
  return notice;
}

const UNEXPLAINED: readonly Status[] = ['unattributed', 'ambiguous', 'pending'];

function noticeOf(claim: Claim, tally: ClaimTally, at: ServiceAddress | undefined): Alert | undefined {
  const told = claim.alerted?.causes ?? [];
  const sure = claim.alerted === undefined ? [] : surelyTold(claim.alerted);
  const query = readyQuery(claim, tally, at);
  const news = tally.causes.filter((cause) => !sure.includes(cause));
  if (news.length > 0) return { ...alertOf('alert', news, claim, tally), query };
  const { statuses, liveStatuses = statuses } = tally;
  const isExplained = tally.count > 0 && !liveStatuses.some((status) => UNEXPLAINED.includes(status));
  return told.length > 0 && tally.causes.length === 0 && isExplained
    ? { ...alertOf('resolved', told, claim, tally), query }
    : undefined;
}

function alertOf(
  kind: Alert['kind'],
  causes: readonly AlertCause[],
  claim: Claim,
  tally: ClaimTally,
): Omit<Alert, 'query'> {
  const { uid, username, sessionName, accessKeyId, arn } = claim.caller;
  const address = anonymousAddress(claim);
  const { first, last, count, verbs, namespaces, clusters, reasons, actors, unanswered } = tally;
  return present<Omit<Alert, 'query'>>({
    kind,
    claimId: claim.id,
    causes,
    caller: present<Alert['caller']>({ kind: claim.caller.kind, uid, username, sessionName, accessKeyId, arn }),
    clusters,
    addresses: address === undefined ? undefined : [address],
    first,
    last,
    count,
    verbs,
    namespaces,
    reasons,
    actors,
    unanswered,
    nextStep: kind === 'resolved' ? 'Nothing more to do: a later grant names who it was.' : nextStep(causes, tally),
    tally,
  });
}
