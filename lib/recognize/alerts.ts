import type { AuditRequest } from '../audit/audit-event.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, parseJson, present } from '../json.ts';
import { type EpochMillis, MINUTE, parseInstant } from '../time.ts';
import { subjectOfPrincipal, subjectOfUsername } from './callers.ts';
import { givenCircumstances, subjectOfUser } from './events.ts';
import { bindingOfRule, ruleOf } from './falco-rules.ts';
import { type Form, type FormCollector, form } from './form-collector.ts';
import { readUid } from './forms.ts';
import type { Circumstances, Subject } from './subject.ts';
import { statedTime, type WrittenTime, writtenTime } from './written-times.ts';

/** For each feature of a request, the paths of the fields in which an alert can state it. The most reliable path comes first. */
interface Paths {
  readonly auditId: readonly string[];
  readonly verb: readonly string[];
  readonly uri: readonly string[];
  readonly apiGroup: readonly string[];
  readonly resource: readonly string[];
  readonly subresource: readonly string[];
  readonly namespace: readonly string[];
  readonly name: readonly string[];
  readonly code: readonly string[];
  readonly ips: readonly string[];
  readonly userAgent: readonly string[];
  readonly username: readonly string[];
  readonly uid: readonly string[];
  readonly accessKeyId: readonly string[];
  readonly sessionName: readonly string[];
  readonly arn: readonly string[];
  readonly impersonated: readonly string[];
  readonly command: readonly string[];
  readonly time: readonly string[];
  /** The time of the first request, if the alert is about several. */
  readonly first?: readonly string[];
  /** How many requests the alert counts. */
  readonly count?: readonly string[];
  /** The time at which the alert or the document was written. Used if the alert does not state the time of the request. */
  readonly written: readonly string[];
  readonly cluster: readonly string[];
  readonly rule: readonly string[];
}

/** The paths of the fields in which an alert can state a process in a container. */
interface ProcessPaths extends Pick<Paths, 'time' | 'cluster' | 'rule'> {
  readonly pod: readonly string[];
  readonly podNamespace: readonly string[];
  readonly commandLine: readonly string[];
  /** The name of the parent process. */
  readonly parent: readonly string[];
}

/**
 * The paths in an alert of Falco, and of Sysdig, which has `kubernetes.pod.name`. Sources: falcosecurity/plugins,
 * k8saudit, fields.go; Falco, "Supported Fields" (FACTS, "Alerts of other tools").
 */
const FALCO: Paths & ProcessPaths = {
  auditId: ['ka.auditid'],
  verb: ['ka.verb', 'rule.verb'],
  uri: ['ka.uri'],
  apiGroup: [],
  resource: ['ka.target.resource', 'rule.resource'],
  subresource: ['ka.target.subresource', 'rule.subresource'],
  namespace: ['ka.target.namespace'],
  name: ['ka.target.name', 'ka.resp.name', 'ka.req.configmap.name'],
  code: ['ka.response.code'],
  ips: ['ka.sourceips'],
  userAgent: ['ka.useragent'],
  username: ['ka.user.name'],
  uid: [],
  accessKeyId: [],
  sessionName: [],
  arn: [],
  impersonated: ['ka.impuser.name'],
  command: ['ka.uri.param[command]'],
  time: ['time', 'evt.time', 'evt.time.iso8601', 'jevt.time.iso8601'],
  written: [],
  cluster: ['kubernetes.cluster.name'],
  rule: ['rule'],
  pod: ['k8s.pod.name', 'k8smeta.pod.name', 'kubernetes.pod.name'],
  podNamespace: ['k8s.ns.name', 'k8smeta.ns.name', 'kubernetes.namespace.name'],
  commandLine: ['proc.cmdline', 'proc.name'],
  parent: ['proc.pname'],
};

/** The beginning of the paths in which a document of Elastic's integration has the fields of an audit event. */
const OF_ELASTIC = 'kubernetes.audit.';
/** The beginning of the paths of a process in ECS. */
const PROCESS = 'process';

