import {
  type Caller,
  callerAccount,
  callerSource,
  type Session,
  sessionArn,
  sessionPrincipal,
  userIdentity,
  userIdentityAbroad,
} from './callers.ts';
import { ACCOUNTS, type IamUser, type IdentityCenterUser, REGION, type Role, roleArn, userArn } from './company.ts';
import { accessKeyId, uuid } from './random.ts';
import { type ExpirationSpace, expiration } from './time.ts';
import { type Call, type Json, type JsonObject, roleResource, type TrailRecord, trailRecord } from './trail.ts';

/** STS's records: grants, which issue credentials, and uses, which credentials signed. */

/** A grant's session and its records. There are two records if the caller's account is not the role's. */
export interface Grant {
  readonly session: Session;
  readonly records: readonly TrailRecord[];
}

export const CLI = 'aws-cli/2.27.40 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 lang/python#3.13.4 cfg/retry-mode#standard';
export const BOTO = 'Boto3/1.38.30 md/Botocore#1.38.30 ua/2.1 os/linux#6.1 lang/python#3.12.10 cfg/retry-mode#legacy';

export interface AssumeRole {
  readonly caller: Caller;
  readonly role: Role;
  readonly sessionName: string;
  readonly at: string;
  readonly durationSeconds?: number;
  readonly userAgent?: string;
  readonly region?: string;
  readonly sourceIdentity?: string;
  readonly tags?: readonly (readonly [string, string])[];
  readonly space?: ExpirationSpace;
  /** Grants to AWS services often omit `assumedRoleUser` (7 of 36 that we saw). */
  readonly withoutAssumedRoleUser?: boolean;
}

/** Returns the label of a grant. Role, session name and second make it unique in the story. */
function labelOf({ role, sessionName, at }: AssumeRole): string {
  return `${role.accountId}/${role.name}/${sessionName}@${at}`;
}

export function assumeRole(options: AssumeRole): Grant {
  const { caller, role, sessionName, at } = options;
  const label = labelOf(options);
  const inherited = caller.kind === 'session' ? caller.session.sourceIdentity : undefined;
  const sourceIdentity = options.sourceIdentity ?? inherited;
  const key = accessKeyId('ASIA', label);
  const session: Session = {
    role,
    name: sessionName,
    accessKeyId: key,
    since: at,
    ...(sourceIdentity && { sourceIdentity }),
  };
  const call: Omit<Call, 'accountId' | 'userIdentity'> = {
    at,
    eventName: 'AssumeRole',
    eventSource: 'sts.amazonaws.com',
    source: callerSource(caller),
    userAgent: options.userAgent ?? (caller.kind === 'service' ? caller.service : CLI),
    ...(options.region ? { region: options.region } : {}),
    request: assumeRoleRequest(options),
    response: assumeRoleResponse(options, session),
    resources: [roleResource(role)],
    label,
  };
  return { session, records: copies(call, caller, role) };
}

/** Returns the grant of a role to an IAM user. */
export function grantTo(
  user: IamUser,
  role: Role,
  sessionName: string,
  at: string,
  rest: Partial<AssumeRole> = {},
): Grant {
  return assumeRole({ caller: { kind: 'iam-user', user }, role, sessionName, at, ...rest });
}

/**
 * Returns the records of a call. The caller's account and the role's each log it, with one `sharedEventID` and event
 * IDs of their own.
 */
function copies(call: Omit<Call, 'accountId' | 'userIdentity'>, caller: Caller, role: Role): TrailRecord[] {
  const home = callerAccount(caller);
  const sharedEventID = uuid(`shared:${call.label}`);
  const identity = userIdentity(caller);
  if (home === role.accountId) return [trailRecord({ ...call, accountId: home, userIdentity: identity })];
  if (home === undefined) {
    return [trailRecord({ ...call, accountId: role.accountId, userIdentity: identity, sharedEventID })];
  }
  return [
    trailRecord({ ...call, accountId: home, userIdentity: identity, copy: 'caller', sharedEventID }),
    trailRecord({
      ...call,
      accountId: role.accountId,
      userIdentity: userIdentityAbroad(caller),
      copy: 'owner',
      sharedEventID,
    }),
  ];
}

function assumeRoleRequest({ role, sessionName, durationSeconds, sourceIdentity, tags }: AssumeRole): JsonObject {
  const parameters: Record<string, Json> = { roleArn: roleArn(role), roleSessionName: sessionName };
  if (durationSeconds !== undefined) parameters.durationSeconds = durationSeconds;
  if (sourceIdentity) parameters.sourceIdentity = sourceIdentity;
  if (tags) {
    parameters.tags = tags.map(([key, value]) => ({ key, value }));
    parameters.transitiveTagKeys = tags.map(([key]) => key);
  }
  return parameters;
}

