import { looksLikeAuditEvent } from '../audit/event.ts';
import { looksLikeTrailRecord } from '../cloudtrail/record.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, parseJson, textAt } from '../json.ts';
import { isTrailObject, logGroupName } from './log-group.ts';
import type { StatedOrigin } from './origin.ts';

/** A message in a document, and what the document states about its origin. */
export interface CarriedMessage {
  readonly message: string | JsonObject;
  readonly stated: StatedOrigin;
}

/** The content of a log collector's document: one message, or a list of documents that are read one by one. */
export type CollectedContent = CarriedMessage | { readonly key: string; readonly list: readonly unknown[] };

/** A form in which log collectors write what they collected. */
export interface CollectorForm {
  readonly name: string;
  /** Returns the content of a document of this form. Undefined if it has another form. */
  readonly read: (document: JsonObject) => CollectedContent | undefined;
}

/**
 * The forms, each with a sample below examples/forms. A form that states more comes before one that states less. FACTS,
 * "What log collectors write", has the sources.
 */
const FORMS: readonly CollectorForm[] = [
  {
    name: 'Elasticsearch, answer',
    read: (value) => listOf(objectAt(objectAt(value, 'rawResponse') ?? value, 'hits'), 'hits'),
  },
  { name: 'Elasticsearch, hit', read: readHit },
  { name: 'Splunk, result', read: (value) => readSplunk(objectAt(value, 'result')) },
  { name: 'Splunk, row', read: readSplunk },
  {
    name: 'Datadog, answer',
    read: (value) => (listAt(value, 'data')?.some(isDatadogLog) ? listOf(value, 'data') : undefined),
  },
  { name: 'Datadog, log', read: readDatadog },
  { name: 'Loki, answer', read: (value) => listOf(objectAt(value, 'data'), 'result') },
  { name: 'Loki, stream', read: readLokiStream },
  { name: 'Loki, line', read: readLokiLine },
  { name: 'Filebeat, Fluent Bit, Vector and others', read: messageIn },
];

/** Returns the content of a log collector's document. Undefined if it has none of the known forms. */
export function collectedContent(document: JsonObject): CollectedContent | undefined {
  for (const form of FORMS) {
    const content = form.read(document);
    if (content !== undefined) return content;
  }
  return undefined;
}

function listOf(holder: JsonObject | undefined, key: string): CollectedContent | undefined {
  const list = listAt(holder, key);
  return list === undefined ? undefined : { key, list };
}

/**
 * The paths of fields that have a message. `@message` comes first, because no message can set it: AWS's own function
 * for OpenSearch sets it after all other fields.
 */
const CARRIERS = ['@message', 'event.original', 'message', 'log', 'line'];

/** Returns the message in a document, or the event whose fields are mixed with those of the document. */
function messageIn(document: JsonObject | undefined): CarriedMessage | undefined {
  if (document === undefined) return undefined;
  const isMixed = isEvent(document);
  const path = CARRIERS.find((each) => carries(document, each));
  if (isMixed && path !== '@message') return { message: document, stated: asUnproven(statedBy(document)) };
  const message = path === undefined ? undefined : valueAt(document, path);
  if (typeof message !== 'string' && !isJsonObject(message)) return undefined;
  if (!isMixed && 'kind' in document) return undefined; // An object of Kubernetes, in which a client wrote the texts.
  const others = path === '@message' ? ELSEWHERE_OF_ROWS : ELSEWHERE;
  return { message, stated: believable(statedBy(document, others), document, message) };
}

/**
 * The paths of times. Every collector writes one of these beside a message. Without a time, a message is only read if
 * it begins as JSON.
 */
const TIMES = ['timestamp', '@timestamp', 'ingestionTime', '_time', 'date', 'time'];

/** Returns whether the document has a message at this path. */
function carries(document: JsonObject, path: string): boolean {
  const value = valueAt(document, path);
  if (path === '@message') return typeof value === 'string' || isJsonObject(value);
  if (typeof value !== 'string') return isEvent(value);
  return value.trimStart().startsWith('{') || TIMES.some((time) => time in document);
}

function isEvent(value: unknown): value is JsonObject {
  return looksLikeAuditEvent(value) || looksLikeTrailRecord(value);
}

/** The paths of the names that collectors copy from CloudWatch Logs. */
const GROUPS = [
  'logGroup',
  'logGroupName',
  'logGroupIdentifier',
  'log_group',
  '@log_group',
  '@log',
  'aws.cloudwatch.log_group',
  'awscloudwatch.log_group',
  '__aws_cloudwatch_log_group',
];
const STREAMS = [
  'logStream',
  'logStreamName',
  'log_stream',
  '@log_stream',
  '@logStream',
  'aws.cloudwatch.log_stream',
  'awscloudwatch.log_stream',
  '__aws_cloudwatch_log_stream',
];
const OWNERS = ['owner', '@owner', '__aws_cloudwatch_owner'];

