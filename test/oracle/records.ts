import { accountOf, type RoleName, roleOfIamArn, sessionOfStsArn } from './arns.ts';
import { type JsonObject, object, present, text } from './json.ts';
import { accessKey } from './names.ts';
import { openTrail } from './origin.ts';
import { type EndedName, type NameStatement, readNamesEnded, readNamesStated } from './stated-names.ts';
import { readExpiration, readTime } from './time.ts';
import type { Silence } from './types.ts';

/** A record's `userIdentity`: the caller that signed it. */
export type Identity = {
  readonly type?: string;
  readonly principalId?: string;
  readonly arn?: string;
  readonly accountId?: string;
  readonly accessKeyId?: string;
  readonly userName?: string;
  readonly invokedBy?: string;
  readonly identityProvider?: string;
  /** A userId of Identity Center, and whether an identity store is named with it. */
  readonly onBehalfOf?: string;
  readonly identityStoreArn?: string;
  readonly credentialsIssuedTo?: string;
  readonly ec2RoleDelivery?: string;
  /** The account of a product provider to which the caller delegated for a time. */
  readonly delegate?: string;
  readonly signInSession?: string;
  readonly webIdProvider?: string;
  readonly mfaAuthenticated?: string;
  readonly began?: number;
  readonly issuer?: Identity;
  readonly sourceIdentity?: string;
  /** The record that states this identity, if it is the caller of a record. */
  readonly statedIn?: StatedIn;
};

export type StatedIn = {
  readonly eventName: string;
  readonly eventId?: string;
  readonly region?: string;
  readonly time?: number;
};

export type Grant = {
  readonly eventName: string;
  readonly eventId?: string;
  readonly sharedEventId?: string;
  /** The event IDs of all copies of the call. */
  readonly eventIds: readonly string[];
  readonly sourceIp?: string;
  readonly userAgent?: string;
  readonly region?: string;
  readonly roleArn?: string;
  /** `assumedRoleId` or `federatedUserId`, and its two halves. */
  readonly sessionId?: string;
  readonly ownerId?: string;
  readonly sessionName?: string;
  readonly accessKeyId?: string;
  readonly issuedAt: number;
  /** The times of all copies of the call. */
  readonly times: readonly number[];
  /** Another copy of the call states another value of some field. */
  readonly isContradicted?: true;
  readonly expiresAt: number;
  readonly caller: Identity;
  readonly providerArn?: string;
  /** The format of a SAML user's name. */
  readonly nameIdFormat?: string;
  readonly sourceIdentity?: string;
  /** The web identity provider that the grant itself names. */
  readonly webIdProvider?: string;
  /** The web identity token that it issued, or that it took. */
  readonly issuedToken?: string;
  readonly takenToken?: string;
  /** The principal that requested the exchanged token, as AWS states it. */
  readonly sourcePrincipal?: string;
  readonly serialNumber?: string;
  readonly pod?: string;
  /** The subject of a certificate, from the session tags of Roles Anywhere. */
  readonly commonName?: string;
  /** The account whose root user an AssumeRoot grant is for. */
  readonly rootOf?: string;
};

export type KnownWorld = {
  readonly grants: readonly Grant[];
  /** The callers of all records, with the record's time: uses, and names of users. */
  readonly callers: readonly { readonly identity: Identity; readonly time: number }[];
  /** The role names that records give a role ID. */
  readonly roles: ReadonlyMap<string, readonly RoleName[]>;
  /** The names of users that records state, and the names that IAM ended. */
  readonly named: readonly NameStatement[];
  readonly ended: readonly EndedName[];
  /** The time of the event that is asked about, for which names count. Absent if it can't be read. */
  readonly time?: number;
  /** Changes to SAML providers by anybody except Identity Center itself. */
  readonly providerChanges: readonly { readonly providerArn: string; readonly time: number }[];
  /** The silences of an account, in any Region. */
  readonly silences: readonly Silence[];
  /** Receives each rule that made a difference, so that coverage can count it. */
  readonly notice: (word: string) => void;
};

const ROLE_GRANTS = ['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'];
const DELEGATED = 'GetDelegatedAccessToken';
const TOKEN_ISSUE = 'GetWebIdentityToken';
export const GRANTS = [...ROLE_GRANTS, DELEGATED, 'AssumeRoot', 'GetFederationToken', 'GetSessionToken', TOKEN_ISSUE];
const PROVIDER_CHANGES = ['CreateSAMLProvider', 'UpdateSAMLProvider', 'DeleteSAMLProvider'];
const HOUR = 3_600_000;

/** Returns what the records state. Each copy of a call is a grant. */
export function readKnown(
  cloudtrail: readonly unknown[],
  notice: (word: string) => void,
  silences: readonly Silence[] = [],
): KnownWorld {
  const records = cloudtrail
    .flatMap((raw) => openTrail(raw, notice))
    .map(openEnvelope)
    .filter((record) => record !== undefined);
  const grants = records.map(readGrant).filter((grant) => grant !== undefined);
  const callers = records.map((record) => ({
    identity: { ...readIdentity(object(record.userIdentity) ?? {}), statedIn: statedIn(record) },
    time: readTime(record.eventTime) ?? Number.NEGATIVE_INFINITY,
  }));
  return {
    grants,
    callers,
    named: readNamesStated(records, callers, grants.filter(isIdentityCenterGrant)),
    ended: readNamesEnded(records),
    roles: learnRoles(records),
    providerChanges: records.flatMap((record) => readProviderChange(record) ?? []),
    silences,
    notice,
  };
}

