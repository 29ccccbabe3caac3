import middy from '@middy/core';
import { AwsClusterLogs } from '../lib/adapters/eks/cluster-logs.ts';
import { putEvent } from '../lib/adapters/eventbridge/bus.ts';
import { readHandOver, readSubscribing, readVersion } from '../lib/config.ts';
import { REPORT, reportDetail } from '../lib/usecases/heartbeats/reports.ts';
import { isUnheard, type Outcome } from '../lib/usecases/subscribe/outcome.ts';
import { namedCluster, subscribe, subscribeOne, unsubscribe } from '../lib/usecases/subscribe/subscribe.ts';
import { logger, metrics, telemetry } from './wiring/telemetry.ts';

const { region, ...chosen } = readSubscribing();
const { bus } = readHandOver();
const version = readVersion();
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
  if (checksAll(event)) await report(outcomes);
  return outcomes;
}

function checksAll(event: Invocation): boolean {
  return event?.unsubscribe !== true && namedCluster(event) === undefined;
}

/** Reports all clusters to the hub. If the hub cannot be reached, the next run reports them; the hub's alarm says so after an hour. */
async function report(outcomes: readonly Outcome[]): Promise<void> {
  const detail = JSON.stringify(reportDetail(region, version, outcomes));
  try {
    await putEvent(bus, { ...REPORT, detail });
  } catch (error) {
    logger.warn('not reported', { cause: error instanceof Error ? error : String(error) });
  }
}

function outcomesOf(event: Invocation): Promise<readonly Outcome[]> | readonly Outcome[] {
  if (event?.unsubscribe === true) return unsubscribe(service);
  const named = namedCluster(event);
  if (named === undefined) return subscribe(service);
  return named.name === undefined ? [] : subscribeOne(service, named.name);
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
