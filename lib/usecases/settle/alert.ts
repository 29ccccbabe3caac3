import type { Status } from '../../attribution/reasons.ts';
import type { Alert } from '../../claims/alert.ts';
import { type AlertCause, nextStep } from '../../claims/alert-cause.ts';
import { digestOf, groupsBySize, heldOf } from '../../claims/alert-digest.ts';
import { groupOf } from '../../claims/alert-group.ts';
import {
  dueOf,
  goesAtOnce,
  isDigestDue,
  type LedgerRules,
  noteDigest,
  noteMessage,
  type PlannedNotice,
} from '../../claims/alert-ledger.ts';
import { beforeNotice, surelySent } from '../../claims/alert-memory.ts';
import type { Claim, ClaimSummary } from '../../claims/claim.ts';
import { anonymousAddress } from '../../claims/identity.ts';
import { readyQuery, type ServiceAddress } from '../../claims/ready-query.ts';
import { present } from '../../json.ts';
import type { AlertBoard, Alerts } from '../../ports/alerts.ts';
import type { Claims } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { EpochMillis } from '../../time.ts';

interface SendService {
  readonly alerts: Alerts;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Collects alerts into digests. If absent, each alert is sent at once. */
  readonly digests?: Digests | undefined;
}

/** What digests of alerts need: their settings and their storage. */
export interface Digests extends LedgerRules {
  readonly board: AlertBoard;
}

/** Publishes the notice, or stores it for the next digest. Once this returns, the notice cannot be lost. */
async function send(notice: Alert, claim: Claim, service: SendService): Promise<void> {
  const { alerts, metrics, clock, digests } = service;
  const group = groupOf(notice, claim.caller);
  const at = clock();
  if (digests !== undefined && !(await mayGoAtOnce({ group, claimId: claim.id }, digests, at))) {
    const due = dueOf(await digests.board.ledger(), group, digests, at);
    await digests.board.hold(heldOf(notice, { group, at, due }));
    metrics.add('AlertsHeld', 1);
    return;
  }
  await alerts.publish(notice);
  metrics.add('AlertsSent', 1);
}

/**
 * Returns whether the notice is to be sent at once. If so, notes that in the ledger before it is sent. So only one of
 * two workers sends the first alert of a group. A notice that resolves an alert waits while any notice is held, because
 * the alert itself may be held.
 */
async function mayGoAtOnce(notice: PlannedNotice, digests: Digests, at: EpochMillis): Promise<boolean> {
  const { board, window } = digests;
  if (notice.group.kind === 'resolved' && (await board.nextDue()) !== undefined) return false;
  if (window === 0) return true;
  return board.note((ledger) =>
    goesAtOnce(ledger, notice, digests, at) ? noteMessage(ledger, notice, digests, at) : undefined,
  );
}

interface AlertService extends SendService {
  readonly claims: Claims;
  /** The address of the service, which an alert's command contains. */
  readonly serviceAddress?: ServiceAddress | undefined;
}

/**
 * Sends an alert for those causes of a claim that were not sent yet. Or it resolves an alert that a later grant
 * explains. It notes the notice, sends it, then marks it as sent. After a crash in between, a notice may be sent twice
 * but is never lost. Claims of backfill and replay send nothing.
 * @returns the notice that was sent, for the claim to remember (`afterNotice`). Undefined if none was.
 */
export async function sendAlert(
  claim: Claim,
  summary: ClaimSummary,
  service: AlertService,
): Promise<Alert | undefined> {
  const notice = claim.live ? noticeOf(claim, summary, service.serviceAddress) : undefined;
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

function noticeOf(claim: Claim, summary: ClaimSummary, at: ServiceAddress | undefined): Alert | undefined {
  const alertedCauses = claim.alerted?.causes ?? [];
  const sure = claim.alerted === undefined ? [] : surelySent(claim.alerted);
  const query = readyQuery(claim, summary, at);
  const news = summary.causes.filter((cause) => !sure.includes(cause));
  if (news.length > 0) return { ...alertOf('alert', news, claim, summary), query };
  const isExplained = summary.count > 0 && !summary.liveStatuses.some((status) => UNEXPLAINED.includes(status));
  return alertedCauses.length > 0 && summary.causes.length === 0 && isExplained
    ? { ...alertOf('resolved', alertedCauses, claim, summary), query }
    : undefined;
}

function alertOf(
  kind: Alert['kind'],
  causes: readonly AlertCause[],
  claim: Claim,
  summary: ClaimSummary,
): Omit<Alert, 'query'> {
  const { uid, username, sessionName, accessKeyId, arn } = claim.caller;
  const address = anonymousAddress(claim);
  const { first, last, count, verbs, namespaces, clusters, reasons, actors, conflicts, unanswered } = summary;
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
    conflicts: causes.includes('conflicting-copies') ? conflicts : undefined,
    unanswered,
    nextStep:
      kind === 'resolved' ? 'Nothing more to do: a later grant identifies the caller.' : nextStep(causes, summary),
    summary,
  });
}

interface DigestService extends SendService {
  readonly serviceAddress?: ServiceAddress | undefined;
}

interface FailedNotice {
  /** The claim that the notice is about, or a name that stands for the whole digest. */
  readonly claimId: string;
  readonly cause: unknown;
}

/**
 * Limits the notices that are read for one digest, each about a kilobyte long. The next run sends the others. Settle
 * decides fewer claims in a minute. So an account that invents sessions does not delay the alerts of others from digest
 * to digest.
 */
export const MOST_HELD = 20_000;

/**
 * Sends the held notices as a digest, if it is due. It publishes the digest, notes that, then releases the notices.
 * After a crash in between, the digest may be sent twice, but no notice is lost.
 * @returns the notices that could not be sent. They stay held.
 */
export async function sendDigest(service: DigestService): Promise<readonly FailedNotice[]> {
  const { digests } = service;
  if (digests === undefined) return [];
  try {
    return (await isDue(digests, service)) ? await sendHeld(digests, service) : [];
  } catch (cause) {
    return [{ claimId: 'digest of alerts', cause }];
  }
}

async function isDue(digests: Digests, { clock }: DigestService): Promise<boolean> {
  const due = await digests.board.nextDue();
  return due !== undefined && isDigestDue(await digests.board.ledger(), due, digests, clock());
}

async function sendHeld(digests: Digests, service: DigestService): Promise<readonly FailedNotice[]> {
  const { board } = digests;
  const { alerts, metrics, clock, serviceAddress } = service;
  const { held, faulty } = await board.held(MOST_HELD);
  if (held.length > 0) {
    const hasMore = held.length === MOST_HELD;
    await alerts.publish(digestOf(held, serviceAddress, hasMore));
    metrics.add('AlertDigestsSent', 1);
    await board.note((ledger) => noteDigest(ledger, groupsBySize(held), digests, clock(), hasMore));
    await board.release(held);
  }
  return faulty.map(({ id, fault }) => ({ claimId: id, cause: fault }));
}