/**
 * The paths in an alert of Elastic. Sources: elastic/integrations, kubernetes/data_stream/audit_logs, default.yml and
 * sample_event.json (FACTS).
 */
const ELASTIC: Paths & ProcessPaths = {
  auditId: [`${OF_ELASTIC}auditID`],
  verb: [`${OF_ELASTIC}verb`, 'event.action', 'kibana.alert.original_event.action'],
  uri: [`${OF_ELASTIC}requestURI`],
  apiGroup: [`${OF_ELASTIC}objectRef.apiGroup`],
  resource: [`${OF_ELASTIC}objectRef.resource`, 'orchestrator.resource.type'],
  subresource: [`${OF_ELASTIC}objectRef.subresource`],
  namespace: [`${OF_ELASTIC}objectRef.namespace`, 'orchestrator.namespace'],
  name: [`${OF_ELASTIC}objectRef.name`, 'orchestrator.resource.name'],
  code: [`${OF_ELASTIC}responseStatus.code`, 'http.response.status_code'],
  ips: [`${OF_ELASTIC}sourceIPs`, 'source.ip', 'client.ip'],
  userAgent: [`${OF_ELASTIC}userAgent`, 'user_agent.original'],
  username: [`${OF_ELASTIC}user.username`, 'user.name'],
  uid: [`${OF_ELASTIC}user.uid`, 'user.id'],
  accessKeyId: [`${OF_ELASTIC}user.extra.accessKeyId`],
  sessionName: [`${OF_ELASTIC}user.extra.sessionName`],
  arn: [`${OF_ELASTIC}user.extra.arn`],
  impersonated: [`${OF_ELASTIC}impersonatedUser.username`],
  command: [],
  time: [
    `${OF_ELASTIC}requestReceivedTimestamp`,
    `${OF_ELASTIC}stageTimestamp`,
    `${PROCESS}.start`,
    'kibana.alert.original_time',
    'signal.original_time',
  ],
  first: ['kibana.alert.threshold_result.from', 'signal.threshold_result.from'],
  count: ['kibana.alert.threshold_result.count', 'signal.threshold_result.count'],
  written: ['@timestamp'],
  cluster: ['orchestrator.cluster.name'],
  rule: ['kibana.alert.rule.name', 'signal.rule.name'],
  pod: ['kubernetes.pod.name'],
  podNamespace: ['kubernetes.namespace'],
  commandLine: [`${PROCESS}.command_line`, `${PROCESS}.args`, `${PROCESS}.name`],
  parent: [`${PROCESS}.parent.name`, `${PROCESS}.parent.executable`],
};

/** The paths in a document of Elastic's integration for containers, which names the pod in `orchestrator.resource` (ECS). */
const ELASTIC_CONTAINERS: ProcessPaths = {
  ...ELASTIC,
  pod: ['orchestrator.resource.name'],
  podNamespace: ['orchestrator.namespace'],
};

/**
 * The paths in an event of Datadog. Sources: Datadog, "Standard Attributes" and the rules for `source:kubernetes.audit`
 * (FACTS).
 */
const DATADOG: Paths = {
  auditId: ['auditID'],
  verb: ['verb', 'http.method'],
  uri: ['requestURI', 'http.url_details.path', 'http.url'],
  apiGroup: ['objectRef.apiGroup'],
  resource: ['objectRef.resource'],
  subresource: ['objectRef.subresource'],
  namespace: ['objectRef.namespace'],
  name: ['objectRef.name'],
  code: ['responseStatus.code', 'http.status_code'],
  ips: ['sourceIPs', 'network.client.ip'],
  userAgent: ['userAgent', 'http.useragent'],
  username: ['user.username', 'usr.name', 'usr.id'],
  uid: ['user.uid', 'usr.id'],
  accessKeyId: ['user.extra.accessKeyId'],
  sessionName: ['user.extra.sessionName'],
  arn: ['user.extra.arn'],
  impersonated: ['impersonatedUser.username'],
  command: [],
  time: ['requestReceivedTimestamp', 'stageTimestamp', 'timestamp'],
  written: [],
  cluster: ['kube_cluster_name', 'cluster_name'],
  rule: [],
};

