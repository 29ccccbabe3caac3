import { stringify } from 'yaml';
import { lakeAudit, lakeTrail } from '../test/builders/security-lake.ts';
import { PROD, REGION } from './company.ts';
import type { Day } from './day.ts';
import {
  auditStream,
  eventBridgeEnvelopes,
  filterLogEventsAnswer,
  insightsAnswer,
  logEvent,
  logFile,
  logGroup,
  lookupEventsAnswer,
} from './envelopes.ts';
import type { StoryEvent } from './story.ts';
import type { Json, JsonObject, TrailRecord } from './trail.ts';

/**
 * The forms in which people have their audit log and their trail, with a sample of each: four requests of the morning, and
 * the CloudTrail records of their sessions. docs/forms.md is made of this table, and a test reads each sample. Sources of
 * the forms: FACTS, "What log collectors write".
 */
export interface FormSample {
  /** The file, below examples/forms. */
  readonly file: string;
  /** What it contains. */
  readonly of: 'audit' | 'cloudtrail';
  readonly is: string;
  /** What it is recognized by. */
  readonly by: string;
  /** What states the origin, or why nothing does. */
  readonly origin: string;
  /** What has to vouch for it: a value of `--log-group`. */
  readonly vouch?: string;
  readonly text: (events: readonly StoryEvent[], trail: readonly TrailRecord[]) => string;
}

/** The stage times of the requests: Ana lists, Ben deletes, a stranger lists, Emma lists. */
const REQUESTS = ['08:01:12', '08:22:40', '08:40:13', '08:45:31'];
/** The times and the accounts of the records. */
const RECORDS = ['08:01:10', '08:03:20', '08:45:00', '08:45:31'];

const GROUP = logGroup(PROD);
const STREAM = auditStream(PROD);
const TRAIL_GROUP = 'company-trail';
const TRAIL_STREAM = `${PROD.accountId}_CloudTrail_${REGION}`;
const TRAIL_KEY = `AWSLogs/${PROD.accountId}/CloudTrail/${REGION}/2026/03/10/${PROD.accountId}_CloudTrail_${REGION}_20260310T0905Z_EXAMPLE.json.gz`;

const jsonLines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const document = (value: object) => `${JSON.stringify(value, null, 1)}\n`;
const csv = (rows: readonly (readonly string[])[], newline = '\n') =>
  rows.map((row) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}${newline}`).join('');

interface Entry {
  /** RFC 3339, in milliseconds. */
  readonly time: string;
  readonly timestamp: number;
  readonly message: string;
}

const entriesOf = (events: readonly StoryEvent[]): readonly Entry[] =>
  events.map((each) => {
    const entry = logEvent(each);
    return { ...entry, time: new Date(entry.timestamp).toISOString() };
  });

const recordEntries = (trail: readonly TrailRecord[]): readonly Entry[] =>
  trail.map(({ record }) => {
    const timestamp = Date.parse(String(record.eventTime));
    return { timestamp, time: new Date(timestamp).toISOString(), message: JSON.stringify(record) };
  });

const parsed = (text: string) => JSON.parse(text) as JsonObject;
const yaml = (text: string) => stringify(parsed(text), { indentSeq: false, singleQuote: true, lineWidth: 80 });

const filebeat = (entry: Entry, names: object, message: object) => ({
  '@timestamp': entry.time,
  '@metadata': { beat: 'filebeat', type: '_doc', version: '8.17.0' },
  agent: { type: 'filebeat', version: '8.17.0', name: 'collector-1' },
  ecs: { version: '8.0.0' },
  host: { name: 'collector-1' },
  cloud: { provider: 'aws', region: REGION },
  ...names,
  ...message,
});

const cloudWatchNames = (group: string, stream: string) => ({
  input: { type: 'aws-cloudwatch' },
  log: { file: { path: `${group}/${stream}` } },
  aws: { cloudwatch: { log_group: group, log_stream: stream } },
});

const hits = (documents: readonly object[], index: string) =>
  document({
    took: 3,
    timed_out: false,
    hits: {
      total: { value: documents.length, relation: 'eq' },
      hits: documents.map((source, at) => ({ _index: index, _id: `example-${at}`, _score: null, _source: source })),
    },
  });

const openSearch = ({ time, message }: Entry) => ({
  ...parsed(message),
  '@id': '39',
  '@timestamp': time,
  '@message': message,
  '@owner': PROD.accountId,
  '@log_group': GROUP,
  '@log_stream': STREAM,
});

const splunk = ({ time, message }: Entry, sourcetype: string, source: string) => ({
  _time: time.replace('Z', '+00:00'),
  host: 'aws',
  source,
  sourcetype,
  index: 'aws',
  _raw: message,
});

const splunkCsv = (results: readonly Readonly<Record<string, string>>[]) =>
  csv([Object.keys(results[0] ?? {}), ...results.map((result) => Object.values(result))]);
const splunkJson = (results: readonly object[]) =>
  jsonLines(results.map((result, offset) => ({ preview: false, offset, result })));

const AUDIT_SOURCE = `${REGION}:${GROUP}:${STREAM}`;
const TRAIL_SOURCE = `s3://company-trail/${TRAIL_KEY}`;

