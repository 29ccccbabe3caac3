import type { TrailHistory } from '../../ports/histories.ts';
import { type LookupScope, lookupPage, scopeName } from './lookup-scope.ts';
import type { PaceTimer } from './pacer.ts';

/**
 * Returns the event history of one account in one Region, with its pace and its retries. It works with whole seconds.
 */
export function trailHistory(
  scope: LookupScope,
  waiting: PaceTimer,
  signal: AbortSignal,
  mostAttempts?: number,
): TrailHistory {
  return {
    name: scopeName(scope),
    page({ eventName, from, to }, token) {
      const second = (at: number) => new Date(at * 1_000);
      const times = { from: second(Math.floor(from / 1_000)), to: second(Math.ceil(to / 1_000)) };
      return lookupPage(scope, { attribute: 'EventName', value: eventName, ...times }, token, {
        waiting,
        signal,
        mostAttempts,
      });
    },
  };
}
