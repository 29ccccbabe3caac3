import type { LambdaClient } from '@aws-sdk/client-lambda';
import { DUE_LISTS, type DueList } from '../../lib/claims/due-list.ts';
import type { Config } from '../../lib/config.ts';
import { REQUESTS } from './clients.ts';
import { logger } from './telemetry.ts';

/** The event of a worker. The schedule's event has no list. */
export interface WorkerEvent {
  readonly list?: DueList;
}

/** Returns the list of due work that the event names. Undefined if the event is from the schedule and names none. */
export function listOf(event: object): DueList | undefined {
  return DUE_LISTS.find((list) => 'list' in event && event.list === list);
}

/**
 * Returns a function that starts a worker of settle for a list: settle invokes itself and does not wait. Undefined if
 * the function to invoke is not configured, as on a person's machine.
 */
export function starterOf({ settleFunction }: Config): ((list: DueList) => Promise<boolean>) | undefined {
  if (settleFunction === undefined) return undefined;
  let client: LambdaClient | undefined;
  return async (list) => {
    const Payload = JSON.stringify({ list } satisfies WorkerEvent);
    try {
      const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda'); // A quiet service never needs it.
      client ??= new LambdaClient({ ...REQUESTS, maxAttempts: 2 });
      await client.send(new InvokeCommand({ FunctionName: settleFunction, InvocationType: 'Event', Payload }));
      return true;
    } catch (error) {
      logger.error('worker not started', { list, cause: error instanceof Error ? error : String(error) });
      return false;
    }
  };
}