/** The paths of the names of other logs, apart from those that columns of queries have. */
const ELSEWHERE_OF_ROWS = [
  'kubernetes',
  'container',
  'container_name',
  'container_id',
  'docker',
  'pod_name',
  'systemd',
  'journald',
  'syslog',
  'log.source',
  'log.file.path',
  'log.file',
  'source_type',
  'input.type',
];

/** The paths of the names of other logs, for example of a pod, a file or an input. */
const ELSEWHERE = [
  ...ELSEWHERE_OF_ROWS,
  'pod',
  'filename',
  'app',
  'instance',
  'file',
  'path',
  'stream',
  'aws.s3.object.key',
  'object',
  'source',
  'tag',
  'appname',
  'data_stream',
  '_SYSTEMD_UNIT',
  'SYSLOG_IDENTIFIER',
  'logtag',
];

/**
 * The field with the ARN of a stream that delivers messages of several logs. If no other field names a log, it counts
 * as the name of another log.
 */
const CARRIER = 'source_arn';

/** Values at these paths that name no log. They say how a collector reads: from CloudWatch Logs, or from S3. */
const READERS: ReadonlySet<unknown> = new Set([
  'aws-cloudwatch',
  'awscloudwatch',
  'aws-s3',
  'aws_s3',
  'aws_kinesis_firehose',
]);

/**
 * Returns what a document states about the origin of its message. Every name must be one of AWS's. If one names another
 * log, or if two names differ, the message is from elsewhere.
 */
function statedBy(document: JsonObject, elsewhere: readonly string[] = ELSEWHERE): StatedOrigin {
  const [groups, streams] = [textsOf(document, GROUPS), textsOf(document, STREAMS)];
  const stated: StatedOrigin = {
    group: groups.find((group) => group !== logGroupName(group)) ?? groups[0],
    stream: streams[0],
    owner: textsOf(document, OWNERS)[0],
    region: textAt(objectAt(document, 'cloud'), 'region'),
  };
  const others = elsewhere.flatMap((path) => otherName(document, path, groups, streams));
  const other = others.find((name) => !isTrailObject(name)) ?? others[0];
  if (other !== undefined) return { ...stated, elsewhere: other };
  const areSame = new Set(groups.map(logGroupName)).size < 2 && new Set(streams).size < 2;
  return areSame ? withLogName(stated, textAt(document, CARRIER)) : asUnproven(stated);
}

/** Returns a list with the name of another log at this path. Empty if there is no such name. */
function otherName(
  document: JsonObject,
  path: string,
  groups: readonly string[],
  streams: readonly string[],
): readonly string[] {
  const value = valueAt(document, path);
  if (value === undefined || READERS.has(value)) return [];
  if (path === 'log.file' && valueAt(document, 'log.file.path') !== undefined) return [];
  const repeats = groups.some((group) => streams.some((stream) => value === `${group}/${stream}`));
  if (repeats) return [];
  return [typeof value === 'string' && value !== '' ? value : path];
}

/** Returns the origin as one whose names prove nothing. It counts only if the operator vouches for its log group. */
function asUnproven(stated: StatedOrigin): StatedOrigin {
  return { ...stated, elsewhere: stated.group === undefined ? 'mixed' : logGroupName(stated.group) };
}