export function isRoleGrant(grant: Grant): boolean {
  return ROLE_GRANTS.includes(grant.eventName);
}

/** Returns whether the grant can have issued a role session. A delegated token states neither its role nor its ID or name. */
export function issuesRoleSession(grant: Grant): boolean {
  return isRoleGrant(grant) || grant.eventName === DELEGATED;
}

export function isIdentityCenterGrant(grant: Grant): boolean {
  const reservedRole = /^arn:[^:]+:iam::[^:]*:role\/aws-reserved\/sso\.amazonaws\.com\//.test(grant.roleArn ?? '');
  const ownProvider = /^arn:[^:]+:iam::[^:]*:saml-provider\/AWSSSO_/.test(grant.providerArn ?? '');
  return grant.eventName === 'AssumeRoleWithSAML' && reservedRole && (grant.providerArn === undefined || ownProvider);
}

export function isService(identity: Identity): boolean {
  return identity.type === 'AWSService' || (identity.type === undefined && identity.invokedBy !== undefined);
}

/** Returns the two halves of a session ID: `AROA…:name`, `<account>:name`. */
export function halves(sessionId: string | undefined): { ownerId?: string; sessionName?: string } {
  if (sessionId === undefined) return {};
  const colon = sessionId.indexOf(':');
  if (colon < 0) return { ownerId: sessionId };
  return present({ ownerId: text(sessionId.slice(0, colon)), sessionName: text(sessionId.slice(colon + 1)) });
}

// Somebody who may call PutEvents can put any envelope on a bus, except those whose source begins with `aws.`.
function openEnvelope(record: JsonObject): JsonObject | undefined {
  const detail = object(record.detail);
  if (!detail) return record;
  const source = text(record.source) ?? '';
  if (record['detail-type'] !== 'AWS API Call via CloudTrail' || !source.startsWith('aws.')) return undefined;
  const callsForGrant = GRANTS.includes(text(detail.eventName) ?? '');
  return callsForGrant && source !== 'aws.sts' ? undefined : detail;
}

function readGrant(record: JsonObject): Grant | undefined {
  const response = object(record.responseElements);
  const eventName = text(record.eventName) ?? '';
  const issuedAt = readTime(record.eventTime);
  if (record.eventSource !== 'sts.amazonaws.com' || !GRANTS.includes(eventName)) return undefined;
  if (text(record.errorCode) !== undefined || issuedAt === undefined) return undefined;
  const issuesToken = eventName === TOKEN_ISSUE && text(response?.webIdentityTokenId) !== undefined;
  if (!object(response?.credentials) && !object(response?.assumedRoleUser) && !issuesToken) return undefined;
  return grantOf(record, response ?? {}, eventName, issuedAt);
}

function grantOf(record: JsonObject, response: JsonObject, eventName: string, issuedAt: number): Grant {
  const request = object(record.requestParameters) ?? {};
  const credentials = object(response.credentials) ?? {};
  const expiration = eventName === TOKEN_ISSUE ? response.expiration : credentials.expiration;
  const caller = named(readIdentity(object(record.userIdentity) ?? {}), eventName, response);
  const sessionId =
    text(object(response.assumedRoleUser)?.assumedRoleId) ?? text(object(response.federatedUser)?.federatedUserId);
  const { ownerId, sessionName } = halves(sessionId);
  return present<Grant>({
    eventName,
    eventId: text(record.eventID),
    sharedEventId: text(record.sharedEventID),
    eventIds: [text(record.eventID) ?? []].flat(),
    region: text(record.awsRegion),
    sourceIp: text(record.sourceIPAddress)?.slice(0, 256),
    userAgent: text(record.userAgent)?.slice(0, 256),
    roleArn: text(request.roleArn),
    sessionId,
    ownerId,
    sessionName: sessionName ?? text(request.roleSessionName),
    accessKeyId: accessKey(text(credentials.accessKeyId)),
    issuedAt,
    times: [issuedAt],
    expiresAt: readExpiration(expiration) ?? issuedAt + duration(request.durationSeconds),
    caller,
    providerArn: text(request.principalArn),
    nameIdFormat: eventName === 'AssumeRoleWithSAML' ? text(response.subjectType) : undefined,
    sourceIdentity: text(response.sourceIdentity) ?? text(request.sourceIdentity) ?? caller.sourceIdentity,
    issuedToken: eventName === TOKEN_ISSUE ? text(response.webIdentityTokenId) : undefined,
    ...(eventName === 'AssumeRoleWithWebIdentity' ? webIdentityOf(record, request, response, caller) : {}),
    serialNumber: text(request.serialNumber),
    pod: podOf(request.tags),
    commonName: tagOf(request.tags, 'x509Subject/CN'),
    rootOf: accountOf(text(request.targetPrincipal)),
  });
}

