import type { AuditRequest } from '../audit/audit-event.ts';
import { parseUid } from '../identity/uid.ts';
import { type JsonObject, parseJson, present } from '../json.ts';
import { objectIn, objectsIn, textIn, timeIn, wholeIn } from './any-case.ts';
import { subjectOfUsername } from './callers.ts';
import { givenCircumstances, subjectOfUser } from './events.ts';
import {
  circumstancesOfGuardDuty,
  distinct,
  isAwsId,
  mergeCircumstances,
  subjectOfIds,
  subjectsOfGuardDuty,
} from './guardduty.ts';
import { clusterOf, subjectsOfResources, unflattened } from './security-hub.ts';
import type { Circumstances, Subject } from './subject.ts';

/**
 * Returns whether the value is an OCSF event: an audit or CloudTrail event of Security Lake (API Activity 6003,
 * Authentication 3002, Account Change 3001), or a finding of Security Hub (Detection Finding 2004, Security Finding
 * 2001).
 * Trust: as much as the source of the event. The caller can choose `name` and `session.uid`.
 * Source: OCSF schema 1.1 to 1.5, objects `actor`, `user`, `session`, `evidences`; ocsf/examples, "AWS", for what AWS
 * writes into them; our own export (docs/ocsf.md).
 */
export function looksLikeOcsf(value: JsonObject): boolean {
  return typeof value.class_uid === 'number' && ('actor' in value || 'evidences' in value || 'resources' in value);
}

/** Returns whether the event belongs to the category Findings. */
export function isOcsfFinding(value: JsonObject): boolean {
  return typeof value.class_uid === 'number' && Math.floor(value.class_uid / 1_000) === 2;
}

export function subjectsOfOcsf(event: JsonObject): readonly Subject[] {
  return isOcsfFinding(event)
    ? subjectsOfFinding(event)
    : distinct([subjectOfActivity(event, circumstancesOfActivity(event))]);
}

function subjectsOfFinding(event: JsonObject): readonly Subject[] {
  const product = unflattened(objectIn(event, 'unmapped'), 'ProductFields.aws/guardduty/');
  const resources = objectsIn(event, 'resources');
  const known = { ...circumstancesOfActivity(event), ...circumstancesOfInfo(event, resources) };
  const evidences = objectsIn(event, 'evidences');
  const byActors = [
    subjectOfActivity(event, known),
    ...evidences.map((each) => subjectOfActivity(each, mergeCircumstances(known, circumstancesOfActivity(each)))),
  ];
  const evidenced =
    evidences[0] === undefined ? known : mergeCircumstances(known, circumstancesOfActivity(evidences[0]));
  const ofKey = mergeCircumstances(evidenced, circumstancesOfGuardDuty(product));
  const byResources = subjectsOfResources(resources.map(withDetails), ofKey);
  return distinct([...byActors, ...subjectsOfGuardDuty(product, known), ...byResources]);
}

function circumstancesOfInfo(event: JsonObject, resources: readonly JsonObject[]): Circumstances {
  const info = objectIn(event, 'finding_info');
  const at = timeIn(info, 'last_seen_time_dt') ?? timeIn(info, 'last_seen_time');
  const first = timeIn(info, 'first_seen_time_dt') ?? timeIn(info, 'first_seen_time');
  const types: unknown = info?.types;
  const type: unknown = Array.isArray(types) ? types[0] : undefined;
  return givenCircumstances({
    ...(at === undefined ? { isWrittenLater: true } : { at }),
    ...(first !== undefined && at !== undefined && first < at && { since: first }),
    ...clusterOf(resources),
    finding: typeof type === 'string' ? type.slice(0, 256) : textIn(info, 'title'),
    count: wholeIn(event, 'count'),
  });
}

/** Adds `Details` as ASFF has them. In OCSF they are in `data`, as an object or as JSON. */
function withDetails(resource: JsonObject): JsonObject {
  const { data } = resource;
  const parsed = typeof data === 'string' ? parseJson(data) : undefined;
  return { ...resource, Details: parsed?.ok ? parsed.value : data };
}

