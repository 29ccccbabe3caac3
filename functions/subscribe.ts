import middy from '@middy/core';
import { AwsClusterLogs } from '../lib/adapters/eks/cluster-logs.ts';
import { readSubscribing } from '../lib/config.ts';
import { isUnheard, type Outcome } from '../lib/usecases/subscribe/outcome.ts';
import { subscribe, unsubscribe } from '../lib/usecases/subscribe/subscribe.ts';
import { logger, metrics, telemetry } from './wiring/telemetry.ts';

const { region, ...chosen } = readSubscribing();
const service = { ...chosen, logs: new AwsClusterLogs(region), metrics };

/** What EventBridge sends, a schedule's event or a record of CloudTrail's, is a reason to look at all clusters. */
type Invocation = { readonly unsubscribe?: unknown } | null;

/** Finds clusters and subscribes their log groups; `{"unsubscribe": true}` takes its own filters away before it goes. */
async function handle(event: Invocation): Promise<readonly Outcome[]> {
  const outcomes = event?.unsubscribe === true ? await unsubscribe(service) : await subscribe(service);
  for (const outcome of outcomes.filter(({ standing }) => !['kept', 'not-yet'].includes(standing))) {
    if (isUnheard(outcome)) logger.warn('cluster not heard', { ...outcome });
    else logger.info('cluster', { ...outcome });
  }
  logger.info('looked', { clusters: outcomes.length });
  return outcomes;
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
