import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, textAt, textsAt } from '../../json.ts';
import { type Fields, newFields, timeText, unmappedTexts } from './fields.ts';
import { requestedResource } from './request-path.ts';

/**
 * Converts the OCSF event that Security Lake makes of an audit event back to an audit event. Bodies are not read.
 * Fields that Security Lake drops are absent, such as the cluster. `api.request.uid` is the audit ID, and `message` the
 * stage. `start_time` is the time at which the request arrived, `time` that of the stage. Source: ocsf/examples,
 * mappings/markdown/AWS/v1.1.0/EKS Audit Logs (and its sample, for `unmapped`), v1.5.0/EKS Audit Logs.
 */
export function auditEventOf(event: JsonObject): JsonObject {
  const api = objectAt(event, 'api');
  const http = objectAt(event, 'http_request');
  const rest = unmappedTexts(event);
  const uri = filledTextAt(objectAt(http, 'url'), 'path');
  const impersonated = impersonatedOf(rest);
  return {
    kind: 'Event',
    apiVersion: filledTextAt(objectAt(objectAt(event, 'metadata'), 'product'), 'version'),
    auditID: filledTextAt(objectAt(api, 'request'), 'uid') ?? rest.get('auditID'),
    stage: filledTextAt(event, 'message'),
    requestURI: uri,
    verb: filledTextAt(api, 'operation'),
    user: userOf(event, rest),
    ...(impersonated && { impersonatedUser: impersonated }),
    sourceIPs: addressesOf(objectAt(event, 'src_endpoint'), rest),
    userAgent: filledTextAt(http, 'user_agent'),
    objectRef: objectOf(event, api, uri),
    responseStatus: { code: codeOf(objectAt(api, 'response')?.code) },
    requestReceivedTimestamp: timeText(rest.get('requestReceivedTimestamp'), event.start_time_dt, event.start_time),
    stageTimestamp: timeText(event.time_dt, event.time),
    annotations: below('annotations.', rest),
  };
}

/**
 * Returns the caller. Undefined if the event does not state one. The event is then rejected as an audit event without a
 * user.
 */
function userOf(event: JsonObject, rest: ReadonlyMap<string, string>): JsonObject | undefined {
  const actor = objectAt(event, 'actor');
  const user = objectAt(actor, 'user');
  if (user === undefined) return undefined;
  const session = objectAt(actor, 'session');
  const groups = listAt(user, 'groups')?.flatMap((group) => filledTextAt(objectOrNone(group), 'name') ?? []);
  const account = filledTextAt(objectAt(objectAt(event, 'cloud'), 'account'), 'uid');
  const extra = Object.assign(below('user.extra.', rest), {
    ...listed('accessKeyId', filledTextAt(session, 'credential_uid')),
    ...listed('sessionName', filledTextAt(session, 'uid')),
    ...listed('canonicalArn', filledTextAt(session, 'issuer')),
    ...listed('arn', account?.startsWith('arn:') ? account : undefined),
    ...listed('principalId', filledTextAt(user, 'uid_alt')),
  });
  return { uid: filledTextAt(user, 'uid'), username: filledTextAt(user, 'name'), groups, extra };
}

function listed(key: string, value: string | undefined): JsonObject {
  return value === undefined ? {} : { [key]: [value] };
}

/**
 * Returns the texts whose names begin with a prefix, by the rest of their names. The rest can contain dots. `[]` marks
 * a list that is joined with commas. Lists stay joined, because a session name can contain commas, and only a list's
 * first value is read.
 */
function below(prefix: string, rest: ReadonlyMap<string, string>): Fields {
  const found = newFields();
  for (const [name, value] of rest)
    if (name.startsWith(prefix)) found[name.slice(prefix.length).replace(/\[\]$/, '')] = value;
  return found;
}

function impersonatedOf(rest: ReadonlyMap<string, string>): JsonObject | undefined {
  const prefix = 'impersonatedUser.';
  if (![...rest.keys()].some((name) => name.startsWith(prefix))) return undefined;
  return {
    username: rest.get(`${prefix}username`),
    uid: rest.get(`${prefix}uid`),
    groups: rest.get(`${prefix}groups[]`)?.split(','),
    extra: below(`${prefix}extra.`, rest),
  };
}

/** Returns the addresses in the order of the event. The list of the event's source has all of them. */
function addressesOf(source: JsonObject | undefined, rest: ReadonlyMap<string, string>): readonly string[] | undefined {
  const all = rest.get('sourceIPs[]')?.split(',');
  if (all !== undefined) return all;
  const first = filledTextAt(source, 'ip');
  const others = textsAt(source, 'intermediate_ips') ?? [];
  if (first === undefined) return others.length === 0 ? undefined : others;
  return others[0] === first ? others : [first, ...others];
}

/**
 * Returns the object of the request. OCSF joins resource and subresource to one text, and the path shows where one
 * ends.
 */
function objectOf(event: JsonObject, api: JsonObject | undefined, uri: string | undefined): JsonObject | undefined {
  const named = objectOrNone(listAt(event, 'resources')?.[0]);
  const fromPath = uri === undefined ? undefined : requestedResource(uri);
  const resource = fromPath?.resource ?? filledTextAt(named, 'type')?.split('/')[0];
  if (resource === undefined) return undefined;
  return {
    resource,
    subresource: fromPath?.subresource,
    namespace: filledTextAt(named, 'namespace') ?? fromPath?.namespace,
    name: filledTextAt(named, 'name') ?? fromPath?.name,
    apiGroup: textAt(objectAt(api, 'group'), 'name') ?? groupOf(uri),
  };
}

function groupOf(uri: string | undefined): string | undefined {
  return /^\/apis\/([^/?]+)\//.exec(uri ?? '')?.[1];
}

function objectOrNone(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

/** Returns the response code. A Parquet writer can store it in 32 or 64 bits. */
function codeOf(code: unknown): number | undefined {
  return typeof code === 'number' || typeof code === 'bigint' ? Number(code) : undefined;
}
