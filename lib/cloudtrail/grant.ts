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
 * One successful STS call that issued credentials, with the ids of all its copies in CloudTrail.
 *
 * Trust: AWS writes it. `sessionName` and `sourceIdentity` are chosen by the caller, except that AWS sets the session
 * name for Identity Center's roles. `roleArn` keeps the role's path, STS ARNs do not.
 * Source: IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail"; FACTS.
 */
export interface Grant {
  readonly eventName: GrantEventName;
  readonly granted: GrantedKind;
  /** Sorted; several where one call was logged in two accounts, and never more than a few dozen. */
  readonly eventIds: readonly string[];
  /** The event id of the copy that the other fields are from. */
  readonly copyId: string;
  readonly sharedEventId?: string | undefined;
  /** Further `sharedEventID`s of its copies: of a forged file, since all copies of one call have the same. */
  readonly otherSharedIds?: readonly string[] | undefined;
  readonly region?: string | undefined;
  readonly issuedAt: EpochMillis;
  readonly expiresAt: EpochMillis;
  readonly accessKeyId?: AccessKeyId | undefined;
  readonly roleArn?: string | undefined;
  /** `AROA…`; absent in many grants to services. */
  readonly roleId?: RoleId | undefined;
  /** The role session's name, or the federated user's. */
  readonly sessionName?: string | undefined;
  /** The account of a root session (AssumeRoot) or of a federated user. */
  readonly accountId?: string | undefined;
  /** The SAML provider's ARN, as the request names it. */
  readonly samlProvider?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  /** The OIDC provider that vouched for a web identity. */
  readonly federatedProvider?: string | undefined;
  /** The request named a second factor (`serialNumber`). */
  readonly withMfa?: true | undefined;
  /** The common name of the certificate by which IAM Roles Anywhere was asked, without `CN=`. */
  readonly certificateName?: string | undefined;
  /** `<namespace>/<pod>` by EKS Pod Identity's session tags. */
  readonly pod?: string | undefined;
  /** Identity Center made the grant, so that AWS set the session's name (CONTRACT, rule 4). */
  readonly byIdentityCenter: boolean;
  readonly caller: TrailCaller;
}

/** The CloudTrail record's parts that a grant is read from. */
export interface GrantRecord {
  readonly record: JsonObject;
  readonly eventName: GrantEventName;
  readonly at: EpochMillis;
  readonly caller: TrailCaller;
}

/** Undefined where STS issued nothing: no `responseElements` with credentials or a session. */
export function parseGrant({ record, eventName, at, caller }: GrantRecord): Grant | undefined {
  const request = objectAt(record, 'requestParameters');
  const response = objectAt(record, 'responseElements');
  const credentials = objectAt(response, 'credentials');
  const eventId = filledTextAt(record, 'eventID') ?? '';
  const granted = grantedKind(eventName);
  const session = parseSession(granted, request, response);
  const samlProvider = filledTextAt(request, 'principalArn');
  const sourceIdentity = filledTextAt(response, 'sourceIdentity') ?? filledTextAt(request, 'sourceIdentity');
  if (credentials === undefined && session.roleId === undefined) return undefined;
  return {
    eventName,
    granted,
    eventIds: eventId === '' ? [] : [eventId],
    copyId: eventId,
    sharedEventId: filledTextAt(record, 'sharedEventID'),
    region: filledTextAt(record, 'awsRegion'),
    issuedAt: at,
    expiresAt: expiresAt(filledTextAt(credentials, 'expiration'), request, at),
    accessKeyId: accessKeyId(filledTextAt(credentials, 'accessKeyId')),
    roleArn: session.roleArn,
    roleId: session.roleId,
    sessionName: session.sessionName,
    accountId: session.accountId,
    samlProvider,
    sourceIdentity,
    federatedProvider: federatedProvider(eventName, response, caller),
    withMfa: filledTextAt(request, 'serialNumber') === undefined ? undefined : true,
    certificateName: caller.service === ROLES_ANYWHERE ? certificateName(request, sourceIdentity) : undefined,
    pod: parsePod(request),
    byIdentityCenter: isByIdentityCenter(eventName, session.roleArn, samlProvider),
    caller,
  };
}