/**
 * The paths in a signal of Datadog. A signal groups several logs, and each field has the values of all of them.
 * `timestamp` is the time of the signal itself. Source: Datadog, API Reference, "Get a signal's details" (FACTS).
 */
const DATADOG_SIGNAL: Paths = {
  ...DATADOG,
  time: ['requestReceivedTimestamp', 'stageTimestamp', 'workflow.last_seen'],
  first: ['workflow.first_seen'],
  written: ['timestamp'],
  rule: ['workflow.rule.name'],
};

/** The fields of an alert by their paths. A name with dots and nested objects give the same path. */
type Fields = ReadonlyMap<string, unknown>;

/** The maximum number of fields of an alert that are read, and the maximum depth of its objects. */
const MOST_FIELDS = 2_000;
const MOST_LEVELS = 10;
/** Matches the `@` before the attributes of Datadog: `@usr.id`. */
const OF_DATADOG = /^@(?=[a-z_]+\.)/;
/** Matches the paths of request and response bodies. They are never read. */
const BODY = /(?:^|\.)(?:request|response)Object$/;

function fieldsIn(...values: readonly (JsonObject | undefined)[]): Fields {
  const fields = new Map<string, unknown>();
  for (const value of values) addFields(value ?? {}, '', fields);
  return fields;
}

function addFields(value: JsonObject, path: string, to: Map<string, unknown>, level = 0): void {
  const entries = Object.entries(value).slice(0, MOST_FIELDS - to.size);
  for (const [key, each] of entries) {
    const name = `${path}${key.replace(OF_DATADOG, '')}`;
    if (BODY.test(name)) continue;
    if (!isJsonObject(each)) to.set(name, to.get(name) ?? each);
    else if (level < MOST_LEVELS) addFields(each, `${name}.`, to, level + 1);
  }
}

/** The maximum number of characters of a value. Longer values are ignored. */
const LONGEST = 4_096;

/**
 * Returns the value of the first of these fields that has one, as text. `<NA>` of Falco does not count as a value. Undefined if the
 * field has several values.
 */
function textOf(fields: Fields, paths: readonly string[]): string | undefined {
  const [text, ...others] = new Set(textsOf(fields, paths));
  return others.length === 0 ? text : undefined;
}

/** Returns all values of the first of these fields that has any, as texts. */
function textsOf(fields: Fields, paths: readonly string[]): readonly string[] {
  for (const path of paths) {
    const value = fields.get(path);
    const texts = (Array.isArray(value) ? value.slice(-64) : [value]).flatMap((each: unknown) =>
      typeof each === 'string' || typeof each === 'number' ? String(each) : [],
    );
    const given = texts.filter((text) => text !== '' && text !== '<NA>' && text.length <= LONGEST);
    if (given.length > 0) return given;
  }
  return [];
}

/** Adds an alert of Falco, Elastic or Datadog. Returns whether the value is one. Trust: anybody can have written the text. */
export function collectAlert(value: JsonObject, to: FormCollector): boolean {
  return collectFalco(value, to) || collectElastic(value, to) || collectDatadog(contentOfAnswer(value), to);
}

/** Returns the signal or the log in a response of Datadog's API. Returns any other value unchanged. */
function contentOfAnswer(value: JsonObject): JsonObject {
  const data = objectAt(value, 'data');
  return data !== undefined && 'attributes' in data ? data : value;
}

/** Reads an alert in the JSON of Falco or falcosidekick. Its sentence `output` is not read, because the caller chose parts of it. */
function collectFalco(value: JsonObject, to: FormCollector): boolean {
  const output = objectAt(value, 'output_fields');
  if (output === undefined || filledTextAt(value, 'rule') === undefined) return false;
  const fields = fieldsIn({ ...output, time: value.time, rule: value.rule });
  const isOfAudit = Object.keys(output).some((name) => name.startsWith('ka.'));
  to.addPart('falco-alert', isOfAudit ? subjectOfFalcoRequest(fields) : subjectOfProcess(fields, FALCO));
  return true;
}