function assumeRoleResponse(options: AssumeRole, session: Session): JsonObject {
  const { at, durationSeconds = 3600, space = '\u202f' } = options;
  return {
    credentials: credentials(session.accessKeyId, expiration(at, durationSeconds, space)),
    ...(options.withoutAssumedRoleUser ? {} : { assumedRoleUser: assumedRoleUser(session) }),
    ...(session.sourceIdentity ? { sourceIdentity: session.sourceIdentity } : {}),
  };
}

function credentials(id: string, expires: string): JsonObject {
  return { accessKeyId: id, sessionToken: 'REDACTED', expiration: expires };
}

function assumedRoleUser(session: Session): JsonObject {
  return { assumedRoleId: sessionPrincipal(session), arn: sessionArn(session) };
}

/** Returns the record of a call that IAM refused. Both its bodies are null (13 of 13 that we saw). */
export function deniedAssumeRole(user: IamUser, role: Role, at: string): TrailRecord {
  return trailRecord({
    at,
    eventName: 'AssumeRole',
    eventSource: 'sts.amazonaws.com',
    accountId: user.accountId,
    userIdentity: userIdentity({ kind: 'iam-user', user }),
    source: user.ip,
    userAgent: CLI,
    request: null,
    response: null,
    label: `denied:${user.name}/${role.name}@${at}`,
    error: {
      code: 'AccessDenied',
      message: `User: ${userArn(user)} is not authorized to perform: sts:AssumeRole on resource: ${roleArn(role)}`,
    },
  });
}

const SSO_PROVIDER = 'AWSSSO_4d7c1f0a9be2_DO_NOT_DELETE';

/**
 * Returns a grant by Identity Center. AWS chooses the session name, after the person, and calls from its own IP
 * address.
 */
export function identityCenterSignIn(person: IdentityCenterUser, role: Role, at: string): Grant {
  const label = `saml:${person.name}/${role.name}@${at}`;
  const key = accessKeyId('ASIA', label);
  const session: Session = { role, name: person.name, accessKeyId: key, since: at };
  const provider = `arn:aws:iam::${role.accountId}:saml-provider/${SSO_PROVIDER}`;
  const record = trailRecord({
    at,
    eventName: 'AssumeRoleWithSAML',
    eventSource: 'sts.amazonaws.com',
    accountId: role.accountId,
    userIdentity: {
      type: 'SAMLUser',
      principalId: `b0VYQU1QTEU5Q0xJRU5UPT0=:${person.name}`,
      userName: person.name,
      identityProvider: 'b0VYQU1QTEU5Q0xJRU5UPT0=',
    },
    source: '192.0.2.250',
    userAgent: 'aws-internal/3 aws-sdk-java/1.12.780 Linux/5.10 OpenJDK_64-Bit_Server_VM/17.0.15',
    request: {
      sAMLAssertionID: `_${uuid(`assertion:${label}`)}`,
      roleSessionName: person.name,
      durationSeconds: 28800,
      roleArn: roleArn(role),
      principalArn: provider,
    },
    response: {
      subjectType: 'persistent',
      issuer: `https://portal.sso.${REGION}.amazonaws.com/saml/assertion/EXAMPLE`,
      credentials: credentials(key, expiration(at, 28800, '\u202f')),
      assumedRoleUser: assumedRoleUser(session),
      subject: person.name,
      audience: 'https://signin.aws.amazon.com/saml',
    },
    resources: [roleResource(role), { accountId: role.accountId, type: 'AWS::IAM::SAMLProvider', ARN: provider }],
    label,
  });
  return { session, records: [record] };
}

const GITHUB = 'token.actions.githubusercontent.com';

/**
 * Returns the grant to a GitHub Actions job that exchanges its OIDC token for a role session. GitHub signs `subject`,
 * but not the session name.
 */
