import { type AccessKeyId, accessKeyId } from '../identity/access-key.ts';
import {
  assumedRoleRef,
  isIdentityCenterProvider,
  isIdentityCenterRole,
  pathlessRoleArn,
  type RoleId,
  roleIdOf,
  roleRef,
} from '../identity/arn.ts';
import { federatedSessionKey, namedRoleSessionKey, roleSessionKey, type SessionKey } from '../identity/session-key.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt } from '../json.ts';
import { type EpochMillis, epochMillis, HOUR, SECOND } from '../time.ts';
import type { TrailCaller } from './caller.ts';
import { type GrantEventName, type GrantedKind, grantedKind } from './evidence-events.ts';
import { parseExpiration } from './expiration.ts';

/**
 * A grant: one successful STS call that issued credentials, with the IDs of all its copies in CloudTrail.
 * Trust: AWS writes it. The caller chooses `sessionName` and `sourceIdentity`. For Identity Center's roles, AWS sets
 * the session name. `roleArn` has the role's path, which STS ARNs lack. Source: IAM User Guide, "Logging IAM and AWS
 * STS API calls with AWS CloudTrail"; FACTS.
 */
export interface Grant {
  readonly eventName: GrantEventName;
  readonly granted: GrantedKind;
  /** The event IDs of all copies, sorted. There are several if the call was logged in two accounts, and at most 65. */
  readonly eventIds: readonly string[];
  /** The event ID of the copy from which the other fields come. */
  readonly copyId: string;
  readonly sharedEventId?: string | undefined;
  /**
   * Further `sharedEventID`s of its copies. Only a forged file has any, because all copies of one call have the same.
   */
  readonly otherSharedIds?: readonly string[] | undefined;
  readonly region?: string | undefined;
  /** The IP address of the call. For a call by an AWS service, the service's name. */
  readonly sourceIp?: string | undefined;
  /** The user agent, which the caller writes. */
  readonly userAgent?: string | undefined;
  readonly issuedAt: EpochMillis;
  /** Further times that its copies state, if they differ. */
  readonly otherTimes?: readonly EpochMillis[] | undefined;
  /** Whether another copy of the call contradicts this one (CONTRACT, rule 3). That copy is a grant of its own. */
  readonly isContradicted?: true | undefined;
  readonly expiresAt: EpochMillis;
  readonly accessKeyId?: AccessKeyId | undefined;
  readonly roleArn?: string | undefined;
  /** The ID of the role, `AROA…`. Absent in many grants to services. */
  readonly roleId?: RoleId | undefined;
  /** The role session's name, or the federated user's. */
  readonly sessionName?: string | undefined;
  /** The account of a root session (AssumeRoot) or of a federated user. */
  readonly accountId?: string | undefined;
  /** The SAML provider's ARN, as the request names it. */
  readonly samlProvider?: string | undefined;
  /**
   * The format of the SAML NameID: `subjectType`, for example `persistent` or `transient` (STS API reference,
   * AssumeRoleWithSAML).
   */
  readonly nameIdFormat?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  /** The OIDC provider that vouched for a web identity. */
  readonly federatedProvider?: string | undefined;
  /** The ID (`jti`) of the web identity token that GetWebIdentityToken issued. */
  readonly issuedTokenId?: string | undefined;
  /** The ID of the web identity token that AssumeRoleWithWebIdentity exchanged. */
  readonly exchangedTokenId?: string | undefined;
  /** The AWS principal of another partition that requested the exchanged token. AWS states it. */
  readonly sourcePrincipal?: string | undefined;
  /** Whether the request named a second factor (`serialNumber`). */
  readonly withMfa?: true | undefined;
  /** The common name of the certificate that IAM Roles Anywhere accepted, without `CN=`. */
  readonly certificateName?: string | undefined;
  /** The pod, `<namespace>/<pod>`, from EKS Pod Identity's session tags. */
  readonly pod?: string | undefined;
  /** Whether Identity Center made the grant, so that AWS set the session name (CONTRACT, rule 4). */
  readonly byIdentityCenter: boolean;
  readonly caller: TrailCaller;
}

