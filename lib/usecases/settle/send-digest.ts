import { digestOf, groupsBySize } from '../../claims/alert-digest.ts';
import { digested, isDigestDue } from '../../claims/alert-ledger.ts';
import type { ServiceAddress } from '../../claims/ready-query.ts';
import type { Digests, SendService } from './send-alert.ts';

export interface DigestService extends SendService {
  readonly serviceAddress?: ServiceAddress | undefined;
}

export interface Untold {
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
export async function sendDigest(service: DigestService): Promise<readonly Untold[]> {
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

async function sendHeld({ board, window }: Digests, service: DigestService): Promise<readonly Untold[]> {
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
