import type { Alert } from '../../claims/alert.ts';
import { heldOf } from '../../claims/alert-digest.ts';
import { type AlertGroup, groupOf } from '../../claims/alert-group.ts';
import { dueOf, goesAtOnce, toldOf } from '../../claims/alert-ledger.ts';
import type { Claim } from '../../claims/claim.ts';
import type { AlertBoard, Alerts } from '../../ports/alerts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { EpochMillis } from '../../time.ts';

export interface SendService {
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
export async function send(notice: Alert, claim: Claim, service: SendService): Promise<void> {
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