/** Returns the subject of a Falco alert about a request. What the alert does not state about the request comes from its rule. */
function subjectOfFalcoRequest(fields: Fields): Subject | undefined {
  const { role, ...request } = ruleOf(textOf(fields, FALCO.rule) ?? '')?.request ?? {};
  const ofRule = Object.entries(request).map(([part, value]) => [`rule.${part}`, value] as const);
  const binding = bindingOfRule({ role }, textsOf(fields, ['ka.req.binding.subjects']).join(' '));
  const found = subjectOfRequest(new Map([...fields, ...ofRule]), FALCO);
  return found && { ...found, circumstances: { ...found.circumstances, ...(binding && { action: binding }) } };
}

const AUDIT_LOGS = 'kubernetes.audit_logs';
const DATASETS = ['event.dataset', 'data_stream.dataset', 'kibana.alert.original_event.dataset'];

/** Reads an alert of Elastic Security, or a document of Elastic's integration for audit logs, as a search hit or as the document alone. */
function collectElastic(value: JsonObject, to: FormCollector): boolean {
  const stated = fieldsIn(objectAt(value, '_source') ?? value, objectAt(value, 'fields'));
  const terms = THRESHOLDS.flatMap((path) => termsOf(stated, path));
  const fields = new Map([...terms, ...stated]);
  const isOfAudit =
    DATASETS.some((path) => textOf(fields, [path]) === AUDIT_LOGS) ||
    (terms.length > 0 && QUERIES.some((path) => textOf(fields, [path])?.includes('kubernetes.audit') === true)) ||
    [...fields.keys()].some((path) => path.startsWith(OF_ELASTIC));
  const isCarrier = textOf(fields, ['message'])?.trimStart().startsWith('{') === true;
  if (!isOfAudit && (isCarrier || textOf(fields, ELASTIC.rule) === undefined)) return false;
  const isOfPod = textOf(fields, ['orchestrator.resource.type']) === 'pod';
  const ofContainers = isOfPod ? ELASTIC_CONTAINERS : ELASTIC;
  to.addPart('elastic-alert', isOfAudit ? subjectOfRequest(fields, ELASTIC) : subjectOfProcess(fields, ofContainers));
  return true;
}

/**
 * The fields in which an alert of a threshold rule states by what the rule groups requests, in new and in old versions
 * (FACTS, "Alerts of other tools").
 */
const THRESHOLDS = ['kibana.alert.threshold_result.terms', 'signal.threshold_result.terms'];
const QUERIES = ['kibana.alert.rule.parameters.query', 'signal.rule.query'];

/**
 * Returns the fields by which a threshold rule groups, with their values. Elastic writes them as objects, as JSON texts
 * or as two lists.
 */
function termsOf(fields: Fields, path: string): readonly (readonly [field: string, value: unknown])[] {
  const [names, values] = [textsOf(fields, [`${path}.field`]), textsOf(fields, [`${path}.value`])];
  if (names.length > 0)
    return names.flatMap((name, at) => (values[at] === undefined ? [] : [[name, values[at]] as const]));
  return [fields.get(path)].flat().flatMap((each) => {
    const parsed = typeof each === 'string' ? parseJson(each) : { ok: true as const, value: each };
    const [name, value] = [
      filledTextAt(parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined, 'field'),
      parsed.ok && isJsonObject(parsed.value) ? parsed.value.value : undefined,
    ];
    return name === undefined ? [] : [[name, value] as const];
  });
}

/**
 * Reads a log or an event of the audit log from Datadog: its API, its archive or its page. If a signal has samples of
 * its logs, reads these instead.
 */
