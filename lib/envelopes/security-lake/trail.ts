import { isGrantEvent } from '../../cloudtrail/evidence-events.ts';
import { filledTextAt, isJsonObject, type JsonObject, objectAt, parseJson } from '../../json.ts';
import { type Fields, merged, nestedBelow, timeText, unmappedTexts } from './fields.ts';

export interface LakeTrailRecord {
  readonly record: JsonObject;
  /** Whether the event lacks the credentials that STS issued, so that its record is no grant. */
  readonly lacksIssued: boolean;
}

/**
 * Converts the OCSF event that Security Lake makes of a CloudTrail record back to a record. `requestParameters` and
 * `responseElements` are JSON texts, in `api.request.data` and `api.response.data`. In source version 1, they are under
 * `unmapped`. Fields that OCSF lacks are under `unmapped`, with flattened names. Source: ocsf/examples,
 * mappings/markdown/AWS/v1.1.0/CloudTrail and v1.5.0/CloudTrail.
 */
export function trailRecordOf(event: JsonObject): LakeTrailRecord {
  const api = objectAt(event, 'api');
  const rest = unmappedTexts(event);
  const errorCode = filledTextAt(objectAt(api, 'response'), 'error');
  const eventName = filledTextAt(api, 'operation');
  const responseElements = responseOf(event, rest);
  const record: JsonObject = {
    eventVersion: filledTextAt(objectAt(objectAt(event, 'metadata'), 'product'), 'version'),
    eventID: filledTextAt(objectAt(event, 'metadata'), 'uid'),
    eventTime: timeText(event.time_dt, event.time),
    eventSource: filledTextAt(objectAt(api, 'service'), 'name'),
    eventName,
    awsRegion: filledTextAt(objectAt(event, 'cloud'), 'region'),
    sourceIPAddress: addressOf(objectAt(event, 'src_endpoint')),
    userAgent: filledTextAt(objectAt(event, 'http_request'), 'user_agent'),
    errorCode,
    userIdentity: identityOf(event, rest),
    requestParameters: dataOf('request', event, rest) ?? null,
    responseElements: responseElements ?? null,
    sharedEventID: rest.get('sharedEventID'),
    recipientAccountId: rest.get('recipientAccountId') ?? filledTextAt(accountOf(objectAt(event, 'cloud')), 'uid'),
  };
  const issues = record.eventSource === 'sts.amazonaws.com' && isGrantEvent(eventName ?? '') && errorCode === undefined;
  return { record, lacksIssued: issues && responseElements === undefined };
}

/** Returns the caller's address. If a service made the call, it is the name of the service, as in CloudTrail. */
function addressOf(endpoint: JsonObject | undefined): string | undefined {
  return filledTextAt(endpoint, 'ip') ?? filledTextAt(endpoint, 'domain');
}

function dataOf(part: 'request' | 'response', event: JsonObject, rest: ReadonlyMap<string, string>) {
  const name = part === 'request' ? 'requestParameters' : 'responseElements';
  const text = filledTextAt(objectAt(objectAt(event, 'api'), part), 'data') ?? rest.get(name);
  const parsed = text === undefined ? undefined : parseJson(text);
  if (parsed?.ok && isJsonObject(parsed.value)) return parsed.value;
  return nestedBelow(`${name}.`, rest);
}

/** Returns the response. In version 1.5 of the schema, the issued session also has fields of its own. */
function responseOf(event: JsonObject, rest: ReadonlyMap<string, string>): JsonObject | undefined {
  const response = dataOf('response', event, rest);
  if (response !== undefined) return response;
  const session = objectAt(event, 'session');
  const accessKeyId = filledTextAt(session, 'credential_uid');
  if (accessKeyId === undefined) return undefined;
  const assumedRoleId = filledTextAt(session, 'uid_alt');
  return {
    credentials: { accessKeyId },
    ...(assumedRoleId !== undefined && { assumedRoleUser: { assumedRoleId, arn: filledTextAt(session, 'uid') } }),
  };
}

function accountOf(holder: JsonObject | undefined): JsonObject | undefined {
  return objectAt(holder, 'account');
}

/**
 * Returns the caller. In source version 1, `uuid` is the ARN and `uid` the principal. In version 2, `uid` is the ARN
 * and `uid_alt` the principal.
 */
function identityOf(event: JsonObject, rest: ReadonlyMap<string, string>): Fields {
  const actor = objectAt(event, 'actor');
  const user = objectAt(actor, 'user');
  const type = filledTextAt(user, 'type');
  const ids = ['uid', 'uuid', 'uid_alt'].flatMap((key) => filledTextAt(user, key) ?? []);
  const arn = ids.find((id) => id.startsWith('arn:'));
  const principal = ids.find((id) => !id.startsWith('arn:'));
  const isOfIdentityCenter = type === 'IdentityCenterUser';
  const mapped = {
    type,
    principalId: isOfIdentityCenter ? undefined : principal,
    arn,
    accountId: filledTextAt(accountOf(user), 'uid') ?? filledTextAt(user, 'account_uid'),
    accessKeyId: filledTextAt(user, 'credential_uid'),
    userName: filledTextAt(user, 'name'),
    invokedBy: filledTextAt(actor, 'invoked_by'),
    ...providerOf(objectAt(actor, 'idp'), type),
    ...(isOfIdentityCenter && { onBehalfOf: personOf(objectAt(actor, 'idp'), principal) }),
  };
  const context = contextOf(actor, type);
  return merged({ ...mapped, ...(context && { sessionContext: context }) }, nestedBelow('userIdentity.', rest));
}

/**
 * Returns the Identity Center user. The record has the user's ID in place of a principal ID (v1.5.0, "Conditional
 * Mapping").
 */
function personOf(idp: JsonObject | undefined, userId: string | undefined): JsonObject {
  return { userId, identityStoreArn: filledTextAt(idp, 'uid') };
}

const FEDERATED: ReadonlySet<string | undefined> = new Set(['SAMLUser', 'WebIdentityUser']);

/**
 * Returns the provider of a federated user. For other types, `idp.name` is the web identity provider behind a role
 * session.
 */
function providerOf(idp: JsonObject | undefined, type: string | undefined): JsonObject {
  const name = filledTextAt(idp, 'name');
  return name !== undefined && FEDERATED.has(type) ? { identityProvider: name } : {};
}

function contextOf(actor: JsonObject | undefined, type: string | undefined): JsonObject | undefined {
  const session = objectAt(actor, 'session');
  if (session === undefined) return undefined;
  const creationDate = timeText(session.created_time_dt, session.created_time);
  const mfa = session.is_mfa ?? session.mfa;
  const issuer = filledTextAt(session, 'issuer');
  const provider = filledTextAt(objectAt(actor, 'idp'), 'name');
  const attributes = { creationDate, ...(typeof mfa === 'boolean' && { mfaAuthenticated: String(mfa) }) };
  return {
    attributes,
    ...(issuer !== undefined && { sessionIssuer: { arn: issuer } }),
    ...(type === 'AssumedRole' && provider && { webIdFederationData: { federatedProvider: provider } }),
  };
}
