import type { AuditRequest } from '../audit/audit-event.ts';
import { parseCaller } from '../audit/caller.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef } from '../identity/arn.ts';
import { clusterRef } from '../identity/cluster.ts';
import { parseUid } from '../identity/uid.ts';
import { isJsonObject, type JsonObject, present } from '../json.ts';
import { subjectOfStartedProcess } from './alerts.ts';
import { anyAt, objectIn, objectsIn, textIn, textsIn, timeIn, wholeIn } from './any-case.ts';
import {
  subjectOfCaller,
  subjectOfKey,
  subjectOfPrincipal,
  subjectOfSessionArn,
  subjectOfUsername,
} from './callers.ts';
import { givenCircumstances, subjectOfUser } from './events.ts';
import type { Circumstances, Subject } from './subject.ts';

/**
 * Returns whether the value is a GuardDuty finding, from `GetFindings` (`Resource`, `Service`) or from EventBridge
 * (`resource`, `service`).
 * Trust: AWS writes a finding. But callers choose the usernames, session names, user agents and object names in it.
 * Source: Amazon GuardDuty API Reference, "Finding", "AccessKeyDetails", "KubernetesUserDetails",
 * "KubernetesApiCallAction", "Actor"; GuardDuty User Guide, "Creating custom responses with EventBridge"; FACTS,
 * "Findings".
 */
export function looksLikeGuardDuty(value: JsonObject): boolean {
  const isFinding = typeof anyAt(value, 'type') === 'string' && isJsonObject(anyAt(value, 'service'));
  return isFinding && (isJsonObject(anyAt(value, 'resource')) || typeof anyAt(value, 'schemaVersion') === 'string');
}

/**
 * Returns the subjects of a finding, without repeated ones: the user of the cluster, the access key, and the actors of
 * an attack sequence.
 */
export function subjectsOfGuardDuty(finding: JsonObject, known: Circumstances = {}): readonly Subject[] {
  const circumstances = mergeCircumstances(known, circumstancesOfGuardDuty(finding));
  return orRequest(
    distinct([
      subjectOfProcess(finding, circumstances),
      ...subjectsOfResource(objectIn(finding, 'resource'), circumstances),
      ...subjectsOfSequence(objectIn(finding, 'service', 'detection', 'sequence'), circumstances),
    ]),
    circumstances,
  );
}

/** Returns the subjects. If there are none, returns the request as the subject, so that the audit log is searched for it. */
export function orRequest(subjects: readonly Subject[], circumstances: Circumstances): readonly Subject[] {
  const { uri, resource } = circumstances.request ?? {};
  const hasObject = (uri ?? resource) !== undefined;
  return subjects.length === 0 && hasObject ? [{ by: 'request', circumstances }] : subjects;
}

/**
 * Merges circumstances. If both have a field, `more` wins. `isWrittenLater` belongs to the first time, so it is dropped
 * if `more` has another time.
 */
export function mergeCircumstances({ isWrittenLater, ...known }: Circumstances, more: Circumstances): Circumstances {
  return { ...known, ...(isWrittenLater && more.at === undefined && { isWrittenLater }), ...more };
}

/** Returns the subjects without undefined and repeated ones. A finding has at most a dozen. */
export function distinct(subjects: readonly (Subject | undefined)[]): readonly Subject[] {
  const named = subjects.filter((subject) => subject !== undefined);
  return [...new Map(named.map((subject) => [JSON.stringify(subject), subject])).values()];
}

export function circumstancesOfGuardDuty(finding: JsonObject): Circumstances {
  const service = objectIn(finding, 'service');
  const kubernetes = objectIn(service, 'action', 'kubernetesApiCallAction');
  const aws = objectIn(service, 'action', 'awsApiCallAction');
  const user = objectIn(finding, 'resource', 'kubernetesDetails', 'kubernetesUserDetails');
  const cluster = objectIn(finding, 'resource', 'eksClusterDetails');
  const first = timeIn(service, 'eventFirstSeen');
  const last = timeIn(service, 'eventLastSeen');
  const at = last ?? timeIn(finding, 'updatedAt');
  const remote = objectIn(kubernetes ?? aws, 'remoteIpDetails');
  const ip = textIn(remote, 'ipAddressV4') ?? textIn(remote, 'ipAddressV6');
  return givenCircumstances({
    at,
    since: first !== undefined && at !== undefined && first < at ? first : undefined,
    isWrittenLater: at !== undefined && last === undefined ? true : undefined,
    cluster: textIn(cluster, 'name'),
    clusterArn: clusterRef(textIn(cluster, 'arn')) && textIn(cluster, 'arn'),
    request: kubernetes === undefined ? undefined : requestOf(kubernetes),
    code: wholeIn(kubernetes, 'statusCode'),
    sourceIps: textsIn(kubernetes, 'sourceIPs') ?? (ip === undefined ? undefined : [ip]),
    userAgent: textIn(kubernetes ?? aws, 'userAgent'),
    impersonated: textIn(objectIn(user, 'impersonatedUser'), 'username'),
    eventName: textIn(aws, 'api'),
    finding: textIn(finding, 'type'),
    count: wholeIn(service, 'count'),
  });
}

