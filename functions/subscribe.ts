import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { putStackAnswer } from '../lib/adapters/cloudformation/stack-answers.ts';
import { AwsClusterLogs } from '../lib/adapters/eks/cluster-logs.ts';
import { putEvent } from '../lib/adapters/eventbridge/bus.ts';
import { readHandOver, readStack, readSubscribing } from '../lib/config.ts';
import type { JsonObject } from '../lib/json.ts';
import { SECOND } from '../lib/time.ts';
import { lastReportDetail, REPORT, reportDetail } from '../lib/usecases/heartbeats/reports.ts';
import { cleanUp, cleanUpText } from '../lib/usecases/subscribe/clean-up.ts';
import { subscriptionChange } from '../lib/usecases/subscribe/input.ts';
import { isUnheard, type Outcome } from '../lib/usecases/subscribe/outcome.ts';
import {
  isOfCloudFormation,
  parseStackRequest,
  type StackRequest,
  stackAnswer,
} from '../lib/usecases/subscribe/stack-request.ts';
import { changeOnRequest, namedCluster, subscribe, subscribeOne } from '../lib/usecases/subscribe/subscribe.ts';
import { logger, telemetry } from './wiring/telemetry.ts';

const { region, ...chosen } = readSubscribing();
const { bus } = readHandOver();
const stack = { region, ...readStack() };
const { filter } = chosen;
const logs = new AwsClusterLogs(region, filter.destination);
const service = { ...chosen, logs };

/**
 * Finds clusters and subscribes their log groups. An event of the schedule checks all clusters. An event that
 * CloudTrail logged about one cluster checks that one. People can invoke the function with
 * `{"unsubscribe": ["prod-1"]}` or `{"subscribe": ["prod-1"]}`. When CloudFormation deletes the stack, it invokes the
 * function to clean up.
 */
async function handle(event: unknown, context: Context): Promise<readonly Outcome[]> {
  if (isOfCloudFormation(event)) return answerCloudFormation(parseStackRequest(event), context);
  const outcomes = await outcomesOf(event);
  for (const outcome of outcomes.filter(({ standing }) => !['kept', 'not-yet'].includes(standing))) {
    if (isUnheard(outcome)) logger.warn('cluster not heard', { ...outcome });
    else logger.info('cluster', { ...outcome });
  }
  logger.info('clusters checked', { clusters: outcomes.length });
  if (checksAll(event)) await report(reportDetail(stack, outcomes));
  return outcomes;
}

function checksAll(event: unknown): boolean {
  return subscriptionChange(event) === undefined && namedCluster(event) === undefined;
}

/** Reports to the hub. If it cannot be reached, the next run reports again. The hub's alarm says so after an hour. */
async function report(detail: JsonObject): Promise<void> {
  try {
    await putEvent(bus, { ...REPORT, detail: JSON.stringify(detail) });
  } catch (error) {
    logger.warn('not reported', { cause: error instanceof Error ? error : String(error) });
  }
}

function outcomesOf(event: unknown): Promise<readonly Outcome[]> | readonly Outcome[] {
  const change = subscriptionChange(event);
  if (change !== undefined) return changeOnRequest(service, change);
  const named = namedCluster(event);
  if (named === undefined) return subscribe(service);
  return named.name === undefined ? [] : subscribeOne(service, named.name);
}

/** The time at the end of a run that is reserved for the answer to CloudFormation, in milliseconds. */
const ANSWER_MS = 30 * SECOND;
/** The time that a call to AWS may take before that answer, in milliseconds. */
const CALL_MS = 70 * SECOND;

/**
 * Answers CloudFormation, which would otherwise wait for a quarter of an hour and then fail. Only a deletion changes
 * anything. If a deletion could not remove everything, the answer lists the rest, and the stack is deleted all the
 * same.
 */
async function answerCloudFormation(request: StackRequest | undefined, context: Context): Promise<readonly Outcome[]> {
  if (request === undefined)
    throw new Error('The request of CloudFormation has no ResponseURL, so it cannot be answered.');
  const reason = request.type === 'Delete' ? await withinTime(removal(request, context), context) : 'Nothing to do.';
  logger.info('answering CloudFormation', { type: request.type, reason });
  await putStackAnswer(request.responseUrl, stackAnswer(request, filter.name, reason));
  return [];
}

async function removal({ listed }: StackRequest, context: Context): Promise<string> {
  const hasTime = () => context.getRemainingTimeInMillis() > ANSWER_MS + CALL_MS;
  await report(lastReportDetail(stack));
  return cleanUpText(await cleanUp({ logs, filter, region, listed, hasTime }));
}

/** Returns the text of the work, or one that says that the time for the work is over. */
async function withinTime(work: Promise<string>, context: Context): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    const text = `AWS did not answer in time. The subscription filter ${filter.name} may still be on log groups /aws/eks/*/cluster.`;
    timer = setTimeout(() => resolve(text), Math.max(0, context.getRemainingTimeInMillis() - ANSWER_MS));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const handler = middy(handle).use(telemetry((_, { awsRequestId }) => awsRequestId));