const SPLUNK_SOURCE =
  /^(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(\/aws\/eks\/[^/:]+\/cluster|[\w./#-]+(?=:(?:o-[a-z0-9]+_)?\d{12}_CloudTrail_))(?::([^:*]+))?$/;

/**
 * Reads a result of Splunk. `source` is `[<Region>:]<log group>[:<stream>]`, or it names another log. Splunk may have
 * extracted all other fields from the message.
 */
function readSplunk(result: JsonObject | undefined): CarriedMessage | undefined {
  const message = textAt(result, '_raw');
  if (result === undefined || message === undefined) return undefined;
  const source: unknown = result.source;
  const [, region, group, stream] = (typeof source === 'string' && SPLUNK_SOURCE.exec(source)) || [];
  if (group !== undefined) return { message, stated: believable({ region, group, stream }, { source }, message) };
  return { message, stated: withLogName({}, source === undefined ? undefined : String(source)) };
}

function textsOf(document: JsonObject, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const value = valueAt(document, path);
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
}

/** Returns the value at a path of keys, or at a key whose name is the whole path. */
function valueAt(document: JsonObject, path: string): unknown {
  if (path in document || !path.includes('.')) return document[path];
  const [first = '', ...others] = path.split('.');
  const inner = document[first];
  return isJsonObject(inner) ? valueAt(inner, others.join('.')) : undefined;
}

const NAMING: readonly string[] = [...GROUPS, ...STREAMS, ...OWNERS, ...ELSEWHERE];

/**
 * Returns the stated origin, unless the message may have stated it itself. Some collectors merge the fields of a JSON
 * message with their own, and join the keys of a path. Then the path of the name in the document begins with a key of
 * the message.
 */
function believable(stated: StatedOrigin, document: JsonObject, message: string | JsonObject): StatedOrigin {
  if (stated.elsewhere !== undefined || (stated.group ?? stated.stream) === undefined) return stated;
  const event = typeof message === 'string' ? objectIn(message) : message;
  const names = NAMING.filter((name) => valueAt(document, name) !== undefined);
  const isOwn = event !== undefined && Object.keys(event).some((key) => names.some((name) => name.startsWith(key)));
  return isOwn ? asUnproven(stated) : stated;
}

function objectIn(text: string): JsonObject | undefined {
  const parsed = parseJson(text);
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
}

/** Reads a hit. Its index is the name of its log, unless the document names one. */
function readHit(hit: JsonObject): CollectedContent | undefined {
  const carried = messageIn(objectAt(hit, '_source'));
  if (carried === undefined) return undefined;
  return { ...carried, stated: withLogName(carried.stated, textAt(hit, '_index')) };
}

/** Returns the stated origin. If it names no log, adds this name of a log. */
function withLogName(stated: StatedOrigin, name: string | undefined): StatedOrigin {
  const isNamed = (stated.group ?? stated.stream ?? stated.elsewhere) !== undefined;
  return isNamed || name === undefined ? stated : { ...stated, elsewhere: name };
}

function isDatadogLog(value: unknown): boolean {
  return isJsonObject(value) && isJsonObject(value.attributes);
}

/**
 * The name of a log that stands for everything that Datadog exports. Datadog merges the fields of a JSON message with
 * those of its forwarder.
 */
const DATADOG = 'datadog';

/**
 * Reads a log of Datadog's API (`attributes.attributes`) or of an archive (`attributes`). It counts only if the
 * operator vouches for it.
 */
function readDatadog(log: JsonObject): CollectedContent | undefined {
  const outer = objectAt(log, 'attributes');
  if (outer === undefined || !('tags' in log || 'tags' in outer || 'attributes' in outer)) return undefined;
  const attributes = objectAt(outer, 'attributes') ?? outer;
  const group = textAt(objectAt(objectAt(attributes, 'aws'), 'awslogs'), 'logGroup');
  const message = isEvent(attributes) ? attributes : (textAt(outer, 'message') ?? textAt(log, 'message'));
  return message === undefined ? undefined : { message, stated: { group, elsewhere: DATADOG } };
}

function readLokiStream(value: JsonObject): CollectedContent | undefined {
  const labels = objectAt(value, 'stream');
  const values = listAt(value, 'values');
  if (labels === undefined || values === undefined) return undefined;
  return {
    key: 'values',
    list: values.map((entry) => ({ labels, line: Array.isArray(entry) ? entry[1] : undefined })),
  };
}

function readLokiLine(value: JsonObject): CollectedContent | undefined {
  const line = textAt(value, 'line');
  const labels = objectAt(value, 'labels');
  return line === undefined || labels === undefined ? undefined : lokiMessage(labels, line);
}

/** Returns a line of Loki. Its labels name its log, unless there are none. */
export function lokiMessage(labels: JsonObject, line: string): CarriedMessage {
  const stated = believable(statedBy(labels), labels, line);
  const [first] = ['job', 'service_name', ...Object.keys(labels)].filter((label) => label in labels);
  return {
    message: line,
    stated: withLogName(stated, first === undefined ? undefined : (textAt(labels, first) ?? first)),
  };
}

const FIELDS: ReadonlySet<string> = new Set([...NAMING, CARRIER, ...CARRIERS, ...TIMES, '_raw']);

/** Returns whether a field of this name is read of a document. */
export function isCollectedField(name: string): boolean {
  return FIELDS.has(name);
}

/** Returns whether the event is mixed with keys of a collector, which no event of AWS has. */
export function isMixedWithOthers(event: JsonObject): boolean {
  return (
    '@timestamp' in event || 'log_group' in event || 'kubernetes' in event || 'source_type' in event || 'aws' in event
  );
}