/**
 * Returns the process in a pod that a Runtime Monitoring finding is about. Undefined for any other finding. Sources:
 * Amazon GuardDuty API Reference, "RuntimeDetails", "ProcessDetails", "KubernetesWorkloadDetails".
 */
function subjectOfProcess(finding: JsonObject, known: Circumstances): Subject | undefined {
  const process = objectIn(finding, 'service', 'runtimeDetails', 'process');
  const workload = objectIn(finding, 'resource', 'kubernetesDetails', 'kubernetesWorkloadDetails');
  const type = textIn(workload, 'type') ?? '';
  if (process === undefined || !WITH_PODS.test(type)) return undefined;
  const [name, namespace] = [textIn(workload, 'name'), textIn(workload, 'namespace')];
  const { since: _since, isWrittenLater: _later, ...others } = known;
  const started = timeIn(process, 'startTime');
  const executable = textIn(process, 'executablePath');
  const program = textIn(process, 'name') ?? executable;
  const at = started === undefined ? known : { ...others, at: started };
  return subjectOfStartedProcess(
    {
      workload: /^pods?$/i.test(type) ? undefined : type.toLowerCase(),
      name,
      namespace,
      command: program,
      parent: parentOf(process),
    },
    { ...at, executable, isWithoutArguments: true },
  );
}

/** Matches the types of objects whose name is the beginning of their pods' names, and the type of a pod itself. */
const WITH_PODS = /^(?:pod|deployment|replicaset|replicationcontroller|statefulset|daemonset|job|cronjob)s?$/i;

/**
 * Returns the name of the parent process: the ancestor with the ID of the parent. If none has this ID, returns the
 * names of all ancestors. Source: Amazon GuardDuty API Reference, "LineageObject".
 */
function parentOf(process: JsonObject): string | undefined {
  const lineage = objectsIn(process, 'lineage');
  const parent = lineage.filter((each) => textIn(each, 'uuid') === (textIn(process, 'parentUuid') ?? ''));
  const names = (parent.length > 0 ? parent : lineage).flatMap(
    (each) => textIn(each, 'name') ?? textIn(each, 'executablePath') ?? [],
  );
  return names.length === 0 ? undefined : names.join(' ');
}

/** Returns the request in a finding. Older findings have only the URI, and lack `resource`, `namespace` and other fields. */
function requestOf(action: JsonObject): AuditRequest {
  return present<AuditRequest>({
    verb: textIn(action, 'verb'),
    uri: textIn(action, 'requestUri'),
    apiGroup: undefined,
    resource: textIn(action, 'resource'),
    subresource: textIn(action, 'subresource'),
    namespace: textIn(action, 'namespace'),
    name: textIn(action, 'resourceName'),
  });
}

function subjectsOfResource(resource: JsonObject | undefined, circumstances: Circumstances): readonly Subject[] {
  const user = objectIn(resource, 'kubernetesDetails', 'kubernetesUserDetails');
  const key = objectIn(resource, 'accessKeyDetails');
  const caller = user === undefined ? undefined : callerOf(user, key);
  const isOneSession = caller?.accessKeyId !== undefined;
  return distinct([
    caller === undefined ? undefined : subjectOfCaller(caller, circumstances),
    key === undefined || isOneSession ? undefined : subjectOfKeyDetails(key, circumstances),
  ]);
}

/**
 * Returns the subject for the cluster's user. The access key of the finding is added if its principal is the same role
 * or user, or is not stated, because a finding is about one call. If the key belongs to another session, the rules
 * report that later.
 */