/** The parts of a CloudTrail record from which a grant is read. */
export interface GrantRecord {
  readonly record: JsonObject;
  readonly eventName: GrantEventName;
  readonly at: EpochMillis;
  readonly caller: TrailCaller;
}

/**
 * Parses a grant. Undefined if STS issued nothing. Then `responseElements` has neither credentials, nor a session, nor
 * the ID of a token.
 */
export function parseGrant({ record, eventName, at, caller }: GrantRecord): Grant | undefined {
  const request = objectAt(record, 'requestParameters');
  const response = objectAt(record, 'responseElements');
  const credentials = objectAt(response, 'credentials');
  const eventId = filledTextAt(record, 'eventID') ?? '';
  const granted = grantedKind(eventName);
  const session = parseSession(granted, request, response);
  const samlProvider = filledTextAt(request, 'principalArn');
  const sourceIdentity = filledTextAt(response, 'sourceIdentity') ?? filledTextAt(request, 'sourceIdentity');
  const issuedTokenId = granted === 'web-identity-token' ? filledTextAt(response, 'webIdentityTokenId') : undefined;
  if ((credentials ?? session.roleId ?? issuedTokenId) === undefined) return undefined;
  return {
    eventName,
    granted,
    eventIds: eventId === '' ? [] : [eventId],
    copyId: eventId,
    sharedEventId: filledTextAt(record, 'sharedEventID'),
    region: filledTextAt(record, 'awsRegion'),
    sourceIp: cut(filledTextAt(record, 'sourceIPAddress')),
    userAgent: cut(filledTextAt(record, 'userAgent')),
    issuedAt: at,
    expiresAt: expiresAt(filledTextAt(issuedTokenId === undefined ? credentials : response, 'expiration'), request, at),
    accessKeyId: accessKeyId(filledTextAt(credentials, 'accessKeyId')),
    roleArn: session.roleArn,
    roleId: session.roleId,
    sessionName: session.sessionName,
    accountId: session.accountId,
    samlProvider,
    nameIdFormat: eventName === 'AssumeRoleWithSAML' ? filledTextAt(response, 'subjectType') : undefined,
    sourceIdentity,
    federatedProvider: federatedProvider(eventName, response, caller),
    issuedTokenId,
    ...exchangedToken(eventName, record, request),
    withMfa: filledTextAt(request, 'serialNumber') === undefined ? undefined : true,
    certificateName: caller.service === ROLES_ANYWHERE ? certificateName(request, sourceIdentity) : undefined,
    pod: parsePod(request),
    byIdentityCenter: isByIdentityCenter(eventName, session.roleArn, samlProvider),
    caller: namedBySubject(eventName, response, caller),
  };
}

/** Limits the characters of a source IP and of a user agent. */
const LONGEST_ORIGIN = 256;

function cut(text: string | undefined): string | undefined {
  return text?.slice(0, LONGEST_ORIGIN).toWellFormed();
}

function federatedProvider(eventName: GrantEventName, response: JsonObject | undefined, caller: TrailCaller) {
  if (eventName !== 'AssumeRoleWithWebIdentity') return undefined;
  return filledTextAt(response, 'provider') ?? caller.identityProvider;
}

/**
 * Returns a web identity whose name is the subject of its token. Some records state the subject only in the response.
 */
function namedBySubject(eventName: GrantEventName, response: JsonObject | undefined, caller: TrailCaller): TrailCaller {
  if (eventName !== 'AssumeRoleWithWebIdentity' || caller.userName !== undefined) return caller;
  return { ...caller, userName: filledTextAt(response, 'subjectFromWebIdentityToken') };
}

/**
 * Returns the token that AssumeRoleWithWebIdentity exchanged for the session, and who requested it in another
 * partition. Source: IAM User Guide, "Auditing cross-partition identity federation".
 */
