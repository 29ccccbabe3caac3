import middy from '@middy/core';
import { AwsClusterLogs } from '../lib/adapters/eks/cluster-logs.ts';
import { readSubscribing } from '../lib/config.ts';
import { isUnheard, type Outcome } from '../lib/usecases/subscribe/outcome.ts';
import { namedCluster, subscribe, subscribeOne, unsubscribe } from '../lib/usecases/subscribe/subscribe.ts';
import { logger, metrics, telemetry } from './wiring/telemetry.ts';

const { region, ...chosen } = readSubscribing();
const service = { ...chosen, logs: new AwsClusterLogs(region), metrics };

/** A schedule's event is a reason to look at all clusters, what CloudTrail logged of one to look at this one. */
type Invocation = { readonly unsubscribe?: unknown } | null;

/** Finds clusters and subscribes their log groups; `{"unsubscribe": true}` takes its own filters away before it goes. */
async function handle(event: Invocation): Promise<readonly Outcome[]> {
  const outcomes = await outcomesOf(event);
  for (const outcome of outcomes.filter(({ standing }) => !['kept', 'not-yet'].includes(standing))) {
    if (isUnheard(outcome)) logger.warn('cluster not heard', { ...outcome });
    else logger.info('cluster', { ...outcome });
  }
  logger.info('looked', { clusters: outcomes.length });
  return outcomes;
}

function outcomesOf(event: Invocation): Promise<readonly Outcome[]> | readonly Outcome[] {
  if (event?.unsubscribe === true) return unsubscribe(service);
  const named = namedCluster(event);
  if (named === undefined) return subscribe(service);
  return named.name === undefined ? [] : subscribeOne(service, named.name);
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