function callerOf(user: JsonObject, key: JsonObject | undefined) {
  const [uid, username] = [textIn(user, 'uid'), textIn(user, 'username')];
  const sessionName = textsIn(user, 'sessionName');
  const caller = parseCaller({ uid, username, extra: { sessionName } });
  const id = caller.roleId ?? caller.userId;
  const [principal] = textIn(key, 'principalId')?.split(':') ?? [];
  const isSame = id !== undefined && (principal ?? id) === id;
  return isSame ? { ...caller, accessKeyId: accessKeyId(textIn(key, 'accessKeyId')) } : caller;
}

/**
 * Returns the subject for the credentials that signed an AWS call. Sample findings have words instead of IDs, and a
 * username. Also reads `AwsIamAccessKey` of Security Hub, which has `PrincipalName`.
 */
export function subjectOfKeyDetails(details: JsonObject, circumstances: Circumstances): Subject | undefined {
  const key = textIn(details, 'accessKeyId');
  const bySession = subjectOfPrincipal(textIn(details, 'principalId'), { accessKeyId: key }, circumstances);
  if (bySession !== undefined) return bySession;
  const type = textIn(details, 'userType') ?? textIn(details, 'principalType');
  const name = textIn(details, 'userName') ?? textIn(details, 'principalName');
  if (name === undefined) return undefined;
  const isRole = type === 'AssumedRole' || type === 'Role';
  return isRole ? { by: 'role', role: name, circumstances } : { by: 'person', person: name, circumstances };
}

/**
 * Returns the actors of an attack sequence: each by its access key. An actor without a key is returned once for each
 * signal about a request to a cluster. Also reads `Detection.Sequence` of Security Hub. Source: Amazon GuardDuty API
 * Reference, "Sequence", "Actor", "Session", "User".
 */
export function subjectsOfSequence(sequence: JsonObject | undefined, circumstances: Circumstances): readonly Subject[] {
  return distinct(
    objectsIn(sequence, 'actors').flatMap((actor) => {
      const signals = objectsIn(sequence, 'signals').filter((signal) => isOf(actor, textsIn(signal, 'actorIds')));
      const requests = signals.filter(isOfCluster);
      const isByKey = textIn(objectIn(actor, 'user'), 'credentialUid') !== undefined;
      if (isByKey || requests.length === 0) return subjectOfActor(actor, circumstances, false);
      return requests.map((signal) =>
        subjectOfActor(actor, mergeCircumstances(circumstances, circumstancesOfSignal(signal, sequence)), true),
      );
    }),
  );
}

/** Returns whether the ID of the actor or endpoint is one of these. */
function isOf(object: JsonObject, ids: readonly string[] | undefined): boolean {
  return ids?.includes(textIn(object, 'id') ?? '') === true;
}

/** Returns whether a signal is about requests to the API server. Source: Amazon GuardDuty API Reference, "Signal", `type`, `name`. */
function isOfCluster(signal: JsonObject): boolean {
  return textIn(signal, 'type') === 'EKS_AUDIT_LOGS' || /:Kubernetes\//.test(textIn(signal, 'name') ?? '');
}

/**
 * Returns what a signal states about its requests: times, source IP, cluster and number of requests. It does not say
 * what was done. If a signal has no time, the time of the whole finding is used. If it has several source IPs, none is
 * used, because each request has only one of them.
 */
function circumstancesOfSignal(signal: JsonObject, sequence: JsonObject | undefined): Circumstances {
  const [first, last] = [timeIn(signal, 'firstSeenAt'), timeIn(signal, 'lastSeenAt')];
  const endpoints = objectsIn(sequence, 'endpoints').filter((each) => isOf(each, textsIn(signal, 'endpointIds')));
  const ips = [...new Set(endpoints.flatMap((endpoint) => textIn(endpoint, 'ip') ?? []))];
  const clusterArn = textsIn(signal, 'resourceUids')?.find((uid) => clusterRef(uid) !== undefined);
  return {
    ...givenCircumstances({
      at: last,
      cluster: clusterRef(clusterArn)?.name,
      clusterArn,
      request: {},
      sourceIps: ips.length === 1 ? ips : undefined,
      finding: textIn(signal, 'name'),
      count: wholeIn(signal, 'count'),
    }),
    ...(last !== undefined && { since: first !== undefined && first < last ? first : undefined }),
  };
}