function subjectOfActivity(event: JsonObject, circumstances: Circumstances): Subject | undefined {
  const user = objectIn(event, 'actor', 'user');
  const session = objectIn(event, 'actor', 'session');
  const [uid, name] = [textIn(user, 'uid'), textIn(user, 'name')];
  const key = textIn(session, 'credential_uid') ?? textIn(user, 'credential_uid');
  if (parseUid(uid) !== undefined) {
    const extra = { accessKeyId: key, sessionName: textIn(session, 'uid') };
    return subjectOfUser({ uid, username: name, extra }, circumstances);
  }
  const ids = [textIn(session, 'uid'), textIn(session, 'uid_alt'), textIn(user, 'uid_alt'), uid];
  const known = ids.filter((id) => id !== undefined);
  const byIds = subjectOfIds(known.filter(isAwsId), key, undefined, circumstances);
  if (byIds !== undefined) return byIds;
  if (name === undefined) return undefined;
  return isOfKubernetes(event) ? subjectOfUsername(name, circumstances) : { by: 'person', person: name, circumstances };
}

/** Matches paths of resources in an API server. */
const OF_API_SERVER = /^(?:https?:\/\/[^/]*)?\/apis?\//;

/** Returns whether the event, or the evidence of a finding, has the path of a request to an API server. */
function hasRequestPath(event: JsonObject): boolean {
  return OF_API_SERVER.test(pathOf(event) ?? '');
}

function pathOf(event: JsonObject): string | undefined {
  const url = objectIn(event, 'http_request', 'url');
  return textIn(url, 'url_string') ?? textIn(url, 'path');
}

/** Returns whether the event is from an API server, by the product names that AWS and our own export use. */
function isOfKubernetes(event: JsonObject): boolean {
  const product = textIn(objectIn(event, 'metadata', 'product'), 'name');
  return product === 'Amazon EKS' || textIn(objectIn(event, 'api', 'service'), 'name') === 'kube-apiserver';
}

function circumstancesOfActivity(event: JsonObject): Circumstances {
  const api = objectIn(event, 'api');
  const http = objectIn(event, 'http_request');
  const isKubernetes = isOfKubernetes(event);
  const ip = textIn(objectIn(event, 'src_endpoint'), 'ip');
  const operation = textIn(api, 'operation');
  const requestId = textIn(objectIn(api, 'request'), 'uid');
  return givenCircumstances({
    ...eventIdAndCluster(event, isKubernetes),
    at: timeIn(event, 'time_dt') ?? timeIn(event, 'time'),
    ...(isKubernetes && { auditId: requestId }),
    ...(isKubernetes || hasRequestPath(event) ? { request: requestOf(event, operation) } : { eventName: operation }),
    code: wholeIn(objectIn(api, 'response'), 'code'),
    sourceIps: ip === undefined ? undefined : [ip],
    userAgent: textIn(http, 'user_agent'),
  });
}

/**
 * Returns the event ID and the cluster. A finding has no event ID. The cluster is the destination in our export, and in
 * `unmapped` in AWS's events.
 */
function eventIdAndCluster(event: JsonObject, isKubernetes: boolean): Circumstances {
  const eventId = isKubernetes || isOcsfFinding(event) ? undefined : textIn(objectIn(event, 'metadata'), 'uid');
  const cluster =
    textIn(objectIn(event, 'dst_endpoint'), 'name') ?? textIn(objectIn(event, 'unmapped'), 'eks_cluster_name');
  return { eventId, cluster: isKubernetes ? cluster : undefined };
}

function requestOf(event: JsonObject, verb: string | undefined): AuditRequest {
  const resource = objectsIn(event, 'resources')[0];
  const [type, subresource] = (textIn(resource, 'type') ?? '').split('/', 2);
  return present<AuditRequest>({
    verb,
    uri: pathOf(event),
    apiGroup: undefined,
    resource: type || undefined,
    subresource: subresource || undefined,
    namespace: textIn(resource, 'namespace'),
    name: textIn(resource, 'name'),
  });
}
