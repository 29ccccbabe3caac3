import type { Alert } from '../../lib/claims/alert.ts';
import type { Service } from '../usecases/service.ts';

type Notice = Pick<Alert, 'kind' | 'claimId'>;

/** Returns what was reported about which claim, in order, in single alerts and in digests. */
export function noticesOf({ outbox }: Service): readonly Notice[] {
  return outbox.messages.flatMap((message): Notice[] => {
    if (message.kind !== 'digest') return [message];
    const held = message.groups.flatMap(({ kind, listed }) => listed.map(({ claimId, at }) => ({ kind, claimId, at })));
    return held.sort((a, b) => (a.at < b.at ? -1 : 1));
  });
}