function exchangedToken(eventName: GrantEventName, record: JsonObject, request: JsonObject | undefined) {
  if (eventName !== 'AssumeRoleWithWebIdentity') return {};
  const crossPartition = objectAt(objectAt(record, 'additionalEventData'), 'crossPartitionData');
  return {
    exchangedTokenId: filledTextAt(request, 'webIdentityTokenId'),
    sourcePrincipal: filledTextAt(crossPartition, 'sourcePrincipalArn'),
  };
}

/** The service that requests the sessions of certificate holders. */
export const ROLES_ANYWHERE = 'rolesanywhere.amazonaws.com';

type Session = { [K in 'roleArn' | 'sessionName' | 'accountId']: string | undefined } & { roleId: RoleId | undefined };

function parseSession(
  granted: GrantedKind,
  request: JsonObject | undefined,
  response: JsonObject | undefined,
): Session {
  const none: Session = { roleArn: undefined, roleId: undefined, sessionName: undefined, accountId: undefined };
  switch (granted) {
    case 'role':
      return parseRoleSession(request, objectAt(response, 'assumedRoleUser'));
    case 'root':
      return { ...none, accountId: accountOfTarget(filledTextAt(request, 'targetPrincipal')) };
    case 'federated-user': {
      const user = parseSessionPrincipal(filledTextAt(objectAt(response, 'federatedUser'), 'federatedUserId'));
      return { ...none, accountId: user?.id, sessionName: user?.name ?? filledTextAt(request, 'name') };
    }
    case 'delegated':
      return { ...none, ...delegatedSession(response) };
    case 'own-user':
    case 'web-identity-token':
      return none;
  }
}

/**
 * Returns the approver's session, or the approver. They come from `assumedPrincipal`, an ARN without a role ID. Source:
 * STS API reference, GetDelegatedAccessToken.
 */
function delegatedSession(response: JsonObject | undefined): Partial<Session> {
  const principal = filledTextAt(response, 'assumedPrincipal');
  const role = assumedRoleRef(principal);
  if (principal === undefined || role === undefined) return {};
  return { roleArn: pathlessRoleArn(role), sessionName: role.sessionName };
}

function parseRoleSession(request: JsonObject | undefined, assumed: JsonObject | undefined): Session {
  const principal = parseSessionPrincipal(filledTextAt(assumed, 'assumedRoleId'));
  const requested = filledTextAt(request, 'roleSessionName');
  const isAsRequested = principal?.name === requested; // V8 would keep the whole text behind the principal's name
  return {
    roleArn: filledTextAt(request, 'roleArn'),
    roleId: principal && roleIdOf(principal.id),
    sessionName:
      (isAsRequested ? requested : principal?.name) ??
      requested ??
      assumedRoleRef(filledTextAt(assumed, 'arn'))?.sessionName,
    accountId: undefined,
  };
}

/**
 * Returns the account in AssumeRoot's `targetPrincipal`, an account ID or the root user's ARN (STS API reference,
 * AssumeRoot).
 */
function accountOfTarget(target: string | undefined): string | undefined {
  return target === undefined ? undefined : (/^arn:[^:]*:iam::(\d{12}):root$/.exec(target)?.[1] ?? target);
}

/**
 * The longest life of credentials that STS issues, in milliseconds. No call succeeds with a longer duration.
 * Source: STS API reference, GetSessionToken and GetFederationToken, "DurationSeconds".
 */
export const LONGEST_CREDENTIALS = 36 * HOUR;

/**
 * Returns when the credentials expire. If the expiration cannot be read, `durationSeconds` after the issue decides, or
 * else one hour (CONTRACT, rule 3).
 */
function expiresAt(expiration: string | undefined, request: JsonObject | undefined, issuedAt: EpochMillis) {
  const read = expiration === undefined ? undefined : parseExpiration(expiration);
  if (read !== undefined) return read;
  const stated = request?.durationSeconds;
  const duration = typeof stated === 'number' || typeof stated === 'string' ? Number(stated) : Number.NaN;
  const known = duration > 0 && duration * SECOND <= LONGEST_CREDENTIALS;
  return epochMillis(issuedAt + (known ? duration * SECOND : HOUR));
}