export function githubSignIn(subject: string, role: Role, at: string, durationSeconds: number): Grant {
  const label = `oidc:${subject}/${role.name}@${at}`;
  const key = accessKeyId('ASIA', label);
  const session: Session = { role, name: 'GitHubActions', accessKeyId: key, since: at };
  const provider = `arn:aws:iam::${role.accountId}:oidc-provider/${GITHUB}`;
  const record = trailRecord({
    at,
    eventName: 'AssumeRoleWithWebIdentity',
    eventSource: 'sts.amazonaws.com',
    accountId: role.accountId,
    userIdentity: {
      type: 'WebIdentityUser',
      principalId: `${provider}:sts.amazonaws.com:${subject}`,
      userName: subject,
      identityProvider: provider,
    },
    source: '198.51.100.20',
    userAgent:
      'configure-aws-credentials-for-github-actions aws-sdk-js/3.840.0 ua/2.1 os/linux#6.11 lang/js md/nodejs#20',
    request: { roleArn: roleArn(role), roleSessionName: session.name, durationSeconds },
    response: {
      subjectFromWebIdentityToken: subject,
      credentials: credentials(key, expiration(at, durationSeconds, '\u202f')),
      assumedRoleUser: assumedRoleUser(session),
      provider,
      audience: 'sts.amazonaws.com',
    },
    resources: [roleResource(role)],
    label,
  });
  return { session, records: [record] };
}

/** Returns an IAM user's own temporary key, here with MFA. The audit log never has it; it signs the next grant. */
export function sessionToken(user: IamUser, at: string): { readonly key: string; readonly record: TrailRecord } {
  const key = accessKeyId('ASIA', `GetSessionToken:${user.name}@${at}`);
  const record = trailRecord({
    at,
    eventName: 'GetSessionToken',
    eventSource: 'sts.amazonaws.com',
    accountId: user.accountId,
    userIdentity: userIdentity({ kind: 'iam-user', user }),
    source: user.ip,
    userAgent: CLI,
    region: 'us-east-1',
    request: { serialNumber: `arn:aws:iam::${user.accountId}:mfa/${user.name}`, durationSeconds: 43200 },
    response: { credentials: credentials(key, expiration(at, 43200, ' ')) },
    label: `GetSessionToken:${user.name}@${at}`,
  });
  return { key, record };
}

export interface FederatedSession {
  /** `<account>:<name>`. Whoever calls chooses the name. */
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly record: TrailRecord;
}

export function federationToken(user: IamUser, name: string, at: string): FederatedSession {
  const label = `GetFederationToken:${name}@${at}`;
  const key = accessKeyId('ASIA', label);
  const id = `${user.accountId}:${name}`;
  const arn = `arn:aws:sts::${user.accountId}:federated-user/${name}`;
  const record = trailRecord({
    at,
    eventName: 'GetFederationToken',
    eventSource: 'sts.amazonaws.com',
    accountId: user.accountId,
    userIdentity: userIdentity({ kind: 'iam-user', user }),
    source: user.ip,
    userAgent: BOTO,
    request: { name, durationSeconds: 7200 },
    response: {
      credentials: credentials(key, expiration(at, 7200, ' ')),
      federatedUser: { federatedUserId: id, arn },
      packedPolicySize: 6,
    },
    label,
  });
  return { id, name, accountId: user.accountId, accessKeyId: key, record };
}

/**
 * Returns the call that CloudTrail logs for each EKS token that a cluster verifies. The key that the audit event names
 * signed it.
 */
export function callerIdentity(caller: Caller, accountId: string, at: string): TrailRecord {
  return trailRecord({
    at,
    eventName: 'GetCallerIdentity',
    eventSource: 'sts.amazonaws.com',
    accountId,
    userIdentity: userIdentity(caller),
    source: '192.0.2.10',
    userAgent: 'Go-http-client/1.1',
    request: null,
    response: null,
    label: `GetCallerIdentity:${JSON.stringify(userIdentity(caller).principalId)}@${at}`,
  });
}

/** Returns the token check of a session. */
export function tokenCheck(session: Session, at: string): TrailRecord {
  return callerIdentity({ kind: 'session', session, ip: '192.0.2.10' }, session.role.accountId, at);
}

/**
 * Returns a node's call to EKS before a pod gets its role. It issues an access key, but no record of it lists the key.
 */
export function podIdentityRequest(node: Session, clusterName: string, ip: string, at: string): TrailRecord {
  return trailRecord({
    at,
    eventName: 'AssumeRoleForPodIdentity',
    eventSource: 'eks-auth.amazonaws.com',
    accountId: node.role.accountId,
    userIdentity: userIdentity({ kind: 'session', session: node, ip }),
    source: ip,
    userAgent: 'aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.4 md/GOARCH#amd64 api/eksauth#1.9.1',
    request: { clusterName, token: 'REDACTED' },
    response: null,
    label: `AssumeRoleForPodIdentity:${node.name}@${at}`,
  });
}

/** The vendor's collector. The company knows only its principal. */
export const VENDOR = {
  kind: 'foreign',
  accountId: ACCOUNTS.vendor,
  principalId: 'AROAVENDORXXXXEXAMPLE:metrics-collector',
  ip: '198.51.100.140',
} as const satisfies Caller;