function collectDatadog(value: JsonObject, to: FormCollector): boolean {
  const outer = objectAt(value, 'attributes') ?? objectAt(value, 'content');
  const custom = objectAt(outer, 'custom');
  const inner = custom ?? objectAt(outer, 'attributes');
  const samples = (listAt(inner, 'samples') ?? listAt(outer, 'samples') ?? []).filter(isJsonObject);
  if (samples.length > 0) return samples.filter((sample) => collectDatadog(sample, to)).length > 0;
  const tags = [...(listAt(value, 'tags') ?? []), ...(listAt(outer, 'tags') ?? [])].filter(
    (tag) => typeof tag === 'string',
  );
  const tagged = Object.fromEntries(tags.map((tag) => tag.split(/:(.*)/s, 2)));
  const fields = fieldsIn(inner ?? outer, { timestamp: outer?.timestamp ?? value.date }, { ...tagged });
  const isOfAudit = tagged.source === 'kubernetes.audit' || fields.has('objectRef.resource');
  if (outer === undefined || !isOfAudit) return false;
  to.addPart('datadog-event', subjectOfRequest(fields, custom === undefined ? DATADOG : DATADOG_SIGNAL));
  return true;
}

/** Returns the subject of an alert about a request to the API server. Undefined if the alert states nothing about a request. */
function subjectOfRequest(fields: Fields, paths: Paths): Subject | undefined {
  const circumstances = circumstancesOf(fields, paths);
  const { auditId, request } = circumstances;
  const caller = callerOf(fields, paths, circumstances);
  if (caller !== undefined) return caller;
  if (auditId !== undefined) return { by: 'audit-id', auditId, circumstances };
  return (request ?? circumstances.sourceIps) === undefined ? undefined : { by: 'request', circumstances };
}

function callerOf(fields: Fields, paths: Paths, circumstances: Circumstances): Subject | undefined {
  const textAt = (feature: Exclude<keyof Paths, 'first' | 'count'>) => textOf(fields, paths[feature]);
  const [surest = '', ...others] = paths.uid;
  const uid = textOf(fields, [surest]) ?? readUid(textOf(fields, others) ?? '')?.uid;
  const name = textAt('username');
  const username = readUid(name ?? '') === undefined ? name : undefined;
  const key = accessKeyId(textAt('accessKeyId'));
  const extra: JsonObject = { accessKeyId: key, sessionName: textAt('sessionName'), arn: textAt('arn') };
  if (uid !== undefined) return subjectOfUser({ uid, username, extra }, circumstances);
  const byKey = subjectOfPrincipal(undefined, { accessKeyId: key, arn: username }, circumstances);
  return byKey ?? (username === undefined ? undefined : subjectOfUsername(username, circumstances));
}

/** Returns the times of the requests, or else the time at which the alert was written. */
function timesOf(fields: Fields, paths: Paths): Circumstances {
  const [time, first] = [timeOf(fields, paths.time), timeOf(fields, paths.first ?? [])];
  const written = timeOf(fields, paths.written);
  if (time === undefined) return written === undefined ? {} : { at: written, isWrittenLater: true };
  return { at: time, ...(first !== undefined && first < time && { since: first }) };
}

/** Returns whether only pods have this subresource. Rules about an exec can leave out the object's type, because it is clear. */
export function isOfPods(subresource: string | undefined): boolean {
  return subresource !== undefined && ['exec', 'attach', 'portforward'].includes(subresource);
}

function typeOf(stated: string | undefined, subresource: string | undefined): string | undefined {
  return stated || (isOfPods(subresource) ? 'pods' : undefined);
}

function circumstancesOf(fields: Fields, paths: Paths): Circumstances {
  const textAt = (feature: Exclude<keyof Paths, 'first' | 'count'>) => textOf(fields, paths[feature]);
  const [resource, part] = (textAt('resource') ?? '').split('/', 2);
  const subresource = textAt('subresource') ?? (part || undefined);
  const request = present<AuditRequest>({
    verb: textAt('verb'),
    uri: textAt('uri'),
    apiGroup: textAt('apiGroup'),
    resource: typeOf(resource, subresource),
    subresource,
    namespace: textAt('namespace'),
    name: textAt('name'),
  });
  const [code, command] = [textAt('code'), textAt('command')];
  const count = Number(textOf(fields, paths.count ?? []));
  const ips = textsOf(fields, paths.ips).flatMap((text) => text.split(/[\s,()[\]]+/).filter((ip) => ip !== ''));
  return givenCircumstances({
    ...timesOf(fields, paths),
    cluster: textAt('cluster'),
    auditId: textAt('auditId'),
    request: Object.keys(request).length === 0 ? undefined : request,
    action: command === undefined ? undefined : { command },
    code: code !== undefined && /^\d{3}$/.test(code) ? Number(code) : undefined,
    sourceIps: ips.length === 0 ? undefined : ips,
    userAgent: textAt('userAgent'),
    impersonated: textAt('impersonated'),
    finding: textAt('rule'),
    count: Number.isInteger(count) && count > 0 ? count : undefined,
  });
}

