import { accountOf } from './arns.ts';
import { type JsonObject, object, present, text } from './json.ts';
import { accessKey } from './names.ts';
import { readExpiration, readTime } from './time.ts';

/** A record's `userIdentity`: who signed it. */
export type Identity = {
  readonly type?: string;
  readonly principalId?: string;
  readonly arn?: string;
  readonly accountId?: string;
  readonly accessKeyId?: string;
  readonly userName?: string;
  readonly invokedBy?: string;
  readonly identityProvider?: string;
  readonly onBehalfOf?: string;
  readonly credentialsIssuedTo?: string;
  readonly began?: number;
  readonly issuer?: Identity;
  readonly sourceIdentity?: string;
};

export type Grant = {
  readonly eventName: string;
  readonly eventId?: string;
  readonly sharedEventId?: string;
  /** The event ids of all copies of the call. */
  readonly eventIds: readonly string[];
  readonly region?: string;
  readonly roleArn?: string;
  /** `assumedRoleId` or `federatedUserId`, and its two halves. */
  readonly sessionId?: string;
  readonly ownerId?: string;
  readonly sessionName?: string;
  readonly accessKeyId?: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly caller: Identity;
  readonly providerArn?: string;
  readonly sourceIdentity?: string;
  readonly pod?: string;
  /** The account whose root user an AssumeRoot grant is for. */
  readonly rootOf?: string;
};

export type Known = {
  readonly grants: readonly Grant[];
  /** The callers of all records, with the time of the record: uses, and names of users. */
  readonly callers: readonly { readonly identity: Identity; readonly time: number }[];
};

const ROLE_GRANTS = ['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'];
const GRANTS = [...ROLE_GRANTS, 'AssumeRoot', 'GetFederationToken', 'GetSessionToken'];
const HOUR = 3_600_000;

export function readKnown(cloudtrail: readonly unknown[]): Known {
  const records = cloudtrail.map(openEnvelope).filter((record) => record !== undefined);
  const grants = records.map(readGrant).filter((grant) => grant !== undefined);
  return {
    grants: groupCopies(grants).map(oneOfCopies),
    callers: records.map((record) => ({
      identity: readIdentity(object(record.userIdentity) ?? {}),
      time: readTime(record.eventTime) ?? Number.NEGATIVE_INFINITY,
    })),
  };
}

export function isRoleGrant(grant: Grant): boolean {
  return ROLE_GRANTS.includes(grant.eventName);
}

export function isIdentityCenterGrant(grant: Grant): boolean {
  const reservedRole = /^arn:[^:]+:iam::[^:]*:role\/aws-reserved\/sso\.amazonaws\.com\//.test(grant.roleArn ?? '');
  const ownProvider = /^arn:[^:]+:iam::[^:]*:saml-provider\/AWSSSO_/.test(grant.providerArn ?? '');
  return grant.eventName === 'AssumeRoleWithSAML' && reservedRole && (grant.providerArn === undefined || ownProvider);
}

export function isService(identity: Identity): boolean {
  return identity.type === 'AWSService' || (identity.type === undefined && identity.invokedBy !== undefined);
}

/** What a session id begins and ends with: `AROA…:name`, `<account>:name`. */
export function halves(sessionId: string | undefined): { ownerId?: string; sessionName?: string } {
  if (sessionId === undefined) return {};
  const colon = sessionId.indexOf(':');
  if (colon < 0) return { ownerId: sessionId };
  return present({ ownerId: text(sessionId.slice(0, colon)), sessionName: text(sessionId.slice(colon + 1)) });
}

// Whoever may call PutEvents can put any envelope on a bus, but none whose source begins with `aws.`.
function openEnvelope(raw: unknown): JsonObject | undefined {
  const record = object(raw);
  const detail = object(record?.detail);
  if (!record || !detail) return record;
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
  if (!object(response?.credentials) && !object(response?.assumedRoleUser)) return undefined;
  return grantOf(record, response ?? {}, eventName, issuedAt);
}

function grantOf(record: JsonObject, response: JsonObject, eventName: string, issuedAt: number): Grant {
  const request = object(record.requestParameters) ?? {};
  const credentials = object(response.credentials) ?? {};
  const caller = readIdentity(object(record.userIdentity) ?? {});
  const sessionId =
    text(object(response.assumedRoleUser)?.assumedRoleId) ?? text(object(response.federatedUser)?.federatedUserId);
  const { ownerId, sessionName } = halves(sessionId);
  return present<Grant>({
    eventName,
    eventId: text(record.eventID),
    sharedEventId: text(record.sharedEventID),
    eventIds: [text(record.eventID) ?? []].flat(),
    region: text(record.awsRegion),
    roleArn: text(request.roleArn),
    sessionId,
    ownerId,
    sessionName: sessionName ?? text(request.roleSessionName),
    accessKeyId: accessKey(text(credentials.accessKeyId)),
    issuedAt,
    expiresAt: readExpiration(credentials.expiration) ?? issuedAt + duration(request.durationSeconds),
    caller,
    providerArn: text(request.principalArn),
    sourceIdentity: text(response.sourceIdentity) ?? text(request.sourceIdentity) ?? caller.sourceIdentity,
    pod: podOf(request.tags),
    rootOf: accountOf(text(request.targetPrincipal)),
  });
}

function duration(value: unknown): number {
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : HOUR;
}

function podOf(tags: unknown): string | undefined {
  const list = Array.isArray(tags) ? tags.map((tag) => object(tag)) : [];
  const tagged = (key: string) => text(list.find((tag) => tag?.key === key)?.value);
  const namespace = tagged('kubernetes-namespace');
  const pod = tagged('kubernetes-pod-name');
  return namespace === undefined || pod === undefined ? undefined : `${namespace}/${pod}`;
}

function readIdentity(raw: JsonObject): Identity {
  const context = object(raw.sessionContext) ?? {};
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
    credentialsIssuedTo: text(object(raw.inScopeOf)?.credentialsIssuedTo),
    began: readTime(object(context.attributes)?.creationDate),
    issuer: issuer && readIdentity(issuer),
    sourceIdentity: text(context.sourceIdentity),
  });
}

function groupCopies(grants: readonly Grant[]): Grant[][] {
  return grants.reduce<Grant[][]>((groups, grant) => {
    const mine = groups.filter((group) => group.some((other) => isSameCall(grant, other)));
    const others = groups.filter((group) => !mine.includes(group));
    return [...others, [...mine.flat(), grant]];
  }, []);
}

function isSameCall(a: Grant, b: Grant): boolean {
  const sameEvent = a.eventId !== undefined && a.eventId === b.eventId;
  const sameShared = a.sharedEventId !== undefined && a.sharedEventId === b.sharedEventId;
  const sameSession = a.ownerId === b.ownerId && a.roleArn === b.roleArn && a.sessionName === b.sessionName;
  return (sameEvent || sameShared) && a.accessKeyId === b.accessKeyId && sameSession && a.issuedAt === b.issuedAt;
}

function oneOfCopies(copies: readonly Grant[]): Grant {
  const [kept, ...rest] = [...copies].sort((a, b) => fieldsOf(b) - fieldsOf(a) || compare(a.eventId, b.eventId));
  if (!kept) throw new Error('a call without copies');
  return { ...kept, eventIds: [...new Set([kept, ...rest].flatMap((copy) => copy.eventIds))].sort() };
}

function fieldsOf(grant: Grant): number {
  return Object.keys(grant.caller).length;
}

/** By code unit, so that the order does not depend on a locale. */
export function compare(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
