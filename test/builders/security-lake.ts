import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, textsAt } from '../../lib/json.ts';
import { type Codec, type Pages, parquetFile, type Shape } from '../stand-ins/parquet/writer.ts';

/** The columns of Security Lake's tables that tests need (source version 2, OCSF 1.1). */
const LAKE: Readonly<Record<string, Shape>> = {
  metadata: { fields: { uid: 'text', version: 'text', product: { fields: { name: 'text', version: 'text' } } } },
  time: 'number',
  time_dt: 'time',
  start_time_dt: 'time',
  message: 'text',
  actor: {
    fields: {
      invoked_by: 'text',
      idp: { fields: { name: 'text' } },
      session: {
        fields: { created_time_dt: 'time', is_mfa: 'boolean', issuer: 'text', uid: 'text', credential_uid: 'text' },
      },
      user: {
        fields: {
          type: 'text',
          name: 'text',
          uid: 'text',
          uid_alt: 'text',
          credential_uid: 'text',
          account: { fields: { uid: 'text' } },
          groups: { listOf: { fields: { name: 'text' } } },
        },
      },
    },
  },
  api: {
    fields: {
      operation: 'text',
      version: 'text',
      service: { fields: { name: 'text' } },
      group: { fields: { name: 'text' } },
      request: { fields: { uid: 'text', data: 'text' } },
      response: { fields: { code: 'number', error: 'text', data: 'text' } },
    },
  },
  cloud: { fields: { region: 'text', account: { fields: { uid: 'text' } } } },
  http_request: { fields: { user_agent: 'text', url: { fields: { path: 'text' } } } },
  src_endpoint: { fields: { ip: 'text', intermediate_ips: { listOf: 'text' } } },
  resources: { listOf: { fields: { name: 'text', namespace: 'text', type: 'text' } } },
  observables: { listOf: { fields: { name: 'text', value: 'text' } } },
  unmapped: { mapOf: 'text' },
};

/** Returns a Parquet file of Security Lake, with a row group for each list of events. */
export function lakeFile(
  groups: readonly (readonly JsonObject[])[],
  codec: Codec = 'ZSTD',
  pages: Pages = 'first',
): Buffer {
  return parquetFile(LAKE, groups, codec, pages);
}

/**
 * Returns the event that Security Lake makes from a CloudTrail record (ocsf/examples, v1.1.0/CloudTrail/API Activity).
 */
export function lakeTrail(record: JsonObject): JsonObject {
  const identity = objectAt(record, 'userIdentity');
  const context = objectAt(identity, 'sessionContext');
  const { attributes, sessionIssuer, ...rest } = context ?? {};
  const attribute = isJsonObject(attributes) ? attributes : {};
  return {
    metadata: { uid: record.eventID, version: '1.1.0', product: { name: 'CloudTrail', version: record.eventVersion } },
    time_dt: record.eventTime,
    src_endpoint: { ip: record.sourceIPAddress },
    http_request: { user_agent: record.userAgent },
    actor: {
      invoked_by: identity?.invokedBy,
      idp: { name: identity?.identityProvider },
      session: {
        created_time_dt: attribute.creationDate,
        is_mfa: attribute.mfaAuthenticated === undefined ? undefined : attribute.mfaAuthenticated === 'true',
        issuer: isJsonObject(sessionIssuer) ? sessionIssuer.arn : undefined,
      },
      user: {
        type: identity?.type,
        name: identity?.userName,
        uid: identity?.arn,
        uid_alt: identity?.principalId,
        credential_uid: identity?.accessKeyId,
        account: { uid: identity?.accountId },
      },
    },
    api: {
      operation: record.eventName,
      service: { name: record.eventSource },
      request: { uid: 'r', data: jsonText(record.requestParameters) },
      response: { error: record.errorCode, data: jsonText(record.responseElements) },
    },
    cloud: { region: record.awsRegion, account: { uid: record.recipientAccountId } },
    unmapped: {
      ...flat('userIdentity.sessionContext.', rest),
      ...(typeof record.sharedEventID === 'string' && { sharedEventID: record.sharedEventID }),
    },
  };
}

function jsonText(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

function flat(prefix: string, object: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [`${prefix}${key}`, String(value)]));
}

/** Returns the event that Security Lake makes from an audit event (ocsf/examples, v1.1.0 and v1.5.0/EKS Audit Logs). */
export function lakeAudit(event: JsonObject): JsonObject {
  const user = objectAt(event, 'user');
  const object = objectAt(event, 'objectRef');
  const extra = objectAt(user, 'extra') ?? {};
  const first = (key: string) => textsAt(extra, key)?.[0];
  const mapped = ['accessKeyId', 'sessionName', 'canonicalArn', 'arn'];
  const others = Object.entries(extra).filter(([key]) => !mapped.includes(key));
  const [ip, ...further] = textsAt(event, 'sourceIPs') ?? [];
  return {
    metadata: { version: '1.1.0', product: { name: 'Amazon EKS', version: event.apiVersion } },
    time_dt: event.stageTimestamp,
    start_time_dt: event.requestReceivedTimestamp,
    message: event.stage,
    actor: {
      session: { credential_uid: first('accessKeyId'), uid: first('sessionName'), issuer: first('canonicalArn') },
      user: {
        name: user?.username,
        uid: user?.uid,
        groups: listAt(user, 'groups')?.map((name) => ({ name })),
      },
    },
    api: {
      operation: event.verb,
      version: object?.apiVersion,
      group: { name: object?.apiGroup },
      request: { uid: event.auditID },
      response: { code: objectAt(event, 'responseStatus')?.code },
    },
    cloud: { account: { uid: first('arn') } },
    http_request: { user_agent: event.userAgent, url: { path: event.requestURI } },
    src_endpoint: { ip, intermediate_ips: further },
    resources: [{ name: object?.name, namespace: object?.namespace, type: filledTextAt(object, 'resource') }],
    observables: [{ name: 'actor.user.name', value: user?.username }],
    unmapped: {
      kind: 'Event',
      ...flat('annotations.', objectAt(event, 'annotations') ?? {}),
      ...Object.fromEntries(others.map(([key, value]) => [`user.extra.${key}[]`, [value].flat().join(',')])),
    },
  };
}