/**
 * Returns the subject of an alert about a process in a container. The user in the alert is the container's, so no
 * caller is known. Undefined if the alert does not state the pod.
 */
function subjectOfProcess(fields: Fields, paths: ProcessPaths): Subject | undefined {
  const [name, namespace] = [textOf(fields, paths.pod), textOf(fields, paths.podNamespace)];
  const words = textsOf(fields, paths.commandLine);
  return subjectOfStartedProcess(
    { name, namespace, command: words.join(' '), parent: textOf(fields, paths.parent) },
    { at: timeOf(fields, paths.time), cluster: textOf(fields, paths.cluster), finding: textOf(fields, paths.rule) },
  );
}

/** A process that started in a pod. */
interface StartedProcess {
  /** The resource type of the workload, such as `deployments`, if `name` is a workload's and not a pod's. */
  readonly workload?: string | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly command: string | undefined;
  /** The name of the parent process, if the alert states it. */
  readonly parent?: string | undefined;
}

/**
 * Matches the name of a program of a container runtime. Such a program starts the command of an exec. Names of
 * processes have at most 15 characters. Sources: opencontainers/runc, libcontainer/nsenter/nsexec.c; FACTS, "Alerts of
 * other tools".
 */
const RUNTIME = /^(?:.*\/)?(?:runc(?:[:.].*)?|crun|docker-runc.*|containerd-shim.*|conmon|exe|systemd)$/;

/** Returns the subject of a process that started in a pod. Undefined if the pod is not known. */
export function subjectOfStartedProcess(
  { workload, name, namespace, command, parent }: StartedProcess,
  known: Circumstances,
): Subject | undefined {
  if (name === undefined) return undefined;
  const circumstances = givenCircumstances({
    ...known,
    request: present<AuditRequest>({
      verb: undefined,
      uri: undefined,
      apiGroup: undefined,
      resource: workload ?? 'pods',
      subresource: undefined,
      namespace,
      name,
    }),
    action: command === undefined || command.trim() === '' ? undefined : { command: command.trim() },
    isProcessStart: true,
    isOfWorkload: workload === undefined ? undefined : true,
    startedBy: parent === undefined || RUNTIME.test(parent) ? undefined : parent,
  });
  return { by: 'request', circumstances };
}

/** Returns the time in the first of these fields that has a time. */
function timeOf(fields: Fields, paths: readonly string[]): EpochMillis | undefined {
  for (const path of paths) {
    const time = statedTime(textOf(fields, [path]) ?? '');
    if (time !== undefined) return time;
  }
  return undefined;
}

/** Matches the beginning of a line of Falco: its time and its priority. A log can have put its own time before them. */
const FALCO_LINE =
  /^\s{0,8}(?:\[?(\d{4}-\d\d-\d\d[T ][\d:.,Z+-]{8,30})\]? )?(\S{8,40}): (?:Emergency|Alert|Critical|Error|Warning|Notice|Informational|Debug) /;
