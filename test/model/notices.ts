import type { Alert } from '../../lib/claims/alert.ts';
import type { Service } from '../usecases/service.ts';

type Notice = Pick<Alert, 'kind' | 'claimId'>;

/** What was told of which claim, in that order, by messages of their own and in digests. */
export function noticesOf({ outbox }: Service): readonly Notice[] {
  return outbox.messages.flatMap((message): Notice[] => {
    if (message.kind !== 'digest') return [message];
    const held = message.groups.flatMap(({ kind, listed }) => listed.map(({ claimId, at }) => ({ kind, claimId, at })));
    return held.sort((a, b) => (a.at < b.at ? -1 : 1));
  });
}
