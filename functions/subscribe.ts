import middy from '@middy/core';
import { AwsClusterLogs } from '../lib/adapters/eks/cluster-logs.ts';
import { readSubscribing } from '../lib/config.ts';
import { isUnheard, type Outcome } from '../lib/usecases/subscribe/outcome.ts';
import { namedCluster, subscribe, subscribeOne, unsubscribe } from '../lib/usecases/subscribe/subscribe.ts';
import { logger, metrics, telemetry } from './wiring/telemetry.ts';

const { region, ...chosen } = readSubscribing();
const service = { ...chosen, logs: new AwsClusterLogs(region), metrics };

/**
 * The input of the function. An event of the schedule checks all clusters. An event that CloudTrail logged about one
 * cluster checks that one.
 */
type Invocation = { readonly unsubscribe?: unknown } | null;

/**
 * Finds clusters and subscribes their log groups. `{"unsubscribe": true}` removes its own filters before the stack is
 * deleted.
 */
async function handle(event: Invocation): Promise<readonly Outcome[]> {
  const outcomes = await outcomesOf(event);
  for (const outcome of outcomes.filter(({ standing }) => !['kept', 'not-yet'].includes(standing))) {
    if (isUnheard(outcome)) logger.warn('cluster not heard', { ...outcome });
    else logger.info('cluster', { ...outcome });
  }
  logger.info('clusters checked', { clusters: outcomes.length });
  return outcomes;
}

function outcomesOf(event: Invocation): Promise<readonly Outcome[]> | readonly Outcome[] {
  if (event?.unsubscribe === true) return unsubscribe(service);
  const named = namedCluster(event);
  if (named === undefined) return subscribe(service);
  return named.name === undefined ? [] : subscribeOne(service, named.name);
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