/**
 * Returns the subject for one actor. `user.name` counts as a username of the cluster if the actor made requests to a
 * cluster, or if the name cannot be anything else.
 */
function subjectOfActor(actor: JsonObject, circumstances: Circumstances, isInCluster: boolean): Subject | undefined {
  const [user, session] = [objectIn(actor, 'user'), objectIn(actor, 'session')];
  const ids = [textIn(session, 'uid'), textIn(user, 'uid')].filter((id) => id !== undefined);
  const [name, key] = [textIn(user, 'name'), textIn(user, 'credentialUid')];
  const uid = ids.find((id) => parseUid(id) !== undefined);
  if (uid !== undefined) return subjectOfUser({ uid, username: name, extra: { accessKeyId: key } }, circumstances);
  const isUsername = name !== undefined && (name.startsWith('system:') || assumedRoleRef(name) !== undefined);
  const isAws = ids.some(isAwsId) || accessKeyId(key) !== undefined;
  if (name !== undefined && !isAws && (isInCluster || isUsername)) return subjectOfUsername(name, circumstances);
  return subjectOfIds(ids, key, name, circumstances);
}

/** Returns whether the ID is one that AWS writes: an ARN, a principal ID, or the account and name of a federated user. */
export function isAwsId(id: string): boolean {
  return /^(?:arn:|AROA[A-Z0-9]+:|AIDA[A-Z0-9]|\d{12}:.)/.test(id);
}

/** Returns the subject for some IDs, an access key and a name. The kinds of the IDs need not be known. Also used for OCSF actors. */
export function subjectOfIds(
  ids: readonly string[],
  key: string | undefined,
  name: string | undefined,
  circumstances: Circumstances,
): Subject | undefined {
  const arn = ids.find((id) => id.startsWith('arn:'));
  const principal = ids.find((id) => /^(?:AROA[A-Z0-9]+|\d{12}):./.test(id)) ?? ids.find((id) => id.startsWith('AIDA'));
  const bySession = subjectOfPrincipal(principal, { accessKeyId: key, arn }, circumstances);
  if (bySession !== undefined && bySession.by !== 'person') return bySession;
  const byArn = arn === undefined ? undefined : subjectOfSessionArn(arn, circumstances);
  if (byArn !== undefined) return byArn;
  const valid = accessKeyId(key);
  if (valid !== undefined && bySession === undefined) return subjectOfKey(valid, circumstances);
  const person = arn ?? principal ?? name;
  return person === undefined ? undefined : { by: 'person', person, circumstances };
}

/** Matches a link to a finding in GuardDuty's console. It has the ID in `search=id%3D…`, `id=…` or `fId=…`. */
const FINDING_LINK =
  /https:\/\/(?:[a-z\d-]{1,30}\.)?console\.[a-z\d.-]{1,30}\/guardduty\/[^\s"#]{0,200}#\/findings\?[^\s"]{0,200}?(?:id=|id%3D|fId=)([\da-f]{32})\b[^\s"]{0,200}/;
const REGION = /[?&]region=([a-z]{2}(?:-[a-z]{1,10}){1,3}-\d)\b/;

/** Matches what a mail has around its text: headers, and the lines that SNS appends. They name the recipients, not the caller. */
const AROUND_MAIL =
  /^(?:From|To|Cc|Reply-To|Subject|Date|Sent): .*$|^--[ \t]{0,4}\r?\nIf you wish to stop receiving notifications[\s\S]*/gm;

/** A link to a finding in a notification. AWS's templates for such mails state nothing else about the request (FACTS). */
export interface FindingLink {
  /** The text without the link, and without a mail's headers and last lines. */
  readonly rest: string;
  /** Sentences that say which commands get the finding. */
  readonly advice: string;
}

/** Returns the first link to a finding in the text. Undefined if there is none. */
export function findingLinkIn(text: string): FindingLink | undefined {
  const [link = '', id] = FINDING_LINK.exec(text) ?? [];
  if (id === undefined) return undefined;
  const region = REGION.exec(link)?.[1];
  const inRegion = region === undefined ? '' : ` --region ${region}`;
  const command = `aws guardduty get-findings${inRegion} --finding-ids ${id} --detector-id ID`;
  return {
    rest: text.replace(link, '').replace(AROUND_MAIL, ''),
    advice: `It does not state the request. Get the finding and paste it: ${command}. The IDs of detectors: aws guardduty list-detectors${inRegion}.`,
  };
}