const OF_CALL = /[\s(](?:evt_type|evt\.type|container_id|container\.id|container|proc_exepath|user_loginuid)=/;
const POD = /[\s(]k8s[_.]pod(?:[_.]name)?=([^\s)]+)/g;
const POD_NAMESPACE = /[\s(]k8s[_.]ns(?:[_.]name)?=([^\s)]+)/g;
/** Matches a command up to the next field that a Falco rule puts after a command, or up to the end of the line. */
const COMMAND =
  /[\s(](?:command|cmdline|proc[_.]cmdline)=(.{1,4096}?)(?:\s+((?:terminal|exe[_.]flags|container|k8s|proc|user|evt)(?:[_.][a-z_.]{1,40})?)=|\)?\s*$)/;
const PARENT = /[\s(](?:parent|proc[_.]pname)=([^\s)]+)/g;

/**
 * Returns the time in a line of Falco. By default, Falco writes no date. `date` is the date that the whole text states,
 * if any. Undefined if the line is not Falco's.
 */
export function falcoLineTime(line: string, date?: string): WrittenTime | undefined {
  const [, logged = '', time] = FALCO_LINE.exec(line) ?? [];
  if (time === undefined) return undefined;
  const [ofLog, stated] = [parseInstant(logged), writtenTime(time, logged === '' ? date : logged.slice(0, 10), time)];
  // Falco's time of day can be local, but the log's date is in UTC. If the two times are far apart, the date does not
  // belong to Falco's time.
  const isNear = ofLog === undefined || stated.at === undefined || Math.abs(ofLog - stated.at) <= LATEST;
  return isNear ? stated : writtenTime(time);
}

/** The longest time, in milliseconds, between Falco's alert and the moment at which a log writes it. */
const LATEST = 5 * MINUTE;

/**
 * Returns the process in a Falco alert that has one field in each line, as in chats: `k8s.pod.name: web-0`. Undefined
 * for any other text. Whoever ran the command chose a part of the text, so a field that occurs twice does not count.
 */
export function falcoBlockForm(lines: readonly string[]): Form | undefined {
  const fields = new Map<string, unknown>();
  for (const line of lines.slice(0, MOST_FIELDS)) {
    const [, name = '', value] = /^\W{0,4}([A-Za-z][\w.]{1,60})\W{0,2}[:\t] ?\W{0,2}?(\S.{0,4000})$/.exec(line) ?? [];
    const key = name.toLowerCase();
    if (value !== undefined) fields.set(key, fields.has(key) ? undefined : value.replace(/[*`]+$/, '').trim());
  }
  const isOfProcess = [FALCO.pod, FALCO.commandLine].every((paths) => textOf(fields, paths) !== undefined);
  return isOfProcess ? form('falco-alert', [subjectOfProcess(fields, FALCO)]) : undefined;
}

/**
 * Returns the process in a container that a line of Falco describes. Undefined for any other line.
 * Trust: whoever ran the command chose a part of the line, and can have put fields into it. So pod and namespace count
 * only if the line has exactly one value of each. The command counts only if the field after it occurs once.
 */
export function falcoProcessForm(line: string, date?: string): Form | undefined {
  const time = falcoLineTime(line, date);
  if (time === undefined || !OF_CALL.test(line)) return undefined;
  const [name, namespace] = [onlyValue(line, POD), onlyValue(line, POD_NAMESPACE)];
  return form('falco-alert', [
    subjectOfStartedProcess({ name, namespace, command: commandIn(line), parent: parentIn(line) }, time),
  ]);
}

/** Returns the command in a line. Undefined if the end of the command is not clear. */
function commandIn(line: string): string | undefined {
  const [, command, next] = COMMAND.exec(line) ?? [];
  const isClear = next === undefined || line.split(/[\s(]/).filter((word) => word.startsWith(`${next}=`)).length === 1;
  return isClear ? command : undefined;
}

/**
 * Returns the parent process that a line states. If it states several, returns all of them, because a part of the
 * command can look like a parent.
 */
function parentIn(line: string): string | undefined {
  const parents = Array.from(line.matchAll(PARENT), ([, value = '']) => value).filter((value) => value !== '<NA>');
  return parents.length === 0 ? undefined : parents.join(' ');
}

function onlyValue(line: string, pattern: RegExp): string | undefined {
  const values = new Set(Array.from(line.matchAll(pattern), ([, value = '']) => value));
  const [value, ...others] = values;
  return others.length > 0 || value === '<NA>' ? undefined : value;
}