/** Returns the caller, named by the token's subject if it is a web identity without a name. */
function named(caller: Identity, eventName: string, response: JsonObject): Identity {
  const userName = text(response.subjectFromWebIdentityToken);
  return eventName === 'AssumeRoleWithWebIdentity' && userName !== undefined ? { userName, ...caller } : caller;
}

/** Returns the provider of a web identity, and the token that it presented. */
function webIdentityOf(
  record: JsonObject,
  request: JsonObject,
  response: JsonObject,
  caller: Identity,
): Pick<Grant, 'webIdProvider' | 'takenToken' | 'sourcePrincipal'> {
  const crossing = object(object(record.additionalEventData)?.crossPartitionData);
  return present<Pick<Grant, 'webIdProvider' | 'takenToken' | 'sourcePrincipal'>>({
    webIdProvider: text(response.provider) ?? caller.identityProvider,
    takenToken: text(request.webIdentityTokenId),
    sourcePrincipal: text(crossing?.sourcePrincipalArn),
  });
}

function duration(value: unknown): number {
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : HOUR;
}

function podOf(tags: unknown): string | undefined {
  const namespace = tagOf(tags, 'kubernetes-namespace');
  const pod = tagOf(tags, 'kubernetes-pod-name');
  return namespace === undefined || pod === undefined ? undefined : `${namespace}/${pod}`;
}

function tagOf(tags: unknown, key: string): string | undefined {
  const list = Array.isArray(tags) ? tags.map((tag) => object(tag)) : [];
  return text(list.find((tag) => tag?.key === key)?.value);
}

/**
 * Returns the role names by role ID, from both statements of a record about a session: its ID with its ARN, and its
 * issuer's ID with the role's ARN.
 */
function learnRoles(records: readonly JsonObject[]): Map<string, RoleName[]> {
  const roles = new Map<string, RoleName[]>();
  const learn = (id: string | undefined, role: RoleName | undefined) => {
    if (id?.startsWith('AROA') && role) roles.set(id, [...(roles.get(id) ?? []), role]);
  };
  for (const record of records) {
    const caller = readIdentity(object(record.userIdentity) ?? {});
    const user = object(object(record.responseElements)?.assumedRoleUser);
    const granted = halves(text(user?.assumedRoleId)).ownerId;
    learn(halves(caller.principalId).ownerId, sessionOfStsArn(caller.arn));
    learn(caller.issuer?.principalId, roleOfIamArn(caller.issuer?.arn));
    learn(granted, sessionOfStsArn(text(user?.arn)));
    learn(granted, roleOfIamArn(text(object(record.requestParameters)?.roleArn)));
  }
  return roles;
}

function readProviderChange(record: JsonObject): { providerArn: string; time: number } | undefined {
  const time = readTime(record.eventTime);
  const providerArn =
    text(object(record.responseElements)?.sAMLProviderArn) ?? text(object(record.requestParameters)?.sAMLProviderArn);
  const changes = record.eventSource === 'iam.amazonaws.com' && PROVIDER_CHANGES.includes(text(record.eventName) ?? '');
  if (!changes || text(record.errorCode) !== undefined || time === undefined || !providerArn) return undefined;
  const byItself = text(object(record.userIdentity)?.invokedBy) === 'sso.amazonaws.com';
  return byItself ? undefined : { providerArn, time };
}

function statedIn(record: JsonObject): StatedIn {
  return present<StatedIn>({
    eventName: text(record.eventName) ?? '',
    eventId: text(record.eventID),
    region: text(record.awsRegion),
    time: readTime(record.eventTime),
  });
}

function readIdentity(raw: JsonObject): Identity {
  const context = object(raw.sessionContext) ?? {};
  const attributes = object(context.attributes) ?? {};
  const issuer = object(context.sessionIssuer);
  return present<Identity>({
    type: text(raw.type),
    principalId: text(raw.principalId),
    arn: text(raw.arn),
    accountId: text(raw.accountId),
    accessKeyId: accessKey(text(raw.accessKeyId)),
    userName: text(raw.userName),
    invokedBy: text(raw.invokedBy),
    identityProvider: text(raw.identityProvider),
    onBehalfOf: text(object(raw.onBehalfOf)?.userId),
    identityStoreArn: text(object(raw.onBehalfOf)?.identityStoreArn),
    credentialsIssuedTo: text(object(raw.inScopeOf)?.credentialsIssuedTo),
    ec2RoleDelivery: text(context.ec2RoleDelivery),
    delegate: text(object(raw.invokedByDelegate)?.accountId),
    signInSession: text(context.signInSessionArn),
    webIdProvider: text(object(context.webIdFederationData)?.federatedProvider),
    mfaAuthenticated: text(String(attributes.mfaAuthenticated ?? '')),
    began: readTime(attributes.creationDate),
    issuer: issuer && readIdentity(issuer),
    sourceIdentity: text(context.sourceIdentity),
  });
}

/** Compares by code unit, so that the order does not depend on a locale. */
export function compare(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
