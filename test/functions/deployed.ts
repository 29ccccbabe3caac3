import { gzipSync } from 'node:zlib';
import type { CloudWatchLogsEvent, Context, SQSEvent } from 'aws-lambda';
import { type Deployment, deployment } from '../../infra/deployment.ts';
import { environmentOf } from '../../infra/environment.ts';
import { type FunctionName, readParameters } from '../../infra/parameters.ts';
import { type TableNames, tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { HAND_OVER } from '../../lib/usecases/ingest/deliveries.ts';

export const ALERTS = 'arn:aws:sns:eu-west-1:111122223333:eks-whois-dev-alerts';

/** A hub with the defaults, but for what is given. */
export function deployed(given: JsonObject): Deployment {
  const read = readParameters(given);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return deployment('eks-whois', 'dev', read.value);
}

export function tablesOf(of: Deployment): TableNames {
  return tableNames(of.prefix);
}

/** The environment that the function is deployed with, with what CloudFormation would put in. */
export function environment(of: Deployment, name: FunctionName): Record<string, string> {
  const entries = Object.entries(environmentOf(of, name)).map(([key, value]): [string, string] => {
    if (!isJsonObject(value)) return [key, String(value)];
    const id = 'Ref' in value ? String(value.Ref) : '';
    return [key, id === 'Alerts' ? ALERTS : tableOfId(of, id)];
  });
  return Object.fromEntries(entries);
}

function tableOfId(of: Deployment, id: string): string {
  return `${of.prefix}-${id.replace(/Table$/, '').toLowerCase()}`;
}

/** Returns what Lambda gives the function for a delivery of a cluster's log group. */
export function subscriptionEvent(cluster: string | undefined, events: readonly JsonObject[]): CloudWatchLogsEvent {
  const logStream = 'kube-apiserver-audit-0123456789abcdef0123456789abcdef';
  return logsEvent({ logGroup: `/aws/eks/${cluster}/cluster`, logStream }, events);
}

/** Returns what the subscription of a trail's log group delivers. */
export function trailEvent(records: readonly JsonObject[]): CloudWatchLogsEvent {
  const logStream = '444455556666_CloudTrail_eu-west-1';
  return logsEvent({ logGroup: 'aws-cloudtrail-logs-444455556666', logStream }, records);
}

/** Returns what the subscription of a log group delivers. */
export function logsEvent(
  from: { readonly logGroup: string; readonly logStream: string; readonly owner?: string },
  events: readonly JsonObject[],
): CloudWatchLogsEvent {
  const payload = {
    messageType: 'DATA_MESSAGE',
    owner: '444455556666',
    ...from,
    subscriptionFilters: ['eks-whois-dev-audit'],
    logEvents: events.map((event, id) => ({ id: String(id), timestamp: Date.now(), message: JSON.stringify(event) })),
  };
  return { awslogs: { data: gzipSync(JSON.stringify(payload)).toString('base64') } };
}

/** Returns what Lambda's poller reads from a queue. */
export function queueEvent(bodies: readonly unknown[], queue = 'eks-whois-dev-ingest-failed'): SQSEvent {
  const eventSourceARN = `arn:aws:sqs:eu-west-1:111122223333:${queue}`;
  const records = bodies.map((body, at) => ({
    messageId: `message-${at}`,
    body: JSON.stringify(body),
    eventSourceARN,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
  }));
  return { Records: records as SQSEvent['Records'] };
}

/** Returns what the rule of the hub's event bus puts into the queue for an event that a spoke put on the bus. */
export function busEvent(detail: unknown, account = '444455556666'): JsonObject {
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': HAND_OVER.detailType,
    source: HAND_OVER.source,
    account,
    time: '2026-03-10T12:10:00Z',
    region: 'eu-west-1',
    resources: [],
    detail,
  };
}

let invocations = 0;

export function context(seconds: number): Context {
  invocations += 1;
  const end = performance.now() + seconds * 1_000;
  return {
    awsRequestId: `request-${invocations}`,
    functionName: 'function',
    getRemainingTimeInMillis: () => end - performance.now(),
  } as Context;
}
