import type { Alert } from '../claims/alert.ts';
import { heldOf } from '../claims/alert-digest.ts';
import { type AlertGroup, groupOf } from '../claims/alert-group.ts';
import { dueOf, goesAtOnce, toldOf } from '../claims/alert-ledger.ts';
import type { Claim } from '../claims/claim.ts';
import type { AlertBoard, Alerts, Clock, Metrics } from '../ports.ts';

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
  if (digests !== undefined && !(await mayGo(group, digests, clock))) {
    const { board, window } = digests;
    const at = clock();
    await board.hold(heldOf(notice, { group, at, due: dueOf(await board.ledger(), group, window, at) }));
    metrics.add('AlertsHeld', 1);
    return;
  }
  await alerts.publish(notice);
  metrics.add('AlertsSent', 1);
  if (digests === undefined || digests.window === 0) return;
  await digests.board.note((ledger) => toldOf(ledger, group, digests.window, clock()));
}

/** While anything is held, what takes an alert back waits too: the alert may be held itself. */
async function mayGo(group: AlertGroup, { board, window }: Digests, clock: Clock): Promise<boolean> {
  if (group.kind === 'resolved' && (await board.nextDue()) !== undefined) return false;
  return window === 0 || goesAtOnce(await board.ledger(), group, window, clock());
}
