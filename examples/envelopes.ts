import { type Cluster, REGION } from './company.ts';
import { letters, seeded, uuid } from './random.ts';
import type { StoryEvent } from './story.ts';
import { epochMillis, second } from './time.ts';
import type { Json, JsonObject, TrailRecord } from './trail.ts';

/**
 * The documents in which AWS delivers audit events and CloudTrail records. Each function returns the whole text of a
 * file.
 */

export function logGroup(cluster: Cluster): string {
  return `/aws/eks/${cluster.name}/cluster`;
}

function hash(label: string): string {
  return letters('0123456789abcdef', 32, seeded(label));
}

export function auditStream(cluster: Cluster): string {
  return `kube-apiserver-audit-${hash(`audit stream of ${cluster.name}`)}`;
}

function digits(label: string, length: number): string {
  return letters('0123456789', length, seeded(label));
}

interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

export function logEvent({ event }: StoryEvent): LogEvent {
  return { timestamp: epochMillis(event.stageTime), message: JSON.stringify(event.event) };
}

/** Returns the payload of a subscription, decoded. */
function payload(cluster: Cluster, logStream: string, events: readonly LogEvent[]): string {
  const label = events.map((event) => event.message).join();
  return JSON.stringify({
    messageType: 'DATA_MESSAGE',
    owner: cluster.accountId,
    logGroup: logGroup(cluster),
    logStream,
    subscriptionFilters: ['eks-whois'],
    logEvents: events.map((event, index) => ({ id: `39${digits(`${label}${index}`, 54)}`, ...event })),
  });
}

/** Returns the message that CloudWatch Logs sends when a subscription is created. */
function controlMessage(): string {
  const message = 'CWL CONTROL MESSAGE: Checking health of destination Lambda function.';
  return JSON.stringify({
    messageType: 'CONTROL_MESSAGE',
    owner: 'CloudwatchLogs',
    logGroup: '',
    logStream: '',
    subscriptionFilters: [],
    logEvents: [{ id: '', timestamp: epochMillis(second('06:00:00')), message }],
  });
}

/** Returns lines of the streams that share the log group with the audit log. */
function otherStreams(cluster: Cluster, at: string): string[] {
  const time = second(at);
  const timestamp = epochMillis(time);
  const granted = `time="${time}" level=info msg="access granted" arn="arn:aws:iam::${cluster.accountId}:role/orders-developer" client="127.0.0.1:41234" groups="[orders-developers]" method=POST path=/authenticate stsendpoint=sts.${REGION}.amazonaws.com`;
  const refused = `time="${time}" level=warning msg="access denied" client="127.0.0.1:41240" error="sts getCallerIdentity failed: error from AWS (expected 200, got 403)" method=POST path=/authenticate`;
  const scheduled = `I0310 ${at}.000000      10 schedule_one.go:314] "Successfully bound pod to node" pod="orders/orders-api-6c9f" node="ip-192-0-2-101.${REGION}.compute.internal" evaluatedNodes=2 feasibleNodes=2`;
  return [
    payload(
      cluster,
      `authenticator-${hash('authenticator')}`,
      [granted, refused].map((message) => ({ timestamp, message })),
    ),
    payload(cluster, `kube-scheduler-${hash('scheduler')}`, [{ timestamp, message: scheduled }]),
  ];
}

const PAYLOAD_SIZE = 6;

/** Returns JSON lines, one payload a line: first the audit events, then the lines of the other streams. */
export function subscriptionPayloads(cluster: Cluster, events: readonly StoryEvent[], otherAt: string): string {
  const stream = auditStream(cluster);
  const payloads = Array.from({ length: Math.ceil(events.length / PAYLOAD_SIZE) }, (_, index) =>
    payload(cluster, stream, events.slice(index * PAYLOAD_SIZE, (index + 1) * PAYLOAD_SIZE).map(logEvent)),
  );
  return `${[controlMessage(), ...payloads, ...otherStreams(cluster, otherAt)].join('\n')}\n`;
}

/** Returns the output of `aws logs get-query-results`: rows of fields. `@log` has the account and the log group. */
export function insightsAnswer(cluster: Cluster, events: readonly StoryEvent[]): string {
  const rows = events.map((each) => {
    const { timestamp, message } = logEvent(each);
    const fields = {
      '@timestamp': new Date(timestamp).toISOString().replace('T', ' ').replace('Z', ''),
      '@message': message,
      '@logStream': auditStream(cluster),
      '@log': `${cluster.accountId}:${logGroup(cluster)}`,
      '@ptr': `Cl${letters('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 60, seeded(message))}==`,
    };
    return Object.entries(fields).map(([field, value]) => ({ field, value }));
  });
  const statistics = { recordsMatched: rows.length, recordsScanned: 48211, bytesScanned: 60263750 };
  return document({ queryLanguage: 'CWLI', status: 'Complete', statistics }, 'results', rows);
}

/** Returns the output of `aws logs filter-log-events`, which names no log group. */
export function filterLogEventsAnswer(cluster: Cluster, story: readonly StoryEvent[]): string {
  const events = story.map((each) => {
    const { timestamp, message } = logEvent(each);
    const eventId = `39${digits(message, 54)}`;
    return { logStreamName: auditStream(cluster), timestamp, message, ingestionTime: timestamp + 4_211, eventId };
  });
  return document({ searchedLogStreams: [] }, 'events', events);
}

/** Returns a CloudTrail log file. */
export function logFile(records: readonly TrailRecord[]): string {
  return document(
    {},
    'Records',
    records.map((each) => each.record),
  );
}

/**
 * Returns `<account>_CloudTrail_<Region>_<time of delivery>_<anything>.json`. CloudTrail compresses its files. These
 * are not compressed, because no two versions of zlib write the same bytes.
 */
export function logFileName(accountId: string, delivered: string): string {
  const unique = letters('ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789', 16, seeded(accountId + delivered));
  return `${accountId}_CloudTrail_${REGION}_${delivered}_${unique}.json`;
}

/** Returns the output of `aws cloudtrail lookup-events`: newest first, each record as a string. */
export function lookupEventsAnswer(records: readonly TrailRecord[]): string {
  const events = records.toReversed().map(({ record, at }) => ({
    EventId: record.eventID ?? '',
    EventName: record.eventName ?? '',
    ReadOnly: String(record.readOnly),
    EventTime: second(at).replace('Z', '+00:00'),
    EventSource: record.eventSource ?? '',
    Resources: [],
    CloudTrailEvent: JSON.stringify(record),
  }));
  return document({}, 'Events', events);
}

/** Returns what EventBridge delivers to a rule, one envelope a line. */
export function eventBridgeEnvelopes(records: readonly TrailRecord[]): string {
  const lines = records.map(({ record, accountId, region, at }) =>
    JSON.stringify({
      version: '0',
      id: uuid(`bus:${record.eventID}`),
      'detail-type': 'AWS API Call via CloudTrail',
      source: 'aws.sts',
      account: accountId,
      time: second(at),
      region,
      resources: [],
      detail: record,
    }),
  );
  return `${lines.join('\n')}\n`;
}

/** Returns one JSON document with a line for each entry of its list, so that a change to one entry changes one line. */
function document(rest: JsonObject, list: string, entries: readonly Json[]): string {
  const head = Object.entries(rest).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  return `{${head.join('')}${JSON.stringify(list)}: [\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]}\n`;
}