const datadogAttributes = ({ message }: Entry, group: string, stream: string) => ({
  ...parsed(message),
  aws: { awslogs: { logGroup: group, logStream: stream, owner: PROD.accountId } },
});

const datadog = (entries: readonly Entry[], source: string, group: string, stream: string) =>
  document({
    data: entries.map((entry, at) => ({
      id: `AgAAAZ-EXAMPLE-${at}`,
      type: 'log',
      attributes: {
        service: source,
        host: group,
        status: 'info',
        timestamp: entry.time,
        tags: [`source:${source}`],
        attributes: datadogAttributes(entry, group, stream),
      },
    })),
    meta: { status: 'done' },
  });

const lokiLabels = (group: string, stream: string) => ({
  __aws_cloudwatch_log_group: group,
  __aws_cloudwatch_log_stream: stream,
  __aws_cloudwatch_owner: PROD.accountId,
  __aws_log_type: 'cloudwatch',
  __extra_env: 'prod',
});

const logcliText = (labels: Readonly<Record<string, string>>, { time, message }: Entry) => {
  const written = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${time.slice(0, 19)}Z {${written.join(', ')}} ${message}\n`;
};

const lokiAnswer = (labels: object, entries: readonly Entry[]) => {
  const values = entries.map(({ timestamp, message }) => [`${timestamp}000000`, message]);
  return document({ status: 'success', data: { resultType: 'streams', result: [{ stream: labels, values }] } });
};

const vector = ({ time, message }: Entry, names: object) => ({
  message,
  timestamp: time,
  source_type: 'aws_kinesis_firehose',
  request_id: 'b7140a45-50bf-4dc3-ad64-e64d211e4e6e',
  source_arn: `arn:aws:firehose:${REGION}:${PROD.accountId}:deliverystream/logs`,
  ...names,
});

const ocsf = (event: object, version: string, more: object = {}) => ({
  class_uid: 6003,
  class_name: 'API Activity',
  category_uid: 6,
  category_name: 'Application Activity',
  severity_id: 1,
  ...event,
  ...more,
  metadata: { ...(event as { metadata?: object }).metadata, version, profiles: ['cloud', 'datetime'] },
});

const ocsfTrail = (record: JsonObject, version: string) => {
  const response = record.responseElements as { credentials?: { accessKeyId?: string } } | null;
  const issued = response?.credentials?.accessKeyId;
  return ocsf(lakeTrail(record), version, version === '1.5.0' && issued ? { session: { credential_uid: issued } } : {});
};

const payload = (messages: readonly string[], group: string, stream: string) =>
  jsonLines([
    {
      messageType: 'DATA_MESSAGE',
      owner: PROD.accountId,
      logGroup: group,
      logStream: stream,
      subscriptionFilters: ['eks-whois'],
      logEvents: messages.map((message, at) => ({ id: String(at), timestamp: 1773130872000 + at, message })),
    },
  ]);

/** A struct of Athena's table of the trail (CloudTrail User Guide): its fields, with those below them. */
interface Struct {
  readonly [field: string]: Struct | null;
}

const IDENTITY: Struct = {
  type: null,
  principalId: null,
  arn: null,
  accountId: null,
  invokedBy: null,
  accessKeyId: null,
  userName: null,
  sessionContext: {
    attributes: { mfaAuthenticated: null, creationDate: null },
    sessionIssuer: { type: null, principalId: null, arn: null, accountId: null, userName: null },
    sourceIdentity: null,
  },
  identityProvider: null,
};

/** A struct as the query language writes it: names in lower case, no quotes. */
function structText(value: Json | undefined, struct: Struct): string {
  if (value === undefined || value === null) return 'null';
  const object = value as JsonObject;
  const written = Object.entries(struct).map(([name, below]) => {
    const text = below === null ? String(object[name] ?? 'null') : structText(object[name], below);
    return `${name.toLowerCase()}=${text}`;
  });
  return `{${written.join(', ')}}`;
}

/** A map as CloudTrail Lake writes it: what is not a text is JSON. */
function mapText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  const entries = Object.entries(value).map(
    ([key, is]) => `${key}=${typeof is === 'string' ? is : JSON.stringify(is)}`,
  );
  return `{${entries.join(', ')}}`;
}

const TEXTS = ['eventVersion', 'eventTime', 'eventSource', 'eventName', 'awsRegion', 'sourceIPAddress', 'userAgent'];
const MORE_TEXTS = ['errorCode', 'eventID', 'recipientAccountId', 'sharedEventID'];
const textOf = (value: Json | undefined) => (value === undefined || value === null ? '' : String(value));

function athenaRow({ record }: TrailRecord): Readonly<Record<string, string>> {
  const json = (name: string) => (record[name] ? JSON.stringify(record[name]) : '');
  const columns: readonly (readonly [string, string])[] = [
    ...TEXTS.map((name) => [name, textOf(record[name])] as const),
    ['userIdentity', structText(record.userIdentity, IDENTITY)],
    ...['requestParameters', 'responseElements'].map((name) => [name, json(name)] as const),
    ...MORE_TEXTS.map((name) => [name, textOf(record[name])] as const),
  ];
  return Object.fromEntries(columns.map(([name, value]) => [name.toLowerCase(), value]));
}

function lakeRow({ record }: TrailRecord): Readonly<Record<string, string>> {
  const time = textOf(record.eventTime).replace('T', ' ').replace('Z', '.000');
  const identity = structText(record.userIdentity, IDENTITY);
  return {
    ...Object.fromEntries(TEXTS.map((name) => [name, name === 'eventTime' ? time : textOf(record[name])])),
    userIdentity: identity.replace(/(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z/, '$1 $2.000'),
    requestParameters: mapText(record.requestParameters),
    responseElements: mapText(record.responseElements),
    ...Object.fromEntries(MORE_TEXTS.map((name) => [name, textOf(record[name])])),
  };
}

const rowsCsv = (rows: readonly Readonly<Record<string, string>>[]) =>
  csv([Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]);

function athenaAnswer(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => Object.values(row))];
  return document({
    UpdateCount: 0,
    ResultSet: {
      Rows: cells.map((row) => ({ Data: row.map((cell) => (cell === '' ? {} : { VarCharValue: cell })) })),
      ResultSetMetadata: {
        ColumnInfo: names.map((Name) => ({ CatalogName: 'hive', Name, Label: Name, Type: 'varchar' })),
      },
    },
  });
}

function lakeAnswer(rows: readonly Readonly<Record<string, string>>[]): string {
  return document({
    QueryStatus: 'FINISHED',
    QueryStatistics: { ResultsCount: rows.length, TotalResultsCount: rows.length, BytesScanned: 48211 },
    QueryResultRows: rows.map((row) => Object.entries(row).map(([name, value]) => ({ [name]: value }))),
  });
}

interface AnsweredEvents {
  readonly events: readonly Readonly<Record<string, string | number>>[];
}

/** The answer as `--output text`: cells in the order of the fields' names. */
const filterText = (answer: string) =>
  (JSON.parse(answer) as AnsweredEvents).events
    .map(
      (event) =>
        `EVENTS\t${Object.keys(event)
          .sort()
          .map((key) => event[key])
          .join('\t')}\n`,
    )
    .join('');

interface AnsweredRows {
  readonly results: readonly (readonly { readonly field: string; readonly value: string }[])[];
}

const insightsText = (answer: string) => {
  const lines = (JSON.parse(answer) as AnsweredRows).results
    .flat()
    .map(({ field, value }) => `RESULTS\t${field}\t${value}\n`);
  return `CWLI\tComplete\n${lines.join('')}STATISTICS\t60263750\t4.0\t48211\n`;
};

interface AnsweredLookups {
  readonly Events: readonly Readonly<Record<string, string>>[];
}

const lookupText = (answer: string) =>
  (JSON.parse(answer) as AnsweredLookups).Events.map((event) => {
    const cells = Object.keys(event)
      .filter((key) => key !== 'Resources')
      .sort();
    return `EVENTS\t${cells.map((key) => event[key]).join('\t')}\nRESOURCES\torders-developer\tAWS::IAM::Role\n`;
  }).join('');

const colored = ({ time, message }: Entry, stream: string) =>
  `\u001b[32m${time.replace('Z', '000+00:00')}\u001b[0m \u001b[36m${stream}\u001b[0m ${message}\n`;

const NAMES_GROUP = 'log group, stream and account';
const NAMES_STREAM = 'the stream; no log group';
const NOTHING = 'nowhere: whoever provides it vouches for it';
const OF_DATADOG = 'Datadog merges fields of the message with its own, so you must vouch for it';

type AuditForm = (entries: readonly Entry[], events: readonly StoryEvent[]) => string;
type TrailForm = (entries: readonly Entry[], trail: readonly TrailRecord[]) => string;

function audit(file: string, is: string, by: string, origin: string, text: AuditForm, vouch?: string): FormSample {
  return {
    file: `audit/${file}`,
    of: 'audit',
    is,
    by,
    origin,
    ...(vouch && { vouch }),
    text: (events) => text(entriesOf(events), events),
  };
}

function trail(file: string, is: string, by: string, origin: string, text: TrailForm, vouch?: string): FormSample {
  return {
    file: `cloudtrail/${file}`,
    of: 'cloudtrail',
    is,
    by,
    origin,
    ...(vouch && { vouch }),
    text: (_, records) => text(recordEntries(records), records),
  };
}

const hitOf = (entry: Entry, group: string, stream: string) =>
  filebeat(entry, cloudWatchNames(group, stream), { message: entry.message });

export const FORM_SAMPLES: readonly FormSample[] = [
  audit('events.jsonl', 'audit events', '`auditID`, `apiVersion: audit.k8s.io/…`', NOTHING, (entries) =>
    entries.map(({ message }) => `${message}\n`).join(''),
  ),
  audit('webhook.json', "a batch of the API server's audit webhook", '`kind: EventList`, `items`', NOTHING, (entries) =>
    document({
      kind: 'EventList',
      apiVersion: 'audit.k8s.io/v1',
      metadata: {},
      items: entries.map(({ message }) => parsed(message)),
    }),
  ),
  audit('console.csv', "CSV of CloudWatch Logs' console", 'columns `timestamp`, `message`', NOTHING, (entries) =>
    csv([['timestamp', 'message'], ...entries.map(({ timestamp, message }) => [String(timestamp), message])]),
  ),
  audit('filter-log-events.json', '`aws logs filter-log-events`', '`events`', NAMES_STREAM, (_, events) =>
    filterLogEventsAnswer(PROD, events),
  ),
  audit('filter-log-events.txt', 'the same with `--output text`', 'lines `EVENTS`, tabs', NAMES_STREAM, (_, events) =>
    filterText(filterLogEventsAnswer(PROD, events)),
  ),
  audit('filter-log-events.yaml', 'the same with `--output yaml`', 'first line `events:`', NAMES_STREAM, (_, events) =>
    yaml(filterLogEventsAnswer(PROD, events)),
  ),
  audit('get-log-events.txt', '`aws logs get-log-events --output text`', 'lines `EVENTS`, tabs', NOTHING, (entries) => {
    const lines = entries.map(({ timestamp, message }) => `EVENTS\t${timestamp + 4211}\t${message}\t${timestamp}\n`);
    return `b/39000/s\tf/39001/s\n${lines.join('')}`;
  }),
  audit('tail.txt', '`aws logs tail`', 'a time and a stream at the beginning of a line', NAMES_STREAM, (entries) =>
    entries.map(({ time, message }) => `${time.replace('Z', '000+00:00')} ${STREAM} ${message}\n`).join(''),
  ),
  audit('tail-colored.txt', 'the same with colors', 'the same, without the colors', NAMES_STREAM, (entries) =>
    entries.map((entry) => colored(entry, STREAM)).join(''),
  ),
  audit('insights.csv', "Logs Insights' CSV", 'a column `@message`', '`@log` and `@logStream`', (entries) =>
    csv([
      ['@timestamp', '@message', '@logStream', '@log'],
      ...entries.map(({ time, message }) => [
        time.replace('T', ' ').replace('Z', ''),
        message,
        STREAM,
        `${PROD.accountId}:${GROUP}`,
      ]),
    ]),
  ),
  audit('get-query-results.json', '`aws logs get-query-results`', '`results`', '`@log` and `@logStream`', (_, events) =>
    insightsAnswer(PROD, events),
  ),
  audit(
    'get-query-results.txt',
    'the same with `--output text`',
    'lines `RESULTS`, tabs; `@ptr` ends a row',
    '`@log` and `@logStream`',
    (_, events) => insightsText(insightsAnswer(PROD, events)),
  ),
  audit(
    'get-query-results.yaml',
    'the same with `--output yaml`',
    'first line `queryLanguage:`',
    '`@log` and `@logStream`',
    (_, events) => yaml(insightsAnswer(PROD, events)),
  ),
  audit('subscription.jsonl', "a subscription's payload", '`messageType`, `logEvents`', NAMES_GROUP, (entries) =>
    payload(
      entries.map(({ message }) => message),
      GROUP,
      STREAM,
    ),
  ),
  audit(
    'subscription-ocsf.jsonl',
    'the same behind a transformer (`parseToOCSF`)',
    '`metadata.product.name: Amazon EKS` in a message',
    NAMES_GROUP,
    (entries) =>
      payload(
        entries.map(({ message }) => JSON.stringify(ocsf(lakeAudit(parsed(message)), '1.1.0'))),
        GROUP,
        STREAM,
      ),
  ),
  audit('ocsf-1.1.jsonl', 'OCSF 1.1 as JSON', '`metadata.product.name: Amazon EKS`', NOTHING, (entries) =>
    jsonLines(entries.map(({ message }) => ocsf(lakeAudit(parsed(message)), '1.1.0'))),
  ),
  audit('ocsf-1.5.jsonl', 'OCSF 1.5 as JSON', 'the same', NOTHING, (entries) =>
    jsonLines(entries.map(({ message }) => ocsf(lakeAudit(parsed(message)), '1.5.0'))),
  ),
  audit(
    'elastic-hits.json',
    "Elasticsearch's answer, with Filebeat's documents",
    '`hits.hits`, `_source`',
    '`aws.cloudwatch`; without it, `_index` names another log',
    (entries) =>
      hits(
        entries.map((entry) => hitOf(entry, GROUP, STREAM)),
        '.ds-filebeat-8.17.0-2026.03.10-000001',
      ),
  ),
  audit(
    'opensearch-hits.json',
    "OpenSearch's answer, with documents that AWS's function for CloudWatch Logs wrote",
    '`@message` in `_source`',
    '`@log_group` and `@log_stream`',
    (entries) => hits(entries.map(openSearch), 'cwl-2026.03.10'),
  ),
  audit(
    'filebeat.ndjson',
    "Filebeat's input `aws-cloudwatch`",
    '`message` or `event.original`, beside `@timestamp`',
    '`aws.cloudwatch`',
    (entries) => jsonLines(entries.map((entry) => hitOf(entry, GROUP, STREAM))),
  ),
  audit('splunk.csv', "Splunk's CSV", 'a column `_raw`', '`source`: `[<Region>:]<log group>[:<stream>]`', (entries) =>
    splunkCsv(entries.map((entry) => splunk(entry, 'aws:cloudwatchlogs', AUDIT_SOURCE))),
  ),
  audit('splunk.json', "Splunk's JSON", '`result._raw`, or `results`', '`source`', (entries) =>
    splunkJson(entries.map((entry) => splunk(entry, 'aws:cloudwatchlogs', AUDIT_SOURCE))),
  ),
  audit(
    'datadog.json',
    "Datadog's API",
    '`data[].attributes.attributes`',
    OF_DATADOG,
    (entries) => datadog(entries, 'kubernetes.audit', GROUP, STREAM),
    'datadog=audit',
  ),
  audit(
    'datadog-archive.jsonl',
    "Datadog's archive",
    '`attributes` beside `tags`',
    OF_DATADOG,
    (entries) =>
      jsonLines(
        entries.map((entry, at) => ({
          _id: `AgAAAZ-EXAMPLE-${at}`,
          date: entry.time,
          host: GROUP,
          service: 'kubernetes.audit',
          source: 'kubernetes.audit',
          status: 'info',
          tags: ['env:prod'],
          attributes: datadogAttributes(entry, GROUP, STREAM),
        })),
      ),
    'datadog=audit',
  ),
  audit(
    'loki.json',
    "Loki's API",
    '`data.result[].stream` and `values`',
    'labels of lambda-promtail; any other labels name another log',
    (entries) => lokiAnswer(lokiLabels(GROUP, STREAM), entries),
  ),
  audit('logcli.jsonl', '`logcli query --output jsonl`', '`labels`, `line`', 'the same', (entries) =>
    jsonLines(
      entries.map(({ time, message }) => ({ labels: lokiLabels(GROUP, STREAM), line: message, timestamp: time })),
    ),
  ),
  audit('logcli.txt', '`logcli query`', 'a time and `{label="…"}` at the beginning of a line', 'the same', (entries) =>
    entries.map((entry) => logcliText(lokiLabels(GROUP, STREAM), entry)).join(''),
  ),
  audit(
    'fluent-bit.jsonl',
    "Fluent Bit's records",
    '`log`',
    'nowhere, unless a field names a pod, a container or a file',
    (entries) => jsonLines(entries.map(({ timestamp, message }) => ({ date: timestamp / 1_000, log: message }))),
  ),
  audit(
    'vector.jsonl',
    "Vector's source `aws_kinesis_firehose`",
    '`message`',
    '`log_group` and `log_stream`; without them, `source_arn` names another log',
    (entries) =>
      jsonLines(entries.map((entry) => vector(entry, { log_group: GROUP, log_stream: STREAM, owner: PROD.accountId }))),
  ),
  audit(
    'vector-merged.jsonl',
    'the same, with the fields of the message merged',
    '`auditID` beside `source_type`',
    'the message could have written the names, so you must vouch for them',
    (entries) =>
      jsonLines(
        entries.map((entry) => ({
          ...vector(entry, { log_group: GROUP, log_stream: STREAM }),
          ...parsed(entry.message),
        })),
      ),
    `${GROUP}=audit`,
  ),
  trail('log-file.json', "a trail's log file", '`Records`', NOTHING, (_, records) => logFile(records)),
  trail('lookup-events.json', '`aws cloudtrail lookup-events`', '`Events[].CloudTrailEvent`', NOTHING, (_, records) =>
    lookupEventsAnswer(records),
  ),
  trail('lookup-events.txt', 'the same with `--output text`', 'lines `EVENTS`, tabs', NOTHING, (_, records) =>
    lookupText(lookupEventsAnswer(records)),
  ),
  trail('lookup-events.yaml', 'the same with `--output yaml`', 'first line `Events:`', NOTHING, (_, records) =>
    yaml(lookupEventsAnswer(records)),
  ),
  trail('eventbridge.jsonl', 'what EventBridge delivers', '`detail`', '`source` and `account`', (_, records) =>
    eventBridgeEnvelopes(records),
  ),
  trail(
    'athena.csv',
    "CSV of Athena's table of the trail (`SELECT *`)",
    'columns `eventname`, `useridentity`',
    NOTHING,
    (_, records) => rowsCsv(records.map(athenaRow)),
  ),
  trail('athena.json', '`aws athena get-query-results`', '`ResultSet`', NOTHING, (_, records) =>
    athenaAnswer(records.map(athenaRow)),
  ),
  trail(
    'lake.csv',
    'saved results of CloudTrail Lake (`SELECT *`)',
    'columns `eventName`, `userIdentity`',
    NOTHING,
    (_, records) => rowsCsv(records.map(lakeRow)),
  ),
  trail('lake.json', '`aws cloudtrail get-query-results`', '`QueryResultRows`', NOTHING, (_, records) =>
    lakeAnswer(records.map(lakeRow)),
  ),
  trail('ocsf-1.1.jsonl', 'OCSF 1.1 as JSON', '`metadata.product.name: CloudTrail`', NOTHING, (_, records) =>
    jsonLines(records.map(({ record }) => ocsfTrail(record, '1.1.0'))),
  ),
  trail('ocsf-1.5.jsonl', 'OCSF 1.5 as JSON', 'the same', NOTHING, (_, records) =>
    jsonLines(records.map(({ record }) => ocsfTrail(record, '1.5.0'))),
  ),
  trail('subscription.jsonl', "a subscription's payload", '`messageType`, `logEvents`', NAMES_GROUP, (entries) =>
    payload(
      entries.map(({ message }) => message),
      TRAIL_GROUP,
      TRAIL_STREAM,
    ),
  ),
  trail(
    'filebeat-s3.ndjson',
    "Filebeat's input `aws-s3`",
    '`event.original` or `message`',
    '`log.file.path`: the object of a trail',
    (entries) =>
      jsonLines(
        entries.map((entry) =>
          filebeat(
            entry,
            {
              input: { type: 'aws-s3' },
              log: { file: { path: `https://company-trail.s3.${REGION}.amazonaws.com/${TRAIL_KEY}` } },
              aws: { s3: { bucket: { name: 'company-trail' }, object: { key: TRAIL_KEY } } },
            },
            { event: { original: entry.message } },
          ),
        ),
      ),
  ),
  trail('elastic-hits.json', "Elasticsearch's answer", '`hits.hits`, `_source`', '`aws.cloudwatch`', (entries) =>
    hits(
      entries.map((entry) => hitOf(entry, TRAIL_GROUP, TRAIL_STREAM)),
      '.ds-filebeat-8.17.0-2026.03.10-000001',
    ),
  ),
  trail(
    'splunk.csv',
    "Splunk's CSV",
    'a column `_raw`',
    '`source`: the object of a trail, or log group and stream',
    (entries) => splunkCsv(entries.map((entry) => splunk(entry, 'aws:cloudtrail', TRAIL_SOURCE))),
  ),
  trail('splunk.json', "Splunk's JSON", '`result._raw`, or `results`', 'the same', (entries) =>
    splunkJson(entries.map((entry) => splunk(entry, 'aws:cloudtrail', TRAIL_SOURCE))),
  ),
  trail(
    'datadog.json',
    "Datadog's API",
    '`data[].attributes.attributes`',
    OF_DATADOG,
    (entries) => datadog(entries, 'cloudtrail', TRAIL_GROUP, TRAIL_STREAM),
    'datadog=cloudtrail',
  ),
  trail('logcli.jsonl', '`logcli query --output jsonl`', '`labels`, `line`', 'labels of lambda-promtail', (entries) =>
    jsonLines(
      entries.map(({ time, message }) => ({
        labels: lokiLabels(TRAIL_GROUP, TRAIL_STREAM),
        line: message,
        timestamp: time,
      })),
    ),
  ),
];