function federatedProvider(eventName: GrantEventName, response: JsonObject | undefined, caller: TrailCaller) {
  if (eventName !== 'AssumeRoleWithWebIdentity') return undefined;
  return filledTextAt(response, 'provider') ?? caller.identityProvider;
}

/** The service that asks for the sessions of certificates' holders. */
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
      return none;
  }
}

/**
 * The approver's session, or the approver himself, by `assumedPrincipal`, an ARN without a role id.
 * Source: STS API reference, GetDelegatedAccessToken.
 */
function delegatedSession(response: JsonObject | undefined): Partial<Session> {
  const principal = filledTextAt(response, 'assumedPrincipal');
  const role = assumedRoleRef(principal);
  if (principal === undefined || role === undefined) return {};
  return { roleArn: pathlessRoleArn(role, principal), sessionName: role.sessionName };
}

function parseRoleSession(request: JsonObject | undefined, assumed: JsonObject | undefined): Session {
  const principal = parseSessionPrincipal(filledTextAt(assumed, 'assumedRoleId'));
  return {
    roleArn: filledTextAt(request, 'roleArn'),
    roleId: principal && roleIdOf(principal.id),
    sessionName:
      principal?.name ??
      filledTextAt(request, 'roleSessionName') ??
      assumedRoleRef(filledTextAt(assumed, 'arn'))?.sessionName,
    accountId: undefined,
  };
}

/** `targetPrincipal` of AssumeRoot is an account id or the root user's ARN (STS API reference, AssumeRoot). */
function accountOfTarget(target: string | undefined): string | undefined {
  return target === undefined ? undefined : (/^arn:[^:]*:iam::(\d{12}):root$/.exec(target)?.[1] ?? target);
}

/**
 * In milliseconds, the longest that STS issues credentials for. Source: STS API reference, GetSessionToken and
 * GetFederationToken, "DurationSeconds". What is longer is no duration that a call succeeded with.
 */
export const LONGEST_CREDENTIALS = 36 * HOUR;

/** CONTRACT, rule 3: an expiration that can't be read is issued-at + `durationSeconds`, else one hour. */
function expiresAt(expiration: string | undefined, request: JsonObject | undefined, issuedAt: EpochMillis) {
  const read = expiration === undefined ? undefined : parseExpiration(expiration);
  if (read !== undefined) return read;
  const stated = request?.durationSeconds;
  const duration = typeof stated === 'number' || typeof stated === 'string' ? Number(stated) : Number.NaN;
  const known = duration > 0 && duration * SECOND <= LONGEST_CREDENTIALS;
  return epochMillis(issuedAt + (known ? duration * SECOND : HOUR));
}

/** Session tags that EKS Pod Identity sets (EKS User Guide, "Grant Pods access based on tags"). */
function parsePod(request: JsonObject | undefined): string | undefined {
  const namespace = sessionTag(request, 'kubernetes-namespace');
  const name = sessionTag(request, 'kubernetes-pod-name');
  return namespace === undefined || name === undefined ? undefined : `${namespace}/${name}`;
}

/**
 * The certificate's common name as IAM Roles Anywhere sets it: the source identity, or the session tag `x509Subject/CN`.
 * Source: IAM Roles Anywhere User Guide, "Trust model".
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
 * A SAML grant of a role under the path that only Identity Center may create, and by its provider where one is named.
 * The name `AWSReservedSSO_…` alone, or a SAML provider alone, anybody can choose (FACTS).
 */
function isByIdentityCenter(
  eventName: GrantEventName,
  roleArn: string | undefined,
  samlProvider: string | undefined,
): boolean {
  if (eventName !== 'AssumeRoleWithSAML' || roleArn === undefined || !isIdentityCenterRole(roleArn)) return false;
  return samlProvider === undefined || isIdentityCenterProvider(samlProvider);
}

/** Whether Identity Center can have made other grants of the same role: nothing that this one states says no. */
export function isOfRoleLikeIdentityCenters({ roleId, roleArn }: Grant): boolean {
  return roleId === undefined || roleArn === undefined || isIdentityCenterRole(roleArn);
}

/** Under which key the grant's session is found; undefined where it names none. */
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

/** Grants to services often lack `assumedRoleUser`: role ARN and session name of the request stand in (FACTS). */
export function isUnnamedServiceGrant(grant: Grant): boolean {
  return grant.granted === 'role' && grant.roleId === undefined && grant.caller.kind === 'aws-service';
}