/**
 * Returns the pod in the session tags that EKS Pod Identity sets (EKS User Guide, "Grant Pods access based on tags").
 */
function parsePod(request: JsonObject | undefined): string | undefined {
  const namespace = sessionTag(request, 'kubernetes-namespace');
  const name = sessionTag(request, 'kubernetes-pod-name');
  return namespace === undefined || name === undefined ? undefined : `${namespace}/${name}`;
}

/**
 * Returns the common name of a certificate as IAM Roles Anywhere sets it. It is the source identity, or the session tag
 * `x509Subject/CN`. Source: IAM Roles Anywhere User Guide, "Trust model".
 */
function certificateName(request: JsonObject | undefined, sourceIdentity: string | undefined): string | undefined {
  const text = sourceIdentity ?? sessionTag(request, 'x509Subject/CN');
  return text?.replace(/^CN=/, '') || undefined;
}

function sessionTag(request: JsonObject | undefined, key: string): string | undefined {
  const tags = listAt(request, 'tags')?.filter(isJsonObject) ?? [];
  return filledTextAt(
    tags.find((tag) => tag.key === key),
    'value',
  );
}

/**
 * Returns whether Identity Center made the SAML grant. The role must have the path that only Identity Center can
 * create. If a provider is named, it must be Identity Center's own. Anybody can choose the role name
 * `AWSReservedSSO_…`, or create a SAML provider (FACTS).
 */
function isByIdentityCenter(
  eventName: GrantEventName,
  roleArn: string | undefined,
  samlProvider: string | undefined,
): boolean {
  if (eventName !== 'AssumeRoleWithSAML' || roleArn === undefined || !isIdentityCenterRole(roleArn)) return false;
  return samlProvider === undefined || isIdentityCenterProvider(samlProvider);
}

/** Returns whether Identity Center can have made other grants of this role. No field of this grant may exclude it. */
export function isOfRoleLikeIdentityCenters({ roleId, roleArn }: Grant): boolean {
  return roleId === undefined || roleArn === undefined || isIdentityCenterRole(roleArn);
}

/** Returns the key under which the grant's session is found. Undefined if the grant names no session. */
export function sessionKeyOf(grant: Grant): SessionKey | undefined {
  const { granted, roleId, roleArn, accountId, sessionName } = grant;
  if (sessionName === undefined) return undefined;
  if (granted === 'federated-user') {
    return accountId === undefined ? undefined : federatedSessionKey(accountId, sessionName);
  }
  if (roleId !== undefined) return roleSessionKey(roleId, sessionName);
  const role = roleRef(roleArn);
  return role === undefined ? undefined : namedRoleSessionKey(role, sessionName);
}

/**
 * Returns whether it is a grant to a service without `assumedRoleUser`. For such a grant, the role ARN and the session
 * name of the request count (FACTS).
 */
export function isUnnamedServiceGrant(grant: Grant): boolean {
  return grant.granted === 'role' && grant.roleId === undefined && grant.caller.kind === 'aws-service';
}

/** Returns the account of the role for an unnamed grant to a service. Undefined for all other grants. */
export function accountOfUnnamed(grant: Grant): string | undefined {
  return isUnnamedServiceGrant(grant) ? roleRef(grant.roleArn)?.accountId : undefined;
}

/** Returns whether the grant states its caller. If not, the copy in another account's trail may. */
export function statesCaller({ caller: { kind } }: Grant): boolean {
  return kind !== 'aws-account' && kind !== 'unknown';
}

/**
 * Returns the accounts whose own CloudTrail says more about a caller. It has the copy that states the caller, or the
 * grant of the caller's role session.
 */
export function callersAccounts(facts: readonly { readonly grant?: Grant | undefined }[]): readonly string[] {
  const callers = facts.flatMap(({ grant }) => grant?.caller ?? []);
  const known = callers.filter(({ kind }) => kind === 'aws-account' || kind === 'assumed-role');
  return [...new Set(known.flatMap(({ accountId }) => accountId ?? []))];
}