/** A file that is packed, below examples/forms/packed. */
export interface PackedSample {
  readonly file: string;
  readonly is: string;
}

/** The packed samples, made by `examples/forms/pack.sh`. Each contains `audit/events.jsonl`. */
export const PACKED_SAMPLES: readonly PackedSample[] = [
  { file: 'events.jsonl.gz', is: 'gzip' },
  { file: 'events.jsonl.gz.gz', is: 'gzip in gzip' },
  { file: 'events.jsonl.bz2', is: 'bzip2' },
  { file: 'events.jsonl.zst', is: 'Zstandard' },
  { file: 'events.zip', is: 'zip, here with a packed file in it' },
  { file: 'events.tar', is: 'tar' },
  { file: 'events.tar.gz', is: 'tar in gzip' },
];

/** Returns the text of each sample by its path. */
export function formFiles({ events, trail: records }: Day): ReadonlyMap<string, string> {
  const shown = events.filter(
    ({ event }) => event.cluster === PROD && REQUESTS.includes(event.stageTime.slice(11, 19)),
  );
  const evidence = records.filter(({ at, accountId }) => RECORDS.includes(at) && accountId !== '777788889999');
  return new Map(
    FORM_SAMPLES.flatMap(({ file, text }) =>
      text === undefined ? [] : [[`forms/${file}`, text(shown, evidence)] as const],
    ),
  );
}
