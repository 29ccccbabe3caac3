import type { Status } from '../../attribution/reasons.ts';
import type { Alert } from '../../claims/alert.ts';
import { type AlertCause, nextStep } from '../../claims/alert-cause.ts';
import { digestOf, groupsBySize, heldOf } from '../../claims/alert-digest.ts';
import { type AlertGroup, groupOf } from '../../claims/alert-group.ts';
import { digested, dueOf, goesAtOnce, isDigestDue, toldOf } from '../../claims/alert-ledger.ts';
import { beforeNotice, surelyTold } from '../../claims/alert-memory.ts';
import type { Claim, ClaimTally } from '../../claims/claim.ts';
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
  /** Absent: each goes out at once. */
  readonly digests?: Digests | undefined;
}

/** How alerts are held for a digest. */
export interface Digests {
  readonly board: AlertBoard;
  /** In milliseconds: for so long alerts of a group that was told of are held. 0: none is. */
  readonly window: number;
}

/** Publishes the notice, or holds it for the next digest: when this has ended, one of the two is done for good. */
async function send(notice: Alert, claim: Claim, service: SendService): Promise<void> {
  const { alerts, metrics, clock, digests } = service;
  const group = groupOf(notice, claim.caller);
  const at = clock();
  const due = digests && (await heldUntil(group, digests, at));
  if (digests !== undefined && due !== undefined) {
    await digests.board.hold(heldOf(notice, { group, at, due }));
    metrics.add('AlertsHeld', 1);
    return;
  }
  await alerts.publish(notice);
  metrics.add('AlertsSent', 1);
  if (digests === undefined || digests.window === 0) return;
  await digests.board.note((ledger) => toldOf(ledger, group, digests.window, clock()));
}

/**
 * When a notice that is held is told of; undefined where it goes out at once. While anything is held, what takes an alert
 * back waits too: the alert may be held itself.
 */
async function heldUntil(
  group: AlertGroup,
  { board, window }: Digests,
  at: EpochMillis,
): Promise<EpochMillis | undefined> {
  const waits = group.kind === 'resolved' && (await board.nextDue()) !== undefined;
  if (!waits && window === 0) return undefined;
  const ledger = await board.ledger();
  return waits || !goesAtOnce(ledger, group, window, at) ? dueOf(ledger, group, window, at) : undefined;
}

interface AlertService extends SendService {
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

interface DigestService extends SendService {
  readonly serviceAddress?: ServiceAddress | undefined;
}

interface FailedNotice {
  /** Whose notice it is, or that the whole digest failed. */
  readonly claimId: string;
  readonly cause: unknown;
}

/** A notice takes about a kilobyte; what is more waits for the next digest. */
const MOST_HELD = 20_000;

/**
 * Sends what is held, when it is time. Publish, note, then release: after a crash in between the digest may repeat, and
 * nothing in it is ever missing. Answers what could not be told: it stays held.
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

async function isDue({ board, window }: Digests, { clock }: DigestService): Promise<boolean> {
  const due = await board.nextDue();
  return due !== undefined && isDigestDue(await board.ledger(), due, window, clock());
}

async function sendHeld({ board, window }: Digests, service: DigestService): Promise<readonly FailedNotice[]> {
  const { alerts, metrics, clock, serviceAddress } = service;
  const { held, faulty } = await board.held(MOST_HELD);
  if (held.length > 0) {
    await alerts.publish(digestOf(held, serviceAddress));
    metrics.add('AlertDigestsSent', 1);
    await board.note((ledger) => digested(ledger, groupsBySize(held), window, clock()));
    await board.release(held);
  }
  return faulty.map(({ id, fault }) => ({ claimId: id, cause: fault }));
}
